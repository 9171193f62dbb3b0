"""One event in binary mode means what it means in structured mode."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from services.ingest.domain.events.binary import read_binary
from services.ingest.domain.events.submission import UnreadableBody
from tests.ingest.conftest import Doors
from tests.ingest.given import flag

ATTRIBUTES = ("specversion", "id", "source", "type", "time")


async def sent(
    doors: Doors, event: dict[str, Any], media_type: str = "application/json", **changed: str
) -> httpx.Response:
    """An event in binary mode; `changed` headers are sent as they are, those that are empty not at all."""
    headers = {f"ce-{name}": quote(event[name], safe=":/") for name in ATTRIBUTES} | changed
    headers = {name.replace("_", "-"): value for name, value in headers.items() if value}
    body = json.dumps(event["data"])
    return await doors.client.post(
        "/events", content=body, headers=doors.as_member() | {"content-type": media_type} | headers
    )


def outcome(answer: httpx.Response) -> tuple[int, str]:
    (receipt,) = answer.json()["receipts"]
    return answer.status_code, receipt["outcome"]


async def test_an_event_in_binary_mode_is_accepted(doors: Doors) -> None:
    assert outcome(await sent(doors, flag())) == (202, "accepted")


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=UTF-8", "application/vnd.x+json"]
)
async def test_any_json_media_type_is_taken(doors: Doors, media_type: str) -> None:
    assert outcome(await sent(doors, flag(), media_type)) == (202, "accepted")


async def test_the_same_event_in_another_mode_is_a_duplicate(doors: Doors) -> None:
    event = flag(id="Straße 7", source="urn:example:süd")
    await sent(doors, event)

    again = await doors.send(event | {"datacontenttype": "application/json"})

    assert outcome(again) == (202, "duplicate")


async def test_extension_attributes_in_another_mode_are_the_same_too(doors: Doors) -> None:
    event = flag()
    await sent(doors, event, ce_batch="7")

    assert outcome(await doors.send(event | {"batch": 7})) == (202, "duplicate")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("plain", "plain"),
        ("a%20b", "a b"),
        ("%E2%82%AC", "€"),
        ("100%25", "100%"),
        ("%2525", "%25"),
        ("100%", "100%"),
        ('"a b"', "a b"),
        ('"a \\" b"', 'a " b'),
        ("a b", "a b"),
        ("%e2%82%ac", "€"),
    ],
)
def test_a_header_is_decoded_as_the_http_binding_says(value: str, meant: str) -> None:
    assert read_binary([("ce-id", value)], "application/json", b"{}")["id"] == meant


@pytest.mark.parametrize(
    "headers",
    [
        [("ce-id", "%FF")],
        [("ce-id", "%E2%82")],
        [("ce-id", "ü")],
        [("ce-id", "1"), ("ce-id", "2")],
        [("ce-data", "1")],
        [("ce-datacontenttype", "application/json")],
    ],
)
def test_a_header_with_two_readings_or_none_refuses_the_request(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(UnreadableBody, match="header_invalid"):
        read_binary(headers, "application/json", b"{}")


@pytest.mark.parametrize(("body", "data"), [(b"[1]", [1]), (b'"text"', "text"), (b"7", 7), (b"null", None)])
def test_the_body_may_be_json_of_any_type(body: bytes, data: Any) -> None:
    assert read_binary([("ce-id", "1")], "application/json", body)["data"] == data


@pytest.mark.parametrize(
    ("body", "code"), [(b"[1]", "object_expected"), (b'"text"', "object_expected"), (b"", "missing")]
)
async def test_data_that_is_no_object_is_rejected_with_its_place(doors: Doors, body: bytes, code: str) -> None:
    headers = {f"ce-{name}": flag()[name] for name in ATTRIBUTES} | {"content-type": "application/json"}

    answer = await doors.client.post("/events", content=body, headers=doors.as_member() | headers)

    assert outcome(answer) == (422, "rejected")
    assert answer.json()["receipts"][0]["errors"][0]["pointer"] == "/data"
    assert answer.json()["receipts"][0]["code"] == code


@pytest.mark.parametrize("name", ATTRIBUTES)
async def test_a_missing_attribute_is_named(doors: Doors, name: str) -> None:
    answer = await sent(doors, flag(), **{f"ce-{name}": ""})

    assert answer.json()["receipts"][0]["errors"][0] == {
        "pointer": f"/{name}",
        "code": "missing",
        "remedy": "Add this field.",
    }


@pytest.mark.parametrize(
    ("media_type", "status"),
    [("text/xml", 415), ("application/json; charset=latin-1", 415), ("", 415), ("application/cloudevents+xml", 415)],
)
async def test_data_that_is_not_json_is_refused(doors: Doors, media_type: str, status: int) -> None:
    answer = await sent(doors, flag(), media_type)

    assert (answer.status_code, answer.json()["code"]) == (status, "media_type_unsupported")


async def test_json_without_attributes_is_no_event(doors: Doors) -> None:
    headers = doors.as_member() | {"content-type": "application/json"}

    assert (await doors.client.post("/events", content=b"{}", headers=headers)).status_code == 415
