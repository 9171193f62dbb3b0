"""Sealed testimony does not stay in Kafka: what is safe in the database is deleted there.

The topic is a way, not a store. As long as a box lies in it, the trustee's key opens it, whatever was erased since.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.remedy.store import receiving as store
from shared.delivery import Delivery, read
from shared.events.ingest import TestimonyReceived
from shared.kafka import delete_records
from shared.logs import log
from shared.postgres import borrow
from shared.service import Runtime
from shared.settings import Settings

TOPIC = "restricted.testimony"
HANDLER = "open_cases"
GROUP = f"remedy.{HANDLER}"
"""The consumer group of the handler: its offsets are committed only after the database has the cases, never before."""
AT_ONCE = 64
"""Records that are looked at together; the largest have 256 KiB."""

Testimony = ConsumerRecord[bytes, bytes]


async def forget_consumed(runtime: Runtime) -> bool:
    """Delete the records of testimony that are safe in the database; never more to do.

    Afterwards nobody can read them from Kafka. On the broker's disk they stay until their segment goes: within a day
    after the next record, for the log is rolled daily. A record that is not consumed yet is never deleted, nor one that
    the database does not have, such as after it was restored from a backup.
    """
    try:
        if before := await safe(runtime, await consumed(runtime.settings)):
            await delete_records(runtime.settings, before)
    except KafkaError as error:
        log.warning("consumed testimony not deleted from the log, trying again", exc_info=error)
    return False


async def consumed(settings: Settings) -> dict[TopicPartition, int]:
    """Up to where the handler has consumed each partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(GROUP)
    finally:
        await admin.close()
    return {place: found.offset for place, found in offsets.items() if place.topic == TOPIC and found.offset > 0}


async def safe(runtime: Runtime, until: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Up to where each partition may be deleted: to the first record that the database does not have, if there is one.

    Partitions of which there is nothing to delete are left out.
    """
    reached: dict[TopicPartition, int] = {}
    held: set[TopicPartition] = set()
    async for place, records in remaining(runtime.settings, until):
        async with borrow(runtime.pool) as connection:
            kept = await store.read_kept(connection, [at(record) for record in records])
        for record, is_kept in zip(records, kept, strict=True):
            if place not in held and is_kept:
                reached[place] = record.offset + 1
            else:
                held.add(place)
    if held:
        log.error(
            "consumed testimony that the database does not have stays in Kafka, in so many partitions", count=len(held)
        )
    return reached


def at(record: Testimony) -> tuple[UUID | None, int, int]:
    """Of which case a record is, where it can be read, and where it lies: partition and offset."""
    found = read(record, HANDLER)
    data = found.event.data if isinstance(found, Delivery) else None
    return data.case if isinstance(data, TestimonyReceived) else None, record.partition, record.offset


async def remaining(
    settings: Settings, until: Mapping[TopicPartition, int]
) -> AsyncIterator[tuple[TopicPartition, Sequence[Testimony]]]:
    """The records that still lie before these offsets, in order of each partition."""
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False, isolation_level="read_committed"
    )
    await consumer.start()
    try:
        firsts = await consumer.beginning_offsets(list(until))
        places = [place for place in until if firsts[place] < until[place]]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, firsts[place])
        while places := [place for place in places if await consumer.position(place) < until[place]]:
            found = await consumer.getmany(*places, timeout_ms=1000, max_records=AT_ONCE)
            for place, records in found.items():
                yield place, [record for record in records if record.offset < until[place]]
    finally:
        await consumer.stop()
