"""HTTP: good practices of the groups that a reader reads, and those that were offered to them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from asyncpg import Record
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.remedy.api.callers import Running
from services.remedy.api.readers import READERS, Reading, groups_of, reading_all, require_group
from services.remedy.store.engagement import practices
from shared.cursors import Cursor, page_after, place_of
from shared.events.values import Slug

router = APIRouter(dependencies=[READERS])


class PracticeView(BaseModel):
    """A good practice. One that another group offers tells neither of which supplier nor in which engagement."""

    practice: UUID
    workinggroup: str
    offered_by: str | None
    title: str
    description: str
    category: str
    evidence: list[dict[str, Any]]
    supplier: UUID | None = None
    engagement: UUID | None = None
    recorded_at: datetime


class Practices(BaseModel):
    """A page of good practices, the newest first; `next` leads to the following page."""

    items: list[PracticeView]
    next: str | None = None


@router.get("/practices")
async def list_practices(
    request: Request,
    reader: Reading,
    runtime: Running,
    workinggroup: Slug | None = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Practices on a page.")] = 50,
    cursor: Cursor = None,
) -> Practices:
    """The practices that the reader's groups, or one of them, recorded or were offered; none that were taken back."""
    async with reading_all(runtime) as connection:
        groups = await groups_of(connection, reader)
        if workinggroup is not None:
            await require_group(connection, reader, workinggroup)
            groups = {workinggroup}
        after = None if cursor is None else place_of(cursor, placed)
        rows = await practices.read(connection, groups, after, limit + 1)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = page_after(request, f"{last['practice']}/{last['workinggroup']}")
    return Practices(items=[view_of(row) for row in rows[:limit]], next=following)


def placed(text: str) -> tuple[UUID, str]:
    """A practice and the group that it was told. Raises ValueError."""
    practice, _, group = text.partition("/")
    return UUID(practice), group


def view_of(row: Record) -> PracticeView:
    """A practice from its row."""
    told: dict[str, Any] = orjson.loads(row["told"])
    return PracticeView(
        practice=row["practice"],
        workinggroup=row["workinggroup"],
        offered_by=row["offered_by"],
        title=told["title"],
        description=told["description"],
        category=told["category"],
        evidence=told["evidence"],
        supplier=told.get("supplier"),
        engagement=told.get("engagement"),
        recorded_at=row["recorded_at"],
    )
