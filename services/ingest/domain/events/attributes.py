"""The attributes of a CloudEvent (v1.0.2): the same rules and the same meaning in every mode and at every door."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shared.events.reading import moment, short_text, version

Json = Any
"""What `json.loads` returns."""
Fault = tuple[str, str]
"""A code, and the attribute as a JSON pointer."""

NAME = re.compile(r"[a-z0-9]+")
"""CloudEvents 1.0.2, 3.1: attribute names are lower-case letters and digits of ASCII."""
LARGEST_INTEGER = 2**31 - 1
"""CloudEvents 1.0.2, 3.2: an Integer has 32 bits."""
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
JSON_TYPE = re.compile(r'application/(?:[a-z0-9.-]+\+)?json(?: *; *charset="?utf-8"?)?')
OURS = ("classification", "workinggroup", "sequence", "recordedtime")
"""What Engage itself sets on what it publishes. Ignoring a sender's "restricted" would publish against its word."""


def moment_of_event(text: str) -> datetime:
    """The time of an event. Raises ValueError where it is not RFC 3339 or not between 1900 and 2199."""
    if RFC_3339.fullmatch(text) is None:
        raise ValueError("RFC 3339 is needed")
    return moment(text)


READERS: dict[str, Callable[[str], Any]] = {
    "specversion": version,
    "id": short_text,
    "source": short_text,
    "time": moment_of_event,
}
KNOWN = frozenset({*READERS, "type", "datacontenttype", "data", "data_base64"})
"""What has rules of its own."""


def read_attributes(
    event: dict[str, Json], now: datetime, tolerance: timedelta, member: str
) -> tuple[dict[str, Any], list[Fault]]:
    """The required attributes that can be read, and everything that is wrong with the attributes.

    A `time` further ahead of `now` than `tolerance` is wrong; so is a `member` other than the one that sends.
    """
    read: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, reader in READERS.items():
        value = event.get(name)
        try:
            if not isinstance(value, str):
                raise TypeError
            read[name] = reader(value)
        except (TypeError, ValueError, OverflowError):
            faults.append(("missing" if value is None else f"{name}_invalid", f"/{name}"))
    if "time" in read and read["time"] > now + tolerance:
        faults.append(("time_in_future", "/time"))
    return read, faults + faults_of_options(event, member)


def faults_of_options(event: dict[str, Json], member: str) -> list[Fault]:
    """What is wrong with optional and extension attributes. An extension that nobody here knows is taken and left."""
    faults: list[Fault] = []
    if not is_json(event.get("datacontenttype")) or event.get("data_base64") is not None:
        faults.append(("data_not_json", "/datacontenttype"))
    if event.get("member") not in (None, member):
        faults.append(("member_mismatch", "/member"))
    faults += [("attribute_reserved", f"/{name}") for name in OURS if event.get(name) is not None]
    if any(not is_attribute(name, value) for name, value in event.items() if name not in KNOWN):
        faults.append(("attribute_invalid", ""))
    return faults


def is_json(media_type: Json) -> bool:
    """Whether the data is said to be JSON in UTF-8; it is where nothing is said."""
    if media_type is None:
        return True
    return isinstance(media_type, str) and JSON_TYPE.fullmatch(media_type.strip().casefold()) is not None


def is_attribute(name: str, value: Json) -> bool:
    """Whether CloudEvents has such a name and such a value: text, a boolean, an integer, or nothing at all."""
    fits = value is None or isinstance(value, str) or (isinstance(value, int) and abs(value) <= LARGEST_INTEGER)
    return fits and NAME.fullmatch(name) is not None


def in_every_mode(event: dict[str, Json]) -> dict[str, Json]:
    """The event without what only its mode brought with it: by this it is known again at another door.

    In binary mode every attribute is text, and the content type is always said.
    """
    said = {name: value for name, value in event.items() if value is not None and name != "datacontenttype"}
    return {name: value if name == "data" else as_text(value) for name, value in said.items()}


def as_text(value: Json) -> Json:
    """An attribute as it is written in binary mode."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value
