"""The heads of the audit chain: published each day on a topic that nobody can change, and read back from it."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

from services.remedy import audit
from services.remedy.audit import Act, Action
from services.remedy.domain.audit import days_to_end
from services.remedy.office import SOURCE, settings_of
from services.remedy.store import audit as store
from shared.delivery import Delivery, read
from shared.events.envelope import Classification, Event
from shared.events.remedy import AuditHeadPublished
from shared.kafka import METADATA_MAX_AGE_MS
from shared.replaying import FromBeginning, locate, read_to
from shared.service import Runtime

TOPIC = "public.audit"
BATCH = 500


async def end_days(runtime: Runtime) -> bool:
    """End each day that is over with an entry, and publish its head: every day, whether or not anything happened.

    Days that passed while the service was down are ended when it is up again; none is while the database's clock is not
    believed. Safe to repeat and to run twice at once.
    """
    settings = settings_of(runtime.settings)
    async with runtime.transaction() as tx:
        await store.take_turn(tx)
        believed = await store.read_believed(tx)
        if believed is None:
            return False
        local = believed.astimezone(settings.terms.zone)
        days = days_to_end(local, settings.audit_hour, await store.read_last_day(tx, local.date()))
        await audit.record(tx, [Act(Action.DAY_ENDED, None, detail=day.isoformat()) for day in days])
        ended = await store.read_days(tx, days)
        await runtime.publish(tx, [head_published(day, head) for day, head in ended])
    return False


def head_published(day: date, head: bytes) -> Event:
    """The head of a day, for everybody. It tells neither how many entries there are nor when the last was made."""
    data = AuditHeadPublished(day=day, head=head.hex())
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=data.type,
        subject=day.isoformat(),
        time=datetime.combine(day, time.min, UTC),
        classification=Classification.PUBLIC,
        data=data,
    )


async def read_published(bootstrap: str) -> set[tuple[date, bytes]]:
    """All heads that were published, as the topic itself has them. Raises KafkaError, ReadingStopped."""
    consumer = FromBeginning(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        isolation_level="read_committed",
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    client: Any = consumer  # aiokafka has no type hints here
    found: set[tuple[date, bytes]] = set()
    try:
        await client.start()
        ends = await locate(bootstrap, client, [TOPIC])
        async for records, _ in read_to(client, ends, BATCH):
            for delivery in (read(record, "audit") for record in records):
                if isinstance(delivery, Delivery) and isinstance(delivery.event.data, AuditHeadPublished):
                    found.add((delivery.event.data.day, bytes.fromhex(delivery.event.data.head)))
    finally:
        await client.stop()
    return found
