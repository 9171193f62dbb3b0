"""Working groups: an operator's business. Whoever may read the registry sees them there."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.ingest.api.access import only_operator
from services.ingest.api.members import storable
from services.ingest.members import grouping
from services.ingest.members.grouping import CloseGroup, Ending, EstablishGroup, JoinGroup
from shared.events.vocabulary import GroupRole

router = APIRouter()
DryRun = Annotated[bool, Query(description="Say what would end; change nothing.")]


class Established(BaseModel):
    """A working group is established; `suppliers` gives the id of each by the name sent."""

    workinggroup: str
    suppliers: dict[str, str]


class Joined(BaseModel):
    """A member takes part in a working group, in this role."""

    workinggroup: str
    member: str
    role: GroupRole


class GroupEnding(BaseModel):
    """What ends: the parts of `members`; the `entries` told so far, of so many `engagements`, stay and get no more.

    `ended` is when that was; nothing where it was a dry run.
    """

    workinggroup: str
    ended: datetime | None
    members: int
    engagements: int
    entries: int


@router.post("/workinggroups", status_code=201, response_model=Established, responses={200: {"model": Established}})
async def establish_group(request: Request, order: EstablishGroup) -> JSONResponse:
    """Establish a working group, saying why it is formed, or correct its entry. The group's topics must exist."""
    is_new, suppliers = await grouping.establish_group(only_operator(request), order)
    shown = {"workinggroup": order.workinggroup, "suppliers": {name: str(one) for name, one in suppliers.items()}}
    return JSONResponse(shown, 201 if is_new else 200)


@router.post(
    "/workinggroups/{slug}/members", status_code=201, response_model=Joined, responses={200: {"model": Joined}}
)
async def join_group(request: Request, slug: str, order: JoinGroup) -> JSONResponse:
    """Let a member take part in a working group, or in another role than before. Repeating changes nothing."""
    is_new = await grouping.join_group(only_operator(request), storable(slug), order)
    shown = {"workinggroup": slug, "member": order.member, "role": order.role.value}
    return JSONResponse(shown, 201 if is_new else 200)


@router.delete("/workinggroups/{slug}/members/{member}")
async def leave_group(request: Request, slug: str, member: str, dry_run: DryRun = False) -> GroupEnding:
    """Let a member take no part in a working group any more. What it has said there stays; it may join again."""
    runtime = only_operator(request)
    return shown_ending(slug, await grouping.leave_group(runtime, storable(slug), storable(member), dry_run))


@router.post("/workinggroups/{slug}/closure")
async def close_group(request: Request, slug: str, order: CloseGroup) -> GroupEnding:
    """Close a working group for good: nothing more is taken for it. Its topics stay. Repeating changes nothing."""
    return shown_ending(slug, await grouping.close_group(only_operator(request), storable(slug), order))


def shown_ending(slug: str, ending: Ending) -> GroupEnding:
    return GroupEnding(workinggroup=slug, ended=ending.at, **ending.effects._asdict())
