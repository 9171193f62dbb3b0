"""Bad input at the door: refused with its exact code, nothing of it echoed, and good events beside it accepted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.journeys import topics
from tests.journeys.door import BATCH, SINGLE, Document, Door, disclosure, event, flag
from tests.live_stack import LiveStack

CANARY = "canary-0b5e55ed"
OF_NOBODY = dict.fromkeys(("supplier", "engagement"), "4b0e1c8e-6c6f-4b57-9b0e-0f6f6f0d5e11")
Spoil = Callable[[Document], Any]


def marked() -> Document:
    """A good event whose texts all hold the canary; its id alone does not, for the sender finds it by that."""
    return disclosure(f"{CANARY} Ltd", list={"source": CANARY, "edition": CANARY}, component=CANARY) | {
        "source": CANARY
    }


def spoiled(change: Spoil) -> Document:
    found = marked()
    change(found)
    return found


def put(**attributes: Any) -> Spoil:
    """Sets attributes of the envelope."""
    return lambda found: found.update(attributes)


def put_data(**fields: Any) -> Spoil:
    """Sets fields of the data."""
    return lambda found: found["data"].update(fields)


def without(name: str) -> Spoil:
    return lambda found: found.pop(name)


BAD_EVENTS: dict[str, tuple[Spoil, str, str]] = {
    "a wrong type": (put_data(supplier={"name": 7}), "string_type", "/data/supplier/name"),
    "a number as text": (put_data(completeness_percent="70"), "int_type", "/data/completeness_percent"),
    "true for a number": (put_data(completeness_percent=True), "int_type", "/data/completeness_percent"),
    "one for a truth": (put_data(published=1), "bool_type", "/data/published"),
    "an unknown field": (put_data(**{CANARY: CANARY}), "extra_forbidden", "/data"),
    "an unknown field deep inside": (
        put_data(supplier={"name": CANARY, CANARY: CANARY}), "extra_forbidden", "/data/supplier",
    ),
    "a null for a name": (put_data(supplier={"name": None}), "string_type", "/data/supplier/name"),
    "a null for the data": (put(data=None), "missing", "/data"),
    "a list for the data": (put(data=[CANARY]), "object_expected", "/data"),
    "no data": (without("data"), "missing", "/data"),
    "an empty name": (put_data(supplier={"name": "  "}), "string_too_short", "/data/supplier/name"),
    "a name of 201 characters": (put_data(supplier={"name": "x" * 201}), "string_too_long", "/data/supplier/name"),
    "a NUL": (put_data(component=f"{CANARY}\0"), "forbidden_character", ""),
    "a NUL in a key": (put_data(**{f"{CANARY}\0": 1}), "forbidden_character", ""),
    "a name that reads backwards": (put_data(component=f"{CANARY}\u202e"), "forbidden_character", ""),
    "half a character": (put_data(component=f"{CANARY}\ud800"), "forbidden_character", ""),
    "too large": (put_data(component=CANARY * 20_000), "too_large", ""),
    "nested beyond reason": (
        lambda found: found.update(data=json.loads("[" * 60 + "]" * 60)), "too_deep", "",
    ),
    "an unknown type": (put(type=CANARY), "type_unknown", "/type"),
    "a type that members do not send": (put(type="disclosure.accepted.v1"), "type_unknown", "/type"),
    "a time in the future": (
        put(time=(datetime.now(UTC) + timedelta(hours=1)).isoformat()), "time_in_future", "/time",
    ),
    "a time without a zone": (put(time="2026-01-01T00:00:00"), "time_invalid", "/time"),
    "a time that is none": (put(time=CANARY), "time_invalid", "/time"),
    "no time": (without("time"), "missing", "/time"),
    "another version of CloudEvents": (put(specversion="0.3"), "specversion_invalid", "/specversion"),
    "a source beyond 200 characters": (put(source=CANARY * 20), "source_invalid", "/source"),
    "an id that is a number": (put(id=7), "id_invalid", "/id"),
    "data in base64": (put(data_base64=CANARY), "data_not_json", "/datacontenttype"),
    "another content type": (put(datacontenttype="text/xml"), "data_not_json", "/datacontenttype"),
    "a country that does not exist": (
        put_data(supplier={"name": CANARY, "country": "XX"}), "country_unknown", "/data/supplier/country",
    ),
    "neither a site nor a reason": (lambda found: found["data"].pop("site"), "site_or_not_disclosed", "/data"),
    "a group that the member is not in": (
        lambda found: found.update(
            type="ask.made.v1",
            data={"workinggroup": CANARY, "ask": CANARY, "category": "forced_labour"} | OF_NOBODY,
        ),
        "not_a_member", "/data/workinggroup",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_a_bad_event_is_refused_with_its_code_and_place_and_its_neighbours_are_accepted(
    member: Door, fresh: str, name: str
) -> None:
    spoil, code, pointer = BAD_EVENTS[name]
    good = [disclosure(f"Example Electronics {fresh}", number) for number in range(2)]

    response = member.post(json.dumps([good[0], spoiled(spoil), good[1]]).encode(), BATCH)

    answers = response.json()["receipts"]
    assert response.status_code == 207
    assert [answer["outcome"] for answer in answers] == ["accepted", "rejected", "accepted"]
    assert (code, pointer) in [(error["code"], error["pointer"]) for error in answers[1]["errors"]]
    assert all(error["remedy"] for error in answers[1]["errors"])
    assert answers[1]["receipt"] is None
    assert CANARY not in response.text


@pytest.mark.parametrize("event", [7, None, "text", [], True])
def test_what_is_no_object_is_no_event(member: Door, event: object) -> None:
    response = member.post(json.dumps([event]).encode(), BATCH)

    assert response.status_code == 422
    assert [error["code"] for error in response.json()["receipts"][0]["errors"]] == ["object_expected"]


GOOD = json.dumps(marked())
BAD_BODIES: dict[str, tuple[bytes, str, int, str]] = {
    "not JSON": (f'{{"{CANARY}": {CANARY}'.encode(), SINGLE, 400, "malformed_json"),
    "nothing": (b"", SINGLE, 400, "malformed_json"),
    "two documents": (f"{GOOD}{GOOD}".encode(), SINGLE, 400, "malformed_json"),
    "NaN": (GOOD.replace(f'"{CANARY}"', "NaN", 1).encode(), SINGLE, 400, "malformed_json"),
    "infinity": (GOOD.replace(f'"{CANARY}"', "-Infinity", 1).encode(), SINGLE, 400, "malformed_json"),
    "a duplicate key": (f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(), SINGLE, 400, "duplicate_key"),
    "a duplicate key deep inside": (
        f'[{{"data": [{{"{CANARY}": 1, "{CANARY}": 2}}]}}]'.encode(), BATCH, 400, "duplicate_key",
    ),
    "Latin-1": (GOOD.replace("Plant", "Plänt").encode("latin-1"), SINGLE, 400, "malformed_json"),
    "UTF-16": (GOOD.encode("utf-16"), SINGLE, 400, "malformed_json"),
    "a hundred thousand brackets": (b"[" * 100_000, BATCH, 400, "malformed_json"),
    "a number of 5,000 digits": (GOOD.replace(f'"{CANARY}"', "9" * 5000, 1).encode(), SINGLE, 400, "malformed_json"),
    "a batch said to be one event": (f"[{GOOD}]".encode(), SINGLE, 400, "object_expected"),
    "one event said to be a batch": (GOOD.encode(), BATCH, 400, "array_expected"),
    "another media type": (GOOD.encode(), "application/json", 415, "media_type_unsupported"),
    "a media type that is the canary": (GOOD.encode(), CANARY, 415, "media_type_unsupported"),
    "another character set": (GOOD.encode(), f"{SINGLE}; charset=latin-1", 415, "media_type_unsupported"),
    "1,001 events": (f"[{','.join([GOOD] * 1001)}]".encode(), BATCH, 413, "too_many_events"),
    "more than 16 MiB": (f'["{CANARY * 1_200_000}"]'.encode(), BATCH, 413, "too_large"),
    "more than the server takes at all": (f'["{CANARY * 2_400_000}"]'.encode(), BATCH, 413, "too_large"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused_whole_with_its_code(member: Door, name: str) -> None:
    body, media_type, status, code = BAD_BODIES[name]

    response = member.post(body, media_type)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert CANARY not in response.text and CANARY not in str(response.headers)


def test_a_lying_content_length_does_not_get_more_in(member: Door) -> None:
    headers = {"authorization": f"Bearer {member.key}", "content-type": BATCH}
    pieces = (f'["{CANARY * 10_000}",'.encode() for _ in range(400))

    response = httpx.post(f"{member.url}/events", content=pieces, headers=headers, timeout=60)

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "key_missing"),
        ("Bearer", "key_missing"),
        (f"Basic {CANARY}", "key_missing"),
        (f"Bearer {CANARY}", "key_unknown"),
        ("Bearer " + "x" * 5000, "key_unknown"),
    ],
)
def test_without_a_known_key_the_door_is_shut(member: Door, authorization: str | None, code: str) -> None:
    headers = {"content-type": SINGLE} | ({"authorization": authorization} if authorization else {})

    response = httpx.post(f"{member.url}/events", content=GOOD, headers=headers, timeout=60)

    assert (response.status_code, response.json()["code"]) == (401, code)
    assert CANARY not in response.text


@pytest.mark.parametrize("path", ["/members", "/registry/summary"])
def test_a_members_key_opens_no_operators_door(member: Door, path: str) -> None:
    response = httpx.get(member.url + path, headers={"authorization": f"Bearer {member.key}"}, timeout=60)

    assert response.status_code == 401


def test_a_member_cannot_send_in_anothers_name_nor_choose_the_audience(member: Door, fresh: str) -> None:
    extensions = {"member": "somebody-else", "classification": "public", "sequence": "7", "recordedtime": CANARY}
    chosen = member.send(disclosure(f"Example Electronics {fresh}") | extensions)
    named = member.send(disclosure(f"Example Electronics {fresh}", member="somebody-else"))

    codes = [(error["code"], error["pointer"]) for error in chosen[0]["errors"]]
    assert codes[0] == ("member_mismatch", "/member")
    assert set(codes[1:]) == {("attribute_reserved", f"/{name}") for name in extensions if name != "member"}
    assert CANARY not in str(chosen)
    assert [error["code"] for error in named[0]["errors"]] == ["extra_forbidden"]


async def test_the_same_batch_again_is_all_duplicates_with_the_receipts_of_the_first(
    stack: LiveStack, member: Door, fresh: str
) -> None:
    batch = [disclosure(f"Example Electronics {fresh}", number) for number in range(3)] + [flag(f"Example {fresh}")]

    first, again = member.send(*batch), member.send(*reversed(batch))

    assert [answer["outcome"] for answer in first] == ["accepted"] * 4
    assert [answer["outcome"] for answer in again] == ["duplicate"] * 4
    assert [answer["receipt"] for answer in again] == [answer["receipt"] for answer in reversed(first)]


def test_another_event_under_the_same_id_is_refused(member: Door, fresh: str) -> None:
    first = disclosure(f"Example Electronics {fresh}")
    other = disclosure(f"Example Electronics {fresh}", 2) | {"id": first["id"]}

    assert [answer["outcome"] for answer in member.send(first)] == ["accepted"]
    answer = member.send(other)[0]

    assert (answer["outcome"], answer["errors"][0]["code"]) == ("rejected", "id_reused")


def test_two_members_may_use_the_same_id(member: Door, new_member: Callable[[], Door], fresh: str) -> None:
    same = disclosure(f"Example Electronics {fresh}")

    answers = member.send(same) + new_member().send(same)

    assert [answer["outcome"] for answer in answers] == ["accepted", "accepted"]
    assert answers[0]["receipt"] != answers[1]["receipt"]


def test_a_thousand_events_are_taken_at_once(member: Door, fresh: str) -> None:
    answers = member.send(*(disclosure(f"Example Electronics {fresh}", number) for number in range(1000)))

    assert {answer["outcome"] for answer in answers} == {"accepted"}


def test_one_event_is_taken_in_structured_mode(member: Door, fresh: str) -> None:
    response = member.post(json.dumps(disclosure(f"Example Electronics {fresh}")).encode())

    assert response.status_code == 202
    assert [answer["outcome"] for answer in response.json()["receipts"]] == ["accepted"]


def test_an_event_that_fills_the_limit_is_taken(member: Door, fresh: str) -> None:
    links = [
        {"uri": f"https://example.org/{fresh}/{'x' * 900}{n:03}", "sha256": "0" * 64, "media_type": "text/plain"}
        for n in range(200)
    ]
    whole = flag(f"Example Electronics {fresh}", evidence=links)
    assert 200_000 < len(json.dumps(whole)) < 256 * 1024

    assert [answer["outcome"] for answer in member.send(whole)] == ["accepted"]


def test_a_withdrawal_of_what_was_never_sent_is_refused(member: Door) -> None:
    answer = member.send(event("submission.withdrawn.v1", {"submission": CANARY, "reason": "sent_by_mistake"}))[0]

    assert [error["code"] for error in answer["errors"]] == ["submission_unknown"]


async def test_a_member_publishes_by_kafka_and_reads_what_became_of_it(
    stack: LiveStack, member: Door, fresh: str
) -> None:
    good, bad = disclosure(f"Example Electronics {fresh}"), flag(f"Example {fresh}") | {"type": CANARY}
    bootstrap = stack.status()["kafka"]["bootstrap"]
    content_type = ("content-type", b"application/cloudevents+json")
    records = [(None, json.dumps(one).encode(), [content_type]) for one in (good, good, bad)]

    await topics.publish(bootstrap, f"intake.{member.member}", *records)
    stack.settled()

    told = await topics.events(bootstrap, f"outcome.{member.member}")
    answers = {one.data["record"]["offset"]: one.data for one in told if one.type == "submission.answered.v1"}
    first, second, third = (answers[offset] for offset in sorted(answers)[-3:])
    assert [answer["outcome"] for answer in (first, second, third)] == ["accepted", "duplicate", "rejected"]
    assert first["receipt"] == second["receipt"]
    assert member.receipt(first["receipt"]).json()["id"] == good["id"]
    assert [one["code"] for one in third["objections"]] == ["type_unknown"]
    assert CANARY not in str(told)
