"""The relay of peer (b): publishes its outbox in the order of ids, one process at a time, and forgets what is sent."""

import asyncio

from aiokafka import AIOKafkaProducer
from asyncpg import Record

from shared.kafka import PRODUCER_SETTINGS
from shared.postgres import Connection, Pool
from tests.benchmarks.bare import FIXED_HEADERS
from tests.benchmarks.work import BATCH_SIZE, Task

IDLE_SECONDS = 0.25


async def publish_for_ever(pool: Pool, task: Task, committed: asyncio.Event) -> None:
    """Publish what is queued, until cancelled. A failure of Kafka or Postgres ends it, and with it the process."""
    producer = AIOKafkaProducer(bootstrap_servers=task.bootstrap, **PRODUCER_SETTINGS)
    await producer.start()
    try:
        async with pool.acquire() as connection:
            await connection.execute("SELECT pg_advisory_lock(1)")
            while True:
                committed.clear()
                if not await publish_once(connection, producer, task.output):
                    await rest(committed)
    finally:
        await producer.stop()


async def publish_once(connection: Connection, producer: AIOKafkaProducer, topic: str) -> int:
    """Publish the oldest queued events; how many there were."""
    rows = await connection.fetch(
        """SELECT o.id, o.key, o.sequence, o.event_id, o.cause_id, o.value, o.recorded_at
           FROM outbox_todo t JOIN outbox o USING (id) ORDER BY t.id LIMIT $1""",
        BATCH_SIZE,
    )
    if rows:
        sent = [await producer.send(topic, r["value"], key=r["key"].encode(), headers=headers_of(r)) for r in rows]
        await asyncio.gather(*sent)
        await connection.execute("DELETE FROM outbox_todo WHERE id = ANY($1::bigint[])", [row["id"] for row in rows])
    return len(rows)


def headers_of(row: Record) -> list[tuple[str, bytes]]:
    """The CloudEvents attributes of an outbox row."""
    at = row["recorded_at"].isoformat().encode()
    return [
        *FIXED_HEADERS,
        ("ce_id", str(row["event_id"]).encode()),
        ("ce_subject", row["key"].encode()),
        ("ce_time", at),
        ("ce_recordedtime", at),
        ("ce_sequence", str(row["sequence"]).encode()),
        ("ce_causationid", row["cause_id"].encode()),
    ]


async def rest(committed: asyncio.Event) -> None:
    """Sleep until something commits, or for a moment."""
    try:
        await asyncio.wait_for(committed.wait(), IDLE_SECONDS)
    except TimeoutError:
        return
