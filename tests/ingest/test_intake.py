"""The Kafka door on a real broker: what a member publishes to its intake is answered on its outcome."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from services.ingest import door
from services.ingest.domain.events.attributes import Json
from shared.events import decode, ingest
from shared.events.ingest import SubmissionAnswered
from shared.kafka import Subscription
from shared.logs import log
from shared.raw_records import parts_of
from tests.conftest import EmptySchema
from tests.ingest.conftest import BATCHED
from tests.ingest.given import FLAG, flag, sealed_box
from tests.ingest.kafka_door import STRUCTURED, KafkaDoor, binary, open_door, structured
from tests.shared.chain import Raw, consume_all, eventually

MARKER = "Zanzibaria-7781"
Opened = Callable[..., contextlib.AbstractAsyncContextManager[KafkaDoor]]


@pytest.fixture
async def opened(kafka: str, empty_schema: EmptySchema) -> Opened:
    """Opens the door on an emptied schema, and again on the same as after a restart."""
    return partial(open_door, kafka, await empty_schema("ingest"))


@pytest.fixture
async def kafka_door(opened: Opened) -> AsyncIterator[KafkaDoor]:
    async with opened() as kafka_door:
        yield kafka_door


def outcomes(found: Sequence[SubmissionAnswered]) -> list[str]:
    return [answer.outcome.value for answer in found]


def codes(answer: SubmissionAnswered) -> list[str]:
    return [objection.code for objection in answer.objections]


async def test_both_modes_are_taken_and_answered_with_receipts(kafka_door: KafkaDoor) -> None:
    member, (one, other) = await kafka_door.new_member(), (flag(1), flag(2))

    await kafka_door.publish(member, binary(one), structured(other, key=b"any"))

    found = await kafka_door.answers(member, 2)
    assert outcomes(found) == ["accepted", "accepted"]
    assert [(answer.submission, answer.source) for answer in found] == [(e["id"], e["source"]) for e in (one, other)]
    rows = await kafka_door.schema.rows("SELECT id FROM receipt WHERE member = $1", member)
    assert {answer.receipt for answer in found} == {row["id"] for row in rows}
    assert len(await kafka_door.told_of(member)) == 2


async def test_the_same_event_is_known_again_at_the_other_door_and_in_the_other_mode(kafka_door: KafkaDoor) -> None:
    member, (one, other) = await kafka_door.new_member(), (flag(1), sealed_box())
    by_http = await kafka_door.post(member, one, other)

    await kafka_door.publish(member, structured(one), binary(one), binary(other), structured(flag(2, id=one["id"])))

    *same, reused = await kafka_door.answers(member, 4)
    first, second = (receipt["receipt"] for receipt in by_http)
    assert outcomes(same) == ["duplicate"] * 3
    assert [str(answer.receipt) for answer in same] == [first, first, second]
    assert (outcomes([reused]), codes(reused)) == (["rejected"], ["id_reused"])


async def test_a_new_members_topic_is_heard_without_a_restart(kafka_door: KafkaDoor) -> None:
    first = await kafka_door.new_member()
    await kafka_door.publish(first, binary(flag()))
    await kafka_door.answers(first, 1)

    late = await kafka_door.new_member()
    await kafka_door.publish(late, binary(flag()))

    assert outcomes(await kafka_door.answers(late, 1)) == ["accepted"]


async def test_a_batch_that_comes_again_after_a_crash_changes_nothing_and_is_answered_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_self: Subscription) -> None:
        """As if the process had ended between the database's commit and Kafka's."""

    with monkeypatch.context() as patched:
        patched.setattr(Subscription, "commit", never)
        async with opened() as kafka_door:
            member = await kafka_door.new_member()
            await kafka_door.publish(member, *(binary(flag(number)) for number in range(5)), binary(flag(type=MARKER)))
            first = await kafka_door.answers(member, 6)
    async with opened() as again:
        both = await again.answers(member, 12)

        events = await again.events_on(f"outcome.{member}")
        assert outcomes(first) == ["accepted"] * 5 + ["rejected"]
        assert sorted(outcomes(both)) == ["accepted"] * 5 + ["duplicate"] * 5 + ["rejected"] * 2
        assert {answer.receipt for answer in both} == {answer.receipt for answer in first}
        assert len({one.id for one in events}) == 6
        assert len(await again.told_of(member)) == 5


UNREADABLE: list[tuple[Raw, str, str | None]] = [
    (Raw(b"key", [], None), "missing", "/specversion"),
    (Raw(b"key", [("content-type", STRUCTURED.encode())], None), "malformed_json", None),
    (structured(b'{"id": "1", "id": "2"}'), "duplicate_key", None),
    (structured([flag()]), "object_expected", None),
    (Raw(None, [("content-type", BATCHED.encode())], b"[]"), "media_type_unsupported", None),
    (
        Raw(None, [("content-type", b"application/cloudevents+json; charset=latin-1")], b"{}"),
        "media_type_unsupported",
        None,
    ),
    (binary(flag(), ("ce_id", b"again")), "header_invalid", None),
    (binary(flag(id="x"), ("ce_data", b"{}")), "header_invalid", None),
    (binary(flag(), ("ce_subject", b"\xff")), "header_invalid", None),
    (binary(flag(), ("ce_Subject", b"x")), "attribute_invalid", None),
    (binary(flag(), ("ce_member", b"somebody-else")), "member_mismatch", "/member"),
    (binary(flag(), ("ce_classification", b"public")), "attribute_reserved", "/classification"),
    (binary(flag(data=FLAG | {"member": "somebody-else"})), "extra_forbidden", "/data"),
    (Raw(b"key", binary(flag()).headers, None), "missing", "/data"),
    (Raw(None, binary(flag()).headers, b"{"), "malformed_json", "/data"),
    (
        Raw(None, [*binary(flag()).headers[:-2], ("content-type", b"text/xml")], b"<a/>"),
        "data_not_json",
        "/datacontenttype",
    ),
    (binary(flag(type=MARKER)), "type_unknown", "/type"),
    (structured(flag(data=FLAG | {"headline": "x" * 256 * 1024})), "too_large", None),
]


async def test_every_record_gets_one_answer_in_order_and_a_bad_one_harms_no_other(kafka_door: KafkaDoor) -> None:
    member = await kafka_door.new_member()
    good = [binary(flag(number)) for number in range(len(UNREADABLE))]
    records = [record for pair in zip(good, (bad for bad, _, _ in UNREADABLE), strict=True) for record in pair]

    await kafka_door.publish(member, *records)

    found = await kafka_door.answers(member, len(records))
    assert [codes(one) for one in found[::2]] == [[]] * len(UNREADABLE)
    assert outcomes(found) == ["accepted", "rejected"] * len(UNREADABLE)
    first = [answer.objections[0] for answer in found[1::2]]
    assert [(one.code, one.pointer) for one in first] == [(code, place) for _, code, place in UNREADABLE]
    assert all(one.remedy for one in first)
    assert MARKER not in str(await consume_all(kafka_door.bootstrap, f"outcome.{member}"))
    assert await kafka_door.schema.rows("SELECT FROM dead_letter") == []


async def test_answers_are_in_the_order_of_the_records_within_each_of_16_lanes(kafka_door: KafkaDoor) -> None:
    member = await kafka_door.new_member()

    await kafka_door.publish(member, *(binary(flag(number)) for number in range(50)))

    await kafka_door.answers(member, 50)
    lanes: dict[str, list[tuple[int | None, int]]] = {}
    for one in await kafka_door.events_on(f"outcome.{member}"):
        assert isinstance(one.data, SubmissionAnswered)
        lanes.setdefault(one.subject, []).append((one.sequence, one.data.record.offset))
    assert sorted(lanes) == [f"lane-{number:02}" for number in range(16)]
    assert all(found == sorted(found, key=lambda one: one[1]) for found in lanes.values())
    assert all([sequence for sequence, _ in found] == list(range(1, len(found) + 1)) for found in lanes.values())


async def test_testimony_leaves_the_log_that_names_its_sender_and_the_case_names_nobody(kafka_door: KafkaDoor) -> None:
    member, sent = await kafka_door.new_member(), sealed_box()

    await kafka_door.publish(member, binary(flag()), binary(sent), binary(flag(2)))

    assert outcomes(await kafka_door.answers(member, 3)) == ["accepted"] * 3
    records = await consume_all(kafka_door.bootstrap, "restricted.testimony")
    (told,) = [one for one in records if sent["data"]["sealed"].encode() in (one.value or b"")]
    assert isinstance(decode(told.headers, told.value).data, ingest.TestimonyReceived)
    assert not any(word in str(told).replace(sent["data"]["sealed"], "") for word in (member, sent["id"]))

    async def deleted() -> bool:
        return await kafka_door.first_offset(member) == 2

    await eventually(deleted)


UNSEALED = [
    binary(flag(data=FLAG | {"source_class": "union", "headline": MARKER})),
    structured(sealed_box() | {"data": {"kind": "grievance", "key": "k", "sealed": "cGxhaW4="}}),
    binary(sealed_box() | {"data": sealed_box()["data"] | {"narrative": MARKER}}),
    Raw(None, binary(sealed_box()).headers, f'{{"narrative": "{MARKER}"'.encode()),
]


@pytest.mark.parametrize("record", UNSEALED)
async def test_what_may_be_unsealed_testimony_alarms_and_leaves_the_log(
    kafka_door: KafkaDoor, record: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(log, "error", lambda event, **fields: lines.append((event, fields)))
    before = door.UNSEALED._value.get()
    member = await kafka_door.new_member()

    await kafka_door.publish(member, record)

    (answer,) = await kafka_door.answers(member, 1)

    async def deleted() -> bool:
        return await kafka_door.first_offset(member) == 1

    await eventually(deleted)
    assert outcomes([answer]) == ["rejected"]
    assert lines == [("unsealed testimony refused", {"count": 1})]
    assert door.UNSEALED._value.get() == before + 1
    assert MARKER not in str(await consume_all(kafka_door.bootstrap, f"outcome.{member}"))


async def test_who_is_not_registered_is_told_so_and_nothing_is_kept(kafka_door: KafkaDoor) -> None:
    member = await kafka_door.new_member(registered=False)

    await kafka_door.publish(member, binary(flag()), structured(b"{"))

    found = await kafka_door.answers(member, 2)
    assert [codes(answer) for answer in found] == [["member_unknown"]] * 2
    assert await kafka_door.schema.rows("SELECT FROM receipt") == []


async def test_a_record_on_which_the_service_fails_is_answered_and_blocks_nothing(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = door.decide

    async def fail_on_marked(tx: Any, settings: Any, sender: Any, events: Sequence[Json]) -> door.Decision:
        if any(MARKER in str(event) for event in events):
            raise LookupError(MARKER)
        return await decide(tx, settings, sender, events)

    monkeypatch.setattr(door, "decide", fail_on_marked)
    async with opened(handler_attempts=1) as kafka_door:
        member = await kafka_door.new_member()

        await kafka_door.publish(member, *(binary(flag(number)) for number in range(5)), binary(flag(id=MARKER)))
        await kafka_door.publish(member, binary(flag(7)))

        *good, bad, last = await kafka_door.answers(member, 7)
        assert outcomes([*good, last]) == ["accepted"] * 6
        assert (outcomes([bad]), codes(bad)) == (["rejected"], ["not_processed"])
        monkeypatch.setattr(door, "decide", decide)
        await kafka_door.publish(member, binary(flag(id=MARKER)))
        assert outcomes(await kafka_door.answers(member, 8))[-1] == "accepted"


async def test_a_small_batch_cannot_become_a_large_one_in_memory(kafka_door: KafkaDoor) -> None:
    member = await kafka_door.new_member()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_door.bootstrap, compression_type="gzip", max_request_size=2**26)
    await producer.start()
    try:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(f"intake.{member}", b"0" * 2**24)
        await producer.send_and_wait(f"intake.{member}", structured(flag()).value, headers=structured(flag()).headers)
    finally:
        await producer.stop()

    assert outcomes(await kafka_door.answers(member, 1)) == ["accepted"]


def test_a_batch_is_taken_in_parts_by_number_and_by_bytes() -> None:
    records = [record_of(bytes(size)) for size in (3, 3, 3, 9, 1, 1, 1, 1)]

    parts = [[len(one.value or b"") for one in part] for part in parts_of(records, most_records=3, most_bytes=7)]

    assert parts == [[3, 3], [3], [9], [1, 1, 1], [1]]


def record_of(value: bytes) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("intake.x", 0, 0, 0, 0, None, value, None, 0, len(value), ())
