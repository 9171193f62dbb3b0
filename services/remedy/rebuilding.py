"""What is this service's own of a rebuild: engagements and follow-ups are told again in the order of their recording.

Topics are told together, not one after the other: which group was open when a flag came decides what was proposed. Our
own facts are told again, too, where nothing else would tell of them: statements, when they were published, and the
moments at which the clock told of a day; it then tells of it again. Cases are no part of it.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby

from pydantic import SecretStr

from deploy.local import rebuilding
from deploy.local.rebuilding import Plan, RebuildRefused, Report, Work, consumer_of, pass_over, topics_to_read
from deploy.local.rebuilt import Rebuilt
from services.remedy import handlers, obligations
from services.remedy.settings import RemedySettings
from services.remedy.statements import record_statements
from services.remedy.store.engagement import concluded
from services.remedy.store.engagement.obligations import count_untold
from shared import outbox
from shared.consumer import Consumer
from shared.delivery import Delivery
from shared.events.envelope import Event
from shared.events.remedy import (
    MemberObligationApproaching,
    MemberObligationMissed,
    ObligationApproaching,
    ObligationMissed,
    RemedyVerified,
    StatementReleased,
    StatementReversed,
)
from shared.inbox import StreamKey
from shared.postgres import borrow, transaction
from shared.replaying import read_heads, read_published, topics_of
from shared.retelling import retell
from shared.snapshot import Snapshot, work_in
from shared.topics import is_restricted

STATEMENTS = StatementReleased | StatementReversed | RemedyVerified
BY_CLOCK = ObligationApproaching | ObligationMissed | MemberObligationApproaching | MemberObligationMissed
SENT_WITHIN = 60
"""Seconds within which the relay of the live service publishes what it has told; it takes less than one."""
NO_KEY = SecretStr("A" * 43 + "=")
"""Stands for the keys of cases, which a rebuild neither has nor needs: 32 bytes in base64."""


async def rebuild(admin: str, bootstrap: str, report: Report, *, live: str = "remedy", keep: bool = False) -> Rebuilt:
    """Conclude engagements and follow-ups again from the topics, and compare, as `deploy.local.rebuilding` promises."""
    return await rebuilding.rebuild(PLAN, admin, bootstrap, report, live=live, keep=keep)


def settings_for(bootstrap: str, dsn: SecretStr) -> RemedySettings:
    """The service's own settings, for a broker and a database, without any key of a case."""
    return RemedySettings(
        kafka_bootstrap=bootstrap, database_dsn=dsn, keys_dsn=dsn, case_key=NO_KEY, receipt_pepper=NO_KEY
    )


def settings_of(work: Work) -> RemedySettings:
    """The settings of this service; the work keeps them under their common type."""
    assert isinstance(work.settings, RemedySettings)
    return work.settings


async def conclude(work: Work, bootstrap: str) -> None:
    """Tell the topics again, as the live service has read them, and its own facts where they are needed."""
    built = handlers.build(partial(settings_of, work))
    consumers = [consumer_of(work, one) for one in built if one.topic is None or not is_restricted(one.topic)]
    read = await topics_to_read(work, bootstrap, lambda topic: any(one.handler.reads(topic) for one in consumers))
    own = await own_topics(work, bootstrap)
    async with borrow(work.pool) as connection:
        heads = await read_heads(connection, work.copies, read)
        told = await read_published(connection, work.copies, own)
    async for part in retell(bootstrap, read | own, heads | told, work.settings.batch_size):
        for consumer, deliveries in runs(part.deliveries, consumers):
            await (follow_own(work, deliveries) if consumer is None else consumer.apply(deliveries))
        note(work, part.deliveries, told)
        work.tell(f"{part.seen:,} of {part.total:,} records")
    work.passed_over += await pass_over(work, *consumers)
    if told:
        raise RebuildRefused(f"Kafka no longer has all that was told of {len(told)} keys of our own topics.")


async def own_topics(work: Work, bootstrap: str) -> set[str]:
    """The topics of our own facts that Kafka has, once the live relay has published all that the copies know of.

    Raises RebuildRefused where it does not publish.
    """
    async with borrow(work.pool) as connection:
        topics = await concluded.read_told(connection, work.copies) & await topics_of(bootstrap)
        give_up = time.monotonic() + SENT_WITHIN
        while await concluded.count_unsent(connection, work.live, work.copies, topics):
            if time.monotonic() > give_up:
                raise RebuildRefused("The live service has told of what Kafka has not got yet: see its relay.")
            await asyncio.sleep(0.2)
    return topics


def runs(
    deliveries: Sequence[Delivery], consumers: Sequence[Consumer]
) -> Iterator[tuple[Consumer | None, list[Delivery]]]:
    """Deliveries in their order, as long as one consumer after the other may take them; none for our own facts."""

    def reader(delivery: Delivery) -> Consumer | None:
        return next((one for one in consumers if one.handler.reads(delivery.topic)), None)

    for consumer, found in groupby(deliveries, reader):
        yield consumer, list(found)


def note(work: Work, deliveries: Sequence[Delivery], told: dict[StreamKey, int]) -> None:
    """Count what was told again, and strike off `told` what of our own facts has come to its end."""
    work.events += len(deliveries)
    for one in deliveries:
        work.newest = max(one.event.told_at, work.newest or one.event.time)
        if told.get(one.stream) == one.sequence:
            del told[one.stream]


async def follow_own(work: Work, deliveries: Sequence[Delivery]) -> None:
    """Follow our own facts: statements as they were published, and the clock at the moments at which it told."""
    fired = None
    for event in (one.event for one in deliveries):
        if isinstance(event.data, STATEMENTS):
            await take_statement(work, event)
        elif isinstance(event.data, BY_CLOCK) and event.recordedtime is not None and event.recordedtime != fired:
            fired = event.recordedtime
            await fire(work, fired)


async def take_statement(work: Work, event: Event) -> None:
    """Take a statement as a reason, as of the moment at which it was published."""
    async with transaction(work.pool) as tx:
        await outbox.append(tx, await record_statements(tx, [event], settings_of(work).proposal_rules))


async def fire(work: Work, at: datetime) -> None:
    """Let the clock tell of everything that was due by a moment."""
    found = 1
    while found:
        async with transaction(work.pool) as tx:
            found = await obligations.fire_at(settings_of(work), tx, at)


async def catch_up(work: Work, taken: Snapshot) -> int:
    """Let the clock tell of what was due by the moment of the snapshot, unless the live one had yet to look at it."""
    at = max(taken.at, work.newest or taken.at)
    async with transaction(work.pool) as tx:
        await work_in(tx, work.copies)
        unseen = await count_untold(tx, at)
    if not unseen:
        await fire(work, at)
    return unseen


PLAN = Plan(
    "remedy",
    settings_for,
    conclude,
    catch_up,
    concluded.without,
    concluded.still_here,
    only=concluded.CONCLUDED,
)
