"""The relay publishes the outbox to Kafka, in order per key, at least once; the inbox of each consumer makes that once.

It reads a queue by id and keeps no cursor, so a transaction that commits late is found in the next round. A session
advisory lock lets one relay of a service run at a time; one that hangs is ended by the next.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from asyncpg import Record

from shared.kafka import open_producer
from shared.logs import log
from shared.metrics import EVENTS_PUBLISHED
from shared.packing import unpack
from shared.postgres import Connection, Pool, borrow, is_transient
from shared.settings import Settings
from shared.topics import has_one_event_per_key, is_kept_for_ever

REFUSED_FOR_GOOD = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTopicError)
ABSENT_SECONDS = 2
"""A topic that Kafka does not know is not asked for again before this; the other topics go on."""
STOP_WITHIN = 5
"""Seconds for the batch in hand when the service stops."""
IDLE_SECONDS = 0.25
"""How long an idle relay sleeps when nothing wakes it: other processes of the service commit too."""

Failures = list[tuple[Record, BaseException]]


class Relay:
    """Publishes one service's outbox. `wake` is called after each commit."""

    def __init__(self, service: str, pool: Pool, settings: Settings) -> None:
        self.service = service
        self.pool = pool
        self.settings = settings
        self.committed = asyncio.Event()
        self.last_beat = 0.0
        self.careful = 0
        self.known: set[str] = set()
        self.absent: dict[str, float] = {}
        self.stopping = asyncio.Event()
        self.ended = asyncio.Event()
        self.also_woken: list[asyncio.Event] = []
        """Set after each commit as well: a task of the service that works on rows of its own waits for one of these."""

    def wake(self) -> None:
        self.committed.set()
        for event in self.also_woken:
            event.set()

    async def stop(self) -> None:
        """Let the batch in hand be acknowledged and taken off the queue, within a limit; begin no other."""
        self.stopping.set()
        self.wake()
        await within(STOP_WITHIN, self.ended)

    async def run(self) -> None:
        """Publish until `stop`; failures of Kafka or Postgres are waited out."""
        while not self.stopping.is_set():
            try:
                async with borrow(self.pool) as held:
                    if await self.take_lock(held):
                        await self.publish_until_stopped(held)
            except Exception as error:
                if not (is_transient(error) or isinstance(error, KafkaError)):
                    raise
                log.warning("relay interrupted", exc_info=error)
            await within(1, self.stopping)
        self.ended.set()

    async def take_lock(self, connection: Connection) -> bool:
        """Become the service's only relay, or end a holder that has been silent for too long and try again later."""
        if await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", f"relay/{self.service}"):
            return True
        await connection.execute(
            """SELECT pg_terminate_backend(backend) FROM relay_heartbeat
               WHERE beat_at < clock_timestamp() - make_interval(secs => $1)""",
            self.settings.relay_heartbeat_stale,
        )
        return False

    async def publish_until_stopped(self, connection: Connection) -> None:
        """Publish as the lock's holder. The producer lives as long as nothing fails: after an error it is replaced."""
        self.last_beat = 0.0
        self.known.clear()
        producer = open_producer(self.settings)
        try:
            await producer.start()
            while not self.stopping.is_set():
                self.committed.clear()  # before reading, or a commit in between would be slept over
                await self.beat(connection)
                if not await self.publish_once(connection, producer):
                    await within(IDLE_SECONDS, self.committed)
        finally:
            await asyncio.wait([asyncio.ensure_future(producer.stop())], timeout=STOP_WITHIN)

    async def beat(self, connection: Connection) -> None:
        """Say once a second that this relay is alive."""
        if time.monotonic() - self.last_beat < 1:
            return
        await connection.execute(
            """INSERT INTO relay_heartbeat (backend, beat_at) VALUES (pg_backend_pid(), clock_timestamp())
               ON CONFLICT (singleton) DO UPDATE SET backend = EXCLUDED.backend, beat_at = EXCLUDED.beat_at"""
        )
        self.last_beat = time.monotonic()

    async def publish_once(self, connection: Connection, producer: AIOKafkaProducer) -> int:
        """Publish what is queued, up to one batch; how many events that were.

        Raises the first KafkaError: an idempotent producer cannot go on after a failure and is replaced.
        """
        queued = await self.queued(connection)
        rows = await self.with_topic(producer, queued)
        acknowledged, failures = await send(producer, rows)
        if acknowledged:
            await forget(connection, rows, acknowledged)
        EVENTS_PUBLISHED.inc(len(acknowledged))
        self.careful = max(0, self.careful - len(rows))
        for row, error in failures:
            await self.cope(connection, row, error, alone=len(rows) == 1)
        if failures:
            raise failures[0][1]
        return len(queued)

    async def with_topic(self, producer: AIOKafkaProducer, rows: list[Record]) -> list[Record]:
        """The rows whose topic exists; the client itself would wait for each other one, and everything with it."""
        new = {row["topic"] for row in rows} - self.known
        if not new:
            return rows
        existing = (await producer.client.fetch_all_metadata()).topics()
        self.known |= new & existing
        self.absent |= dict.fromkeys(new - existing, time.monotonic() + ABSENT_SECONDS)
        return [row for row in rows if row["topic"] in self.known]

    async def queued(self, connection: Connection) -> list[Record]:
        """The oldest events that may be published now, in order."""
        self.absent = {topic: until for topic, until in self.absent.items() if until > time.monotonic()}
        return await connection.fetch(
            """SELECT o.id, o.topic, o.key, o.headers, o.value FROM outbox_todo t JOIN outbox o USING (id)
               WHERE NOT EXISTS (SELECT 1 FROM outbox_blocked b WHERE b.topic = o.topic AND b.key = o.key)
                 AND o.topic <> ALL($2::text[])
               ORDER BY t.id LIMIT $1""",
            1 if self.careful else self.settings.relay_batch,
            list(self.absent),
        )

    async def cope(self, connection: Connection, row: Record, error: BaseException, alone: bool) -> None:
        """See to it that an event which cannot be sent stops its own key, and nothing else.

        Kafka refuses a whole batch of several events for one of them: they are tried again one by one first.
        """
        if isinstance(error, REFUSED_FOR_GOOD) and alone:
            await self.block(connection, row, error)
        elif isinstance(error, REFUSED_FOR_GOOD):
            self.careful = self.settings.relay_batch

    async def block(self, connection: Connection, row: Record, error: BaseException) -> None:
        """Stop the key of an event that Kafka refuses for good; the others go on."""
        log.error("event refused by Kafka, its key is stopped", topic=row["topic"], exc_info=error)
        await connection.execute(
            "INSERT INTO outbox_blocked (id, topic, key, error) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            row["id"],
            row["topic"],
            row["key"],
            type(error).__name__,
        )


async def forget(connection: Connection, rows: Sequence[Record], acknowledged: Sequence[int]) -> None:
    """Take what Kafka has acknowledged off the queue, and keep no copy of what Kafka itself does not keep for ever.

    Otherwise erasing a case would stop at the outbox. Nor is a counter kept that will not be asked again.
    """
    topics, done = {row["topic"] for row in rows}, set(acknowledged)
    passing = {topic for topic in topics if not is_kept_for_ever(topic)}
    single = {topic for topic in topics if has_one_event_per_key(topic)}
    ended = [row for row in rows if row["topic"] in single and row["id"] in done]
    await connection.execute(
        """WITH done AS (DELETE FROM outbox_todo WHERE id = ANY($1::bigint[])),
                ended AS (DELETE FROM stream_head h USING unnest($3::text[], $4::text[]) AS u (topic, key)
                          WHERE (h.topic, h.key) = (u.topic, u.key))
           DELETE FROM outbox WHERE id = ANY($2::bigint[])""",
        acknowledged,
        [row["id"] for row in rows if row["topic"] in passing and row["id"] in done],
        [row["topic"] for row in ended],
        [row["key"] for row in ended],
    )


async def within(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, but no longer than this."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


async def send(producer: AIOKafkaProducer, rows: Sequence[Record]) -> tuple[list[int], Failures]:
    """Send the rows in order and wait for every answer; the ids acknowledged, and the failures.

    After a failure no later row of the same key counts as acknowledged: all from the failed one on are sent again.
    """
    answers: list[tuple[Record, asyncio.Future[object]]] = []
    unsent, failures = set[tuple[str, str]](), Failures()
    for row in rows:
        stream = (row["topic"], row["key"])
        if stream in unsent:
            continue
        try:
            answer = await producer.send(
                row["topic"], row["value"], key=row["key"].encode(), headers=unpack(row["headers"])
            )
        except KafkaError as error:
            unsent.add(stream)
            failures.append((row, error))
        else:
            answers.append((row, answer))
    return await collect(answers, failures), failures


async def collect(answers: Sequence[tuple[Record, "asyncio.Future[object]"]], failures: Failures) -> list[int]:
    """The ids of the rows that Kafka has acknowledged, with every earlier one of their key."""
    acknowledged: list[int] = []
    failed = set[tuple[str, str]]()
    results = await asyncio.gather(*(answer for _, answer in answers), return_exceptions=True)
    for (row, _), result in zip(answers, results, strict=True):
        if isinstance(result, BaseException):
            failed.add((row["topic"], row["key"]))
            failures.append((row, result))
        elif (row["topic"], row["key"]) not in failed:
            acknowledged.append(row["id"])
    return acknowledged
