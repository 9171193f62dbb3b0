"""Members, their keys and working groups: an operator's business."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.ingest import membership
from services.ingest.api.access import only_operator
from services.ingest.membership import EstablishGroup, RegisterMember
from services.ingest.store import members

router = APIRouter()


@router.post("/members", status_code=201)
async def register_member(request: Request, order: RegisterMember, new_key: bool = False) -> JSONResponse:
    """Register a member or correct its entry; the key is shown this once. The member's topics must exist."""
    registration = await membership.register_member(only_operator(request), order, new_key)
    shown = {"member": order.member} | ({"key": registration.key} if registration.key else {})
    return JSONResponse(shown, 201 if registration.is_new else 200, {"cache-control": "no-store"})


@router.get("/members")
async def list_members(request: Request) -> list[dict[str, Any]]:
    """Every member, with the number of its keys."""
    return [dict(row) for row in await members.list_members(only_operator(request).pool)]


@router.post("/workinggroups", status_code=201)
async def establish_group(request: Request, order: EstablishGroup) -> JSONResponse:
    """Establish a working group or correct its entry. The group's topics must exist."""
    is_new, suppliers = await membership.establish_group(only_operator(request), order)
    shown = {"workinggroup": order.workinggroup, "suppliers": {name: str(one) for name, one in suppliers.items()}}
    return JSONResponse(shown, 201 if is_new else 200)
