"""Sending events through the door of `ingest`, as a member's system would: batches of CloudEvents with a bearer key."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from tests.benchmarks.stack import MEMBER, RunningStack, bearer

BATCH_TYPE = "application/cloudevents-batch+json"


class Refused(RuntimeError):
    """The door did not accept what the benchmark sent."""


def flag(number: int, scale: int = 5) -> dict[str, Any]:
    """A flag from the media about an invented site that nobody has named before; serious from a scale of 4 on."""
    data = {
        "supplier": {"name": f"Example Electronics {number}", "country": "NO"},
        "site": {"name": f"Example Works {number}", "address": f"{number} Example Road", "country": "NO"},
        "source_class": "media",
        "category": "forced_labour",
        "severity": {"scale": scale, "scope": 2, "irremediability": 2, "likelihood": 3},
        "actuality": "actual",
    }
    return envelope("flag.raised.v1", data)


def disclosure(number: int) -> dict[str, Any]:
    """A published disclosure of an invented site; ten sites belong to one supplier."""
    data = {
        "supplier": {"name": f"Example Components {number // 10}", "country": "CN"},
        "site": {
            "name": f"Example Plant {number}",
            "address": f"{number} Example Street",
            "country": "CN",
            "sector": "Electronics",
        },
        "list": {"source": "example-list", "edition": "2026"},
        "published": True,
    }
    return envelope("disclosure.submitted.v1", data)


def envelope(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvent in structured form."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": f"/{MEMBER}/benchmark",
        "type": kind,
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


async def post(client: httpx.AsyncClient, stack: RunningStack, events: Sequence[dict[str, Any]]) -> None:
    """Send the events in one request. Raises Refused unless every one of them is accepted."""
    headers = bearer(stack.member_key) | {"content-type": BATCH_TYPE}
    answer = await client.post(f"{stack.url('ingest')}/events", json=list(events), headers=headers)
    if answer.status_code != httpx.codes.ACCEPTED:
        raise Refused(f"POST /events was answered {answer.status_code}: {answer.text[:500]}")
