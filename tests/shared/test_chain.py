"""Two services in a chain on real Kafka and Postgres: nothing lost, nothing doubled, order kept per key."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from aiokafka.errors import MessageSizeTooLargeError
from prometheus_client import REGISTRY

from shared.events.envelope import Event
from shared.postgres import Connection
from shared.service import Service
from tests.conftest import Schema
from tests.shared.chain import (
    POISON,
    Member,
    Raw,
    downstream,
    effects,
    eventually,
    has_effects,
    linked,
    new_member,
    note_and_expose,
    produce,
    running,
    settings_for,
    upstream,
)

KEYS = [f"key-{n}" for n in range(40)]


def in_turn(member: Member, length: int, keys: Sequence[str] = KEYS) -> list[Event]:
    """Events 1 to `length` of each key, the keys taking turns."""
    return [linked(member, key, n, n) for n in range(1, length + 1) for key in keys]


def all_in_order(length: int, keys: Sequence[str] = KEYS) -> dict[str, list[int]]:
    return {key: list(range(1, length + 1)) for key in keys}


def consumed(outcome: str) -> float:
    """How often a delivery ended so, over all consumers of this process."""
    labels = {"topic": "member.{id}.disclosure", "outcome": outcome}
    return REGISTRY.get_sample_value("engage_events_consumed_total", labels) or 0


async def test_what_is_published_upstream_is_applied_once_and_in_order_in_both_services(
    kafka: str, member: Member, first: Schema, second: Schema
) -> None:
    async with (
        running(upstream(member), settings_for(first, kafka)),
        running(downstream(member), settings_for(second, kafka)),
    ):
        await produce(kafka, member.incoming, in_turn(member, 25))

        await eventually(lambda: has_effects(first, member.incoming, all_in_order(25)))
        await eventually(lambda: has_effects(second, member.outgoing, all_in_order(25)))


async def test_duplicates_disorder_and_gaps_are_mended_and_a_gap_waits_until_it_closes(
    kafka: str, member: Member, first: Schema
) -> None:
    places = [3, 1, 2, 2, 1, 6, 5, 8, 5, 3]
    async with running(upstream(member), settings_for(first, kafka)):
        await produce(kafka, member.incoming, [linked(member, "a", n, n) for n in places])
        await produce(kafka, member.incoming, [linked(member, "b", 1, 1)])

        await eventually(lambda: has_effects(first, member.incoming, {"a": [1, 2, 3], "b": [1]}))
        parked = "SELECT key, sequence FROM inbox_parked ORDER BY sequence"
        assert [tuple(row) for row in await first.rows(parked)] == [("a", 5), ("a", 6), ("a", 8)]

        await produce(kafka, member.incoming, [linked(member, "a", 4, 4), linked(member, "a", 8, 8)])
        await eventually(lambda: has_effects(first, member.incoming, {"a": [1, 2, 3, 4, 5, 6], "b": [1]}))
        await produce(kafka, member.incoming, [linked(member, "a", 7, 7)])
        await eventually(lambda: has_effects(first, member.incoming, {"a": list(range(1, 9)), "b": [1]}))

    assert await first.rows(parked) == []


async def test_when_a_second_process_joins_in_mid_batch_nothing_is_done_or_even_delivered_twice(
    kafka: str, first: Schema
) -> None:
    member = await new_member(kafka, partitions=6)
    takers, duplicates = set[str](), consumed("duplicate")

    def process(name: str) -> Service:
        async def slow(batch: Sequence[Event], tx: Connection) -> list[Event]:
            takers.add(name)
            await tx.execute("SELECT pg_sleep(0.2)")
            return await note_and_expose(member.incoming, batch, tx)

        return upstream(member, slow)

    await produce(kafka, member.incoming, in_turn(member, 100))
    async with running(process("one"), settings_for(first, kafka, batch_size=200)):
        await eventually(lambda: takers)
        async with running(process("two"), settings_for(first, kafka, batch_size=200)):
            await eventually(lambda: len(takers) == 2)
            await eventually(lambda: has_effects(first, member.incoming, all_in_order(100)), within=60)

    assert consumed("duplicate") == duplicates


async def test_a_stop_in_mid_batch_finishes_it_and_the_next_process_goes_on_without_repetition(
    kafka: str, member: Member, first: Schema
) -> None:
    duplicates = consumed("duplicate")
    await produce(kafka, member.incoming, in_turn(member, 30))
    for _ in range(3):
        in_batch = asyncio.Event()

        async def slow(batch: Sequence[Event], tx: Connection, in_batch: asyncio.Event = in_batch) -> list[Event]:
            in_batch.set()
            await tx.execute("SELECT pg_sleep(0.3)")
            return await note_and_expose(member.incoming, batch, tx)

        async with running(upstream(member, slow), settings_for(first, kafka, batch_size=100)) as service:
            await in_batch.wait()
            assert await service.stop() < 10
        done = await effects(first, member.incoming)
        assert sum(map(len, done.values())) % 100 == 0
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in done.values())

    async with running(upstream(member), settings_for(first, kafka)):
        await eventually(lambda: has_effects(first, member.incoming, all_in_order(30)))
    assert consumed("duplicate") == duplicates


async def test_while_the_database_cuts_connections_again_and_again_every_event_is_waited_for_and_none_given_up(
    kafka: str, member: Member, first: Schema
) -> None:
    async def slow(batch: Sequence[Event], tx: Connection) -> list[Event]:
        await tx.execute("SELECT pg_sleep(0.01)")
        return await note_and_expose(member.incoming, batch, tx)

    operator = await asyncpg.connect(first.operator_dsn)
    try:
        async with running(upstream(member, slow), settings_for(first, kafka, batch_size=50)):
            await produce(kafka, member.incoming, in_turn(member, 75))
            for _ in range(30):
                await operator.execute(
                    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE usename = 'upstream' AND (query LIKE '%pg_sleep%' OR random() < 0.3)"""
                )
                await operator.execute("SELECT pg_sleep(random() * 0.2)")
            await eventually(lambda: has_effects(first, member.incoming, all_in_order(75)), within=60)
            await eventually(lambda: nothing_to_publish(first))
    finally:
        await operator.close()

    assert await first.rows("SELECT * FROM dead_letter") == []
    assert len(await first.rows("SELECT id FROM outbox")) == 75 * len(KEYS)


async def nothing_to_publish(schema: Schema) -> bool:
    return not await schema.rows("SELECT id FROM outbox_todo LIMIT 1")


async def test_the_one_event_of_three_thousand_that_its_handler_fails_on_is_found_within_seconds(
    kafka: str, member: Member, first: Schema
) -> None:
    events = in_turn(member, 75)
    events[1234] = linked(member, events[1234].subject, 31, 31, supplier=POISON)
    key = events[1234].subject
    expected = all_in_order(75) | {key: list(range(1, 31))}
    await produce(kafka, member.incoming, events)

    async with running(upstream(member), settings_for(first, kafka, batch_size=3000)):
        await eventually(lambda: has_effects(first, member.incoming, expected), within=10)

    (letter,) = await first.rows("SELECT key, sequence, reason, error FROM dead_letter")
    assert tuple(letter) == (key, 31, "handler_failed", "LookupError")
    assert len(await first.rows("SELECT * FROM inbox_parked WHERE key = $1", key)) == 75 - 31


async def test_an_event_whose_consequence_cannot_be_published_is_set_aside_as_one_its_handler_fails_on(
    kafka: str, member: Member, first: Schema
) -> None:
    async def too_much(batch: Sequence[Event], tx: Connection) -> list[Event]:
        told = await note_and_expose(member.incoming, batch, tx)
        return [event.with_data(None) if event.subject == "bad" else event for event in told]

    async with running(upstream(member, too_much), settings_for(first, kafka, handler_attempts=1)):
        await produce(kafka, member.incoming, in_turn(member, 2, ["good", "bad"]))
        await eventually(lambda: has_effects(first, member.incoming, {"good": [1, 2]}))

    (letter,) = await first.rows("SELECT key, reason, error FROM dead_letter")
    assert tuple(letter) == ("bad", "handler_failed", "ValueError")


@pytest.mark.parametrize(
    ("arguments", "error"), [((2**40,), "DataError"), ((1, 2), "InterfaceError")], ids=["value", "number of values"]
)
async def test_an_event_that_makes_a_statement_the_client_refuses_is_set_aside_and_not_waited_for(
    kafka: str, member: Member, first: Schema, arguments: tuple[int, ...], error: str
) -> None:
    async def refused(batch: Sequence[Event], tx: Connection) -> list[Event]:
        for event in batch:
            await tx.fetchval("SELECT $1::int", *(arguments if event.subject == "bad" else (1,)))
        return await note_and_expose(member.incoming, batch, tx)

    async with running(upstream(member, refused), settings_for(first, kafka, handler_attempts=1)):
        await produce(kafka, member.incoming, in_turn(member, 2, ["good", "bad"]))
        await eventually(lambda: has_effects(first, member.incoming, {"good": [1, 2]}))

    (letter,) = await first.rows("SELECT key, reason, error FROM dead_letter")
    assert tuple(letter) == ("bad", "handler_failed", error)


async def test_an_event_of_a_type_from_a_newer_release_is_passed_and_the_key_goes_on(
    kafka: str, member: Member, first: Schema
) -> None:
    newer = Raw.of(linked(member, "a", 2, 2)).with_header("ce_type", b"of.tomorrow.v1")
    async with running(upstream(member), settings_for(first, kafka)):
        await produce(kafka, member.incoming, [linked(member, "a", 1, 1), newer, linked(member, "a", 3, 3)])

        await eventually(lambda: has_effects(first, member.incoming, {"a": [1, 3]}))


async def test_the_broker_refuses_a_record_beyond_the_limit(kafka: str, member: Member) -> None:
    large = Raw.of(linked(member, "a", 1, 1))

    with pytest.raises(MessageSizeTooLargeError):
        await produce(kafka, member.incoming, [Raw(large.key, large.headers, b"x" * 300_000)])
