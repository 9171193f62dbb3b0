"""Peer (a): a bare loop of aiokafka and asyncpg in batches, without inbox and outbox.

It applies the state in one transaction, sends one event per input event, and commits the offsets once per batch.
A crash in between applies the batch twice and sends its events twice, under other ids; a gap is not seen.
Started by the benchmark as `python -m tests.benchmarks.bare`.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared.events.ingest import DisclosureAccepted
from shared.events.risk import AssessmentMade
from shared.kafka import CONSUMER_SETTINGS, PRODUCER_SETTINGS
from shared.postgres import Pool, open_pool
from tests.benchmarks.work import (
    BATCH_SIZE,
    BATCH_TIMEOUT_MS,
    POOL_SIZE,
    SOURCE,
    Stopwatch,
    Task,
    assessment_of,
    stopped_by_signal,
    write_state,
)

FIXED_HEADERS = [
    ("content-type", b"application/json"),
    ("ce_specversion", b"1.0"),
    ("ce_source", SOURCE.encode()),
    ("ce_type", AssessmentMade.type.encode()),
    ("ce_classification", b"members"),
]


async def main(task: Task) -> None:
    """Read, apply, send, commit, until SIGTERM."""
    stop, stopwatch = stopped_by_signal(), Stopwatch()
    pool = await open_pool(task.dsn, POOL_SIZE)
    producer = AIOKafkaProducer(bootstrap_servers=task.bootstrap, **PRODUCER_SETTINGS)
    consumer = AIOKafkaConsumer(
        task.input,
        bootstrap_servers=task.bootstrap,
        group_id=f"bare-{task.run}",
        enable_auto_commit=False,
        **CONSUMER_SETTINGS,
    )
    await producer.start()
    await consumer.start()
    while not stop.is_set():
        fetched = await consumer.getmany(timeout_ms=BATCH_TIMEOUT_MS, max_records=BATCH_SIZE)
        records = [record for part in fetched.values() for record in part]
        if records:
            await apply(pool, producer, records, task.output, stopwatch)
            await consumer.commit()
    await consumer.stop()
    await producer.stop()
    await pool.close()


async def apply(
    pool: Pool,
    producer: AIOKafkaProducer,
    records: Sequence[ConsumerRecord[bytes, bytes]],
    output: str,
    stopwatch: Stopwatch,
) -> None:
    """Apply one batch and send what follows from it; returns when Kafka has acknowledged all."""
    disclosures = [DisclosureAccepted.model_validate_json(record.value or b"") for record in records]
    stopwatch.start()
    async with pool.acquire() as connection, connection.transaction():
        await write_state(connection, disclosures)
    now = datetime.now(UTC).isoformat().encode()
    sent = []
    for record, disclosure in zip(records, disclosures, strict=True):
        headers = [
            *FIXED_HEADERS,
            ("ce_id", str(uuid4()).encode()),
            ("ce_subject", record.key or b""),
            ("ce_time", now),
            ("ce_recordedtime", now),
            ("ce_causationid", dict(record.headers)["ce_id"]),
        ]
        value = assessment_of(disclosure).model_dump_json(exclude_none=True).encode()
        sent.append(await producer.send(output, value, key=record.key, headers=headers))
    await asyncio.gather(*sent)


if __name__ == "__main__":
    uvloop.run(main(Task.given()))
