"""How the headers of a record are kept in one database column, whatever their bytes."""

from collections.abc import Sequence

import orjson

from shared.events.envelope import ATTRIBUTE_OF_HEADER, Headers
from shared.topics import is_restricted


def kept_headers(topic: str, headers: Headers) -> Headers:
    """The headers that are kept of a record set aside: from a restricted topic only our own attributes.

    Any other header may hold in plain what must not be kept.
    """
    if not is_restricted(topic):
        return headers
    return [(name, value) for name, value in headers if name in ATTRIBUTE_OF_HEADER]


def pack(headers: Headers) -> bytes:
    """Headers as JSON; Latin-1 maps each byte to one character, so that no header is too strange to keep."""
    return orjson.dumps([(name, (value or b"").decode("latin-1")) for name, value in headers])


def pack_texts(texts: Sequence[tuple[str, str]]) -> bytes:
    """As `pack`, for headers that are texts: our own, which nearly always are ASCII and then need no detour."""
    return orjson.dumps([(name, text if text.isascii() else text.encode().decode("latin-1")) for name, text in texts])


def unpack(packed: bytes) -> Headers:
    """The headers that `pack` was given."""
    return [(name, value.encode("latin-1")) for name, value in orjson.loads(packed)]
