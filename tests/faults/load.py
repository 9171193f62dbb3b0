"""The load of the crash test, and what its sender knows: which events were accepted. It imports no service."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.sealing import TESTIMONY, seal

SUPPLIERS = 200
BATCH = 200
FLAG_EVERY = 40
TESTIMONY_EVERY = 100


@dataclass
class Sender:
    """Sends events until each has been answered: an unanswered batch is sent again, with the same ids."""

    url: str
    key: str
    accepted: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    done: bool = False

    async def send(self, events: Iterator[dict[str, Any]], pause: float) -> None:
        """Send all events, `pause` seconds apart per batch so that the load lasts as long as the faults do."""
        async with httpx.AsyncClient(timeout=10) as client:
            while batch := list(itertools.islice(events, BATCH)):
                await self.until_answered(client, batch)
                await asyncio.sleep(pause)
        self.done = True

    async def until_answered(self, client: httpx.AsyncClient, batch: list[dict[str, Any]]) -> None:
        """Send one batch until the door has answered it."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/cloudevents-batch+json"}
        while True:
            try:
                response = await client.post(f"{self.url}/events", json=batch, headers=headers)
            except httpx.HTTPError:
                self.unanswered += 1
            else:
                if response.status_code < 500:
                    return self.note(response)
                self.unanswered += 1
            await asyncio.sleep(0.3)

    def note(self, response: httpx.Response) -> None:
        """Remember what the door answered."""
        for receipt in response.json()["receipts"]:
            self.answers[receipt["outcome"]] += 1
            if receipt["outcome"] in ("accepted", "duplicate"):
                self.accepted.add(receipt["id"])


def events(total: int, trustee_key: str, key_id: str) -> Iterator[dict[str, Any]]:
    """Disclosures of invented sites, with a serious flag and a sealed testimony among them at regular places."""
    for number in range(total):
        if number % TESTIMONY_EVERY == 1:
            yield testimony(number, trustee_key, key_id)
        elif number % FLAG_EVERY == 2:
            yield flag(number)
        else:
            yield disclosure(number)


def count(total: int, kind: Callable[[int], bool]) -> int:
    """How many of the events are of a kind."""
    return sum(kind(number) for number in range(total))


def is_testimony(number: int) -> bool:
    return number % TESTIMONY_EVERY == 1


def is_flag(number: int) -> bool:
    return not is_testimony(number) and number % FLAG_EVERY == 2


def is_disclosure(number: int) -> bool:
    return not is_testimony(number) and not is_flag(number)


def cloudevent(number: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"crash-{number}",
        "source": "urn:engage:crash-test",
        "type": kind,
        "time": "2026-01-01T00:00:00Z",
        "data": data,
    }


def site(number: int) -> dict[str, str]:
    address = f"{number} Sample Road, Exampletown"
    return {"name": f"Example Electronics plant {number}", "address": address, "country": "MY"}


def disclosure(number: int) -> dict[str, Any]:
    data = {
        "supplier": {"name": f"Example Electronics {number % SUPPLIERS}"},
        "site": {**site(number), "sector": "Electronics"},
        "list": {"source": "crash-test", "edition": "1"},
        "published": True,
    }
    return cloudevent(number, "disclosure.submitted.v1", data)


def flag(number: int) -> dict[str, Any]:
    data = {
        "supplier": {"name": f"Example Electronics {number % SUPPLIERS}"},
        "site": site(number),
        "source_class": "media",
        "category": "freedom_of_association",
        "severity": {"scale": 4, "scope": 3, "irremediability": 3, "likelihood": 3},
        "actuality": "actual",
        "headline": f"Invented headline {number}",
    }
    return cloudevent(number, "flag.raised.v1", data)


def testimony(number: int, trustee_key: str, key_id: str) -> dict[str, Any]:
    box = seal(f"Invented testimony {number}".encode(), trustee_key, TESTIMONY)
    return cloudevent(number, "testimony.submitted.v1", {"kind": "grievance", "key": key_id, "sealed": box})
