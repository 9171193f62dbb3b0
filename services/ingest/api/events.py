"""Events by HTTP, and their receipts."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.ingest import answers, door
from services.ingest.api.access import parts_of, sender_of
from services.ingest.domain.submission import UnreadableBody, read_body
from services.ingest.store import receipts
from shared.http import Problem

STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"
BODY_PROBLEMS = {
    "malformed_json": "The body is not JSON in UTF-8.",
    "duplicate_key": "A JSON object gives one key twice.",
    "array_expected": f"A body of type {BATCHED} is an array of events.",
    "object_expected": f"A body of type {STRUCTURED} is one event.",
}
router = APIRouter()


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
