"""What an integrator sees: a plain Kafka consumer, and the official CloudEvents SDK to read what it is given."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from cloudevents.core.bindings import kafka

Record = ConsumerRecord[bytes, bytes]
Headers = Sequence[tuple[str, bytes]]


async def topics(bootstrap: str) -> set[str]:
    """The names of all topics."""
    async with administrator(bootstrap) as admin:
        return set(await admin.list_topics())


async def partitions(bootstrap: str, names: Sequence[str]) -> list[TopicPartition]:
    """The partitions of these topics."""
    async with administrator(bootstrap) as admin:
        described = await admin.describe_topics(list(names))
    return [TopicPartition(one["topic"], place["partition"]) for one in described for place in one["partitions"]]


@asynccontextmanager
async def administrator(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def records(bootstrap: str, *names: str) -> list[Record]:
    """Every record of these topics, from the first to the last there is now; in order per partition."""
    places = await partitions(bootstrap, names)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place, first in (await consumer.beginning_offsets(places)).items():
            consumer.seek(place, first)
        found: list[Record] = []
        async with asyncio.timeout(120):
            while [place for place in places if await consumer.position(place) < ends[place]]:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += batch
        return found
    finally:
        await consumer.stop()


@dataclass(frozen=True)
class Told:
    """One event, as the SDK reads it. `data` is JSON."""

    id: str
    type: str
    source: str
    subject: str
    sequence: int
    recorded: str
    data: dict[str, Any]


async def events(bootstrap: str, *names: str) -> list[Told]:
    """The events of these topics that Engage has published itself; a repetition by a relay is left out."""
    seen: dict[str, Told] = {}
    for record in await records(bootstrap, *names):
        if dict(record.headers).get("ce_source", b"").startswith(b"/engage/"):
            found = told(record)
            seen.setdefault(found.id, found)
    return list(seen.values())


def told(record: Record) -> Told:
    """The event in a record. Raises what the SDK raises where it is none."""
    headers = {name: value or b"" for name, value in record.headers}
    read = kafka.from_binary_event(kafka.KafkaMessage(headers, (record.key or b"").decode(), record.value or b""))
    data = read.get_data()
    assert isinstance(data, dict)
    return Told(
        read.get_id(),
        read.get_type(),
        read.get_source(),
        str(read.get_subject()),
        int(read.get_extension("sequence")),
        str(read.get_extension("recordedtime")),
        data,
    )


def with_gaps(found: Iterable[Told]) -> dict[str, list[int]]:
    """The subjects of one topic whose sequences are not 1, 2, 3 ... in the order published."""
    streams: dict[str, list[int]] = defaultdict(list)
    for one in found:
        streams[one.subject].append(one.sequence)
    return {key: numbers for key, numbers in streams.items() if numbers != list(range(1, len(numbers) + 1))}


async def publish(bootstrap: str, topic: str, *sent: tuple[bytes | None, bytes | None, Headers]) -> None:
    """Write records (key, value, headers) as a stranger would who has got hold of the broker's address."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=4_000_000)
    await producer.start()
    try:
        for key, value, headers in sent:
            await producer.send_and_wait(topic, value, key=key, headers=headers)
    finally:
        await producer.stop()
