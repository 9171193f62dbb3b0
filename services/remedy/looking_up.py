"""What entries of a dialogue are decided by, beside those before them: looked up in one reading for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.rules import Dialogue
from services.remedy.domain.engagement.standing import Entry
from services.remedy.store.engagement import entries, standing
from shared.events.ingest import MilestoneRecorded, OpeningRecorded
from shared.postgres import Connection


async def look_up(connection: Connection, entry: Entry, most_entries: int) -> tuple[Dialogue, Known]:
    """What an entry would be decided by now; nothing is locked."""
    one = entry.told.engagement
    before = (await entries.read_entries(connection, [one])).get(one, [])
    owners = await standing.read_owners(connection, [one])
    known = await read_known(connection, [*before, entry], owners, most_entries)
    return Dialogue.of(before, known), known


async def read_known(tx: Connection, every: Sequence[Entry], owners: dict[UUID, str], most_entries: int) -> Known:
    """What is known beside these entries of what they name."""
    known = await standing.read_known(tx, statements_in(every), suppliers_in(every), flags_in(every), owners)
    return replace(known, most_entries=most_entries)


def statements_in(told: Iterable[Entry]) -> set[UUID]:
    """The statements and verifications that these entries name."""
    found: set[UUID] = set()
    for entry in told:
        if isinstance(entry.told, OpeningRecorded):
            found.update(entry.told.statements)
        if isinstance(entry.told, MilestoneRecorded):
            found.update(entry.told.verifications)
    return found


def suppliers_in(told: Iterable[Entry]) -> set[UUID]:
    """The suppliers that these entries name."""
    return {entry.told.supplier for entry in told}


def flags_in(told: Iterable[Entry]) -> set[UUID]:
    """The flags for which these entries open engagements."""
    return {flag for entry in told if isinstance(entry.told, OpeningRecorded) for flag in entry.told.flags}
