"""What happens to records that strangers write: no envelope of ours, no sequence, no inbox; each gets one answer.

A handler is given records of one topic as they came, in order, and returns what is to be published: the answer to each,
and what follows from it. It knows by itself what it was given before: after a crash between the database's commit and
Kafka's, a batch comes again.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import ClassVar, Protocol

import stamina
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared import outbox
from shared.consumer import wait_to_retry
from shared.events.envelope import Event
from shared.logs import log
from shared.metrics import BATCH_SECONDS, EVENTS_CONSUMED, RECORDS_NOT_DELETED, topic_label
from shared.postgres import Connection, Pool, is_gone, is_transient, transaction
from shared.settings import Settings

RawRecord = ConsumerRecord[bytes, bytes]
Delete = Callable[[Mapping[TopicPartition, int]], Awaitable[None]]
DELETE_ATTEMPTS = 6


@dataclass(slots=True)
class Taken:
    """What a handler has made of records. Those in `delete` must not stay in the log."""

    events: list[Event] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    delete: list[RawRecord] = field(default_factory=list)
    committed: Callable[[], None] = lambda: None
    """Called once it holds."""

    def join(self, more: "Taken") -> "Taken":
        """Both together, this one first."""

        def both() -> None:
            self.committed()
            more.committed()

        return Taken(self.events + more.events, self.outcomes + more.outcomes, self.delete + more.delete, both)


class RawHandler(Protocol):
    """Reads the topics of an anchored pattern. `most_records` and `most_bytes` bound what it is given at once."""

    name: str
    topic: None
    pattern: str
    most_records: int
    most_bytes: int

    async def handle(self, records: Sequence[RawRecord], tx: Connection, topics: Collection[str]) -> Taken:
        """Decide on records of one topic. `topics` are those that Kafka has."""

    async def give_up(self, record: RawRecord, tx: Connection, topics: Collection[str]) -> Taken:
        """Answer a record on which `handle` fails, whatever the reason."""


@dataclass(frozen=True, slots=True)
class RawConsumer:
    """Applies batches of raw records for one handler of one service."""

    service: str
    handler: RawHandler
    pool: Pool
    settings: Settings
    committed: Callable[[], None]
    """Called after each commit: wakes the relay."""
    delete: Delete
    """Deletes what lies before an offset of the log."""
    fetch_bytes: ClassVar[int] = 264 * 1024
    """One record of the largest size: topics of a thousand members are buffered in 264 MB at the most."""

    async def take(self, records: Sequence[RawRecord], topics: Collection[str]) -> None:
        """Apply a batch, a transaction for each topic and limit. Returns once all is committed.

        A transaction per topic, so that no member waits for another's locks, and none is harmed by another's record.
        """
        for _, of_topic in groupby(sorted(records, key=attrgetter("topic")), key=attrgetter("topic")):
            for part in parts_of(list(of_topic), self.handler.most_records, self.handler.most_bytes):
                await self.apply(part, topics)

    async def apply(self, records: Sequence[RawRecord], topics: Collection[str]) -> None:
        """Apply records of one topic; waits, for as long as it takes, while the database is away."""
        attempt = 0
        while True:
            attempt += 1
            started = time.perf_counter()
            try:
                taken = await self.transact(records, topics, isolate=attempt > self.settings.handler_attempts)
            except Exception as error:
                attempt = await wait_to_retry(error, attempt, self.handler.name, self.settings.handler_attempts)
            else:
                break
        self.committed()
        taken.committed()
        label = topic_label(records[0].topic)
        for outcome, number in taken.outcomes.items():
            EVENTS_CONSUMED.labels(label, outcome).inc(number)
        BATCH_SECONDS.labels(label).observe(time.perf_counter() - started)
        if taken.delete:
            await self.delete_from_log(taken.delete)

    async def transact(self, records: Sequence[RawRecord], topics: Collection[str], isolate: bool) -> Taken:
        """One transaction over the records; with `isolate`, those that the handler fails on are given up singly."""
        async with transaction(self.pool) as tx:
            if isolate:
                return await self.handle_by_halves(tx, records, topics)
            return await self.handle(tx, records, topics)

    async def handle(self, tx: Connection, records: Sequence[RawRecord], topics: Collection[str]) -> Taken:
        """Let the handler work, and record what it publishes."""
        taken = await self.handler.handle(records, tx, topics)
        await outbox.append(tx, taken.events)
        return taken

    async def handle_by_halves(self, tx: Connection, records: Sequence[RawRecord], topics: Collection[str]) -> Taken:
        """Handle what can be handled: each half in a savepoint, down to the single record that fails."""
        try:
            async with tx.transaction():
                return await self.handle(tx, records, topics)
        except Exception as error:
            if is_transient(error) or is_gone(tx):
                raise
            if len(records) == 1:
                log.error("record isolated", handler=self.handler.name, exc_info=error)
                taken = await self.handler.give_up(records[0], tx, topics)
                await outbox.append(tx, taken.events)
                return taken
        middle = len(records) // 2
        first = await self.handle_by_halves(tx, records[:middle], topics)
        return first.join(await self.handle_by_halves(tx, records[middle:], topics))

    async def delete_from_log(self, records: Sequence[RawRecord]) -> None:
        """Delete records, and with them what lies before them and is applied. Where Kafka refuses for long, alarm.

        A crash before this is done repeats the batch, and this with it.
        """
        before: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            before[place] = max(record.offset + 1, before.get(place, 0))
        try:
            async for attempt in stamina.retry_context(on=(KafkaError, OSError), attempts=DELETE_ATTEMPTS, timeout=30):
                with attempt:
                    await self.delete(before)
        except (KafkaError, OSError) as error:
            RECORDS_NOT_DELETED.inc(len(records))
            log.error("records not deleted from the log", handler=self.handler.name, count=len(records), exc_info=error)


def parts_of(records: Sequence[RawRecord], most_records: int, most_bytes: int) -> Iterator[list[RawRecord]]:
    """The records in order, in parts of so many and so large at the most; a larger record is a part of its own."""
    part: list[RawRecord] = []
    size = 0
    for record in records:
        more = len(record.value or b"")
        if part and (len(part) == most_records or size + more > most_bytes):
            yield part
            part, size = [], 0
        part.append(record)
        size += more
    if part:
        yield part
