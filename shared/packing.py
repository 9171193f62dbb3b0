"""How the headers of a record are kept in one database column, whatever their bytes."""

import orjson

from shared.events.envelope import Headers


def pack(headers: Headers) -> bytes:
    """Headers as JSON; Latin-1 maps each byte to one character, so that no header is too strange to keep."""
    return orjson.dumps([(name, value.decode("latin-1")) for name, value in headers])


def unpack(packed: bytes) -> Headers:
    """The headers that `pack` was given."""
    return [(name, value.encode("latin-1")) for name, value in orjson.loads(packed)]
