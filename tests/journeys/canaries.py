"""Testimony whose every confidential field carries a mark of its own, and the search for these marks everywhere.

A mark is `CN-<class>-<uuid>`: G what was told, I who told it, K what opens a case. All marks of a load begin alike, so
that a search for a few words finds each of them; receipts, whose form is not free, are searched for one by one.
"""

import base64
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from services.remedy.receipts import draw_receipt
from shared.events.remedy.words import TestimonyKind
from shared.sealing import TESTIMONY, seal
from tests.journeys.disguises import forms, holds
from tests.journeys.door import Document, Door, event, flag
from tests.journeys.scanner import Surface, everywhere
from tests.live_stack import LiveStack

CLASSES = {"G": "what was told", "I": "who told it", "K": "what opens a case"}
WORKERS_SIDE = ("worker", "union", "monitoring_partner")
KINDS = tuple(kind.value for kind in TestimonyKind if kind is not TestimonyKind.OTHER)
RECEIPTS_SOUGHT = 2
"""Receipts that are searched for; each needs a search of its own."""
BATCH = 50


@dataclass
class Canaries:
    """The marks of one load: how many were drawn of each class, and how all of them begin."""

    run: str = field(default_factory=lambda: secrets.token_hex(6))
    drawn: Counter[str] = field(default_factory=Counter)
    receipts: list[str] = field(default_factory=list)

    def draw(self, kind: str) -> str:
        """A new mark of a class."""
        self.drawn[kind] += 1
        return f"CN-{kind}-{UUID(f'{self.run}{secrets.token_hex(10)}')}"

    def words(self, kind: str, marks: int) -> str:
        """An invented text with so many marks."""
        return " ".join(f"Invented words {self.draw(kind)} at Example Electronics." for _ in range(marks))

    def receipt(self) -> str:
        """A new receipt."""
        self.receipts.append(draw_receipt())
        self.drawn["K"] += 1
        return self.receipts[-1]

    def beginning(self, kind: str) -> str:
        """How all marks of a class begin: 48 bits that nothing else has."""
        return f"CN-{kind}-{self.run[:8]}-{self.run[8:12]}-"

    def wanted(self) -> dict[str, set[bytes]]:
        """What is searched for, by class."""
        sought = {kind: forms(self.beginning(kind)) for kind in CLASSES}
        for receipt in self.receipts[:RECEIPTS_SOUGHT]:
            sought["K"] |= forms(receipt) | forms(receipt.replace("-", ""))
        return sought


@dataclass
class Found:
    """What a search has seen: surfaces of each kind, their size in bytes, and where a mark of which class was found."""

    surfaces: Counter[str] = field(default_factory=Counter)
    size: int = 0
    leaks: dict[str, set[str]] = field(default_factory=dict)

    def note(self, surface: Surface, wanted: dict[str, set[bytes]]) -> None:
        """Look at one surface."""
        name, content = surface
        self.surfaces["answer" if name.startswith(("/", "http")) else name.partition(" ")[0]] += 1
        self.size += len(content)
        if classes := {kind for kind, forms_of in wanted.items() if holds(content, forms_of)}:
            self.leaks[name] = self.leaks.get(name, set()) | classes


async def scan(stack: LiveStack, canaries: Canaries, urls: Iterable[str] = ()) -> Found:
    """Look for the marks of a load wherever there is anything; they may be nowhere."""
    return await look(everywhere(stack, urls), canaries)


async def look(surfaces: AsyncIterator[Surface], canaries: Canaries) -> Found:
    """Look for the marks of a load on these surfaces."""
    found, wanted = Found(), canaries.wanted()
    async for surface in surfaces:
        found.note(surface, wanted)
    return found


def load(stack: LiveStack, door: Door, testimonies: int = 60, marks: int = 20) -> Canaries:
    """Send marked testimony of every kind, sealed, and what ought to have been sealed, unsealed; the marks.

    Each testimony has marks in all its confidential fields and `marks` of them in its narrative. Raises AssertionError
    where the door does not take what is sealed, or takes what is not.
    """
    canaries = Canaries()
    key = httpx.get(f"{stack.status()['services']['remedy']['url']}/keys", timeout=30).json()
    sealed = [in_box(canaries, KINDS[n % len(KINDS)], marks, key) for n in range(testimonies)]
    for at in range(0, len(sealed), BATCH):
        outcomes = {answer["outcome"] for answer in door.send(*sealed[at : at + BATCH])}
        assert outcomes == {"accepted"}, f"sealed testimony was answered {outcomes}"
    outcomes = {answer["outcome"] for answer in door.send(*unsealed(canaries))}
    assert outcomes == {"rejected"}, f"what was not sealed was answered {outcomes}"
    return canaries


def in_box(canaries: Canaries, kind: str, marks: int, key: dict[str, str]) -> Document:
    """Sealed testimony of a kind."""
    plain = json.dumps(testimony(canaries, marks)).encode()
    box = seal(plain, key["public_key"], TESTIMONY)
    return event("testimony.submitted.v1", {"kind": kind, "key": key["key"], "sealed": box})


def testimony(canaries: Canaries, marks: int) -> dict[str, Any]:
    """What a box holds, with a mark in each field that holds a text."""
    content = base64.b64encode(canaries.words("G", 2).encode()).decode()
    return {
        "narrative": canaries.words("G", marks),
        "filed_by": "worker",
        "identity": canaries.words("I", 1),
        "contact": canaries.words("I", 1),
        "contributor": canaries.words("I", 1),
        "trusted_contact": canaries.words("I", 1),
        "place": {
            "name": canaries.draw("G"),
            "address": canaries.draw("G"),
            "unit": canaries.draw("G"),
            "country": "MY",
        },
        "receipt": canaries.receipt(),
        "attachments": [{"media_type": "text/plain", "content": content}],
    }


def unsealed(canaries: Canaries) -> Iterator[Document]:
    """What a partner's system may send by mistake: flags of the workers' side in plain words, and what is no box."""
    for source in WORKERS_SIDE:
        yield flag(f"Example Electronics {canaries.draw('G')}", source_class=source, headline=canaries.draw("G"))
    plain = base64.b64encode(canaries.words("G", 3).encode()).decode()
    for kind in KINDS:
        yield event("testimony.submitted.v1", {"kind": kind, "key": "0" * 16, "sealed": plain})
    yield event("testimony.submitted.v1", {"kind": "grievance", "narrative": canaries.draw("G")})


def report(canaries: Canaries, found: Found) -> str:
    """The counts of a search, for people."""
    drawn = ", ".join(f"{canaries.drawn[kind]} of {kind} ({what})" for kind, what in CLASSES.items())
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.surfaces.most_common())
    lines = [
        f"marks in the load: {canaries.drawn.total()}: {drawn}",
        f"looked at: {found.surfaces.total()} surfaces, {found.size / 1e6:.0f} MB: {kinds}",
        f"found: {len(found.leaks)}",
        *(f"  {name}: {', '.join(sorted(classes))}" for name, classes in sorted(found.leaks.items())),
    ]
    return "\n".join(lines)
