"""Requests that this door does not take: without a key, in another's name, by another method, in other words."""

import random
from collections.abc import Iterator
from typing import Any

from tests.corpus.cases import CANARY
from tests.corpus.events import FLAG, flag, flag_with, text_of
from tests.corpus.making.syntax import HTTP, Made

STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"
GROUP = '{"workinggroup": "x", "name": "X", "purpose": "X.", "secretariat": "x"}'
NOBODY = "0b8f7a3e-53f7-4d0c-9d5f-0d6c1f5b7a64"


def request(
    expected: tuple[int, str | None],
    method: str = "POST",
    path: str = "/events",
    body: Any = None,
    **headers: str,
) -> Made:
    """A request as the member `http`, unless it says otherwise; an empty header is left out."""
    given = {"authorization": "Bearer $KEY", "content-type": STRUCTURED}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = text_of(flag()) if body is None and method == "POST" else body
    sent = {"method": method, "path": path, "headers": given, "body": content or ""}
    return HTTP, {"request": sent}, {"status": expected[0], "code": expected[1]}


def auth(_draw: random.Random) -> Iterator[Made]:
    unknown, missing = (401, "key_unknown"), (401, "key_missing")
    for authorization in ("", "Bearer", "Basic $KEY", "$KEY", "Key $KEY"):
        yield request(missing, authorization=authorization)
    for authorization in (
        f"Bearer {CANARY}",
        "Bearer $KEY$KEY",
        "Bearer $KEY.x",
        "Bearer eyJhbGciOiJub25lIn0.eyJtZW1iZXIiOiJvc2xvIn0.",
        "Bearer null",
        "Bearer ' OR 1=1 --",
        "Bearer $OPERATOR",
        "Bearer $REVOKED",
    ):
        yield request(unknown, authorization=authorization)
    for path in ("/members", "/registry/summary"):
        yield request(unknown, "GET", path, authorization="Bearer $KEY")
        yield request(missing, "GET", path, authorization="")
        yield request(unknown, "GET", path, authorization=f"Bearer {CANARY}")
    yield request(unknown, path="/members", body='{"member": "x", "name": "X"}', content_type="application/json")
    yield request(unknown, path="/workinggroups", body=GROUP, content_type="application/json")
    for receipt in ("$RECEIPT", NOBODY, CANARY, "1", NOBODY.upper(), "$RECEIPT'--", "%00"):
        yield request((404, "receipt_unknown"), "GET", f"/receipts/{receipt}", authorization="Bearer $OTHER_KEY")
    yield request((200, None), "GET", "/receipts/$RECEIPT")
    yield request(missing, "GET", "/receipts/$RECEIPT", authorization="")
    yield request((202, None), authorization="bearer $KEY")
    yield request((422, "all_rejected"), body=text_of(flag_with(member_id="somebody-else")))
    yield request((422, "all_rejected"), body=text_of(flag(member="somebody-else")))


def protocol(_draw: random.Random) -> Iterator[Made]:
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        yield request((405, "method_not_allowed"), method, body=None)
    for path in (
        "/",
        "/event",
        "/events/x",
        "/events%00",
        "/Events",
        "/admin",
        "/receipts",
        f"/{CANARY}",
    ):
        yield request((404, "not_found"), path=path)
    for media_type in (
        "",
        "application/json",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/cloudevents",
        "application/cloudevents+xml",
        "application/cloudevents+json; charset=latin-1",
        "application/cloudevents-batch+avro",
        CANARY,
    ):
        yield request((415, "media_type_unsupported"), content_type=media_type)
    for media_type in (f"{STRUCTURED}; charset=UTF-8", STRUCTURED.upper(), f"{STRUCTURED};charset=utf-8"):
        yield request((202, None), content_type=media_type)
    for encoding in ("gzip", "deflate", "br", "zstd", "identity, gzip", CANARY):
        yield request((415, "media_type_unsupported"), content_encoding=encoding)
    yield request((202, None), content_encoding="identity")
    yield request((431, "headers_too_large"), x_padding="x" * 17_000)
    yield request((400, "array_expected"), content_type=BATCHED)
    yield request((400, "object_expected"), body=f"[{text_of(flag())}]")
    yield request((413, "too_many_events"), body=["[", {"repeat": "{},", "times": 1000}, "{}]"], content_type=BATCHED)
    yield request((202, None), body="[]", content_type=BATCHED)
    yield request((207, None), body=f"[{text_of(flag())}, {{}}]", content_type=BATCHED)
    yield request((422, "all_rejected"), body="[{}, 1, null, []]", content_type=BATCHED)
    for body in ("{}", "[{]", f"[{text_of(flag())}", '[{"a": 1, "a": 2}]'):
        code = {"{}": "array_expected", '[{"a": 1, "a": 2}]': "duplicate_key"}.get(body, "malformed_json")
        yield request((400, code), body=body, content_type=BATCHED)


def binary(_draw: random.Random) -> Iterator[Made]:
    """Binary mode by HTTP: the attributes are headers, percent-encoded, and the data is the body."""
    for attributes in (
        {},
        {"ce_subject": "Euro%20%E2%82%AC%20%F0%9F%98%80"},
        {"ce_subject": '"quoted \\" text"'},
        {"ce_traceparent": "00-1-2-01"},
        {"content_type": "application/json; charset=utf-8"},
    ):
        yield in_binary((202, None), **attributes)
    for name in ("ce_id", "ce_source", "ce_type", "ce_time", "ce_specversion"):
        yield in_binary((422, "all_rejected"), **{name: ""})
    for attributes in (
        {"ce_time": "yesterday"},
        {"ce_type": CANARY},
        {"ce_id": "%20"},
        {"ce_id": "a%E2%80%8Bb"},
        {"ce_subject": "a%0Ab"},
        {"ce_subject": "a%00b"},
        {"ce_member": "somebody-else"},
        {"ce_classification": "public"},
        {"ce_trace-id": "x"},
        {"ce_data_base64": "e30="},
    ):
        yield in_binary((422, "all_rejected"), **attributes)
    for attributes in (
        {"ce_subject": "%FF"},
        {"ce_data": "{}"},
        {"ce_datacontenttype": "text/xml"},
    ):
        yield in_binary((400, "header_invalid"), **attributes)
    for body in ("{", "NaN", f'{{"a": 1, "a": "{CANARY}"}}'):
        yield in_binary((400, "duplicate_key" if "canary" in body else "malformed_json"), body)
    for body in ("[]", "7", "null", "", f'"{CANARY}"'):
        yield in_binary((422, "all_rejected"), body)
    for media_type in ("text/xml", "text/plain", "application/json; charset=latin-1", "application/octet-stream"):
        yield in_binary((415, "media_type_unsupported"), content_type=media_type)


def in_binary(expected: tuple[int, str | None], body: Any = None, **headers: str) -> Made:
    """A request in binary mode."""
    given = {f"ce_{name}": str(value) for name, value in flag().items() if name != "data"}
    given = given | {"content_type": "application/json"} | headers
    content = text_of(FLAG) if body is None else body
    made = request(expected, **given)
    made[1]["request"]["body"] = content
    return made
