"""What the door for events takes and answers, for its OpenAPI document."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from shared.http import ProblemDocument

ATTRIBUTES: dict[str, Any] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "minLength": 1, "maxLength": 200},
    "source": {"type": "string", "minLength": 1, "maxLength": 200},
    "type": {"type": "string", "description": "Such as disclosure.submitted.v1; deploy/contracts has the schemas."},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"type": "string"},
    "data": {"type": "object"},
}
EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "time", "data"],
    "properties": ATTRIBUTES,
}
DATA = {
    "supplier": {"name": "Example Electronics"},
    "site": {"name": "Example Works", "address": "1 Example Road", "country": "NO"},
    "list": {"source": "example-list", "edition": "2024"},
}
EVENT = {
    "specversion": "1.0",
    "id": "7a2f",
    "source": "urn:example:purchasing",
    "type": "disclosure.submitted.v1",
    "time": "2026-01-15T09:00:00Z",
    "data": DATA,
}
BATCH_SCHEMA = {"type": "array", "items": EVENT_SCHEMA, "maxItems": 1000}
CONTENT: dict[str, Any] = {
    "application/cloudevents+json": {"schema": EVENT_SCHEMA, "example": EVENT},
    "application/cloudevents-batch+json": {"schema": BATCH_SCHEMA, "example": [EVENT]},
    "application/json": {"schema": {"type": "object"}, "example": DATA},
}
HEADERS = ("specversion", "id", "source", "type", "time")
EVENT_BODIES: dict[str, Any] = {
    "parameters": [
        {
            "name": f"ce-{name}",
            "in": "header",
            "schema": {"type": "string", "pattern": "^[!-~]+$"},
            "description": "Binary mode only, percent-encoded where it is not ASCII.",
            "example": EVENT[name],
        }
        for name in HEADERS
    ],
    "requestBody": {"required": True, "content": CONTENT},
}

FILE_TYPES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.ms-excel",
    "application/json",
    "application/xml",
    "application/octet-stream",
)
"""For the document only: what a file is, is told from its content."""
FILE_CONTENT: dict[str, Any] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILE_TYPES}
FILE_CONTENT["text/csv"]["example"] = "country,name,address,sector\nNO,Example Works,1 Example Road,Electronics\n"
FILE_BODIES: dict[str, Any] = {"requestBody": {"required": True, "content": FILE_CONTENT}}


class Objection(BaseModel):
    """Why an event is rejected: where, what and how to mend it."""

    pointer: str
    code: str
    remedy: str


class EventAnswer(BaseModel):
    """What became of one event; `id` is its own where that can be repeated, `entry` the id of what it became.

    An entry is what others are told: an ask, a flag's report, a disclosure. Of testimony there is never one.
    A rejected one also says its status, title, code and detail, as RFC 9457 has them.
    """

    id: str | None
    receipt: str | None
    entry: str | None
    outcome: Literal["accepted", "duplicate", "rejected"]
    errors: list[Objection]
    type: str | None = None
    title: str | None = None
    status: int | None = None
    code: str | None = None
    detail: str | None = None


class EventAnswers(BaseModel):
    """What became of each event, in the order sent."""

    receipts: list[EventAnswer]


class AllRejectedProblemDocument(ProblemDocument):
    """No event was accepted."""

    receipts: list[EventAnswer]


class Receipt(BaseModel):
    """Proof that an event was accepted, for its sender; `entry` is what it became, but for testimony."""

    receipt: str
    id: str
    source: str
    outcome: Literal["accepted"]
    entry: str | None
    received: AwareDatetime


SEVERAL = {"model": EventAnswers}
EVENT_RESPONSES: dict[int | str, dict[str, Any]] = {
    202: SEVERAL | {"description": "Every event is accepted or was before."},
    207: SEVERAL | {"description": "Some events are rejected."},
    422: {"model": AllRejectedProblemDocument, "description": "Every event is rejected."},
}
