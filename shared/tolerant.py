"""A Kafka consumer that one unreadable record does not stop.

aiokafka decodes the names of headers as UTF-8 while it reads a batch, and raises where one is not: the record would be
fetched again for ever, and what was taken from other partitions in the same call would be lost.
"""

from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faststream.kafka import KafkaBroker

from shared.logs import log

Records = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]
FETCH_WITHIN_MS = 500
"""How long to wait for a partition's records when they are read one by one."""
UNREADABLE_HEADER = ("unreadable", b"\xff")
"""Stands for the headers of a record that cannot be read: no reader takes it for an event."""


class TolerantConsumer(AIOKafkaConsumer):
    """Hands on an unreadable record as one without key and value, in its place; all others as they are."""

    def __init__(self, *topics: str, **settings: Any) -> None:
        super().__init__(*topics, **settings)
        self.handed_on: dict[TopicPartition, int] = {}

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Records:
        """As of AIOKafkaConsumer; but what a failing call has already taken is taken again, by the next calls."""
        try:
            found: Records = await super().getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        except UnicodeDecodeError:
            await self.rewind()
            found = await self.one_by_one(max_records)
        self.handed_on.update((place, records[-1].offset + 1) for place, records in found.items())
        return found

    async def rewind(self) -> None:
        """Go back to the record after the last that was handed on; too far back does no harm."""
        for place in self.assignment():
            if place in self.handed_on:
                self.seek(place, self.handed_on[place])
            else:
                await self.seek_to_committed(place)

    async def one_by_one(self, max_records: int | None) -> Records:
        """The records up to an unreadable one, with that one, per partition."""
        found: Records = {}
        for place in self.assignment():
            records = await self.up_to_unreadable(place, (max_records or 500) - sum(map(len, found.values())))
            if records:
                found[place] = records
        return found

    async def up_to_unreadable(self, place: TopicPartition, limit: int) -> list[ConsumerRecord[bytes, bytes]]:
        """At most `limit` records of a partition, the last of them unreadable, if any is."""
        records: list[ConsumerRecord[bytes, bytes]] = []
        while len(records) < limit:
            try:
                found: Records = await super().getmany(
                    place, timeout_ms=0 if records else FETCH_WITHIN_MS, max_records=1
                )
            except UnicodeDecodeError:
                records.append(unreadable(place, await self.position(place)))
                self.seek(place, records[-1].offset + 1)
                log.error("unreadable record passed", topic=place.topic, partition=place.partition)
                break
            if not found:
                break
            records += found[place]
        return records


def unreadable(place: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes]:
    """What is handed on in place of a record that cannot be read."""
    return ConsumerRecord(
        topic=place.topic,
        partition=place.partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=None,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(UNREADABLE_HEADER,),
    )


async def start(broker: KafkaBroker) -> None:
    """Start a FastStream broker whose subscribers use this consumer."""
    await broker.connect()
    config = broker.config.broker_config
    assert isinstance(config.builder, partial), "FastStream makes its consumers in another way now"
    config.builder = partial(TolerantConsumer, **config.builder.keywords)
    await broker.start()
