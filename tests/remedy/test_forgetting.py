"""Testimony that is safe in the database is deleted from Kafka, on a real broker; nothing else is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.remedy.forgetting import GROUP, TOPIC, forget_consumed
from services.remedy.office import KEYS
from services.remedy.settings import RemedySettings
from shared.consumer import Consumer
from shared.events.envelope import Event, encode_data, encode_headers
from shared.kafka import Subscription, delete_records, open_broker
from shared.relay import Relay
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import NOON, OPEN_CASES, SETTINGS, received

PLACE = TopicPartition(TOPIC, 0)


@pytest.fixture
async def remedy(schema: Schema, keys: Schema, kafka: str) -> Runtime:
    """The service with a real broker, whose first partition of testimony is empty: the topic is the session's."""
    settings = RemedySettings.model_validate(SETTINGS.model_dump() | {"kafka_bootstrap": kafka, "offsets_every": 0.05})
    if found := await left(kafka):
        await commit(kafka, found[-1] + 1)
        await delete_records(settings, {PLACE: found[-1] + 1})
    return Runtime("remedy", settings, schema.pool, Relay("remedy", schema.pool, settings), {KEYS: keys.pool})


async def send(bootstrap: str, *events: Event, headers: Sequence[tuple[str, bytes]] | None = None) -> list[int]:
    """Put testimony into the first partition, as the relay of `ingest` does; the offsets."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        sent = []
        for event in events:
            assert event.data is not None
            written = encode_headers(event.recorded(NOON, 1)) if headers is None else headers
            value, key = encode_data(event.data), event.subject.encode()
            sent.append((await producer.send_and_wait(TOPIC, value, key, partition=0, headers=written)).offset)
        return sent
    finally:
        await producer.stop()


@asynccontextmanager
async def consuming(remedy: Runtime) -> AsyncIterator[Subscription]:
    """The handler of the service reads from Kafka and commits its offsets, until the end."""
    settings = remedy.settings
    consumer = Consumer("remedy", OPEN_CASES, remedy.pool, settings, lambda: None)
    broker = open_broker(settings)
    subscription = Subscription(broker, consumer, settings)
    await broker.start()
    committing = asyncio.create_task(subscription.commit_for_ever())
    try:
        yield subscription
    finally:
        await subscription.stop()
        committing.cancel()
        await broker.stop()


async def committed(bootstrap: str) -> int:
    """Up to where the handler's group has committed the first partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = (await admin.list_consumer_group_offsets(GROUP)).get(PLACE)
        return found.offset if found else 0
    finally:
        await admin.close()


async def commit(bootstrap: str, offset: int) -> None:
    """Commit an offset for the handler's group, as an operator may by hand."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([PLACE])
        await consumer.commit({PLACE: offset})
    finally:
        await consumer.stop()


async def until_consumed(bootstrap: str, offset: int) -> None:
    async with asyncio.timeout(30):
        while await committed(bootstrap) <= offset:
            await asyncio.sleep(0.05)


async def left(bootstrap: str) -> list[int]:
    """The offsets that can still be read from the first partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([PLACE])
        ends = (await consumer.end_offsets([PLACE]))[PLACE]
        first = (await consumer.beginning_offsets([PLACE]))[PLACE]
        consumer.seek(PLACE, first)
        found: list[int] = []
        while await consumer.position(PLACE) < ends:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [record.offset for record in records]
        return found
    finally:
        await consumer.stop()


async def kept(schema: Schema) -> set[UUID]:
    return {row["case_id"] for row in await schema.rows("SELECT case_id FROM grievance_case")}


async def test_what_is_applied_is_deleted_and_what_came_since_is_not(
    remedy: Runtime, schema: Schema, kafka: str
) -> None:
    applied = [received(case=uuid4()) for _ in range(5)]
    async with consuming(remedy):
        offsets = await send(kafka, *applied)
        await until_consumed(kafka, offsets[-1])
    since = await send(kafka, received(), received())

    await forget_consumed(remedy)
    await forget_consumed(remedy)

    assert await left(kafka) == since
    assert {UUID(event.subject) for event in applied} <= await kept(schema)

    async with consuming(remedy):
        await until_consumed(kafka, since[-1])
    await forget_consumed(remedy)

    assert await left(kafka) == []
    assert len(await kept(schema)) >= 7


async def test_a_committed_offset_alone_deletes_nothing_that_the_database_does_not_have(
    remedy: Runtime, schema: Schema, kafka: str
) -> None:
    """The database was restored from a backup, or somebody set the offsets by hand: only Kafka has the record."""
    known, lost, later = received(case=uuid4()), received(case=uuid4()), received(case=uuid4())
    async with consuming(remedy):
        offsets = await send(kafka, known, lost, later)
        await until_consumed(kafka, offsets[-1])
    for table in ("deadline", "case_fact", "grievance_case"):
        await schema.rows(f"DELETE FROM {table} WHERE case_id = $1", UUID(lost.subject))

    await forget_consumed(remedy)
    assert await left(kafka) == offsets[1:]

    await schema.rows("DELETE FROM inbox_head")
    await commit(kafka, offsets[1])  # what an operator does then
    async with consuming(remedy):
        await until_consumed(kafka, offsets[-1])
    await forget_consumed(remedy)
    assert await left(kafka) == []
    assert UUID(lost.subject) in await kept(schema)


async def test_a_record_that_nobody_can_read_stays_for_its_time(remedy: Runtime, schema: Schema, kafka: str) -> None:
    """Of a malformed record of a restricted topic the database keeps the place only: Kafka has it still."""
    async with consuming(remedy):
        malformed = await send(kafka, received(), headers=[("ce_id", b"none")])
        after = await send(kafka, received())
        await until_consumed(kafka, after[-1])

    await forget_consumed(remedy)

    assert await left(kafka) == [*malformed, *after]


async def test_nothing_is_deleted_while_the_database_is_away(
    remedy: Runtime, schema: Schema, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with consuming(remedy):
        offsets = await send(kafka, received(), received())
        await until_consumed(kafka, offsets[-1])

    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(type(schema.pool), "acquire", away)
        with pytest.raises(ConnectionRefusedError):
            await forget_consumed(remedy)

    assert await left(kafka) == offsets
    await forget_consumed(remedy)
    assert await left(kafka) == []
