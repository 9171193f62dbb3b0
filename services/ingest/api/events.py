"""Events by HTTP, and their receipts."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.ingest import answers, door
from services.ingest.api.access import parts_of, sender_of, spend_events
from services.ingest.api.shapes import EVENT_BODIES, EVENT_RESPONSES, Receipt
from services.ingest.domain.events.attributes import Json, is_json
from services.ingest.domain.events.binary import is_binary, read_binary
from services.ingest.domain.events.submission import UnreadableBody, read_body
from services.ingest.store import receipts
from shared.events.vocabulary import KeyPurpose
from shared.http import PROBLEM, Problem, instance_of, key_unknown
from shared.limits import MEBIBYTE

STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"
BODY_PROBLEMS = {
    "malformed_json": "The body is not JSON in UTF-8.",
    "duplicate_key": "A JSON object gives one key twice.",
    "array_expected": f"A body of type {BATCHED} is an array of events.",
    "object_expected": f"A body of type {STRUCTURED} is one event.",
    "header_invalid": "A ce- header stands twice, names no attribute, or is not percent-encoded UTF-8.",
}
LARGE = MEBIBYTE
"""Bytes of a body from which on it waits for its turn: parsed it takes many times its length."""
router = APIRouter()


@router.post("/events", status_code=202, openapi_extra=EVENT_BODIES, responses=EVENT_RESPONSES)
async def receive_events(request: Request) -> JSONResponse:
    """Take CloudEvents, one (binary or structured mode) or several (batched), and answer what became of each, in order.

    202 when all are accepted or known already, 207 when some are rejected, 422 when all are. Whatever is said to be
    accepted is committed. Sending again is harmless: the same event is a duplicate and has its first receipt.
    """
    runtime, settings = parts_of(request)
    sender = await sender_of(request, KeyPurpose.PUBLISH)
    mode = mode_of(request)
    body = await request.body()
    if len(body) > settings.maximum_events_bytes:
        raise Problem(413, "too_large", f"At most {settings.maximum_events_bytes} bytes of events are taken at once.")
    async with turn_of(request, len(body)):
        events = await read_events(request, mode, body)
        if len(events) > settings.maximum_events:
            raise Problem(413, "too_many_events", f"At most {settings.maximum_events} events are taken at once.")
        spend_events(request, len(events))
        try:
            given = await door.receive(runtime, settings, sender, events)
        except door.SenderLeft:
            raise key_unknown() from None
    return answered(request, given)


def turn_of(request: Request, length: int) -> contextlib.AbstractAsyncContextManager[Any]:
    """A large body is handled when no other is: many of them at once would fill the memory."""
    turns = request.app.state.turns
    assert isinstance(turns, asyncio.Semaphore)
    return turns if length > LARGE else contextlib.nullcontext()


async def read_events(request: Request, mode: str, body: bytes) -> list[Json]:
    """The events of a request, not yet looked into. Raises Problem 400 where they cannot be told apart."""
    try:
        if mode in (STRUCTURED, BATCHED):
            return await asyncio.to_thread(read_body, body, mode == BATCHED)
        return [await asyncio.to_thread(read_binary, request.headers.items(), mode, body)]
    except UnreadableBody as error:
        raise Problem(400, error.code, BODY_PROBLEMS[error.code]) from None


def mode_of(request: Request) -> str:
    """The media type of a request in one of the three modes of CloudEvents; raises Problem 415 for any other."""
    said = request.headers.get("content-type", "")
    media_type, _, parameters = said.partition(";")
    kind = media_type.strip().casefold()
    if kind in (STRUCTURED, BATCHED) and parameters.replace(" ", "").casefold() in ("", "charset=utf-8"):
        return kind
    if is_binary(request.headers) and not kind.startswith("application/cloudevents") and said and is_json(said):
        return said
    modes = f"{STRUCTURED} or {BATCHED}, or JSON with the attributes as ce- headers"
    raise Problem(415, "media_type_unsupported", f"Send {modes}; in UTF-8 and not compressed.")


def answered(request: Request, given: list[door.Answer]) -> JSONResponse:
    """The answers as JSON; a problem document where nothing of the request was accepted."""
    told: dict[str, Any] = {"receipts": [answers.of_event(one) for one in given]}
    status = answers.status_of(given)
    if status != 422:
        return JSONResponse(told, status)
    problem = Problem(422, "all_rejected", "No event was accepted; each says why.")
    return JSONResponse(problem.body(instance_of(request.scope)) | told, status, media_type=PROBLEM)


@router.get("/receipts/{receipt}")
async def show_receipt(request: Request, receipt: str) -> Receipt:
    """A receipt of the sender's own; another member's and an unknown one are the same 404."""
    sender = await sender_of(request, KeyPurpose.READ, KeyPurpose.PUBLISH)
    try:
        found = await receipts.read_own(parts_of(request)[0].pool, sender.member, UUID(receipt))
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, "receipt_unknown", "You have no receipt with this id.")
    return Receipt.model_validate(answers.of_receipt(found))
