"""Reading strictly: one meaning per text, nothing that a later part could not store, no echo of what was read."""

import json
import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson


class MalformedEvent(ValueError):
    """The record is no event that this release can read.

    `reason` is one of a closed list; neither it nor `pointer` holds anything of the record.
    """

    def __init__(self, reason: str, pointer: str = "") -> None:
        super().__init__(f"{reason} at {pointer}" if pointer else reason)
        self.reason = reason
        self.pointer = pointer


SPACE_BEFORE_COLON = re.compile(rb'"\s+:')


def refuse_two_readings(value: bytes) -> None:
    """JSON as RFC 8259 has it, and every key once. Raises MalformedEvent `not_json` or `duplicate_key`.

    NaN is refused here also where no field would read it: a stricter consumer of the same record could not.
    """
    if not has_each_key_once(value):
        read_slowly(value)


def has_each_key_once(value: bytes) -> bool:
    """Whether a quick count proves that no key stands twice; False where it cannot tell.

    Every key is followed by `":`, unless there is space between. With no such space, and as many `":` as there are
    keys after parsing, none was dropped; a text that holds `":` only makes the count higher.
    """
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return value.count(b'":') == count_keys(parsed) and not SPACE_BEFORE_COLON.search(value)


def count_keys(parsed: Any) -> int:
    """The keys of all objects in a JSON value; orjson itself bounds how deep it may be nested."""
    if isinstance(parsed, dict):
        return len(parsed) + sum(count_keys(part) for part in parsed.values() if isinstance(part, dict | list))
    if isinstance(parsed, list):
        return sum(count_keys(part) for part in parsed if isinstance(part, dict | list))
    return 0


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
