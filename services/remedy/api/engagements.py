"""HTTP for operators: engagements of working groups with suppliers."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from services.remedy.api.callers import Body, Running, require_operator
from services.remedy.domain.engagements import FLAGS_NAMED
from services.remedy.office import SOURCE
from services.remedy.store import engagements as store
from shared.events.envelope import Classification, Event
from shared.events.remedy import EngagementOpened
from shared.events.values import Sentence, Slug
from shared.events.vocabulary import Category, GroupRole, Known
from shared.http import Problem
from shared.postgres import borrow, now

router = APIRouter(dependencies=[Depends(require_operator)])


class EngagementView(BaseModel):
    """An engagement that was proposed, and who opened it with which objective."""

    engagement: UUID
    workinggroup: str
    supplier: UUID
    supplier_name: str
    category: Category
    state: str
    reason: str
    flags: list[UUID]
    objective: str | None = None
    opened_by: GroupRole | None = None


class Opening(Body):
    """With which objective an engagement is opened, and in which role in the working group."""

    objective: Sentence
    role: Known[GroupRole]


@router.get("/engagements")
async def list_engagements(runtime: Running, workinggroup: Slug | None = None) -> list[EngagementView]:
    """The engagements of a working group, or of all."""
    async with borrow(runtime.pool) as connection:
        return [view(row) for row in await store.read_engagements(connection, workinggroup)]


@router.post("/engagements/{engagement}/open")
async def open_engagement(runtime: Running, engagement: UUID, body: Opening) -> EngagementView:
    """A person opens an engagement that was proposed."""
    async with runtime.transaction() as tx:
        opened = await store.open_engagement(tx, engagement, body.objective, body.role)
        row = await store.read_engagement(tx, engagement)
        if row is None:
            raise Problem(404, "engagement_unknown", "There is no such engagement.")
        if not opened:
            raise Problem(409, "already_open", "This engagement has been opened before.")
        shown = view(row)
        await runtime.publish(tx, [engagement_opened(shown, await now(tx), body)])
    return shown


def view(row: Record) -> EngagementView:
    """An engagement from its row."""
    return EngagementView(**dict(row), engagement=row["engagement_id"])


def engagement_opened(shown: EngagementView, at: datetime, body: Opening) -> Event:
    """What the working group is told."""
    data = EngagementOpened(
        engagement=shown.engagement,
        workinggroup=shown.workinggroup,
        supplier=shown.supplier,
        supplier_name=shown.supplier_name,
        category=shown.category,
        objective=body.objective,
        opened_by=body.role,
        flags=tuple(shown.flags[:FLAGS_NAMED]),
    )
    return Event(
        id=uuid7(),
        source=SOURCE,
        type=data.type,
        subject=str(shown.engagement),
        time=at,
        classification=Classification.GROUP,
        workinggroup=shown.workinggroup,
        data=data,
    )
