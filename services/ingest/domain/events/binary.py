"""A CloudEvent in binary mode by HTTP: attributes are headers, the body is the data (HTTP binding 1.0.2, 3.1)."""

import re
from collections.abc import Iterable

from services.ingest.domain.events.attributes import Json
from services.ingest.domain.events.submission import UnreadableBody, parse

PREFIX = "ce-"
HEADER = re.compile(r"[\x20-\x7e]*")
ESCAPED = re.compile(r"\\(.)")
PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def is_binary(names: Iterable[str]) -> bool:
    """Whether any header is an attribute of an event."""
    return any(name.startswith(PREFIX) for name in names)


def read_binary(headers: Iterable[tuple[str, str]], media_type: str, body: bytes) -> Json:
    """The event as structured mode would give it: attributes as text, and the data as JSON of any type.

    `headers` have lower-case names. Raises UnreadableBody where an attribute stands twice or cannot be decoded, or the
    body is no JSON. No body at all is no data.
    """
    event: dict[str, Json] = {}
    for name, value in headers:
        if name.startswith(PREFIX):
            attribute = name.removeprefix(PREFIX)
            if attribute in event or attribute in ("data", "data_base64", "datacontenttype"):
                raise UnreadableBody("header_invalid")
            event[attribute] = decoded(value)
    event["datacontenttype"] = media_type
    return event | ({"data": parse(body)} if body else {})


def decoded(value: str) -> str:
    """The value of an attribute: quotes are taken off, then one round of percent-decoding as UTF-8.

    Raises UnreadableBody for anything but ASCII (3.1.3.2: the rest is percent-encoded) and for broken UTF-8.
    """
    if HEADER.fullmatch(value) is None:
        raise UnreadableBody("header_invalid")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = ESCAPED.sub(r"\1", value[1:-1])
    try:
        return PERCENT.sub(lambda found: bytes([int(found[1], 16)]), value.encode()).decode()
    except UnicodeDecodeError:
        raise UnreadableBody("header_invalid") from None
