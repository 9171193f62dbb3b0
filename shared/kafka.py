"""The one place where FastStream and aiokafka are set up: their defaults lose events, these settings do not.

Batches of raw records, no acknowledgement by the library, offsets committed explicitly and only after the database.
"""

import asyncio
import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import stamina
from aiokafka import AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.consumer import Consumer
from shared.logs import log
from shared.metrics import COMMITS_REFUSED
from shared.raw_records import RawConsumer
from shared.settings import Settings
from shared.tolerant import TolerantConsumer

EXIT_UNFORESEEN = 70
"""Exit code (EX_SOFTWARE) on anything unforeseen: the supervisor restarts the process, and nothing was committed."""

CONSUMER_SETTINGS: dict[str, Any] = {
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 1_000,
    "rebalance_timeout_ms": 30_000,
    "max_poll_interval_ms": 86_400_000,  # waiting for the database counts as alive; the watchdog judges progress
}


@lru_cache(maxsize=100_000)
def hash_of_key(key: bytes) -> int:
    """Kafka's own hash of a key; in Python it costs as much as the rest of a send, and keys come again."""
    return int(murmur2(key))


def partition_of(key: bytes, partitions: Sequence[int], _available: Sequence[int]) -> int:
    """The partition of a key, the same that every other Kafka client finds. Every record of ours has a key."""
    return partitions[(hash_of_key(key) & 0x7FFFFFFF) % len(partitions)]


PRODUCER_SETTINGS: dict[str, Any] = {
    "partitioner": partition_of,
    "enable_idempotence": True,
    "acks": "all",
    "linger_ms": 0,
    "max_batch_size": 262_144,
    "max_request_size": 2_097_152,  # dead letters may be larger than events; the topic sets its own limit
    "request_timeout_ms": 5_000,
}
METADATA_MAX_AGE_MS = 2_000
"""A new member's topic is heard within about this time."""


def open_broker(settings: Settings) -> KafkaBroker:
    """The FastStream broker. It creates no topic, for those come from the manifest, and publishes nothing."""
    return KafkaBroker(
        settings.kafka_bootstrap,
        apply_types=False,
        allow_auto_create_topics=False,
        consumer_only=True,
        logger=logging.getLogger("broker"),  # "faststream" has a handler of its own, which would write any text
        graceful_timeout=settings.drain_within,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )


async def wait_for_kafka(settings: Settings) -> None:
    """Return once a broker answers: services may start before it does."""
    async for attempt in stamina.retry_context(on=(KafkaError, OSError), attempts=None, timeout=None, wait_max=2.0):
        with attempt:
            client = AIOKafkaClient(bootstrap_servers=settings.kafka_bootstrap)
            try:
                await client.bootstrap()
            finally:
                await client.close()


async def kafka_answers(settings: Settings) -> bool:
    """Whether a broker answers a client that is made for this question, within three seconds."""
    client = AIOKafkaClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        async with asyncio.timeout(3):
            await client.bootstrap()
            return True
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()


def open_producer(settings: Settings) -> AIOKafkaProducer:
    """The relay's producer: idempotent, acknowledged by all in-sync replicas."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap, metadata_max_age_ms=METADATA_MAX_AGE_MS, **PRODUCER_SETTINGS
    )


async def delete_records(settings: Settings, before: Mapping[TopicPartition, int]) -> None:
    """Delete what lies before these offsets: nobody can read it again. Raises KafkaError where the broker refuses.

    On the broker's disk it stays until its segment goes: within a day after the next record, for logs are rolled daily.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        await admin.start()
        await admin.delete_records({place: RecordsToDelete(before_offset=offset) for place, offset in before.items()})
    finally:
        await admin.close()


class Subscription(ConsumerRebalanceListener):
    """Feeds a Consumer from Kafka and commits offsets after it, lazily: the inbox makes repeated delivery harmless."""

    def __init__(self, broker: KafkaBroker, consumer: Consumer | RawConsumer, settings: Settings) -> None:
        self.consumer = consumer
        self.settings = settings
        self.applied: dict[TopicPartition, int] = {}
        self.uncommitted: dict[TopicPartition, int] = {}
        self.last_progress = time.monotonic()
        self.joined = False
        self.stopping = False
        topics = [consumer.handler.topic] if consumer.handler.topic else []
        self.subscriber = broker.subscriber(
            *topics,
            pattern=consumer.handler.pattern,
            group_id=f"{consumer.service}.{consumer.handler.name}",
            batch=True,
            max_records=settings.batch_size,
            batch_timeout_ms=settings.batch_timeout_ms,
            max_partition_fetch_bytes=consumer.fetch_bytes,
            ack_policy=AckPolicy.MANUAL,
            listener=self,
            parser=self.pass_through,
            decoder=undecoded,
            no_reply=True,
            **CONSUMER_SETTINGS,
        )
        self.subscriber(self.take)

    async def pass_through(self, records: Any, _original: Any) -> Any:
        """Hand the raw records on: the library's own parser drops a whole batch over one bad header."""
        return KafkaAckableMessage(
            raw_message=records,
            body=b"",
            headers={},
            consumer=self.subscriber.consumer,
            content_type=None,
            message_id="",
            correlation_id="-",
        )

    async def take(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Apply a batch. Anything unforeseen ends the process: the library would swallow it and pass the events by.

        A batch that comes after `stop` is left for the next owner of its partitions: its offsets are never committed.
        """
        try:
            if not self.stopping:
                await self.apply(records)
        except Exception as error:
            log.critical("cannot go on", handler=self.consumer.handler.name, exc_info=error)
            os._exit(EXIT_UNFORESEEN)

    async def apply(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Apply the records, then note how far this process has come.

        Where it starts is noted before: the client's own position is past the batch already.
        """
        for record in records:
            self.applied.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        client = self.subscriber.consumer
        await self.consumer.take(records, client.known_topics() if isinstance(client, TolerantConsumer) else ())
        reached = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        self.applied.update(reached)
        self.uncommitted.update(reached)
        self.last_progress = time.monotonic()

    async def commit(self) -> None:
        """Commit what has been applied. A refusal after a rebalance is normal: the new owner goes on."""
        client = self.subscriber.consumer
        if not self.uncommitted or client is None:
            return
        uncommitted, self.uncommitted = self.uncommitted, {}
        mine = client.assignment()
        offsets = {partition: offset for partition, offset in uncommitted.items() if partition in mine}
        try:
            if offsets:
                await client.commit(offsets)
        except KafkaError as error:
            COMMITS_REFUSED.inc()
            log.info("offset commit refused", handler=self.consumer.handler.name, exc_info=error)
            if error.retriable:
                self.uncommitted = offsets | self.uncommitted

    async def commit_for_ever(self) -> None:
        """Commit at the configured interval, until cancelled."""
        while True:
            await asyncio.sleep(self.settings.offsets_every)
            await self.commit()

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the running batch finish and commit it before the partitions go to another process."""
        await self.drain()
        self.joined = False
        self.forget(revoked)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """A fresh assignment is progress, even an empty one: this process then stands by."""
        self.forget(assigned)
        self.joined = True
        self.last_progress = time.monotonic()

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Another process may have gone further meanwhile: what this one knew of these partitions no longer counts."""
        for partition in partitions:
            self.applied.pop(partition, None)
            self.uncommitted.pop(partition, None)

    async def stop(self) -> None:
        """Begin no further batch, let the running one finish and commit it."""
        self.stopping = True
        await self.drain()

    async def drain(self) -> None:
        """Wait for the running batch, within the limit, and commit."""
        await self.subscriber.lock.wait_release(self.settings.drain_within)
        await self.commit()

    async def lag(self) -> int | None:
        """Records in Kafka that are not applied yet, over this process's partitions; None while that is unknown."""
        client = self.subscriber.consumer
        if client is None:
            return None
        partitions = client.assignment()
        if not partitions:
            nothing_to_join = self.consumer.handler.pattern and not client.subscription()
            return 0 if self.joined or nothing_to_join else None
        ends = await client.end_offsets(partitions)
        positions = [(self.applied.get(p), p) for p in partitions]
        done = {p: at if at is not None else await client.position(p) for at, p in positions}
        return int(sum(max(0, ends[p] - done[p]) for p in partitions))


async def undecoded(message: Any) -> Any:
    """The records as they came."""
    return message.raw_message
