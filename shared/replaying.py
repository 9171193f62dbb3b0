"""Reading topics again from their beginning, up to where a service had applied them at a given moment."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.comparing import named
from shared.delivery import Delivery, read
from shared.inbox import StreamKey
from shared.kafka import METADATA_MAX_AGE_MS
from shared.postgres import Connection
from shared.tolerant import TolerantConsumer
from shared.topics import is_restricted

IDLE_POLLS = 60
"""Polls of a second without any record, though some are missing, after which a reading is given up."""


class ReadingStopped(Exception):
    """Kafka handed out no more records though it has some."""


@dataclass(frozen=True, slots=True)
class Read:
    """A part of what was read: the deliveries to apply, and how many of all records have been seen so far."""

    deliveries: Sequence[Delivery]
    seen: int
    total: int


class FromBeginning(TolerantConsumer):
    """Reads without a group: where it goes back to is the record after the last handed on, or the first there is."""

    first: Mapping[TopicPartition, int]

    async def rewind(self) -> None:
        client: Any = self
        for place in client.assignment():
            client.seek(place, self.handed_on.get(place, self.first[place]))


async def topics_of(bootstrap: str) -> set[str]:
    """The names of all topics that the broker has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def replay(
    bootstrap: str, topics: Collection[str], heads: Mapping[StreamKey, int], batch: int
) -> AsyncIterator[Read]:
    """Read these topics from the beginning, in parts of so many records at most; of each key up to its head.

    `heads` holds the last sequence to read of a topic and key; what is after it, or has none, is passed by, and so are
    records whose attributes cannot be read. Repetitions come as often as they were published: the inbox drops them.
    No offset is committed. Raises ValueError for a restricted topic, ReadingStopped where Kafka falls silent.
    """
    require_unrestricted(topics)
    if not topics:
        return
    async with reading(bootstrap) as client:
        ends = await locate(bootstrap, client, topics)
        total = sum(end - client.first[place] for place, end in ends.items())
        async for records, seen in read_to(client, ends, batch):
            yield Read([one for record in records if (one := within(record, heads))], seen, total)


def require_unrestricted(topics: Collection[str]) -> None:
    """Raises ValueError for a restricted topic."""
    if any(is_restricted(topic) for topic in topics):
        raise ValueError("restricted topics are not read again")


@contextlib.asynccontextmanager
async def reading(bootstrap: str) -> AsyncIterator[Any]:
    """A client that reads from the beginning, in no group. aiokafka has no type hints here."""
    client: Any = FromBeginning(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        isolation_level="read_committed",
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


async def locate(bootstrap: str, client: Any, topics: Collection[str]) -> dict[TopicPartition, int]:
    """Put a client at the beginning of every partition of these topics; where each ends now, for those with records."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        found = await admin.describe_topics(sorted(topics))
    finally:
        await admin.close()
    places = [TopicPartition(one["topic"], part["partition"]) for one in found for part in one["partitions"]]
    client.assign(places)
    client.first, ends = await client.beginning_offsets(places), await client.end_offsets(places)
    for place in places:
        client.seek(place, client.first[place])
    return {place: ends[place] for place in places if ends[place] > client.first[place]}


async def read_to(
    client: Any, ends: Mapping[TopicPartition, int], batch: int
) -> AsyncIterator[tuple[list[ConsumerRecord[bytes, bytes]], int]]:
    """The records before these ends, as they come, and how many that makes so far."""
    waiting, seen, idle = set(ends), 0, 0
    while waiting:
        found = await client.getmany(*waiting, timeout_ms=1_000, max_records=batch)
        idle = 0 if found else idle + 1
        if idle > IDLE_POLLS:
            raise ReadingStopped
        records = [one for place, part in found.items() for one in part if one.offset < ends[place]]
        seen += len(records)
        for place in list(waiting):
            if await client.position(place) >= ends[place]:
                waiting.remove(place)
        if records:
            yield records, seen


def within(record: ConsumerRecord[bytes, bytes], heads: Mapping[StreamKey, int]) -> Delivery | None:
    """The delivery in a record, where it is one and not after the head of its key."""
    delivery = read(record, "replay")
    if isinstance(delivery, Delivery) and delivery.sequence <= heads.get(delivery.stream, 0):
        return delivery
    return None


async def read_heads(tx: Connection, schema: str, topics: Collection[str]) -> dict[StreamKey, int]:
    """The last sequence applied of each key of these topics, as the inbox in a schema tells it."""
    rows = await tx.fetch(
        f"SELECT topic, key, last_sequence FROM {named(schema)}.inbox_head WHERE topic = ANY($1::text[])",  # noqa: S608
        list(topics),
    )
    return {(topic, key): last for topic, key, last in rows}


async def read_published(tx: Connection, schema: str, topics: Collection[str]) -> dict[StreamKey, int]:
    """The last sequence that the service in a schema has published of each key of these topics."""
    rows = await tx.fetch(
        f"SELECT topic, key, sequence FROM {named(schema)}.stream_head WHERE topic = ANY($1::text[])",  # noqa: S608
        list(topics),
    )
    return {(topic, key): last for topic, key, last in rows}


async def read_topics(tx: Connection, schema: str) -> set[str]:
    """The topics of which the inbox in a schema has a head."""
    rows = await tx.fetch(f"SELECT DISTINCT topic FROM {named(schema)}.inbox_head")  # noqa: S608 - a schema's name
    return {row["topic"] for row in rows}


async def count_set_aside(tx: Connection, schema: str) -> tuple[int, int]:
    """How many dead letters wait for an operator, and how many events behind them or behind a gap."""
    row = await tx.fetchrow(
        f"""SELECT (SELECT count(*) FROM {named(schema)}.dead_letter),
                   (SELECT count(*) FROM {named(schema)}.inbox_parked)"""  # noqa: S608 - a schema's name
    )
    assert row is not None
    return row[0], row[1]


async def count_behind(tx: Connection, schema: str, before: str, topics: Collection[str]) -> int:
    """How many keys of these topics the inbox in a schema has not applied as far as that in `before`."""
    found: int = await tx.fetchval(
        f"""SELECT count(*) FROM {named(before)}.inbox_head b LEFT JOIN {named(schema)}.inbox_head a USING (topic, key)
            WHERE b.topic = ANY($1::text[]) AND b.last_sequence > coalesce(a.last_sequence, 0)""",  # noqa: S608
        list(topics),
    )
    return found
