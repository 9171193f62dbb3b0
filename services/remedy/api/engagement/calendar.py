"""HTTP: what is due, of members and of engagements: for a member its own and its groups', for the operator all."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.remedy.api.callers import AtOffice, Running
from services.remedy.api.readers import READERS, Reading, groups_of, reading_all
from services.remedy.store.engagement import obligations as store
from shared.events.engagement_words import ObligationKind
from shared.events.values import Day
from shared.postgres import now

router = APIRouter(dependencies=[READERS])

AHEAD = timedelta(days=90)
"""How far the calendar looks ahead by itself."""


class DueRow(BaseModel):
    """What is due by the end of a day: what it is, of whom it is due, by which rule.

    `days_left` is negative where the day is over. `wording` is what was asked, promised or wanted, where it has words.
    """

    due: date
    days_left: int
    missed: bool
    kind: ObligationKind
    about: UUID
    wording: str | None
    basis: str
    member: str | None
    contract: UUID | None
    reference: str | None
    clause: str | None
    workinggroup: str | None
    engagement: UUID | None
    supplier: UUID | None
    supplier_name: str | None


@router.get("/calendar")
async def show_calendar(
    reader: Reading,
    runtime: Running,
    office: AtOffice,
    until: Annotated[Day | None, Query(description="The last day shown; 90 days ahead unless given.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[DueRow]:
    """What stands due until a day, the longest overdue first: of a member's contracts, of itself, and of its groups."""
    async with reading_all(runtime) as connection:
        today = (await now(connection)).astimezone(office.settings.due_terms.zone).date()
        groups = await groups_of(connection, reader)
        rows = await store.read_due(connection, reader.member, groups, until or today + AHEAD, limit)
    return [DueRow(**row, days_left=(row["due"] - today).days) for row in rows]
