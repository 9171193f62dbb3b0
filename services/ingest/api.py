"""The HTTP doors of ingest: what members send, and what operators register."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator

from services.ingest import answers, door, membership
from services.ingest.domain.findings import FileInvalid
from services.ingest.domain.submission import UnreadableBody, read_body
from services.ingest.door import Sender
from services.ingest.imports import Order, import_list
from services.ingest.membership import EstablishGroup, RegisterMember
from services.ingest.settings import IngestSettings
from services.ingest.store import members, receipts
from shared.events.reading import short_text
from shared.events.values import Label, Name
from shared.http import Problem, bearer, digest, open_api, require_key
from shared.service import Runtime

STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"
BODY_PROBLEMS = {
    "malformed_json": "The body is not JSON in UTF-8.",
    "duplicate_key": "A JSON object gives one key twice.",
    "array_expected": f"A body of type {BATCHED} is an array of events.",
    "object_expected": f"A body of type {STRUCTURED} is one event.",
}
router = APIRouter()


def build(runtime: Runtime) -> FastAPI:
    """The application. It answers 202 or 200 only for what is committed."""
    settings = runtime.settings
    assert isinstance(settings, IngestSettings)
    api = open_api("Engage: ingest", "What members send, and who they are.", settings.maximum_file_bytes)
    api.state.runtime, api.state.settings = runtime, settings
    api.include_router(router)
    return api


def parts_of(request: Request) -> tuple[Runtime, IngestSettings]:
    """What `build` was given."""
    state = request.app.state
    assert isinstance(state.runtime, Runtime)
    assert isinstance(state.settings, IngestSettings)
    return state.runtime, state.settings


async def sender_of(request: Request) -> Sender:
    """The member whose key a request carries. Raises Problem 401."""
    key = bearer(request)
    member = await members.member_of_key(parts_of(request)[0].pool, digest(key))
    if member is None:
        raise Problem(401, "key_unknown", "This key is not known here.")
    return Sender(member, key)


def only_operator(request: Request) -> Runtime:
    """Let only the operator pass. Raises Problem 401."""
    runtime, settings = parts_of(request)
    require_key(request, settings.operator_key_sha256)
    return runtime


# Members


@router.post("/events", status_code=202)
async def receive_events(request: Request) -> JSONResponse:
    """Take CloudEvents, one (structured) or several (batched), and answer what became of each, in the order sent.

    202 when all are accepted or known already, 207 when some are rejected, 422 when all are.
    """
    runtime, settings = parts_of(request)
    sender = await sender_of(request)
    batched = is_batched(request)
    body = await request.body()
    if len(body) > settings.maximum_events_bytes:
        raise Problem(413, "too_large", f"At most {settings.maximum_events_bytes} bytes of events are taken at once.")
    try:
        events = await asyncio.to_thread(read_body, body, batched)
    except UnreadableBody as error:
        raise Problem(400, error.code, BODY_PROBLEMS[error.code]) from None
    if len(events) > settings.maximum_events:
        raise Problem(413, "too_many_events", f"At most {settings.maximum_events} events are taken at once.")
    given = await door.receive(runtime, settings, sender, events)
    return JSONResponse({"receipts": [answers.of_event(one) for one in given]}, answers.status_of(given))


def is_batched(request: Request) -> bool:
    """Whether the body is said to be a batch. Raises Problem 415 for any media type but the two of CloudEvents."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").casefold()
    encoding = request.headers.get("content-encoding", "identity")
    kind = media_type.strip().casefold()
    if kind not in (STRUCTURED, BATCHED) or charset not in ("", "charset=utf-8") or encoding != "identity":
        raise Problem(415, "media_type_unsupported", f"Send {STRUCTURED} or {BATCHED}, in UTF-8 and not compressed.")
    return kind == BATCHED


@router.get("/receipts/{receipt}")
async def show_receipt(request: Request, receipt: str) -> dict[str, Any]:
    """A receipt of the sender's own; another member's and an unknown one are the same 404."""
    sender = await sender_of(request)
    try:
        found = await receipts.read_own(parts_of(request)[0].pool, sender.member, UUID(receipt))
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, "receipt_unknown", "You have no receipt with this id.")
    return answers.of_receipt(found)


@router.post("/imports")
async def import_file(
    request: Request,
    filename: Annotated[Name, AfterValidator(short_text)],
    edition: Label | None = None,
    list_name: Annotated[Name | None, Query(alias="list")] = None,
    published: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Import a CSV file: Open Supply Hub's columns or Apple's list. A row that cannot be read is reported.

    The same file again changes nothing. 422 `file_invalid` where nothing of the file can be taken.
    """
    runtime, settings = parts_of(request)
    sender = await sender_of(request)
    order = Order(sender.member, filename, edition, list_name, published, dry_run)
    try:
        report = await import_list(runtime, order, await request.body(), settings.maximum_rows)
    except FileInvalid as error:
        raise answers.file_invalid(filename, error) from None
    return answers.of_import(report)


# Operators


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


@router.get("/registry/summary")
async def summarise(request: Request) -> dict[str, int]:
    """How much the registry knows."""
    found = await members.summary(only_operator(request).pool)
    return {} if found is None else dict(found)
