"""The events that every peer reads: disclosures of invented suppliers, loaded into Kafka before the clock starts."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaProducer

from shared.events.envelope import Classification, Event, Headers, encode_data, encode_headers
from shared.events.ingest import DisclosureAccepted
from shared.events.values import ListReference
from shared.events.vocabulary import MemberKind
from shared.kafka import PRODUCER_SETTINGS
from tests.benchmarks.work import SOURCE

EVENTS_PER_KEY = 5
AT = datetime(2026, 11, 1, tzinfo=UTC)
SITES, DISCLOSURES = 1 << 64, 1 << 65
"""Where the numbers of invented ids begin, so that no two kinds share one."""


def disclosure(number: int, supplier: int) -> DisclosureAccepted:
    """One disclosure of about 370 bytes."""
    return DisclosureAccepted(
        contributor=MemberKind.BUYER,
        disclosure=UUID(int=DISCLOSURES + number),
        member="oslo",
        supplier=UUID(int=supplier + 1),
        supplier_name=f"Example Electronics {supplier}",
        list=ListReference(source="example-list", edition="2026", row=number),
        site=UUID(int=SITES + number),
        site_name=f"Example Works {number}",
        address=f"{number} Example Road",
        country="NO",
    )


def records(count: int) -> Iterator[tuple[str, bytes, Headers]]:
    """The key, value and headers of each record, the same at each call: five events per key on average, mixed."""
    draw = random.Random(1).randrange
    sequences = Counter[str]()
    for number in range(count):
        data = disclosure(number, draw(max(1, count // EVENTS_PER_KEY)))
        key = str(data.supplier)
        sequences[key] += 1
        event = Event(
            id=UUID(int=number + 1),
            source=SOURCE,
            type=data.type,
            subject=key,
            time=AT,
            classification=Classification.MEMBERS,
            data=data,
        )
        yield key, encode_data(data), encode_headers(event.recorded(AT, sequences[key]))


async def load(bootstrap: str, topic: str, count: int) -> None:
    """Publish the records; returns when Kafka has acknowledged all of them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, **PRODUCER_SETTINGS | {"linger_ms": 5})
    await producer.start()
    try:
        sent = [
            await producer.send(topic, value, key=key.encode(), headers=headers)
            for key, value, headers in records(count)
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
