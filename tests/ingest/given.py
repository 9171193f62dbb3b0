"""Invented events and lists for the tests of ingest."""

import csv
import io
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import httpx

from shared.sealing import TESTIMONY, generate_key, seal

SOURCE = "urn:example:system"
SITE = {"name": "Example Works", "address": "1 Example Road", "country": "NO"}
FLAG: dict[str, Any] = {
    "supplier": {"name": "Example Electronics Ltd"},
    "site": SITE,
    "source_class": "media",
    "category": "forced_labour",
    "severity": {"scale": 4, "scope": 3, "irremediability": 3},
    "actuality": "actual",
}
DISCLOSURE: dict[str, Any] = {
    "supplier": {"name": "Example Electronics Ltd"},
    "site": SITE | {"sector": "Electronics"},
    "list": {"source": "example-list", "edition": "2024"},
}
CONTRACT: dict[str, Any] = {
    "reference": "2024/17",
    "supplier": {"name": "Example Electronics Ltd", "country": "NO"},
    "level": "call_off",
}
OSH_HEADER = ("country", "name", "address", "sector")
APPLE_HEADER = ("year", "supplier_name", "country_area", "country", "supplier_address")


def event(kind: str, data: Any, **attributes: Any) -> dict[str, Any]:
    """A CloudEvent as a member's system sends it."""
    envelope = {"specversion": "1.0", "id": str(uuid4()), "source": SOURCE, "type": kind}
    return envelope | {"time": "2026-01-15T09:00:00Z", "data": data} | attributes


def flag(number: int = 1, **attributes: Any) -> dict[str, Any]:
    """A flag about an invented site, another for each number."""
    site = SITE | {"name": f"Example Works {number}"}
    return event("flag.raised.v1", FLAG | {"site": site}) | attributes


def disclosure(**fields: Any) -> dict[str, Any]:
    return event("disclosure.submitted.v1", DISCLOSURE | fields)


def sealed_box(text: str = "an invented testimony", **attributes: Any) -> dict[str, Any]:
    """A sealed box, to a key that nobody keeps."""
    box = seal(text.encode(), generate_key()[1], TESTIMONY)
    return event("testimony.submitted.v1", {"kind": "grievance", "key": "test-key", "sealed": box}, **attributes)


def osh(*rows: Iterable[str], header: Iterable[str] = OSH_HEADER) -> str:
    """A list with Open Supply Hub's columns."""
    return written(header, rows)


def apple(*rows: Iterable[str]) -> str:
    """A list in the form of Apple's: year, name, country and address per row."""
    return written(APPLE_HEADER, [(year, name, "", country, address) for year, name, country, address in rows])


def written(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def without_instance(answer: httpx.Response) -> dict[str, Any]:
    """A problem document but for the id of its request, which differs."""
    body: dict[str, Any] = answer.json()
    assert body.pop("instance") == f"urn:uuid:{answer.headers['x-request-id']}"
    return body
