"""Records that cannot be applied: one dead letter each with its exact reason, and no harm to anybody else."""

import asyncio
import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson
import pytest
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from pydantic import SecretStr

from shared import sealing
from shared.consumer import Handler
from shared.events.envelope import Event
from shared.http import digest
from shared.postgres import Connection
from shared.service import Service
from tests.conftest import Schema
from tests.shared.chain import (
    POISON,
    Member,
    Raw,
    Running,
    consume_all,
    create_topics,
    eventually,
    has_effects,
    linked,
    note_and_expose,
    produce,
    running,
    settings_for,
    upstream,
)

KEY = "the key of an operator"
OPERATOR = {"authorization": f"Bearer {KEY}"}
CANARY = b"canary-7c1d"
QUICK: dict[str, Any] = {"handler_attempts": 1, "operator_key_sha256": SecretStr(digest(KEY))}


@dataclass(frozen=True)
class Poison:
    """A record in place of the second of its key, and what must become of it."""

    name: str
    reason: str
    holds_head: bool


def data(**changes: object) -> bytes:
    good = {"disclosure": "00000000-0000-0000-0000-000000000002", "contract": None, "supplier": None}
    good |= {"contract": good["disclosure"], "supplier": good["disclosure"]}
    return orjson.dumps(good | changes)


def poisons(member: Member) -> list[tuple[Poison, Raw]]:
    """Each poison, as a record of a key of its own."""
    made = []

    def add(name: str, reason: str, holds_head: bool, change: Any) -> None:
        good = Raw.of(linked(member, name, 2, 2))
        made.append((Poison(name, reason, holds_head), change(good)))

    def value(bad: bytes | None) -> Any:
        return lambda good: replace(good, value=bad)

    def header(name: str, bad: bytes | None) -> Any:
        return lambda good: good.with_header(name, bad)

    add("not-json", "not_json", True, value(b'{"canary": ' + CANARY))
    add("not-utf8", "not_json", True, value(data().replace(b"0002", b"\xff\xfe\xfd\xfc")))
    add("null", "not_json", True, value(None))
    add("empty", "not_json", True, value(b""))
    add("nan", "not_json", True, value(data()[:-1] + b', "further": NaN}'))
    add("deep", "not_json", True, value(b"[" * 100_000))
    add("duplicate-key", "duplicate_key", True, value(data()[:-1] + b', "supplier": "x"}'))
    add("wrong-field", "schema_invalid", True, value(data(disclosure=CANARY.decode())))
    add("missing-field", "schema_invalid", True, value(b"{}"))
    add("a-list", "schema_invalid", True, value(b"[]"))
    add("header-not-utf8", "header_invalid", False, header("ce_source", b"\xff" + CANARY))
    add("foreign-header-not-utf8", "header_invalid", False, header("x-trace", b"\xff"))
    add("no-sequence", "header_invalid", False, header("ce_sequence", None))
    add("sequence-zero", "header_invalid", False, header("ce_sequence", b"0"))
    add("sequence-no-number", "header_invalid", False, header("ce_sequence", b"two"))
    add("sequence-beyond-bigint", "header_invalid", False, header("ce_sequence", b"9223372036854775808"))
    add("no-type", "header_invalid", False, header("ce_type", None))
    add("type-empty", "header_invalid", False, header("ce_type", b""))
    add("id-no-uuid", "header_invalid", False, header("ce_id", b"17"))
    add("no-such-classification", "header_invalid", False, header("ce_classification", b"secret"))
    add("other-key", "key_mismatch", False, lambda good: replace(good, key=b"another"))
    add("no-key", "key_mismatch", False, lambda good: replace(good, key=None))
    add("key-not-utf8", "key_mismatch", False, lambda good: replace(good, key=b"\xff"))
    add("no-headers", "header_invalid", False, lambda good: replace(good, headers=[]))
    fails = Raw.of(linked(member, "handler-fails", 2, 2, supplier=POISON))
    return [*made, (Poison("handler-fails", "handler_failed", True), fails)]


@pytest.fixture
def written_log() -> Iterator[io.StringIO]:
    """What the process logs, as it would be written to standard error."""
    output = io.StringIO()
    (formatter,) = {h.formatter for h in logging.getLogger().handlers if type(h) is logging.StreamHandler}
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    yield output
    logging.getLogger().removeHandler(handler)


async def announced(bootstrap: str, topic: str, service: str = "upstream") -> list[dict[str, Any]]:
    """The dead letters of a topic as they were announced."""
    records = await consume_all(bootstrap, f"dead-letter.{service}")
    found = [orjson.loads(record.value or b"") for record in records]
    return [letter for letter in found if letter["topic"] == topic]


async def has_letters(schema: Schema, number: int) -> bool:
    return len(await schema.rows("SELECT id FROM dead_letter")) == number


async def test_each_bad_record_becomes_one_dead_letter_and_its_neighbours_are_applied(
    kafka: str, member: Member, first: Schema, written_log: io.StringIO
) -> None:
    bad = poisons(member)
    names = [poison.name for poison, _ in bad]
    goods = {f"good-{n}": [1, 2, 3] for n in range(10)}
    records: list[Raw | Event] = [linked(member, key, 1, 1) for key in (*names, *goods)]
    records += [raw for _, raw in bad]
    records += [linked(member, key, n, n) for n in (2, 3) for key in goods]
    records += [linked(member, name, 3, 3) for name in names]

    async with running(upstream(member), settings_for(first, kafka, **QUICK)) as service:
        await produce(kafka, member.incoming, records)
        expected = {name: [1] for name in names} | goods
        await eventually(lambda: has_effects(first, member.incoming, expected), within=10)
        await eventually(lambda: has_letters(first, len(bad)), within=10)
        await eventually(lambda: nothing_to_publish(first))
        metrics = (await httpx.AsyncClient().get(f"{service.url}/metrics")).text

    found = await first.rows("SELECT * FROM dead_letter WHERE key IS NOT NULL")
    assert {row["key"]: (row["reason"], row["sequence"]) for row in found} == {
        poison.name: (poison.reason, 2) for poison, _ in bad if poison.holds_head
    }
    keyless = await first.rows("SELECT reason FROM dead_letter WHERE key IS NULL")
    assert sorted(row["reason"] for row in keyless) == sorted(p.reason for p, _ in bad if not p.holds_head)
    parked = await first.rows("SELECT key, sequence FROM inbox_parked")
    assert {tuple(row) for row in parked} == {(name, 3) for name in names}
    told = await announced(kafka, member.incoming)
    assert sorted(letter["reason"] for letter in told) == sorted(poison.reason for poison, _ in bad)
    assert CANARY.decode() not in written_log.getvalue() + metrics
    assert "canary-in-an-exception" not in written_log.getvalue()


@pytest.fixture
def careless_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the tests' producer send the name of a header as bytes, as other clients can."""
    monkeypatch.setattr(message_accumulator, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    monkeypatch.setattr(producer, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)


class NotUtf8(str):
    """The name of a header that is no text."""

    __slots__ = ()

    def encode(self, *_arguments: object) -> bytes:
        return b"\xff" + CANARY


async def test_a_header_whose_name_is_not_utf8_stops_neither_its_partition_nor_others(
    kafka: str, member: Member, first: Schema, careless_producer: None
) -> None:
    keys = [f"key-{n}" for n in range(30)]
    good = [linked(member, key, n, n) for n in range(1, 11) for key in keys]
    bad = replace(Raw.of(linked(member, "bad", 1, 1)), headers=[(NotUtf8("x"), b"")])
    for sent_together in (good[:100], [bad], good[100:200], [bad], [bad], good[200:]):
        await produce(kafka, member.incoming, sent_together)

    async with running(upstream(member), settings_for(first, kafka, **QUICK)):
        expected = {key: list(range(1, 11)) for key in keys}
        await eventually(lambda: has_effects(first, member.incoming, expected), within=10)
        await eventually(lambda: has_letters(first, 3))

    found = await first.rows("SELECT reason, key, sequence, value FROM dead_letter")
    assert {tuple(row) for row in found} == {("header_invalid", None, None, None)}


async def nothing_to_publish(schema: Schema) -> bool:
    return not await schema.rows("SELECT id FROM outbox_todo LIMIT 1")


async def letters(service: Running) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=service.url, headers=OPERATOR) as client:
        listed: list[dict[str, Any]] = (await client.get("/dead-letters")).json()["dead_letters"]
        return listed


async def settle(service: Running, letter: str, action: str, headers: dict[str, str] | None = None) -> int:
    async with httpx.AsyncClient(base_url=service.url, headers=OPERATOR if headers is None else headers) as client:
        return (await client.post(f"/dead-letters/{letter}/{action}")).status_code


async def test_a_dead_letter_is_replayed_once_its_handler_is_mended_and_what_waited_follows(
    kafka: str, member: Member, first: Schema
) -> None:
    mended = asyncio.Event()

    async def handle(batch: Sequence[Event], tx: Connection) -> list[Event]:
        if any(event.sequence == 2 for event in batch) and not mended.is_set():
            raise LookupError
        return await note_and_expose(member.incoming, batch, tx)

    async with running(upstream(member, handle), settings_for(first, kafka, **QUICK)) as service:
        await produce(kafka, member.incoming, [linked(member, "a", n, n) for n in range(1, 5)])
        await eventually(lambda: has_letters(first, 1))
        (letter,) = await letters(service)
        assert (letter["key"], letter["sequence"], letter["reason"]) == ("a", 2, "handler_failed")

        assert await settle(service, letter["id"], "replay") == 200
        assert [again["id"] for again in await letters(service)] == [letter["id"]], (
            "it failed again, so it is one again"
        )
        mended.set()
        assert await settle(service, letter["id"], "replay") == 200
        assert await settle(service, letter["id"], "replay") == 404

        assert await has_effects(first, member.incoming, {"a": [1, 2, 3, 4]})
        await produce(kafka, member.incoming, [linked(member, "a", 5, 5)])
        await eventually(lambda: has_effects(first, member.incoming, {"a": [1, 2, 3, 4, 5]}))


async def test_a_discarded_dead_letter_is_passed_and_what_waited_follows(
    kafka: str, member: Member, first: Schema
) -> None:
    bad = Raw.of(linked(member, "a", 2, 2))
    records: list[Raw | Event] = [linked(member, "a", 1, 1), replace(bad, value=b"{"), linked(member, "a", 3, 3)]
    unreadable = Raw.of(linked(member, "b", 1, 1)).with_header("ce_sequence", None)

    async with running(upstream(member), settings_for(first, kafka, **QUICK)) as service:
        await produce(kafka, member.incoming, [*records, unreadable])
        await eventually(lambda: has_letters(first, 2))
        by_sequence = {letter["sequence"]: letter["id"] for letter in await letters(service)}

        assert await settle(service, by_sequence[None], "replay") == 409
        assert await settle(service, by_sequence[None], "discard") == 200
        assert await settle(service, by_sequence[2], "discard") == 200
        assert await settle(service, by_sequence[2], "discard") == 404

        assert await letters(service) == []
        assert await has_effects(first, member.incoming, {"a": [1, 3]})


async def test_only_an_operator_sees_or_settles_dead_letters(kafka: str, member: Member, first: Schema) -> None:
    letter = "6f0a5d5e-7f0b-4a52-9c77-1a4b3f6f5a10"
    async with running(upstream(member), settings_for(first, kafka, **QUICK)) as service:
        async with httpx.AsyncClient(base_url=service.url) as client:
            assert (await client.get("/dead-letters")).status_code == 401
            wrong = await client.get("/dead-letters", headers={"authorization": "Bearer guess"})
            assert (wrong.status_code, wrong.json()["code"]) == (401, "key_unknown")
        assert await settle(service, letter, "discard", headers={}) == 401
        assert await settle(service, letter, "discard") == 404
        assert await settle(service, letter, "burn") == 404


async def test_a_dead_letter_of_a_restricted_topic_is_sealed_and_nothing_of_it_is_anywhere_else(
    kafka: str, member: Member, first: Schema, written_log: io.StringIO
) -> None:
    private, public = sealing.generate_key()
    topic, canary = f"restricted-{member.name}", CANARY.decode()
    await create_topics(kafka, [topic])

    async def handle(batch: Sequence[Event], tx: Connection) -> list[Event]:
        if any(event.subject == f"fails-{canary}" for event in batch):
            raise LookupError(canary)
        return []

    service = Service("upstream", handlers=[Handler(f"restricted_{member.name}", handle, topic, None)])
    malformed = replace(Raw.of(linked(member, f"case-{canary}", 1, 1)), value=b'{"narrative": "' + CANARY)
    later = replace(Raw.of(linked(member, f"case-{canary}", 3, 3)), value=CANARY)
    failing = Raw.of(linked(member, f"fails-{canary}", 1, 1))
    settings = settings_for(first, kafka, dead_letter_key=SecretStr(public), **QUICK)
    async with running(service, settings) as run:
        await produce(kafka, topic, [malformed, later, failing])
        await eventually(lambda: has_letters(first, 2))
        await eventually(lambda: nothing_to_publish(first))
        metrics = (await httpx.AsyncClient().get(f"{run.url}/metrics")).text
        shown = orjson.dumps(await letters(run)).decode()
        malformed_id = next(x["id"] for x in await letters(run) if x["reason"] == "not_json")
        assert await settle(run, malformed_id, "replay") == 409, "its value was not kept"

    told = await announced(kafka, topic)
    opened = {sealing.open_box(letter["sealed"], private, sealing.DEAD_LETTER) for letter in told}
    assert opened == {malformed.value, failing.value}
    open_records = [r for r in await consume_all(kafka, "dead-letter.upstream") if topic.encode() in (r.value or b"")]
    assert len(open_records) == 2
    assert not any(CANARY in (r.value or b"") + (r.key or b"") + repr(r.headers).encode() for r in open_records)
    assert canary not in written_log.getvalue() + metrics + shown
    kept = await first.rows("SELECT value FROM dead_letter WHERE reason = 'not_json'")
    parked = await first.rows("SELECT value, problem FROM inbox_parked")
    assert [row["value"] for row in kept] == [None]
    assert [tuple(row) for row in parked] == [(None, "not_json")]


async def test_a_record_that_was_malformed_when_it_was_parked_keeps_its_reason(
    kafka: str, member: Member, first: Schema
) -> None:
    topic = f"restricted-{member.name}"
    await create_topics(kafka, [topic])

    async def handle(_batch: Sequence[Event], _tx: Connection) -> list[Event]:
        return []

    service = Service("upstream", handlers=[Handler(f"restricted_{member.name}", handle, topic, None)])
    second = replace(Raw.of(linked(member, "a", 2, 2)), value=b"{}")
    async with running(service, settings_for(first, kafka, **QUICK)):
        await produce(kafka, topic, [second])
        await eventually(lambda: first.rows("SELECT * FROM inbox_parked"))
        await produce(kafka, topic, [linked(member, "a", 1, 1)])
        await eventually(lambda: has_letters(first, 1))

    (letter,) = await first.rows("SELECT reason, sequence FROM dead_letter")
    assert tuple(letter) == ("schema_invalid", 2)
    assert await first.rows("SELECT * FROM inbox_parked") == []
