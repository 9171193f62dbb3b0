"""Releasing statements: they wait sealed, go out in one batch a day, and are taken back when consent ends.

A statement that waits is published only if consent still stands on its day. What links a published statement to its
case is sealed in the case; a statement to be taken back stands beside no case at all, so that a case can be erased.
"""

import random
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from services.remedy.casework import CLOCK, happen, read_dossier
from services.remedy.domain import clearance, release
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.release import Statement
from services.remedy.office import SOURCE, Office, office_of
from services.remedy.statements import record_statements
from services.remedy.store import cases, contents, releases
from services.remedy.store.engagement.proposals import take_turn
from services.remedy.timing import Timer
from services.remedy.vault import KeyLost, Part, Sealed, Writing
from shared.events import EVENT_TYPES
from shared.events.envelope import Classification, Event, day_of
from shared.events.remedy.released import RemedyVerified, StatementReleased, StatementReversed
from shared.events.remedy.words import Erased, Party
from shared.logs import log
from shared.postgres import Connection, now
from shared.service import Runtime

BATCH = "statements"
SHUFFLE = random.SystemRandom()


def writing_of(statement: Statement) -> Writing:
    """A statement as it is sealed in its case: its type, and the event's data."""
    return Writing(Part.STATEMENT, f"{statement.type}\n".encode() + statement.encoded)


def statement_of(text: bytes) -> Statement:
    """A statement from what was sealed."""
    of_type, _, data = text.partition(b"\n")
    statement = EVENT_TYPES[of_type.decode()].model_validate_json(data)
    assert isinstance(statement, (StatementReleased, RemedyVerified))
    return statement


async def queue(
    office: Office, tx: Connection, case: UUID, content: UUID, today: date, cleared_at: datetime | None = None
) -> None:
    """Let a sealed statement wait: the delay that is set, and some days at random, so that its day tells nothing."""
    days = office.settings.release_delay + secrets.randbelow(office.settings.release_spread + 1)
    await releases.wait(tx, content, case, today + timedelta(days=days), cleared_at)


async def publish_batch(runtime: Runtime, timer: Timer) -> bool:
    """Once a day, at the hour that is set: publish the statements whose day has come, take back those that no longer
    stand. What the batch holds is in random order, with random ids and no time finer than the day. None goes out while
    the clock is wrong: what was published on a day that has not come cannot be called back.
    """
    office = office_of(runtime)
    if not await timer.clock_is_right(office):
        return False
    async with runtime.transaction() as tx:
        at = await now(tx)
        if not await begins(office, tx, BATCH, at):
            return False
        told: list[Statement | StatementReversed] = []
        for case in await releases.cases_with_statements(tx):
            told += await go_out(office, tx, case, office.terms.moment(at))
        told += await releases.take_reversals(tx)
        SHUFFLE.shuffle(told)
        await publish(office, tx, [for_members(one, at) for one in told])
    return False


async def publish(office: Office, tx: Connection, events: Sequence[Event]) -> None:
    """Publish statements, and in the same transaction what they give reason for: proposals of engagements."""
    if not events:
        return
    await take_turn(tx)  # before the publication, which locks as well
    recorded = await office.runtime.publish(tx, events)
    if recorded is not None:
        batch = [event.recorded(recorded, 0) for event in events]
        await office.runtime.publish(tx, await record_statements(tx, batch, office.settings.proposal_rules))


async def begins(office: Office, tx: Connection, batch: str, at: datetime) -> bool:
    """Whether it is time for the day's batch of this name, and nobody else has it; then it counts as gone out."""
    local = at.astimezone(office.terms.zone)
    return local.hour >= office.settings.batch_hour and await releases.begin_batch(tx, batch, local.date())


def for_members(told: Statement | StatementReversed, at: datetime) -> Event:
    """A statement for members. The id is random and the time a day: neither leads to a case."""
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=told.type,
        subject=str(told.statement),
        time=day_of(at),
        classification=Classification.MEMBERS,
        data=told,
    )


async def go_out(office: Office, tx: Connection, case: UUID, moment: Moment) -> Sequence[Statement]:
    """The statements of a case that go out today; with one that is cleared, retaliation is watched for from today.

    Where consent has ended, none does, and those that did go out are put down to be taken back. A key that cannot be
    read today, though it was never destroyed, leaves all as it is.
    """
    row = await cases.lock_by_id(tx, case)
    assert row is not None, "what is sealed belongs to a case"
    dossier = await read_dossier(tx, case)
    sealed = await sealed_statements(tx, case)
    if Erased.CONTENT in dossier.life.erased:
        await releases.forget(tx, sealed)
        return []
    try:
        if not release.stands(dossier):
            await reverse(office, tx, case, sealed)
            return []
        due = await releases.due(tx, case, moment.today) if release.may_go_out(dossier) else set()
        if dossier.clearance.published is False:
            await withdraw_contact(office, tx, case, sealed)
        told = await take_out(office, tx, dossier, [one for one in sealed if one.id in due])
    except KeyLost:
        log.error("statements stay where they are, their key cannot be read", task=BATCH)
        return []
    if any(map(release.is_cleared, told)):
        await happen(office, tx, row, dossier, clearance.approach(dossier, moment), CLOCK, moment)
    return told


async def take_out(office: Office, tx: Connection, dossier: Dossier, due: Sequence[Sealed]) -> Sequence[Statement]:
    """Statements that wait no longer, as they are published: with contact cleared where that still holds.

    What was sealed is sealed anew where that is not what it says, so that from here on only it tells. Raises KeyLost.
    """
    cleared = await releases.waiting(tx, dossier.case)
    statements = [
        (one, said, release.with_contact(said, clearance.stands(dossier, cleared[one.id])))
        for one, said in zip(due, await opened(office, due), strict=True)
    ]
    other = [(one, told) for one, said, told in statements if told != said]
    if other:
        anew = await office.vault.seal(dossier.case, [writing_of(told) for _, told in other])
        await contents.insert(tx, anew, Party.HANDLER)
        await releases.forget(tx, [one for one, _ in other])
    await releases.wait_no_longer(tx, [one.id for one in due])
    return [told for _, _, told in statements]


async def withdraw_contact(office: Office, tx: Connection, case: UUID, sealed: Sequence[Sealed]) -> None:
    """Take back, with this batch, what was published as cleared: the company may not be approached on it any longer.

    Raises KeyLost.
    """
    waiting = await releases.waiting(tx, case)
    published = [one for one in sealed if one.id not in waiting]
    gone = [one for one in zip(published, await opened(office, published), strict=True) if release.is_cleared(one[1])]
    if gone:
        await releases.reverse(tx, [release.reversal(statement) for _, statement in gone])
        await releases.forget(tx, [one for one, _ in gone])


async def take_back(office: Office, tx: Connection, case: UUID) -> None:
    """Before a case is erased: afterwards none of its statements waits, each that was published is taken back with the
    next batch, and nothing of that needs the case any more. Safe to repeat, also once the key is gone.

    Raises KeyLost where the key is there and cannot be read: nothing may be forgotten that was not taken back.
    """
    sealed = await sealed_statements(tx, case)
    try:
        await reverse(office, tx, case, sealed)
    except KeyLost:
        if await office.vault.has_key(case, Erased.CONTENT):
            raise
        await releases.forget(tx, sealed)


async def reverse(office: Office, tx: Connection, case: UUID, sealed: Sequence[Sealed]) -> None:
    """Forget the statements of a case, and put down to be taken back those that were published. Raises KeyLost."""
    unpublished = await releases.waiting(tx, case)
    published = await opened(office, [one for one in sealed if one.id not in unpublished])
    await releases.reverse(tx, [release.reversal(one) for one in published])
    await releases.forget(tx, sealed)


async def sealed_statements(tx: Connection, case: UUID) -> list[Sealed]:
    """The statements of a case, sealed."""
    return [one for _, one in await contents.read(tx, case, [Part.STATEMENT])]


async def opened(office: Office, sealed: Sequence[Sealed]) -> list[Statement]:
    """Statements, opened. Raises KeyLost."""
    return [statement_of(text) for text in await office.vault.open(sealed)] if sealed else []
