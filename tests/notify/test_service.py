"""The whole service: events in Kafka become mails, and what became of them is published to Kafka."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.ports import free_port
from deploy.local.smtp import Sink
from services.notify.__main__ import SERVICE
from services.notify.settings import NotifySettings
from shared.events import decode
from shared.events.envelope import Event, encode_data, encode_headers
from shared.events.notify import NotificationDelivered
from shared.service import serve
from shared.topics import ensure_topics, workinggroup_topics
from tests.notify.conftest import Notify
from tests.notify.events import AT, flag, heard, proposed, request
from tests.notify.mail_server import until

GROUP = f"group-{uuid4().hex[:8]}"


@asynccontextmanager
async def running(settings: NotifySettings) -> AsyncIterator[None]:
    """The service, stopped at the end as SIGTERM stops it."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(SERVICE, settings, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def publish(bootstrap: str, topic: str, events: Sequence[Event]) -> None:
    """Produce events as the relay of another service does; each is the first of its key."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for event in events:
            assert event.data is not None
            headers = encode_headers(event.recorded(AT, 1))
            await producer.send_and_wait(topic, encode_data(event.data), event.subject.encode(), headers=headers)
    finally:
        await producer.stop()


async def delivered(bootstrap: str, wanted: set[str]) -> int:
    """How often `notify.outcome` tells that one of these Message-IDs was delivered, once it has told of each."""
    consumer = AIOKafkaConsumer("notify.outcome", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found: list[str] = []
    try:
        async with asyncio.timeout(30):
            while set(found) < wanted:
                data = decode((record := await consumer.getone()).headers, record.value).data
                if isinstance(data, NotificationDelivered) and data.message_id in wanted:
                    found.append(data.message_id)
    finally:
        await consumer.stop()
    return len(found)


async def test_events_become_mails_and_their_delivery_is_published(notify: Notify, kafka: str, tmp_path: Path) -> None:
    await notify.add_recipient("anna@secretariat.example")
    await ensure_topics(kafka, workinggroup_topics(GROUP))
    references = [f"R-{uuid4().hex[:12].upper()}" for _ in range(10)]
    headline = f"Workers at Example Electronics strike {uuid4().hex}"
    engagement = heard(proposed(f"Because of {headline}."), subject=str(uuid4()))

    async with Sink(tmp_path) as sink:
        mail = {"smtp_port": sink.port, "kafka_bootstrap": kafka, "digest_every": 1.0}
        async with running(notify.settings(http_port=free_port(), **mail)):
            asked = [heard(request(reference=reference), subject=reference) for reference in references]
            await publish(kafka, "notify.request", asked)
            await publish(kafka, "members.risk", [heard(flag(headline=headline), subject=str(uuid4()))])
            await publish(kafka, f"group.{GROUP}.engagement", [replace(engagement, workinggroup=GROUP)])
            mails = [*references, "Headline:", "NEEDS A PERSON"]
            await until(lambda: all(any(text in kept for kept in read(sink)) for text in mails), 60)
            ids = {row["message_id"] for row in await notify.schema.rows("SELECT message_id FROM mail_intent")}
            assert await delivered(kafka, ids) == len(ids)


def read(sink: Sink) -> list[str]:
    """The texts of all mails kept so far."""
    return [file.read_text() for file in sink.mailbox.messages()]
