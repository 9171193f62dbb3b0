"""Peer (b): the same loop with inbox, outbox and relay written by hand, straight on, with the spine's guarantees.

What it leaves out: a duplicate is dropped, but a gap or a bad record stops the process instead of being set aside.
Started by the benchmark as `python -m tests.benchmarks.by_hand`.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.ingest import DisclosureAccepted
from shared.kafka import CONSUMER_SETTINGS
from shared.postgres import Connection, Pool, open_pool
from tests.benchmarks.by_hand_relay import publish_for_ever
from tests.benchmarks.work import (
    BATCH_SIZE,
    BATCH_TIMEOUT_MS,
    POOL_SIZE,
    Stopwatch,
    Task,
    assessment_of,
    stopped_by_signal,
    write_state,
)

TABLES = (
    """CREATE TABLE inbox (key text PRIMARY KEY, last_sequence bigint NOT NULL, version bigint NOT NULL)
       WITH (fillfactor = 70)""",
    "CREATE TABLE stream (key text PRIMARY KEY, sequence bigint NOT NULL) WITH (fillfactor = 70)",
    """CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL,
           sequence bigint NOT NULL, event_id uuid NOT NULL, cause_id text NOT NULL, value bytea NOT NULL,
           recorded_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
    """CREATE TABLE outbox_todo (id bigint PRIMARY KEY)
       WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0)""",
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One record with what the inbox needs of its headers."""

    key: str
    sequence: int
    event_id: str
    disclosure: DisclosureAccepted


class Gap(RuntimeError):
    """An event of a key is missing: going on would lose it."""


class Fenced(RuntimeError):
    """Another process has moved the same keys meanwhile."""


async def main(task: Task) -> None:
    """Read and apply, with the relay beside it, until SIGTERM."""
    stop, stopwatch, committed = stopped_by_signal(), Stopwatch(), asyncio.Event()
    pool = await open_pool(task.dsn, POOL_SIZE)
    consumer = AIOKafkaConsumer(
        task.input,
        bootstrap_servers=task.bootstrap,
        group_id=f"by-hand-{task.run}",
        enable_auto_commit=False,
        **CONSUMER_SETTINGS,
    )
    await consumer.start()
    relay = asyncio.create_task(publish_for_ever(pool, task, committed))
    while not stop.is_set() and not relay.done():
        fetched = await consumer.getmany(timeout_ms=BATCH_TIMEOUT_MS, max_records=BATCH_SIZE)
        if fetched:
            await apply(pool, [read(record) for part in fetched.values() for record in part], stopwatch)
            committed.set()
            await consumer.commit(ends(fetched))
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    await consumer.stop()
    await pool.close()


def ends(fetched: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]) -> dict[TopicPartition, int]:
    """The offsets after the fetched records."""
    return {partition: part[-1].offset + 1 for partition, part in fetched.items()}


def read(record: ConsumerRecord[bytes, bytes]) -> Arrived:
    """The event in a record. Raises ValueError or KeyError where it cannot be read."""
    headers = dict(record.headers)
    return Arrived(
        (record.key or b"").decode(),
        int(headers["ce_sequence"]),
        headers["ce_id"].decode(),
        DisclosureAccepted.model_validate_json(record.value or b""),
    )


async def apply(pool: Pool, arrived: Sequence[Arrived], stopwatch: Stopwatch) -> None:
    """Apply what is new in the batch, in one transaction with the inbox and the outbox."""
    async with pool.acquire() as tx, tx.transaction():
        fresh = await take(tx, arrived)
        stopwatch.start()
        if fresh:
            await write_state(tx, [one.disclosure for one in fresh])
            await append(tx, fresh)


async def take(tx: Connection, arrived: Sequence[Arrived]) -> list[Arrived]:
    """Move the heads of the keys; what was not applied before. Raises Gap or Fenced."""
    rows = await tx.fetch(
        "SELECT key, last_sequence, version FROM inbox WHERE key = ANY($1::text[])", list({one.key for one in arrived})
    )
    versions = {row["key"]: row["version"] for row in rows}
    last = {row["key"]: row["last_sequence"] for row in rows}
    fresh = []
    for one in arrived:
        before = last.get(one.key, 0)
        if one.sequence > before + 1:
            raise Gap
        if one.sequence == before + 1:
            last[one.key] = one.sequence
            fresh.append(one)
    moved = sorted({one.key for one in fresh})
    await move(tx, moved, [last[key] for key in moved], [versions.get(key, 0) + 1 for key in moved])
    return fresh


async def move(tx: Connection, keys: list[str], last: list[int], versions: list[int]) -> None:
    """Write the heads. Raises Fenced where another process has written one of them meanwhile."""
    written = await tx.execute(
        """INSERT INTO inbox AS i (key, last_sequence, version)
           SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
           ON CONFLICT (key) DO UPDATE SET last_sequence = EXCLUDED.last_sequence, version = EXCLUDED.version
           WHERE i.version = EXCLUDED.version - 1""",
        keys,
        last,
        versions,
    )
    if written != f"INSERT 0 {len(keys)}":
        raise Fenced


async def append(tx: Connection, causes: Sequence[Arrived]) -> None:
    """Write one consequence per event to the outbox, numbered without gaps per key."""
    numbers = await number(tx, [cause.key for cause in causes])
    await tx.execute(
        """WITH new AS (
               INSERT INTO outbox (key, sequence, event_id, cause_id, value)
               SELECT key, sequence, event_id, cause_id, value
               FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::bytea[])
                   WITH ORDINALITY AS u (key, sequence, event_id, cause_id, value, place)
               ORDER BY place RETURNING id)
           INSERT INTO outbox_todo SELECT id FROM new""",
        [cause.key for cause in causes],
        numbers,
        [uuid5(UUID(cause.event_id), "assessment") for cause in causes],
        [cause.event_id for cause in causes],
        [assessment_of(cause.disclosure).model_dump_json(exclude_none=True).encode() for cause in causes],
    )


async def number(tx: Connection, keys: Sequence[str]) -> list[int]:
    """The next number of each key's stream, in the order given; the streams stay locked until commit."""
    wanted = Counter(keys)
    ordered = sorted(wanted)
    rows = await tx.fetch(
        """INSERT INTO stream AS s (key, sequence) SELECT * FROM unnest($1::text[], $2::bigint[])
           ON CONFLICT (key) DO UPDATE SET sequence = s.sequence + EXCLUDED.sequence RETURNING key, sequence""",
        ordered,
        [wanted[key] for key in ordered],
    )
    reached = {row["key"]: row["sequence"] - wanted[row["key"]] for row in rows}
    numbers = []
    for key in keys:
        reached[key] += 1
        numbers.append(reached[key])
    return numbers


if __name__ == "__main__":
    uvloop.run(main(Task.given()))
