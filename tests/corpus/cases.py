"""What a case of the corpus is: an input, the doors it is tried at, and the one answer that is right."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
CANARY = "Qx7319canary"
"""Stands in every input that has room for it; no answer and no log may hold it."""

Piece = str | dict[str, Any]
Objection = tuple[str, str]
"""A code and a pointer."""


@dataclass(frozen=True)
class Case:
    """One case, as a line of a file has it.

    `input` holds one of: `event` (JSON or text of one event), `request` (method, path, headers, body), `record`
    (headers and value), `sends` (events one after the other), `file` (name and content, or the recipe of a workbook).
    """

    id: str
    kind: str
    doors: tuple[str, ...]
    input: dict[str, Any]
    expected: dict[str, Any]

    @classmethod
    def of_line(cls, line: str) -> "Case":
        read = json.loads(line)
        return cls(read["id"], read["kind"], tuple(read["doors"]), read["input"], read["expected"])

    def line(self) -> str:
        return json.dumps(vars(self), ensure_ascii=True)


def read_cases(kind: str) -> list[Case]:
    """The cases of one kind."""
    return [Case.of_line(line) for line in (FOLDER / f"{kind}.jsonl").read_text().splitlines()]


def kinds() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def bytes_of(content: Any) -> bytes:
    """The bytes of an input: a text, pieces of it (one may be repeated), base64, or a value to be written as JSON."""
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, list):
        return b"".join(map(piece, content))
    if isinstance(content, dict) and content.keys() == {"base64"}:
        return base64.b64decode(content["base64"])
    return json.dumps(content).encode()


def piece(one: Piece) -> bytes:
    if isinstance(one, str):
        return one.encode()
    if "base64" in one:
        return base64.b64decode(one["base64"])
    return str(one["repeat"]).encode() * int(one["times"])


def refused(*objections: Objection) -> dict[str, Any]:
    """An event that is refused for these reasons."""
    return {"outcome": "rejected", "status": 422, "errors": [list(one) for one in objections]}


def unreadable(code: str) -> dict[str, Any]:
    """Something of which not even the event can be told."""
    return {"outcome": "rejected", "status": 400, "errors": [[code, ""]]}


ACCEPTED: dict[str, Any] = {"outcome": "accepted", "status": 202, "errors": []}
BOTH = ("http", "kafka")


def numbered(kind: str, found: Sequence[tuple[tuple[str, ...], dict[str, Any], dict[str, Any]]]) -> Iterator[Case]:
    """Cases with their ids."""
    for number, (doors, given, expected) in enumerate(found, 1):
        yield Case(f"{kind}-{number:03}", kind, doors, given, expected)
