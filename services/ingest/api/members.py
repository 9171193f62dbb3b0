"""Members and their keys: an operator's business."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.ingest.api.access import only_operator, parts_of
from services.ingest.members import keys, registering
from services.ingest.members.keys import MakeKey, NewKey, ShownKey
from services.ingest.members.registering import BindMember, RegisterMember
from services.ingest.store import members
from shared.http import Problem

router = APIRouter()
SHOWN_ONCE = {"cache-control": "no-store"}


class MemberRow(BaseModel):
    """A member, with the number of its keys that are in force."""

    member: str
    name: str
    kind: str
    country: str | None
    organisation_number: str | None
    bound_by: list[str]
    registered: datetime
    left: datetime | None
    keys: int


class Registered(BaseModel):
    """A member is registered. A new one has a key for all purposes, shown this once."""

    member: str
    key: str | None = None
    kid: str | None = None


class Bound(BaseModel):
    """Which laws bind a member."""

    member: str
    bound_by: list[str]


@router.post("/members", status_code=201, response_model=Registered, responses={200: {"model": Registered}})
async def register_member(request: Request, order: RegisterMember) -> JSONResponse:
    """Register a member or correct its entry; a new one's key is shown this once. The member's topics must exist."""
    registration = await registering.register_member(only_operator(request), order)
    key = registration.key
    shown = {"member": order.member} | ({"key": key.key, "kid": key.kid} if key else {})
    return JSONResponse(shown, 201 if registration.is_new else 200, SHOWN_ONCE)


@router.patch("/members/{member}")
async def bind_member(request: Request, member: str, order: BindMember) -> Bound:
    """Set which laws bind a member, by which it has duties of its own. Repeating changes nothing."""
    laws = await registering.bind_member(only_operator(request), storable(member), order)
    return Bound(member=member, bound_by=[law.value for law in laws])


@router.get("/members", response_model=list[MemberRow])
async def list_members(request: Request) -> list[dict[str, Any]]:
    """Every member, with the number of its keys; also those that have left."""
    return [dict(row) for row in await members.list_members(only_operator(request).pool)]


@router.post("/members/{member}/keys", status_code=201, response_model=NewKey)
async def make_key(request: Request, member: str, order: MakeKey) -> JSONResponse:
    """Make a further key of a member for one or more purposes; it is shown this once."""
    made = await keys.make_key(only_operator(request), storable(member), order)
    return JSONResponse(made.model_dump(mode="json"), 201, SHOWN_ONCE)


@router.get("/members/{member}/keys")
async def list_keys(request: Request, member: str) -> list[ShownKey]:
    """The keys of a member with their purposes and the day of their last use, never the keys themselves."""
    return await keys.list_keys(only_operator(request), storable(member))


@router.post("/members/{member}/keys/{kid}/rotation", status_code=201, response_model=NewKey)
async def rotate_key(request: Request, member: str, kid: str) -> JSONResponse:
    """Make a new key in place of one; the old one stays valid for the grace period."""
    runtime = only_operator(request)
    made = await keys.rotate_key(runtime, parts_of(request)[1], storable(member), storable(kid))
    return JSONResponse(made.model_dump(mode="json"), 201, SHOWN_ONCE)


@router.delete("/members/{member}/keys/{kid}")
async def revoke_key(request: Request, member: str, kid: str) -> ShownKey:
    """End a key at once. Repeating changes nothing."""
    return await keys.revoke_key(only_operator(request), storable(member), storable(kid))


def storable(text: str) -> str:
    """A name from a path, where the database can hold it. Raises Problem 404: nothing there has another."""
    if not text.isascii() or not text.isprintable():
        raise Problem(404, "not_found", "There is no such thing.")
    return text
