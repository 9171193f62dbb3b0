"""The door for events on a real Postgres: what is accepted, known again, refused, and what is published of it."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.ingest import door
from services.ingest.domain.events.attributes import Json
from services.ingest.domain.events.submission import Reader, Submission
from shared.events import ingest
from shared.events.vocabulary import MemberKind, Outcome
from shared.sealing import encode
from tests.ingest.conftest import BATCHED, Doors, settings_of
from tests.ingest.given import DISCLOSURE, FLAG, SITE, event, flag, sealed_box
from tests.ingest.seen import outcomes

MARKER = "Zanzibaria-7781"


def only_error(answer: httpx.Response) -> dict[str, str]:
    """The one error of the one event."""
    (receipt,) = answer.json()["receipts"]
    assert (receipt["outcome"], receipt["receipt"]) == ("rejected", None)
    assert answer.status_code == 422
    error: dict[str, str] = receipt["errors"][0]
    return error


async def test_a_flag_is_published_with_the_ids_of_the_registry(doors: Doors) -> None:
    answer = await doors.send(flag())

    assert (answer.status_code, outcomes(answer)) == (202, ["accepted"])
    *registered, (topic, key, told) = await doors.published()
    assert [one.type for _, _, one in registered] == ["supplier.registered.v1", "site.registered.v1"]
    assert isinstance(told.data, ingest.FlagReported)
    assert (topic, key) == ("members.report", str(told.data.site))
    assert (told.data.member, told.data.supplier_name) == ("oslo", "Example Electronics Ltd")


async def test_a_flag_without_a_site_is_about_the_supplier(doors: Doors) -> None:
    await doors.send(event("flag.raised.v1", {name: value for name, value in FLAG.items() if name != "site"}))

    _, key, told = (await doors.published())[-1]
    assert isinstance(told.data, ingest.FlagReported)
    assert key == str(told.data.supplier)


async def test_answers_come_in_the_order_sent_with_each_events_own_id(doors: Doors) -> None:
    sent = [flag(1), event("no.such.type", {}), flag(2)]

    answer = await doors.send(*sent)

    assert (answer.status_code, outcomes(answer)) == (207, ["accepted", "rejected", "accepted"])
    assert [one["id"] for one in answer.json()["receipts"]] == [one["id"] for one in sent]


async def test_the_same_event_again_is_a_duplicate_with_the_first_receipt(doors: Doors) -> None:
    sent = flag()
    first = (await doors.send(sent, sent)).json()["receipts"]
    before = await doors.published()

    again = await doors.send(sent)

    assert [one["outcome"] for one in first] == ["accepted", "duplicate"]
    assert (again.status_code, outcomes(again)) == (202, ["duplicate"])
    assert {one["receipt"] for one in (*first, *again.json()["receipts"])} == {first[0]["receipt"]}
    assert await doors.published() == before


@pytest.mark.parametrize("kind", ["flag", "testimony"])
async def test_another_event_under_a_used_id_is_refused(doors: Doors, kind: str) -> None:
    one, other = (flag(1, id="same"), flag(2, id="same"))
    if kind == "testimony":
        one, other = (sealed_box("one", id="same"), sealed_box("other", id="same"))
    await doors.send(one)

    assert only_error(await doors.send(other))["code"] == "id_reused"


async def test_ids_belong_to_their_member_and_source(doors: Doors) -> None:
    answers = [
        await doors.send(flag(1, id="same")),
        await doors.send(flag(2, id="same", source="urn:example:other")),
        await doors.send(flag(3, id="same"), member="watch"),
    ]

    assert [outcomes(answer) for answer in answers] == [["accepted"]] * 3


async def test_the_same_batch_sent_at_once_by_several_is_accepted_once(doors: Doors) -> None:
    sent = [flag(number) for number in range(100)]

    answers = await asyncio.gather(*(doors.send(*batch) for batch in (sent, sent[::-1], sent, sent[::-1])))

    told = [outcome for answer in answers for outcome in outcomes(answer)]
    assert (told.count("accepted"), told.count("duplicate")) == (100, 300)
    assert len([one for topic, _, one in await doors.published() if topic == "members.report"]) == 100
    assert await doors.count("receipt") == 100


async def test_a_structured_event_is_taken_alone(doors: Doors) -> None:
    headers = doors.as_member() | {"content-type": "application/cloudevents+json; charset=UTF-8"}

    answer = await doors.client.post("/events", json=flag(), headers=headers)

    assert outcomes(answer) == ["accepted"]


BODIES = [
    (b"[{]", 400, "malformed_json"),
    (b'[{"data": NaN}]', 400, "malformed_json"),
    (b"[" * 100_000, 400, "malformed_json"),
    (b'[{"data": ' + b"9" * 5000 + b"}]", 400, "malformed_json"),
    (b'[{"id": "\xff"}]', 400, "malformed_json"),
    (b'[{"data": {"a": {"b": 1, "b": 2}}}]', 400, "duplicate_key"),
    (b"{}", 400, "array_expected"),
    (b"", 400, "malformed_json"),
    (json.dumps([{}] * 1001).encode(), 413, "too_many_events"),
    (b" " * (16 * 1024 * 1024 + 1), 413, "too_large"),
    (b" " * (32 * 1024 * 1024 + 1), 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES)
async def test_a_body_that_cannot_be_told_apart_is_refused_whole(
    doors: Doors, body: bytes, status: int, code: str
) -> None:
    headers = doors.as_member() | {"content-type": BATCHED}

    answer = await doors.client.post("/events", content=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {"content-type": f"{BATCHED}; charset=latin-1"},
        {"content-type": BATCHED, "content-encoding": "gzip"},
        {},
    ],
)
async def test_other_media_types_are_refused(doors: Doors, headers: dict[str, str]) -> None:
    answer = await doors.client.post("/events", content=b"[]", headers=doors.as_member() | headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")


@pytest.mark.parametrize("authorization", ["", "Basic x", "Bearer ", "Bearer unknown"])
async def test_without_a_members_key_nothing_is_taken(doors: Doors, authorization: str) -> None:
    headers = {"authorization": authorization, "content-type": BATCHED}

    assert (await doors.client.post("/events", json=[flag()], headers=headers)).status_code == 401
    assert await doors.published() == []


def ahead(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def deep(levels: int) -> Any:
    return {"x": deep(levels - 1)} if levels else {}


WORKER_SIDE = FLAG | {"source_class": "union"}
REFUSED: list[tuple[Any, str, str]] = [
    ("text", "object_expected", ""),
    (flag(specversion="0.3"), "specversion_invalid", "/specversion"),
    (flag(specversion=None), "missing", "/specversion"),
    (flag(id=""), "id_invalid", "/id"),
    (flag(id=7), "id_invalid", "/id"),
    (flag(source="x" * 201), "source_invalid", "/source"),
    (flag(time=None), "missing", "/time"),
    (flag(time="2026-01-15T09:00:00"), "time_invalid", "/time"),
    (flag(time="yesterday"), "time_invalid", "/time"),
    (flag(time="9999-12-31T23:59:59Z"), "time_invalid", "/time"),
    (flag(time=ahead(24 * 60)), "time_in_future", "/time"),
    (flag(type="flag.raised.v9"), "type_unknown", "/type"),
    (flag(type=["x"]), "type_unknown", "/type"),
    (flag(datacontenttype="text/xml"), "data_not_json", "/datacontenttype"),
    (flag(data=None), "missing", "/data"),
    (flag(data=[1]), "object_expected", "/data"),
    (flag(data=FLAG | {MARKER: 1}), "extra_forbidden", "/data"),
    (flag(data=FLAG | {"category": MARKER}), "value_error", "/data/category"),
    (flag(data=FLAG | {"corroborated": "yes"}), "bool_type", "/data/corroborated"),
    (flag(data=FLAG | {"site": SITE | {"country": "XX"}}), "country_unknown", "/data/site/country"),
    (flag(data=FLAG | {"site": SITE | {"name": "a\u0000b"}}), "forbidden_character", ""),
    (flag(data=FLAG | {"site": SITE | {"name": "a\u202eb"}}), "forbidden_character", ""),
    (flag(data=FLAG | {"headline": "\ud800"}), "forbidden_character", ""),
    (flag(data=FLAG | {"a\u0007b": 1}), "forbidden_character", ""),
    (flag(data=FLAG | {"x": deep(40)}), "too_deep", ""),
    (flag(data=FLAG | {"headline": "x" * 256 * 1024}), "too_large", ""),
    (event("flag.raised.v1", WORKER_SIDE), "unsealed", "/data/source_class"),
    (event("flag.raised.v1", FLAG | {"source_class": ["union"]}), "enum", "/data/source_class"),
    (
        event("testimony.submitted.v1", {"kind": "grievance", "key": "k", "sealed": encode(b"plain")}),
        "not_sealed",
        "/data/sealed",
    ),
    (event("disclosure.submitted.v1", DISCLOSURE | {"site": None}), "site_or_not_disclosed", "/data"),
]


REQUEST = {"asked_on": "2026-01-02", "asked_company": "X", "answer": "refused"}
REFUSED.append(
    (
        event(
            "disclosure.submitted.v1",
            {**DISCLOSURE, "site": None}
            | {"not_disclosed": {"missing": "m", "reason": "supplier_refuses", "requests": [REQUEST] * 3800}},
        ),
        "too_large",
        "/data",
    )
)
"""Fits as it is sent, and would not with the defaults that are written out when it is published."""


@pytest.mark.parametrize(("sent", "code", "pointer"), REFUSED)
async def test_what_does_not_fit_is_refused_with_code_and_place_and_leaves_nothing(
    doors: Doors, sent: Any, code: str, pointer: str
) -> None:
    answer = await doors.send(sent)

    error = only_error(answer)
    assert (error["code"], error["pointer"]) == (code, pointer)
    assert error["remedy"]
    assert (await doors.published(), await doors.count("receipt")) == ([], 0)


async def test_a_clock_a_little_ahead_is_forgiven(doors: Doors) -> None:
    assert outcomes(await doors.send(flag(time=ahead(4)))) == ["accepted"]


async def test_no_refusal_repeats_what_was_sent(doors: Doors) -> None:
    wrong = FLAG | {MARKER: MARKER, "category": MARKER, "site": SITE | {"country": MARKER}, "headline": MARKER * 99}
    sent = [flag(data=wrong), flag(type=MARKER), flag(source=MARKER * 50), flag(time=MARKER), flag(id=MARKER + "\n")]

    answer = await doors.send(*sent)

    assert outcomes(answer) == ["rejected"] * 5
    assert MARKER not in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        event("flag.raised.v1", WORKER_SIDE),
        *(flag(data=FLAG | {field: MARKER}) for field in ("narrative", "identity", "contact", "contributor", "place")),
        event("testimony.submitted.v1", {"kind": "flag", "key": "k", "sealed": encode(b"plain")}),
        event("testimony.submitted.v1", {"kind": "flag", "key": "k", "sealed": encode(b"plain"), "story": MARKER}),
    ],
)
async def test_what_comes_unsealed_is_told_how_to_seal_and_leaves_nothing(doors: Doors, sent: Any) -> None:
    error = only_error(await doors.send(sent))

    assert error["code"] in ("unsealed", "not_sealed")
    assert "engage seal" in error["remedy"] and "deploy/sealing" in error["remedy"]
    assert (await doors.published(), await doors.count("receipt")) == ([], 0)


async def test_reading_that_takes_long_leaves_no_transaction_idle(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_event = Reader.read_event

    def read_slowly(reader: Reader, sent: Json) -> Submission:
        time.sleep(0.1)
        return read_event(reader, sent)

    monkeypatch.setattr(Reader, "read_event", read_slowly)
    monkeypatch.setattr(door, "READ_AT_ONCE", 0.2)
    async with doors.schema.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '600ms'")
        sender, events = door.Sender("oslo", MemberKind.BUYER), [event("no.such.v1", {}) for _ in range(12)]
        decision = await door.decide(connection, settings_of(doors.schema), sender, events)

    assert [one.outcome for one in decision.answers] == [Outcome.REJECTED] * 12
