"""In which forms a secret may be written, and whether a content holds one of them."""

import base64
import quopri
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

GZIP = b"\x1f\x8b\x08"
LARGEST_UNPACKED = 8 * 1024 * 1024
SOFT_BREAK = re.compile(rb"=\r?\n")
LINE_BREAK = re.compile(rb"\r?\n[ \t]?")


def forms(secret: str | bytes) -> set[bytes]:
    """A secret as it may be written: raw, in UTF-16, escaped in part or whole, as hex, and as base64 from any place."""
    if isinstance(secret, bytes):
        raw = [secret]
        written: set[bytes] = set()
    else:
        raw = [secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")]
        written = escaped(secret)
    for one in raw:
        written |= {one, one.hex().encode(), one.hex().upper().encode()}
        written |= set(in_base64(one))
    return written


def escaped(secret: str) -> set[bytes]:
    """A text with escapes: for what is not ASCII, as most programs write, and for every sign."""
    json = secret.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
    in_part = {json, quote(secret).encode(), secret.encode("ascii", "xmlcharrefreplace")}
    units = secret.encode("utf-16-be")
    codes = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
    octets = [f"{octet:02x}" for octet in secret.encode()]
    whole = {"".join(f"\\u{code}" for code in codes), "".join(f"\\u{code.upper()}" for code in codes)}
    for sign in "%=":
        whole |= {"".join(f"{sign}{one}" for one in octets), "".join(f"{sign}{one.upper()}" for one in octets)}
    return in_part | {one.encode() for one in whole}


def in_base64(raw: bytes) -> Iterator[bytes]:
    """The characters of base64 that depend on these bytes alone, for each of the three places they may begin at."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw)
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        yield whole[first:last]
        yield whole[first:last].replace(b"+", b"-").replace(b"/", b"_")


def holds(content: bytes, wanted: Iterable[bytes]) -> bool:
    """Whether one of these is in a content, also where a mail or a log has broken its lines, or it was packed."""
    wanted = tuple(wanted)
    return any(form in reading for reading in readings(content) for form in wanted)


def readings(content: bytes) -> Iterator[bytes]:
    """A content as it is, and as it may have to be read."""
    yield content
    if b"\0" not in content:  # a text, in which somebody may have broken lines
        yield LINE_BREAK.sub(b"", content)
        yield quopri.decodestring(content)
        yield SOFT_BREAK.sub(b"", content)
    for packed in unpacked(content):
        yield from readings(packed)


def unpacked(content: bytes) -> Iterator[bytes]:
    """What is packed by gzip anywhere in a content; of each at most the first 8 MiB."""
    at = content.find(GZIP)
    while at >= 0:
        try:
            found = zlib.decompressobj(wbits=31).decompress(content[at : at + LARGEST_UNPACKED], LARGEST_UNPACKED)
        except zlib.error:
            found = b""  # three bytes that look like the beginning of something packed
        if found:
            yield found
        at = content.find(GZIP, at + 1)
