"""Contacts of suppliers, for those who issue them: members of the working group, and the operator."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.ingest.api.access import parts_of, sender_of
from services.ingest.api.entries import Page
from services.ingest.api.members import SHOWN_ONCE, storable
from services.ingest.api.registry import Limit, after_slug, page_of
from services.ingest.contacts import issuing
from services.ingest.contacts.issuing import IssueContact, NewContact, ShownContact, shown
from services.ingest.settings import IngestSettings
from services.ingest.store import contacts
from shared.cursors import Cursor
from shared.events.values import Slug
from shared.events.vocabulary import KeyPurpose
from shared.http import Problem, holds_operator_key

router = APIRouter()


async def issuer_of(request: Request, *purposes: KeyPurpose) -> str | None:
    """The member that asks by a key for one of the purposes; None for the operator. Raises Problem 401, 403, 429."""
    if holds_operator_key(request, parts_of(request)[1].operator_key_sha256):
        return None
    return (await sender_of(request, *purposes)).member


def address_of(request: Request, settings: IngestSettings) -> str:
    """Where suppliers reach this door: as is set, else on this machine, if it is that which the door listens on.

    Never as a request names it: a key in a link must lead nowhere else. Raises Problem 409 where nothing is known.
    """
    if settings.public_address is not None:
        return settings.public_address
    host, port = request.scope.get("server") or ("", None)
    if host == "127.0.0.1":
        return f"http://{host}:{port}"
    remedy = "The operator sets ENGAGE_PUBLIC_ADDRESS of ingest, such as https://engage.example.org."
    raise Problem(409, "public_address_missing", f"Nobody has said where suppliers reach this door. {remedy}")


@router.post("/supplier-contacts", status_code=201, response_model=NewContact)
async def issue_contact(request: Request, order: IssueContact) -> JSONResponse:
    """Issue a key for a contact of a supplier: for all that one working group asks it or, with `ask`, for one ask.

    The key and the link that holds it are shown this once. It expires; revoke it with DELETE.
    """
    runtime, settings = parts_of(request)
    member = await issuer_of(request, KeyPurpose.PUBLISH)
    made = await issuing.issue(runtime, settings, address_of(request, settings), member, order)
    return JSONResponse(made.model_dump(mode="json"), 201, SHOWN_ONCE)


@router.get("/supplier-contacts")
async def list_contacts(
    request: Request,
    workinggroup: Annotated[Slug | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ShownContact]:
    """The contacts of your working groups, the oldest first, those that are over included; never their keys."""
    member = await issuer_of(request, KeyPurpose.READ, KeyPurpose.PUBLISH)
    pool = parts_of(request)[0].pool
    rows = await contacts.list_contacts(pool, member, workinggroup, after_slug(cursor), limit + 1)
    return page_of(request, rows, limit, shown, "kid")


@router.delete("/supplier-contacts/{kid}")
async def revoke_contact(request: Request, kid: str) -> ShownContact:
    """End a contact of your working group at once. Repeating changes nothing."""
    member = await issuer_of(request, KeyPurpose.PUBLISH)
    return await issuing.revoke(parts_of(request)[0], member, storable(kid))
