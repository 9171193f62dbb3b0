"""What happens to a batch from Kafka: one transaction holds the inbox, the handler's state and the outbox.

A service writes a handler and nothing else:

    @consumes("members.disclosure")
    async def assess_disclosures(batch: Sequence[Event], tx: Connection) -> list[Event]: ...

The handler sees each event once, in the order of its key, and returns the events that follow from it. It never
publishes, reads a clock or opens a connection. If it raises, the batch is tried again; when that does not help, the one
event at fault is found by halving, becomes a dead letter, and later events of its key wait behind it.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from random import uniform
from typing import ClassVar

from aiokafka import ConsumerRecord

from shared import dead_letters, inbox, outbox
from shared.delivery import DeadLetter, Delivery, read, reread
from shared.events.envelope import Event
from shared.inbox import Plan
from shared.logs import log
from shared.metrics import BATCH_SECONDS, EVENTS_CONSUMED, RETRIES, topic_label
from shared.postgres import Connection, Pool, is_gone, is_transient, transaction
from shared.settings import Settings

Handle = Callable[[Sequence[Event], Connection], Awaitable[list[Event]]]


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler and where its events come from: one topic, or a family of topics by an anchored pattern."""

    name: str
    handle: Handle
    topic: str | None
    pattern: str | None

    def reads(self, topic: str) -> bool:
        return topic == self.topic if self.pattern is None else re.fullmatch(self.pattern, topic) is not None


def consumes(topic: str | None = None, *, pattern: str | None = None) -> Callable[[Handle], Handler]:
    """Declare the topic of a handler, or the pattern of its topics (`^member\\.[a-z0-9-]+\\.disclosure$`)."""
    if (topic is None) == (pattern is None):
        raise ValueError("a handler consumes one topic or one pattern")
    if pattern is not None and not (pattern.startswith("^") and pattern.endswith("$")):
        raise ValueError("a pattern is anchored at both ends: a prefix would catch other topics")
    return lambda handle: Handler(handle.__name__, handle, topic, pattern)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Applies batches of deliveries for one handler of one service."""

    service: str
    handler: Handler
    pool: Pool
    settings: Settings
    committed: Callable[[], None]
    """Called after each commit: wakes the relay."""
    fetch_bytes: ClassVar[int] = 1024 * 1024
    """Bytes of one partition that are fetched at once."""

    async def take(self, records: Sequence[ConsumerRecord[bytes, bytes]], _topics: Collection[str]) -> None:
        """Read and apply records as they came from Kafka."""
        readings = [read(record, self.handler.name) for record in records]
        deliveries = [reading for reading in readings if isinstance(reading, Delivery)]
        unreadable = [reading for reading in readings if isinstance(reading, DeadLetter)]
        await self.apply(deliveries, unreadable)

    async def apply(self, deliveries: Sequence[Delivery], unreadable: Sequence[DeadLetter] = ()) -> None:
        """Apply a batch. Returns once it is committed; waits, for as long as it takes, while the database is away.

        Raises only what neither patience nor isolating the event at fault can mend.
        """
        attempt = 0
        while True:
            attempt += 1
            started = time.perf_counter()
            try:
                result = await self.transact(deliveries, unreadable, isolate=attempt > self.settings.handler_attempts)
            except Exception as error:
                attempt = await wait_to_retry(error, attempt, self.handler.name, self.settings.handler_attempts)
            else:
                self.committed()
                self.count(result, unreadable, time.perf_counter() - started)
                return

    async def transact(self, deliveries: Sequence[Delivery], unreadable: Sequence[DeadLetter], isolate: bool) -> Plan:
        """One transaction over the batch; with `isolate`, events that the handler fails on become dead letters."""
        async with transaction(self.pool) as tx:
            return await self.decide(tx, deliveries, unreadable, isolate)

    async def decide(
        self, tx: Connection, deliveries: Sequence[Delivery], unreadable: Sequence[DeadLetter], isolate: bool
    ) -> Plan:
        """The work inside the transaction."""
        result = await self.plan(tx, deliveries) if deliveries else Plan()
        errors: dict[Delivery, Exception] = {}
        known = [delivery for delivery in result.apply if delivery.event.data is not None]
        if isolate:
            errors = await self.handle_by_halves(tx, known, set())
        else:
            await self.handle(tx, known)
        if errors:
            inbox.hold_back(result, list(errors))
            await inbox.correct_heads(tx, {d.stream: result.heads[d.stream] for d in errors})
        await self.set_aside(tx, result, errors, unreadable)
        return result

    async def handle(self, tx: Connection, deliveries: Sequence[Delivery]) -> None:
        """Let the handler work, and record what it publishes."""
        if deliveries:
            await outbox.append(tx, await self.handler.handle([delivery.event for delivery in deliveries], tx))

    async def plan(self, tx: Connection, deliveries: Sequence[Delivery]) -> Plan:
        """Decide what becomes of each delivery, and take the heads before anything else is written."""
        first: dict[inbox.StreamKey, int] = {}
        for delivery in deliveries:
            first[delivery.stream] = min(delivery.sequence, first.get(delivery.stream, delivery.sequence))
        before = await inbox.read_heads(tx, first)
        movable = [s for s, h in before.items() if h.parked and h.blocked is None and first[s] <= h.last + 1]
        waiting = [reread(row) for row in await inbox.read_parked(tx, movable)] if movable else []
        result = inbox.plan(before, [*deliveries, *waiting])
        await inbox.write_heads(tx, result.heads)
        return result

    async def handle_by_halves(
        self, tx: Connection, deliveries: Sequence[Delivery], failed: set[inbox.StreamKey]
    ) -> dict[Delivery, Exception]:
        """Handle what can be handled: each half in a savepoint, down to the single event that fails.

        An event fails, too, when what it would publish cannot be. Those after it in its stream are left out.
        """
        deliveries = [delivery for delivery in deliveries if delivery.stream not in failed]
        try:
            async with tx.transaction():
                await self.handle(tx, deliveries)
                return {}
        except Exception as error:
            if is_transient(error) or is_gone(tx):
                raise
            if len(deliveries) == 1:
                failed.add(deliveries[0].stream)
                log.error("event isolated", handler=self.handler.name, topic=deliveries[0].topic, exc_info=error)
                return {deliveries[0]: error}
        middle = len(deliveries) // 2
        errors = await self.handle_by_halves(tx, deliveries[:middle], failed)
        return errors | await self.handle_by_halves(tx, deliveries[middle:], failed)

    async def set_aside(
        self, tx: Connection, result: Plan, errors: dict[Delivery, Exception], unreadable: Sequence[DeadLetter]
    ) -> None:
        """Park what must wait, record dead letters, and forget parked records that found their place."""
        dead = [dead_letters.of_delivery(self.handler.name, d, errors.get(d)) for d in result.dead]
        if dead or unreadable:
            await dead_letters.record(tx, self.service, [*dead, *unreadable], self.settings.dead_letter_key)
        if result.park:
            log.warning("events wait for one before them", handler=self.handler.name, count=len(result.park))
            await inbox.park(tx, result.park)
        if settled := result.settled():
            await inbox.unpark(tx, settled)

    def count(self, result: Plan, unreadable: Sequence[DeadLetter], seconds: float) -> None:
        """Tell Prometheus what became of the batch."""
        outcomes = Counter((d.topic, "unknown_type" if d.event.data is None else "applied") for d in result.apply)
        outcomes.update((delivery.topic, "duplicate") for delivery in result.duplicates)
        outcomes.update((delivery.topic, "parked") for delivery in result.park if not delivery.was_parked)
        outcomes.update((delivery.topic, "dead_letter") for delivery in result.dead)
        outcomes.update((letter.topic, "dead_letter") for letter in unreadable)
        for (topic, outcome), number in outcomes.items():
            EVENTS_CONSUMED.labels(topic_label(topic), outcome).inc(number)
        BATCH_SECONDS.labels(topic_label(self.handler.topic or self.handler.pattern or "")).observe(seconds)


async def wait_to_retry(error: Exception, attempt: int, handler: str, most: int) -> int:
    """Back off with jitter; the number of attempts spent. A transient error spends none.

    Raises an error that is still there after `most` attempts and the one that isolates what is at fault.
    """
    transient = is_transient(error)
    if not transient and attempt > most:
        raise error
    RETRIES.labels("transient" if transient else "failed").inc()
    log.warning("batch failed, trying again", handler=handler, attempt=attempt, exc_info=error)
    await asyncio.sleep(uniform(0.05, 0.2) * 2 ** min(attempt, 4))  # noqa: S311 -- jitter is no secret
    return min(attempt, most - 1) if transient else attempt
