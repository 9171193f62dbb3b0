"""A Kafka consumer that neither one unreadable record nor a topic that is gone stops.

aiokafka decodes the names of headers as UTF-8 while it reads a batch, and raises where one is not: the record would be
fetched again for ever, and what was taken from other partitions in the same call would be lost. With such a record the
rest of the batch in which its producer sent it is unreadable, too; what came before it and other batches are not.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faststream.kafka import KafkaBroker

from shared.logs import log

Records = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]
FETCH_WITHIN_MS = 200
"""How long to wait for a partition's records when they are read one by one."""
POLL_MS = 1_000
"""How long a poll waits for the first record. It ends with the first, so waiting costs no time, and saves idle CPU."""
ONE_BY_ONE = 500
"""Records of a partition that are read one by one before the usual way is tried again."""
UNREADABLE_HEADER = ("unreadable", b"\xff")
"""Stands for the headers of a record that cannot be read: no reader takes it for an event."""


class TolerantConsumer(AIOKafkaConsumer):
    """Hands on an unreadable record as one without key and value; all others as they are. A pattern never goes deaf."""

    def __init__(self, *topics: str, **settings: Any) -> None:
        super().__init__(*topics, **settings)  # type: ignore[no-untyped-call] # aiokafka has no type hints here
        self.handed_on: dict[TopicPartition, int] = {}

    def subscribe(self, topics: Iterable[str] = (), pattern: str | None = None, listener: Any = None) -> None:
        """As of AIOKafkaConsumer; but a pattern goes on listening to all topics, also after one of them is gone.

        aiokafka adds a topic whose partition it no longer finds to those it asks for. With a pattern it asks for all by
        naming none, so that the missing one would become the only one, and no other topic be heard again.
        """
        super().subscribe(topics=topics, pattern=pattern, listener=listener)  # type: ignore[no-untyped-call] # as above
        client: Any = self
        if pattern is not None:
            client._client.add_topic = lambda _topic: client._client.force_metadata_update()

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Records:
        """As of AIOKafkaConsumer; but what a failing call has already taken is taken again, by the next calls."""
        wait = max(timeout_ms, POLL_MS)
        try:
            found: Records = await super().getmany(*partitions, timeout_ms=wait, max_records=max_records)
        except UnicodeDecodeError:
            await self.rewind()
            found = await self.one_by_one(max_records)
        self.handed_on.update((place, records[-1].offset + 1) for place, records in found.items())
        return found

    def known_topics(self) -> set[str]:
        """The topics of the broker, as of its latest metadata; all of them, where a pattern is subscribed to."""
        client: Any = self
        return set(client._client.cluster.topics())

    async def rewind(self) -> None:
        """Go back to the record after the last that was handed on; too far back does no harm."""
        client: Any = self  # aiokafka has no type hints here
        for place in client.assignment():
            last = self.handed_on.get(place) or await client.committed(place)
            if last is None:
                await client.seek_to_beginning(place)
            else:
                client.seek(place, last)

    async def one_by_one(self, max_records: int | None) -> Records:
        """The next records of each partition, so many at most, read one at a time."""
        found: Records = {}
        client: Any = self
        for place in client.assignment():
            left = (max_records or ONE_BY_ONE) - sum(map(len, found.values()))
            if records := await self.read_singly(place, min(left, ONE_BY_ONE)):
                found[place] = records
        return found

    async def read_singly(self, place: TopicPartition, limit: int) -> list[ConsumerRecord[bytes, bytes]]:
        """At most `limit` records of a partition; one that cannot be read has a stand-in."""
        records: list[ConsumerRecord[bytes, bytes]] = []
        client: Any = self
        while len(records) < limit:
            try:
                found: Records = await super().getmany(place, timeout_ms=FETCH_WITHIN_MS, max_records=1)
            except UnicodeDecodeError:
                offset = await client.position(place)
                client.seek(place, offset + 1)
                log.error("record unreadable", topic=place.topic, partition=place.partition, offset=offset)
                records.append(unreadable(place, offset))
            else:
                records += found.get(place, [])
                if not found:
                    break
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
