"""Records on a member's own topic as a faulty or malicious system may write them."""

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.corpus.cases import ACCEPTED, CANARY, refused
from tests.corpus.events import FLAG, event, flag, text_of
from tests.corpus.making.syntax import Made

KAFKA = ("kafka",)
STRUCTURED = "application/cloudevents+json"
HEADER, MEDIA = refused(("header_invalid", "")), refused(("media_type_unsupported", ""))
NOTHING = refused(*(("missing", f"/{name}") for name in ("specversion", "id", "source", "time", "type")))


def record(expected: dict[str, Any], value: Any, headers: list[list[Any]], key: str | None = None) -> Made:
    return KAFKA, {"record": {"headers": headers, "value": value, "key": key}}, expected


def attributes(**changes: str | None) -> list[list[Any]]:
    """The headers of a flag in binary mode, with changes; None leaves one out."""
    found = {f"ce_{name}": value for name, value in flag().items() if name != "data"}
    found |= {"content-type": "application/json"} | {name.replace("__", "-"): value for name, value in changes.items()}
    return [[name, value] for name, value in found.items() if value is not None]


def kafka(_draw: random.Random) -> Iterator[Made]:
    good = json.dumps(FLAG)
    yield record(ACCEPTED, good, attributes())
    for key in ("", "any", CANARY, "é"):
        yield record(ACCEPTED, good, attributes(), key)
    yield record(ACCEPTED, good, attributes(content__type=None))
    for more in (["x-trace", "1"], ["", "1"], ["x-trace", {"base64": "/w=="}], ["CE_id", "x"], ["ce-id", "x"]):
        yield record(ACCEPTED, good, [*attributes(), more])
    yield record(ACCEPTED, good, [*attributes(), *([f"x-{number}", "y"] for number in range(500))])
    for name in ("specversion", "id", "source", "time", "type"):
        yield record(refused(("missing", f"/{name}")), good, attributes(**{f"ce_{name}": None}))
        yield record(HEADER, good, [*attributes(), [f"ce_{name}", "again"]])
        bad = attributes(**{f"ce_{name}": None})
        yield record(HEADER, good, [*bad, [f"ce_{name}", {"base64": base64.b64encode(b"\xff\xfe").decode()}]])
        code = "type_unknown" if name == "type" else f"{name}_invalid"
        yield record(refused((code, f"/{name}")), good, attributes(**{f"ce_{name}": ""}))
    for name in ("data", "datacontenttype"):
        yield record(HEADER, good, [*attributes(), [f"ce_{name}", CANARY]])
    yield record(refused(("data_not_json", "/datacontenttype")), good, [*attributes(), ["ce_data_base64", "e30="]])
    for name in ("ce_Id", "ce_trace-id", "ce_", "ce_é"):
        yield record(refused(("attribute_invalid", "")), good, [*attributes(), [name, "x"]])
    yield record(refused(("forbidden_character", "")), good, attributes(ce_subject="a\u202eb"))
    yield record(refused(("member_mismatch", "/member")), good, attributes(ce_member="somebody-else"))
    for name in ("classification", "workinggroup", "sequence", "recordedtime"):
        yield record(refused(("attribute_reserved", f"/{name}")), good, attributes(**{f"ce_{name}": CANARY}))
    yield from values()
    yield from structured(good)


def values() -> Iterator[Made]:
    """Binary mode with other data."""
    missing = refused(("missing", "/data"))
    yield record(missing, None, attributes(), "tombstone")
    yield record(missing, "", attributes())
    yield record(missing, "null", attributes())
    for value in ("{", "NaN", "x", "\u0000", CANARY, {"base64": "//8="}, "{'a': 1}", '{"a": 1e400}'):
        yield record(refused(("malformed_json", "/data")), value, attributes())
    yield record(refused(("duplicate_key", "/data")), f'{{"a": 1, "a": "{CANARY}"}}', attributes())
    for value in ("[]", "7", "true", f'"{CANARY}"'):
        yield record(refused(("object_expected", "/data")), value, attributes())
    for media_type in ("text/xml", "", CANARY, "application/avro", "application/json; charset=utf-16"):
        place = refused(("data_not_json", "/datacontenttype"))
        yield record(place, json.dumps(FLAG), attributes(content__type=media_type))
    large = [json.dumps(FLAG)[:-1], ', "x": "', {"repeat": "x", "times": 258 * 1024}, '"}']
    yield record(refused(("too_large", "")), large, attributes())


def structured(good: str) -> Iterator[Made]:
    """Structured mode, and what looks like it."""
    whole = text_of(flag())
    headers = [["content-type", STRUCTURED]]
    yield record(ACCEPTED, whole, headers)
    yield record(ACCEPTED, whole, [["content-type", f"{STRUCTURED.upper()}; charset=UTF-8"]])
    yield record(ACCEPTED, whole, [*headers, ["ce_id", "is not looked at"]])
    for value in (None, "", "{", CANARY, {"base64": "3q2+7w=="}):
        yield record(refused(("malformed_json", "")), value, headers, "key")
    for value in ("null", "7", f'"{CANARY}"'):
        yield record(refused(("object_expected", "")), value, headers)
    yield record(refused(("object_expected", "")), f"[{whole}]", headers)
    yield record(NOTHING, "{}", headers)
    errors = [*NOTHING["errors"][:4], ["attribute_invalid", ""], *NOTHING["errors"][4:]]
    yield record(NOTHING | {"errors": errors}, good, headers)
    yield record(NOTHING, whole, [])
    for media_type in ("application/cloudevents-batch+json", "application/cloudevents", "application/cloudevents+avro"):
        yield record(MEDIA, whole, [["content-type", media_type]])
    yield record(MEDIA, whole, [["content-type", f"{STRUCTURED}; charset=latin-1"]])
    yield record(HEADER, whole, [*headers, *headers])
    yield record(
        refused(("extra_forbidden", "/data")), text_of(event("flag.raised.v1", FLAG | {"member": CANARY})), headers
    )
