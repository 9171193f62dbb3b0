"""What happens by the clock, the database's alone: deadlines warn and fire, the trustee's key is announced."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from services.remedy import domain, store
from services.remedy.handlers import SOURCE, request_mail
from services.remedy.settings import RemedySettings
from services.remedy.store import Taken
from shared import sealing
from shared.events.envelope import Classification, Event
from shared.events.lifecycles import MailKind
from shared.events.remedy import DeadlineApproaching, DeadlineMissed, TrusteeKeyPublished
from shared.service import Runtime, Task
from shared.settings import Settings

BATCH = 100
KEY_SECONDS = 3600.0

Fact = DeadlineApproaching | DeadlineMissed


def settings_of(settings: Settings) -> RemedySettings:
    """The settings of this service; the runtime keeps them under their common type."""
    assert isinstance(settings, RemedySettings)
    return settings


async def fire_deadlines(runtime: Runtime) -> bool:
    """Warn of deadlines and fire those missed, each once, in the transaction that marks it; True while more may be due.

    Several processes share the work, and what was due while none ran is made up for. A deadline that was met does
    neither. One that has passed already is not warned of any more.
    """
    async with runtime.transaction() as tx:
        near = await store.take_near(tx, BATCH)
        missed = await store.take_missed(tx, BATCH)
        told = [tell(d, DeadlineApproaching, MailKind.DEADLINE_APPROACHING, d.deadline.warn_at) for d in near]
        told += [tell(d, DeadlineMissed, MailKind.DEADLINE_MISSED, d.deadline.due_at) for d in missed]
        await runtime.publish(tx, [event for events in told for event in events])
    return BATCH in (len(near), len(missed))


def tell(found: Taken, fact: type[Fact], kind: MailKind, at: datetime) -> list[Event]:
    """What happened to a deadline at that moment: for the case's handlers, and as a request for mail."""
    due = found.deadline
    event = Event(
        id=found.event,
        source=SOURCE,
        type=fact.type,
        subject=str(due.case),
        time=at,
        classification=Classification.RESTRICTED,
        data=fact(case=due.case, deadline=due.kind, due=due.due_at, basis=due.basis),
    )
    return [event, request_mail(found.reference, kind, at=at, due=due.due_at)]


async def announce_key(runtime: Runtime) -> bool:
    """Announce the trustee's public key on `public.keys`, where this key never was; there is never more to do."""
    await current_key(runtime)
    return False


async def current_key(runtime: Runtime) -> Record:
    """The trustee's key as it was announced, which happens here where it has not yet."""
    settings = settings_of(runtime.settings)
    public_key = sealing.public_key_of(settings.trustee_key.get_secret_value())
    key_id = domain.key_id_of(public_key)
    async with runtime.transaction() as tx:
        key = await store.read_key(tx, key_id)
        if key is None and (key := await store.insert_key(tx, key_id, public_key, settings.key_valid_days)):
            await runtime.publish(tx, [key_published(key, uuid7())])
        key = key or await store.read_key(tx, key_id)  # another process was faster
    assert key is not None, "keys are never deleted"
    return key


def key_published(key: Record, event: UUID) -> Event:
    """The announcement of a key."""
    data = TrusteeKeyPublished(
        key=key["key_id"],
        algorithm=sealing.ALGORITHM,
        public_key=key["public_key"],
        valid_from=key["valid_from"],
        valid_to=key["valid_to"],
    )
    return Event(
        id=event,
        source=SOURCE,
        type=data.type,
        subject=data.key,
        time=data.valid_from,
        classification=Classification.PUBLIC,
        data=data,
    )


TASKS = (
    Task("deadlines", fire_deadlines, every=lambda settings: settings_of(settings).fire_every),
    Task("trustee-key", announce_key, every=lambda _settings: KEY_SECONDS),
)
