"""What a member takes with it, and its leaving."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from services.ingest.api.access import only_operator, parts_of, reader_of
from services.ingest.api.members import storable
from services.ingest.members import leaving
from services.ingest.members.keys import no_such_member
from services.ingest.members.leaving import Departure
from services.ingest.store import members
from shared.http import CLOSED

router = APIRouter()
NDJSON = "application/x-ndjson"
LINES: dict[str, Any] = {
    "description": "One JSON object per line.",
    "content": {NDJSON: {"schema": {"type": "string"}}},
}


class Leave(BaseModel):
    """A member leaves, or is asked about what that would end."""

    model_config = CLOSED

    dry_run: bool = False
    topics_deleted: Annotated[bool, Field(description="Its topics are gone: queue nothing more for them.")] = False


class ShownDeparture(BaseModel):
    """What leaving ends: keys, contracts, working groups and the clocks of requests; published disclosures are kept.

    Once `undelivered` is 0 the member's topics can be deleted.
    """

    member: str
    left: datetime | None
    keys: int
    contracts: int
    workinggroups: int
    requests: int
    disclosures_kept: int
    undelivered: int


@router.post("/members/{member}/departure")
async def leave(request: Request, member: str, order: Leave) -> ShownDeparture:
    """End a membership: keys revoked, contracts closed, out of its working groups. Repeating changes nothing.

    Export first: what the member was told is forgotten. What it has published stays, without its name.
    """
    runtime = only_operator(request)
    return shown(member, await leaving.leave(runtime, storable(member), order.dry_run, order.topics_deleted))


@router.get("/members/{member}/departure")
async def show_departure(request: Request, member: str) -> ShownDeparture:
    """How far a member's leaving has come."""
    runtime = only_operator(request)
    return shown(member, await leaving.look(runtime, storable(member)))


@router.get("/members/{member}/export", response_class=StreamingResponse, responses={200: LINES})
async def export(request: Request, member: str) -> StreamingResponse:
    """What a member sent and was told, as JSON lines; nothing of testimony. For the operator and the member itself."""
    reader = await reader_of(request)
    pool = parts_of(request)[0].pool
    if reader not in (None, member) or await members.read_member(pool, storable(member)) is None:
        raise no_such_member()
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="export.jsonl"'}
    return StreamingResponse(leaving.export(pool, member), media_type=NDJSON, headers=headers)


def shown(member: str, found: Departure) -> ShownDeparture:
    return ShownDeparture(member=member, left=found.left_at, undelivered=found.undelivered, **found.effects._asdict())
