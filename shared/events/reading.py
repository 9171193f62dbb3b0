"""Reading strictly: one meaning per text, nothing that a later part could not store, no echo of what was read."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson


class MalformedEvent(ValueError):
    """The record is no event that this release can read.

    `reason` is one of a closed list; neither it nor `pointer` holds anything of the record.
    """

    def __init__(self, reason: str, pointer: str = "") -> None:
        super().__init__(f"{reason} at {pointer}" if pointer else reason)
        self.reason = reason
        self.pointer = pointer


def as_id(text: str) -> UUID | None:
    """The id that a text is; None where it is something else."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def refuse_two_readings(value: bytes) -> None:
    """JSON as RFC 8259 has it, and every key once. Raises MalformedEvent `not_json` or `duplicate_key`.

    NaN is refused here also where no field would read it: a stricter consumer of the same record could not.
    """
    if not has_each_key_once(value):
        read_slowly(value)


def has_each_key_once(value: bytes) -> bool:
    """Whether no key stands twice, told quickly; False where only a slow look can tell.

    A key that stands twice does not survive parsing: what is written again to the same bytes had none. Our own events
    are written that way; blanks or other spellings of a number make the look slow, not wrong.
    """
    try:
        return orjson.dumps(orjson.loads(value)) == value
    except orjson.JSONDecodeError:
        return False


def read_slowly(value: bytes) -> None:
    """Look at every object as it is parsed. Raises MalformedEvent `not_json` or `duplicate_key`."""
    try:
        json.loads(value.decode(), object_pairs_hook=refuse_duplicate_keys, parse_constant=refuse_constant)
    except MalformedEvent:
        raise
    except (ValueError, RecursionError):  # also bytes that are not UTF-8, and numbers of thousands of digits
        raise MalformedEvent("not_json") from None


def refuse_duplicate_keys(pairs: list[tuple[str, Any]]) -> None:
    """A JSON object with one key twice has two readings: refused. For `json.loads(object_pairs_hook=...)`."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise MalformedEvent("duplicate_key")


def refuse_constant(_name: str) -> None:
    """NaN and Infinity are no JSON. For `json.loads(parse_constant=...)`."""
    raise MalformedEvent("not_json")


@lru_cache(maxsize=10_000)
def short_text(text: str) -> str:
    """A text that can be stored and indexed anywhere: 1 to 200 printable characters, no space at either end."""
    if not 1 <= len(text) <= 200 or not text.isprintable() or text != text.strip():
        raise ValueError("a short printable text is needed")
    return text


def positive(text: str) -> int:
    """A whole number from 1 to the largest that a Postgres bigint holds, in ASCII digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and 1 <= int(text) < 2**63):
        raise ValueError("a sequence starts at 1")
    return int(text)


def moment(text: str) -> datetime:
    """A moment with its time zone, in the centuries that every part can store and convert to UTC."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not 1900 <= at.year < 2200:
        raise ValueError("a moment between 1900 and 2199 with its time zone is needed")
    return at


def version(text: str) -> str:
    """The version of CloudEvents that this release reads."""
    if text != "1.0":
        raise ValueError("CloudEvents 1.0 is needed")
    return text
