"""Outbox and relay on real Postgres and Kafka: what commits is published, in order per key, whatever happens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.kafka import Kafka
from shared import outbox
from shared.events import ingest
from shared.events.envelope import Classification, Event
from shared.events.remedy import words
from shared.outbox import EventTooLarge
from shared.postgres import Pool, open_pool, transaction
from shared.relay import Relay
from shared.settings import Settings
from shared.topics import ensure_topics
from tests.conftest import Schema
from tests.shared.chain import Member, consume_all, create_topics, eventually, exposed, linked, settings_for


def event(member: Member, key: str, number: int) -> Event:
    return exposed(linked(member, key, number, number))


async def publish(pool: Pool, events: Sequence[Event], topic: str | None = None) -> None:
    async with transaction(pool) as tx:
        await outbox.append(tx, events, topic)


@contextlib.asynccontextmanager
async def relaying(schema: Schema, settings: Settings) -> AsyncIterator[Relay]:
    """A relay as one process has it, with connections of its own."""
    pool = await open_pool(schema.dsn, 2)
    relay = Relay(schema.service, pool, settings)
    running = asyncio.create_task(relay.run())
    try:
        yield relay
        assert not running.done(), "a relay runs until it is stopped"
    finally:
        await relay.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await pool.close()


async def all_sent(schema: Schema) -> bool:
    return not await schema.rows("SELECT id FROM outbox_todo LIMIT 1")


async def sequences(bootstrap: str, topic: str) -> dict[str, list[int]]:
    """The sequences of each key as they lie in Kafka."""
    found: dict[str, list[int]] = {}
    for record in await consume_all(bootstrap, topic):
        assert record.key is not None
        found.setdefault(record.key.decode(), []).append(int(dict(record.headers)["ce_sequence"]))
    return found


def once_each(found: Sequence[int]) -> list[int]:
    """What a consumer that drops what it has seen is left with, in order of arrival."""
    return list(dict.fromkeys(found))


async def test_an_event_whose_transaction_commits_late_is_published_though_later_ones_were_before(
    kafka: str, member: Member, first: Schema
) -> None:
    async with relaying(first, settings_for(first, kafka)) as relay:
        async with transaction(first.pool) as late:
            await outbox.append(late, [event(member, "late", 1)])
            await publish(first.pool, [event(member, "early", 1)])
            relay.wake()
            await eventually(lambda: all_sent(first))
            assert await sequences(kafka, member.outgoing) == {"early": [1]}
        await eventually(lambda: all_sent(first))

    assert await sequences(kafka, member.outgoing) == {"early": [1], "late": [1]}


async def test_writers_that_compete_and_roll_back_leave_no_gap_and_no_disorder(
    kafka: str, member: Member, first: Schema
) -> None:
    keys, chance = [f"key-{n}" for n in range(5)], Random(7)
    writes = [(chance.sample(keys, 2), chance.random() < 0.2) for _ in range(300)]

    async def write(pair: list[str], rolls_back: bool) -> None:
        with contextlib.suppress(ZeroDivisionError):
            async with transaction(first.pool) as tx:
                await outbox.append(tx, [event(member, key, 1) for key in sorted(pair)])
                if rolls_back:
                    raise ZeroDivisionError

    async with relaying(first, settings_for(first, kafka)):
        limit = asyncio.Semaphore(8)

        async def limited(pair: list[str], rolls_back: bool) -> None:
            async with limit:
                await write(pair, rolls_back)

        await asyncio.gather(*(limited(*write) for write in writes))
        await eventually(lambda: all_sent(first))

    committed = {key: sum(key in pair for pair, rolls_back in writes if not rolls_back) for key in keys}
    assert await sequences(kafka, member.outgoing) == {key: list(range(1, n + 1)) for key, n in committed.items()}


async def lock_holders(schema: Schema) -> list[int]:
    """The backends that hold an advisory lock of this session: relays."""
    rows = await schema.rows(
        """SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
           WHERE l.locktype = 'advisory' AND l.granted AND a.usename = current_user"""
    )
    return [row["pid"] for row in rows]


async def test_of_two_relays_one_publishes_and_the_other_takes_over_when_it_is_cut_off(
    kafka: str, member: Member, first: Schema
) -> None:
    settings = settings_for(first, kafka)
    async with relaying(first, settings), relaying(first, settings):
        await eventually(lambda: lock_holders(first))
        await publish(first.pool, [event(member, "a", 1)])
        await eventually(lambda: all_sent(first))
        for round_number in range(2, 8):
            (holder,) = await lock_holders(first)
            await publish(first.pool, [event(member, "a", round_number) for _ in range(50)])
            await first.pool.execute("SELECT pg_terminate_backend($1)", holder)
            await eventually(lambda: all_sent(first))
            assert len(await lock_holders(first)) == 1

    found = await sequences(kafka, member.outgoing)
    assert once_each(found["a"]) == list(range(1, 302))


async def test_a_relay_that_is_frozen_with_the_lock_is_ended_by_another(
    kafka: str, member: Member, first: Schema
) -> None:
    frozen = await asyncpg.connect(first.dsn.get_secret_value())
    await frozen.execute("SELECT pg_advisory_lock(hashtextextended('relay/upstream', 0))")
    await frozen.execute("INSERT INTO relay_heartbeat VALUES (true, pg_backend_pid(), clock_timestamp())")
    try:
        async with relaying(first, settings_for(first, kafka, relay_heartbeat_stale=1.5)):
            await publish(first.pool, [event(member, "a", 1)])
            await eventually(lambda: all_sent(first))
        assert frozen.is_closed()
    finally:
        frozen.terminate()

    assert await sequences(kafka, member.outgoing) == {"a": [1]}


async def test_a_relay_whose_heart_beats_keeps_its_lock(kafka: str, member: Member, first: Schema) -> None:
    settings = settings_for(first, kafka, relay_heartbeat_stale=2.5)
    async with relaying(first, settings), relaying(first, settings):
        await eventually(lambda: lock_holders(first))
        before = await lock_holders(first)
        beats: set[object] = set()

        async def has_beaten_often() -> bool:
            beats.add(await first.pool.fetchval("SELECT beat_at FROM relay_heartbeat"))
            return len(beats) > 4

        await eventually(has_beaten_often)

        assert await lock_holders(first) == before


async def test_an_event_that_kafka_refuses_stops_its_key_and_nothing_else(
    kafka: str, member: Member, first: Schema
) -> None:
    small = f"small-{member.name}"
    await create_topics(kafka, [small], partitions=1, max_message_bytes="1200")
    big = event(member, "long" * 300, 1)  # the key alone is larger than what the topic lets in
    events = [event(member, "a", 1), big, event(member, "a", 2), big, event(member, "b", 1)]

    async with relaying(first, settings_for(first, kafka)):
        await publish(first.pool, events, topic=small)
        await publish(first.pool, [event(member, "other", 1)])

        async def only_the_refused_key_is_left() -> bool:
            rows = await first.rows("SELECT o.key FROM outbox_todo t JOIN outbox o USING (id)")
            return [row["key"] for row in rows] == [big.subject, big.subject]

        await eventually(only_the_refused_key_is_left)

    blocked = await first.rows("SELECT key, error FROM outbox_blocked")
    assert [tuple(row) for row in blocked] == [(big.subject, "MessageSizeTooLargeError")]
    found = await sequences(kafka, small)
    assert {key: once_each(places) for key, places in found.items()} == {"a": [1, 2], "b": [1]}
    assert await sequences(kafka, member.outgoing) == {"other": [1]}


async def test_a_topic_that_does_not_exist_yet_stops_no_other_and_gets_its_events_when_it_does(
    kafka: str, member: Member, first: Schema
) -> None:
    missing = f"missing-{member.name}"
    async with relaying(first, settings_for(first, kafka)) as relay:
        await publish(first.pool, [event(member, f"key-{n}", 1) for n in range(20)], topic=missing)
        for number in range(1, 6):
            await publish(first.pool, [event(member, "a", number)])
            relay.wake()

            async def only_the_missing_topic_is_left() -> bool:
                rows = await first.rows("SELECT DISTINCT o.topic FROM outbox_todo t JOIN outbox o USING (id)")
                return [row["topic"] for row in rows] == [missing]

            await eventually(only_the_missing_topic_is_left, within=3)
        await create_topics(kafka, [missing])
        await eventually(lambda: all_sent(first))

    assert await sequences(kafka, missing) == {f"key-{n}": [1] for n in range(20)}
    assert await sequences(kafka, member.outgoing) == {"a": [1, 2, 3, 4, 5]}


@pytest.mark.parametrize("crash", [True, False], ids=["killed", "stopped"])
async def test_what_commits_while_the_broker_is_away_is_published_when_it_is_back(
    kafka: str, kafka_server: Kafka, member: Member, first: Schema, crash: bool
) -> None:
    async with relaying(first, settings_for(first, kafka)):
        await publish(first.pool, [event(member, "a", 1) for _ in range(200)])
        await publish(first.pool, [event(member, "a", 1) for _ in range(200)])
        kafka_server.kill() if crash else kafka_server.stop()
        try:
            await publish(first.pool, [event(member, "a", 1) for _ in range(200)])
        finally:
            kafka_server.launch()
            await asyncio.to_thread(kafka_server.wait_ready)
        await publish(first.pool, [event(member, "a", 1) for _ in range(200)])
        await eventually(lambda: all_sent(first), within=60)

    found = await sequences(kafka, member.outgoing)
    assert once_each(found["a"]) == list(range(1, 801))


async def test_an_event_beyond_the_limit_is_refused_before_it_is_recorded(first: Schema, member: Member) -> None:
    large = event(member, "a", 1)
    assert large.data is not None
    huge = large.with_data(type(large.data).model_construct(**dict(large.data) | {"member": "m" * 300_000}))

    with pytest.raises(EventTooLarge):
        await publish(first.pool, [huge])

    assert await first.rows("SELECT * FROM outbox") == []
    assert await first.rows("SELECT * FROM stream_head") == []


async def test_of_a_topic_with_one_event_per_key_neither_a_copy_nor_a_counter_stays(kafka: str, first: Schema) -> None:
    await ensure_topics(kafka, ["restricted.testimony"])
    said = ingest.TestimonyReceived(case=uuid4(), kind=words.TestimonyKind.GRIEVANCE, key="example-key", sealed="AAAA")
    box = Event(
        id=uuid4(),
        source="/engage/ingest",
        type=said.type,
        subject=str(said.case),
        time=datetime(2026, 3, 3, tzinfo=UTC),
        classification=Classification.RESTRICTED,
        data=said,
    )

    async with relaying(first, settings_for(first, kafka)) as relay:
        await publish(first.pool, [box])
        relay.wake()
        await eventually(lambda: all_sent(first))

    assert (await sequences(kafka, "restricted.testimony"))[str(said.case)] == [1]
    assert await first.rows("SELECT * FROM outbox") == []
    assert await first.rows("SELECT * FROM stream_head") == []


async def test_a_stop_lets_the_batch_in_hand_be_taken_off_the_queue(kafka: str, member: Member, first: Schema) -> None:
    for _ in range(5):
        async with relaying(first, settings_for(first, kafka, relay_batch=100)) as relay:
            await publish(first.pool, [event(member, "a", 1) for _ in range(400)])
            relay.wake()
            await eventually(lambda: has_begun(kafka, member), pause=0)

    async with relaying(first, settings_for(first, kafka)):
        await eventually(lambda: all_sent(first))
    assert await sequences(kafka, member.outgoing) == {"a": list(range(1, 2001))}


async def has_begun(bootstrap: str, member: Member) -> bool:
    return bool(await consume_all(bootstrap, member.outgoing))
