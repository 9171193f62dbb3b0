"""What a member's own system does: it builds CloudEvents and posts them with its key."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

Document = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """The HTTP door of `ingest` for one member."""

    member: str
    url: str
    key: str

    def post(self, content: bytes, media_type: str = SINGLE, key: str | None = None) -> httpx.Response:
        """Send a body as it is."""
        headers = {"content-type": media_type, "authorization": f"Bearer {self.key if key is None else key}"}
        return httpx.post(f"{self.url}/events", content=content, headers=headers, timeout=60)

    def send(self, *events: Document) -> list[Document]:
        """Send events as one batch; the receipts, in the order sent."""
        response = self.post(json.dumps(events).encode(), BATCH)
        answer: dict[str, list[Document]] = response.json()
        assert "receipts" in answer, f"{response.status_code}: {answer}"
        return answer["receipts"]

    def receipt(self, receipt: str) -> httpx.Response:
        """Ask for a receipt."""
        return httpx.get(f"{self.url}/receipts/{receipt}", headers={"authorization": f"Bearer {self.key}"}, timeout=60)


def event(kind: str, data: Any, **attributes: Any) -> Document:
    """A CloudEvent in structured mode; `attributes` replace its own."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:engage:journey",
        "type": kind,
        "time": "2026-01-15T09:00:00Z",
        "data": data,
    } | attributes


def disclosure(supplier: str, number: int = 1, **more: Any) -> Document:
    """A published disclosure of an invented site of a supplier."""
    data = {
        "supplier": {"name": supplier},
        "site": site(supplier, number) | {"sector": "Electronics"},
        "list": {"source": "journey", "edition": "2026"},
        "published": True,
    }
    return event("disclosure.submitted.v1", data | more)


def flag(supplier: str, **more: Any) -> Document:
    """A serious flag from a media source about an invented site of a supplier."""
    data = {
        "supplier": {"name": supplier},
        "site": site(supplier, 1),
        "source_class": "media",
        "category": "freedom_of_association",
        "severity": {"scale": 4, "scope": 3, "irremediability": 3, "likelihood": 4},
        "actuality": "actual",
        "headline": f"Invented headline about {supplier}",
    }
    return event("flag.raised.v1", data | more)


def site(supplier: str, number: int) -> Document:
    """An invented site."""
    return {"name": f"{supplier} Plant {number}", "address": f"{number} Sample Road, Exampletown", "country": "MY"}
