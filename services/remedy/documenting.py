"""Putting documents together: what a reader may read is read, and each document is computed from that alone.

Computing is left to the caller: a document of thousands of engagements belongs into a thread, with no connection held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from services.remedy.document_sources import (
    country_of,
    exposure_of,
    read_dialogue,
    read_holdings,
    read_leverage,
    read_names,
    read_reasons,
)
from services.remedy.domain.engagement.documents.account import Accountable, annual_account
from services.remedy.domain.engagement.documents.brief import Meeting, meeting_brief
from services.remedy.domain.engagement.documents.period import Group, period_report
from services.remedy.domain.engagement.documents.sheet import Document
from services.remedy.domain.engagement.documents.told import Period, of_kind
from services.remedy.domain.engagement.documents.tracker import Company, tracker
from services.remedy.store.engagement import documents as store
from services.remedy.store.engagement import entries, exposure
from services.remedy.store.engagement.registry import all_ids
from shared.events.ingest import AccountRecorded
from shared.events.reading import as_id
from shared.postgres import Connection

Read = Callable[[], Document]
"""A document of which all was read: called, it is computed."""


class Unknown(Exception):
    """There is no such thing for this reader."""


@dataclass(frozen=True, slots=True)
class View:
    """Who reads: its groups (None for the operator, who reads all), and whose contracts it may read, if anybody's."""

    groups: set[str] | None
    member: str | None


async def group_document(
    connection: Connection, slug: str, period: Period, at: datetime, engagement: UUID | None = None
) -> Read:
    """The period report of a group, or of one of its engagements alone. Raises Unknown for another's engagement."""
    row = next((one for one in await store.read_groups(connection) if one["slug"] == slug), None)
    if row is None:
        raise Unknown
    names = await read_names(connection)
    roles = [(names.member(one["member"]), one["role"]) for one in await store.read_roles(connection, slug)]
    dialogue = await read_dialogue(connection, {slug}, None, practices=True)
    if engagement is not None:
        if engagement not in dialogue.engagements:
            raise Unknown
        dialogue = dialogue.of(engagement)
    group = Group(slug, row["name"], row["purpose"], row["secretariat"], roles)
    return partial(period_report, group, dialogue, names, period, at)


async def supplier_document(connection: Connection, found: Record, view: View, period: Period, at: datetime) -> Read:
    """The tracker of a supplier, over the groups that are read, with the reader's own contracts."""
    known = await all_ids(connection, {found["supplier"]})
    dialogue = await read_dialogue(connection, view.groups, known)
    company = Company(
        id=found["supplier"],
        name=found["name"] or f"supplier {str(found['supplier'])[:8]}",
        country=country_of(found["country"]),
        reasons=await read_reasons(connection, known),
        leverage=await read_leverage(connection, known),
        holdings=await read_holdings(connection, view.member, known),
    )
    return partial(tracker, company, dialogue, await read_names(connection), period, at)


async def meeting_document(connection: Connection, engagement: UUID, view: View, period: Period, at: datetime) -> Read:
    """The brief for a meeting on an engagement. Raises Unknown where it was never opened, or is not the reader's."""
    found = (await entries.read_engagements(connection, [engagement])).get(engagement)
    if found is None or found.opening is None or (view.groups is not None and found.workinggroup not in view.groups):
        raise Unknown
    names = await read_names(connection)
    known = await all_ids(connection, {names.roots.get(found.supplier, found.supplier)})
    dialogue = await read_dialogue(connection, {found.workinggroup}, known)
    meeting = Meeting(
        found,
        await read_reasons(connection, known),
        await read_leverage(connection, known),
        await read_holdings(connection, view.member, known),
    )
    return partial(meeting_brief, meeting, dialogue.of(engagement), names, period, at)


async def account_document(
    connection: Connection, member: str, view: View, year: int, at: datetime, zone: ZoneInfo
) -> Read:
    """The draft of a member's account for a year. Raises Unknown for nobody's name."""
    who = next((one for one in await store.read_participants(connection) if one["member"] == member), None)
    holdings = await read_holdings(connection, member, None)
    if who is None or holdings is None:
        raise Unknown
    today = at.astimezone(zone).date()
    period = Period(date(year, 1, 1), min(date(year, 12, 31), today), zone)
    accounts = of_kind(await store.read_accounts(connection, member), AccountRecorded)
    accountable = Accountable(
        name=who["name"],
        bound_by=who["bound_by"],
        year=year,
        holdings=holdings.in_force(period),
        exposures=[exposure_of(row) for row in await exposure.read(connection, member)],
        accounts=[one for one in accounts if one.data.year == year],
    )
    dialogue = await read_dialogue(connection, view.groups, None)
    return partial(annual_account, accountable, dialogue, await read_names(connection), period, at)


async def find_suppliers(connection: Connection, named: str) -> Sequence[Record]:
    """The suppliers that an id or a name may mean, at most eleven; one alone where the name is exactly its own."""
    rows = await store.find_suppliers(connection, as_id(named), named)
    exact = [row for row in rows if row["exact"]]
    return exact if len(exact) == 1 else rows
