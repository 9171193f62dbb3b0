"""Characters that must not be kept, those that must be taken byte for byte, and the attributes of an event."""

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.corpus.cases import ACCEPTED, BOTH, CANARY, refused
from tests.corpus.events import FLAG, SITE, event, flag, flag_with
from tests.corpus.making.syntax import Made

FORBIDDEN = refused(("forbidden_character", ""))
OVERRIDES = "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
NO_CHARACTERS = "\ufdd0\ufdef\ufffe\uffff\U000e0001\U000e0041\U000e007f"
TAKEN = (
    "Exämple Électronics (株式会社)",
    "A\u0308 and \u00c4",  # decomposed and composed are two spellings; both are kept as they came
    "\u0415xample",  # a Cyrillic letter
    "شركة المثال",
    "חברת דוגמה",
    "می\u200cخواهم",  # a zero width non-joiner is part of the word
    "क्\u200dष",
    "a\u200bb",
    "\u200ea\u200f",
    "a" + "\u0301" * 100,
    "\U0001f3ed Works",
    "\U0001d538\U0001d539",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1＋1",
    "=cmd|'/c calc'!A1",
    "{{7*7}}",
    "${7*7}",
    "%s%n%x",
    "'; DROP TABLE site; --",
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "=?utf-8?q?a=0d=0aBcc:x?=",
    "..\\..\\x",
    "../../x",
    "null",
    "None",
    "\u00a0 padded \u3000",
    "\ufeff a",
    "I\u0307stanbul \u0130 \u0131",
    "\ufb01ne \u2126 \u212b",
    "ǆ ß ẞ",
)


def text(draw: random.Random) -> Iterator[Made]:
    controls = [chr(code) for code in (*range(32), *range(0x7F, 0xA0))]
    for character in (
        "\u0000",
        "\r\n",
        "\n",
        "\t",
        "\x1b",
        *sorted(draw.sample(controls, 10)),
        *OVERRIDES,
        *NO_CHARACTERS,
    ):
        yield BOTH, {"event": flag_with(headline=f"a{character}{CANARY}")}, FORBIDDEN
    for surrogate in ("\\ud800", "\\udfff", "\\udc00\\ud800", "\\ud83d x"):
        yield BOTH, {"event": raw(surrogate)}, FORBIDDEN
    yield BOTH, {"event": flag_with(**{f"a\u0007{CANARY}": 1})}, FORBIDDEN
    yield BOTH, {"event": flag_with(site=SITE | {"address": "1 Example Road\r\nBcc: x@example.org"})}, FORBIDDEN
    yield BOTH, {"event": flag() | {"a\u0000b": "c"}}, FORBIDDEN
    yield BOTH, {"event": flag() | {"subject": f"a\u202e{CANARY}"}}, FORBIDDEN
    for words in TAKEN:
        yield BOTH, {"event": flag_with(site=SITE | {"name": f"{words} $ID"})}, ACCEPTED
        yield BOTH, {"event": flag_with(headline=words)}, ACCEPTED
    for nothing in ("\u200b", "\u00ad\u200d", "---", "???", "\u3164"):
        bad = flag_with(supplier={"name": nothing})
        yield BOTH, {"event": bad}, refused(("name_unreadable", "/data/supplier/name"))
    for nothing in ("\u00a0", "\u3000\u2003", " "):
        bad = flag_with(supplier={"name": nothing})
        yield BOTH, {"event": bad}, refused(("string_too_short", "/data/supplier/name"))
    yield BOTH, {"event": flag_with(site=SITE | {"name": "..."})}, refused(("name_unreadable", "/data/site/name"))


def raw(escape: str) -> list[Any]:
    """A flag with an escape in it that no text has."""
    before, _, after = json.dumps(flag_with(headline=f"@{CANARY}")).partition("@")
    return [before + escape + after]


GOOD_TIMES = (
    "2026-01-15T09:00:00Z",
    "2026-01-15T09:00:00+01:00",
    "2026-01-15T09:00:00-00:00",
    "2026-01-15T09:00:00.123456789Z",
    "2026-03-29T02:30:00+01:00",  # falls into a gap of summer time; the offset says what is meant
    "2024-02-29T23:59:59+14:00",
    "1900-01-01T00:00:00Z",
    "$IN_4_MINUTES",
)
BAD_TIMES = (
    "", " ", "yesterday", "2026-01-15", "2026-01-15T09:00:00", "2026-01-15 09:00:00Z", "20260115T090000Z",
    "2026-W03-4T09:00:00Z", "2026-01-15T09:00Z", "2026-01-15T09:00:00+0100", "2026-01-15T09:00:00+25:00",
    "2026-01-15T24:00:00Z", "2016-12-31T23:59:60Z", "2026-02-30T09:00:00Z", "2026-13-01T09:00:00Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "-2026-01-15T09:00:00Z", "2026-01-15T09:00:00Z ", "1768467600",
    "\u0662\u0660\u0662\u0666-01-15T09:00:00Z", "2026-01-15T09:00:00,5Z", "2026-01-15T09:00:00+01:00:30",
)  # fmt: skip
BAD_IDS = ("", " ", " a", "a ", "x" * 201, "a\u200bb", "a\u00a0b", "a\u3000b", "\ue000", "a\u00adb")
GOOD_IDS = (
    "00000000-0000-0000-0000-000000000000 $ID", "{$ID}", "urn:uuid:$ID", "$ID/../x", "é $ID", "e\u0301 $ID",
    "$ID' OR 1=1 --", "$ID%00", "\u0430 $ID",
)  # fmt: skip


def attributes(_draw: random.Random) -> Iterator[Made]:
    for time in GOOD_TIMES:
        yield BOTH, {"event": flag(time=time)}, ACCEPTED
    for time in BAD_TIMES:
        yield BOTH, {"event": flag(time=time)}, refused(("time_invalid", "/time"))
    yield BOTH, {"event": flag(time="$IN_10_MINUTES")}, refused(("time_in_future", "/time"))
    for value in NO_TEXTS:
        for name in ("time", "id", "source", "specversion"):
            yield BOTH, {"event": flag(**{name: value})}, refused((f"{name}_invalid", f"/{name}"))
    for name in ("time", "id", "source", "specversion", "type", "data"):
        left = {key: value for key, value in flag().items() if key != name}
        yield BOTH, {"event": left}, refused(("missing", f"/{name}"))
        yield BOTH, {"event": flag(**{name: None})}, refused(("missing", f"/{name}"))
    for id_ in GOOD_IDS:
        yield BOTH, {"event": flag(id=id_)}, ACCEPTED
    for id_ in BAD_IDS:
        yield BOTH, {"event": flag(id=id_)}, refused(("id_invalid", "/id"))
        yield BOTH, {"event": flag(source=id_)}, refused(("source_invalid", "/source"))
    for version in ("", "0.3", "1", "1.0.2", "2.0", " 1.0"):
        yield BOTH, {"event": flag(specversion=version)}, refused(("specversion_invalid", "/specversion"))
    for kind in ("", CANARY, "flag.raised", "flag.raised.v2", "flag.reported.v1", "FLAG.RAISED.V1", "flag.raised.v1 "):
        yield BOTH, {"event": flag(type=kind)}, refused(("type_unknown", "/type"))
    for other in NO_TEXTS:
        yield BOTH, {"event": flag(type=other)}, refused(("type_unknown", "/type"))
    yield from options()


MEDIA_TYPES: tuple[Any, ...] = ("text/xml", CANARY, "", "application/json; charset=latin-1", 7, [])
NO_TEXTS: tuple[Any, ...] = (7, 1.5, True, [], {})
NO_VALUES: tuple[Any, ...] = (1.5, [], {}, 2**31, -(2**40), ["x"])
VALUES: tuple[Any, ...] = ("", CANARY, 0, -7, True, False, None, 2**31 - 1)
NO_DATA: tuple[Any, ...] = ([], "x", 7, True)


def options() -> Iterator[Made]:
    """Optional and extension attributes."""
    for media_type in MEDIA_TYPES:
        yield BOTH, {"event": flag(datacontenttype=media_type)}, refused(("data_not_json", "/datacontenttype"))
    for media_type in (
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/ld+json",
    ):
        yield BOTH, {"event": flag(datacontenttype=media_type)}, ACCEPTED
    yield BOTH, {"event": flag(data_base64="e30=")}, refused(("data_not_json", "/datacontenttype"))
    for name in ("classification", "workinggroup", "sequence", "recordedtime"):
        yield BOTH, {"event": flag(**{name: "public"})}, refused(("attribute_reserved", f"/{name}"))
    for member in ("somebody-else", "", CANARY, 7):
        yield BOTH, {"event": flag(member=member)}, refused(("member_mismatch", "/member"))
    for name in ("Trace", "trace_id", "trace-id", "a.b", "", " ", "é", f"{CANARY}!"):
        yield BOTH, {"event": flag() | {name: "x"}}, refused(("attribute_invalid", ""))
    for value in NO_VALUES:
        yield BOTH, {"event": flag(extension=value)}, refused(("attribute_invalid", ""))
    for value in VALUES:
        yield BOTH, {"event": flag(extension=value)}, ACCEPTED
    for data in NO_DATA:
        yield BOTH, {"event": flag(data=data)}, refused(("object_expected", "/data"))
    wrong = event("flag.raised.v1", FLAG, id=7, time="yesterday", classification="public")
    errors = (("id_invalid", "/id"), ("time_invalid", "/time"), ("attribute_reserved", "/classification"))
    yield BOTH, {"event": wrong}, refused(*errors)
