"""The door for suppliers: what a contact was asked, what it answers, and the page on which a person does so."""

import hmac
from pathlib import Path
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Header, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import AwareDatetime, BaseModel

from services.ingest.api.access import parts_of, rates_of
from services.ingest.api.members import SHOWN_ONCE
from services.ingest.api.registry import Limit
from services.ingest.contacts import answering
from services.ingest.contacts.answering import Given, ShownAsk, SupplierSays
from services.ingest.contacts.keys import PAGE, kid_of
from services.ingest.store import contacts
from shared.cursors import Cursor, page_after, place_of
from shared.http import bearer, digest, key_unknown
from shared.member_access import spend

router, page = APIRouter(), APIRouter(include_in_schema=False)
FILES = Path(__file__).parent.parent / "contacts" / "page"
OF_PAGE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""Nothing from elsewhere runs on the page, nothing frames it, and no address of it is told to anybody."""


class Addressed(BaseModel):
    """Who asks, whom, until when this key answers, and what was asked, the newest first; `next` is where the older
    asks are. Where nothing is asked, nobody asks."""

    workinggroup: str | None
    supplier: str
    label: str
    expires: AwareDatetime
    asks: list[ShownAsk]
    next: str | None


async def contact_of(request: Request) -> Record:
    """The contact whose key a request carries. Raises Problem 401, the same for every key that is not in force; 429."""
    key = bearer(request)
    kid, pool = kid_of(key), parts_of(request)[0].pool
    found = None if kid is None else await contacts.read_valid(pool, kid)
    if kid is None or found is None or not hmac.compare_digest(found["digest"], digest(key)):
        raise key_unknown()
    spend(request, rates_of(request).requests, kid, 1)
    if not found["used_today"]:
        await contacts.note_use(pool, kid)
    return found


@router.get("/supplier/asks", response_model=Addressed)
async def show_asks(request: Request, limit: Limit = 50, cursor: Cursor = None) -> JSONResponse:
    """What was addressed to the contact whose key this is, and what its company has answered so far. Nothing else."""
    contact = await contact_of(request)
    runtime, settings = parts_of(request)
    before = None if cursor is None else place_of(cursor, UUID)
    found = await answering.show_asks(runtime.pool, contact["kid"], before, limit + 1, settings.answers_per_ask)
    shown = found[:limit]
    told = Addressed(
        workinggroup=contact["group_name"] if shown else None,
        supplier=contact["supplier_name"],
        label=contact["label"],
        expires=contact["expires_at"],
        asks=shown,
        next=page_after(request, str(shown[-1].ask)) if len(found) > limit else None,
    )
    return JSONResponse(told.model_dump(mode="json"), headers=SHOWN_ONCE)


Repeatable = Annotated[
    str | None, Header(min_length=1, max_length=100, description="Your own id of this answer: sent again, it is one.")
]


@router.post("/supplier/asks/{ask}/answers", status_code=202)
async def answer_ask(request: Request, ask: UUID, said: SupplierSays, idempotency_key: Repeatable = None) -> Given:
    """Acknowledge an ask, commit to something, or send evidence: links with hashes. The working group is told it.

    What you say verifies nothing: the group looks for itself. Without an Idempotency-Key the same answer within a
    minute is taken as one.
    """
    contact = await contact_of(request)
    runtime, settings = parts_of(request)
    return await answering.answer(runtime, settings, contact["kid"], ask, said, idempotency_key)


@page.get(PAGE)
async def show_page() -> FileResponse:
    """The page. It holds no data: its script reads the key from the fragment, which only the browser knows."""
    return FileResponse(FILES / "answer.html", headers=OF_PAGE)


@page.get(f"{PAGE}.js")
async def show_script() -> FileResponse:
    """What the page does."""
    return FileResponse(FILES / "answer.js", headers=OF_PAGE)


@page.get(f"{PAGE}.css")
async def show_style() -> FileResponse:
    """How the page looks."""
    return FileResponse(FILES / "answer.css", headers=OF_PAGE)
