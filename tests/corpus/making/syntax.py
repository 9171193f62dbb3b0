"""JSON that is none, has two readings, or is too large: what every reader of RFC 8259 must tell apart."""

import base64
import random
from collections.abc import Iterator
from typing import Any

from tests.corpus.cases import ACCEPTED, BOTH, CANARY, refused, unreadable
from tests.corpus.events import FLAG, event, flag, flag_with, text_of

Made = tuple[tuple[str, ...], dict[str, Any], dict[str, Any]]
MALFORMED, TWICE = unreadable("malformed_json"), unreadable("duplicate_key")
HTTP = ("http",)


def of_text(content: Any, expected: dict[str, Any], doors: tuple[str, ...] = BOTH) -> Made:
    return doors, {"event": content}, expected


def syntax(draw: random.Random) -> Iterator[Made]:
    good = text_of(flag())
    for at in sorted(draw.sample(range(1, len(good) - 1), 22)):
        yield of_text(good[:at], MALFORMED)
    for tail in ("x", "}", "]", "{}", ",", " null", "\u0000", good):
        yield of_text(good + tail, MALFORMED)
    for word in (
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "undefined",
        "True",
        "None",
        "0x10",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
    ):
        yield of_text(f'{{"specversion": "1.0", "data": {{"headline": "{CANARY}", "x": {word}}}}}', MALFORMED)
    for number in ("1e400", "-1e400", "1e99999", "9" * 5000, "-" + "9" * 5000):
        yield of_text(f'{{"headline": "{CANARY}", "x": {number}}}', MALFORMED)
    yield from encodings(good)
    yield from duplicates()
    yield from not_json(good)
    for scalar in ("null", "true", "7", "1.5", f'"{CANARY}"'):
        yield of_text(scalar, refused(("object_expected", "")))
    yield of_text("[]", unreadable("object_expected"))
    yield of_text(f"[{good}]", unreadable("object_expected"))
    yield of_text(f" \n\t{good}\r\n ", ACCEPTED)
    yield of_text(good.replace('"data"', '"\\u0064ata"'), ACCEPTED)


def encodings(good: str) -> Iterator[Made]:
    """UTF-8 it must be, without a mark, and nothing that only looks like it."""
    for raw in (
        b"\xef\xbb\xbf" + good.encode(),
        good.encode("utf-16"),
        good.encode("utf-16-le"),
        good.encode("utf-16-be"),
        good.encode("utf-32"),
        good.replace("Invented", "Erfundene \xe4").encode("latin-1", "replace"),
        good.encode().replace(b"Invented", b"\xc0\xaf"),
        good.encode().replace(b"Invented", b"\xed\xa0\x80"),
        good.encode().replace(b"Invented", b"\xf5\x80\x80\x80"),
        good.encode().replace(b"Invented", b"\xff\xfe"),
        b"\x1f\x8b\x08\x00" + good.encode(),
    ):
        yield of_text({"base64": base64.b64encode(raw).decode()}, MALFORMED)


def duplicates() -> Iterator[Made]:
    """One key twice has two readings, at whatever depth and however it is spelt."""
    for inner in (
        f'"id": "{CANARY}", "id": "2"',
        '"id": "1", "\\u0069d": "2"',
        f'"data": {{"headline": "{CANARY}", "headline": "b"}}',
        f'"data": {{"site": {{"name": "{CANARY}", "name": "b"}}}}',
        '"data": {"x": [{"y": {"z": 1, "z": 1}}]}',
        f'"data": {{"{CANARY}": 1, "{CANARY}": 2}}',
    ):
        yield of_text(f"{{{inner}}}", TWICE)


def not_json(good: str) -> Iterator[Made]:
    """What lenient readers take."""
    for content in (
        "",
        " ",
        "\n",
        good.replace('"', "'"),
        good.replace('"data"', "data"),
        good.replace("}", ",}"),
        f"// {CANARY}\n{good}",
        f"/* {CANARY} */{good}",
        good.replace("Invented", "In\nvented"),
        good.replace("Invented", "In\tvented"),
        good.replace("Invented", "\\x41"),
        good.replace("Invented", "\\u12"),
        good.replace("Invented", "\\u{41}"),
        good.replace(": ", " "),
        f"<event>{CANARY}</event>",
        f"specversion: 1.0\ndata: {CANARY}\n",
        "-",
        '"',
        "{",
    ):
        yield of_text(content, MALFORMED)


def size(_draw: random.Random) -> Iterator[Made]:
    kib = 1024
    fitting = 256 * kib - len(text_of(event("flag.raised.v1", FLAG, note="")).replace(" ", "")) - 60
    yield of_text(padded(fitting), ACCEPTED)
    for more in (300, kib, 3 * kib):
        yield of_text(padded(256 * kib + more), refused(("too_large", "")))
    for more in (kib * kib, 4 * kib * kib, 15 * kib * kib):
        yield of_text(padded(more), refused(("too_large", "")), HTTP)
    for body in (16, 17, 32, 33, 48):
        yield of_text([{"repeat": " " * kib, "times": body * kib}, "{"], too_large(), HTTP)
    for depth in (32, 33, 65, 200):
        nested = ["[" * depth, "]" * depth]
        yield of_text(['{"data": {"headline": "', CANARY, '", "x": ', *nested, "}}"], refused(("too_deep", "")))
    for depth in (100_000, 1_000_000):
        yield of_text([{"repeat": "[", "times": depth}], MALFORMED, HTTP if depth > 200_000 else BOTH)
        yield of_text([{"repeat": '{"a":', "times": depth // 2}], MALFORMED, HTTP if depth > 200_000 else BOTH)
    for number in (21, 100, 6000):
        fields = {f"{CANARY}{one}": one for one in range(number)}
        errors = refused(*[("extra_forbidden", "/data")] * 20)
        yield of_text(event("flag.raised.v1", FLAG | fields), errors)
    for number in (21, 1000):
        many = flag_with(instruments=[CANARY] * number)
        yield of_text(many, refused(*(("value_error", f"/data/instruments/{one}") for one in range(20))))
    yield of_text(flag_with(headline=CANARY * 20), refused(("string_too_long", "/data/headline")))
    yield of_text(flag_with(headline="x" * 200), ACCEPTED)
    yield of_text(flag_with(headline="x" * 201), refused(("string_too_long", "/data/headline")))
    yield of_text(flag_with(headline="\u00e9" * 200), ACCEPTED)
    yield of_text(flag_with(headline="\U0001f600" * 200), ACCEPTED)


def padded(length: int) -> list[Any]:
    """A flag with an attribute of so many characters."""
    before, _, after = text_of(event("flag.raised.v1", FLAG, note="@")).partition("@")
    return [before, {"repeat": "x", "times": length}, after]


def too_large() -> dict[str, Any]:
    return {"outcome": "rejected", "status": 413, "errors": [["too_large", ""]]}
