"""What `notify` does with the events it hears: it writes intents and entries, in the transaction of the events."""

from collections.abc import Iterable, Sequence

from services.notify import digest, domain, store
from services.notify.domain import Role
from shared.consumer import consumes
from shared.events.envelope import Event
from shared.postgres import Connection


@consumes("members.risk")
async def announce_risk(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Mail serious flags of published sources at once; keep the other flags, reports and indicators for the digest."""
    await collect(batch, tx)
    return await announce(batch, tx)


@consumes("notify.request")
async def pass_on_requests(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Mail what is asked for about restricted matter."""
    return await announce(batch, tx)


@consumes("members.disclosure")
async def collect_disclosures(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Keep sites that came and went for the digest."""
    await collect(batch, tx)
    return []


@consumes(pattern=r"^group\.[a-z0-9-]+\.engagement$")
async def collect_engagements(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Keep engagements proposed and opened for the digest."""
    await collect(batch, tx)
    return []


async def announce(batch: Iterable[Event], tx: Connection) -> list[Event]:
    """Write an intent for each recipient of what is mailed at once; where there is none yet, one that waits."""
    said = [found for event in batch if (found := domain.announcement(event))]
    if not said:
        return []
    recipients = await store.recipients_with(tx, Role.SECRETARIAT) or [domain.NOBODY]
    await store.add_intents(tx, domain.intents(said, recipients))
    return []


async def collect(batch: Sequence[Event], tx: Connection) -> None:
    """Keep what the next digest counts, and the names of suppliers."""
    names = dict(named for event in batch if (named := digest.supplier_name(event)))
    if names:
        await store.name_suppliers(tx, names)
    entries = [found for event in batch if (found := digest.entry(event))]
    if entries:
        await store.add_entries(tx, entries)
