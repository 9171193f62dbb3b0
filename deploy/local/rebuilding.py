"""Concluding everything again from the topics, in a fresh schema, and comparing it with the live one.

A service says what is its own in a `Plan`: which tables are compared, what is taken over, in which order its events are
told again, and what follows by the clock. The rest is the same for all.
"""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from deploy.local.beside import drop_beside, make_beside, owner_dsn
from deploy.local.rebuilt import Rebuilt
from shared import repair, snapshot
from shared.comparing import Compared, Without, compare_table
from shared.consumer import Consumer, Handler
from shared.postgres import Connection, Pool, borrow, open_pool
from shared.relay import Relay
from shared.replaying import count_behind, read_heads, read_topics, replay, topics_of
from shared.service import Runtime
from shared.settings import Settings
from shared.snapshot import Snapshot

MEMBER_TOPIC = re.compile(r"member\.([a-z0-9-]+)\.[a-z]+")
TOLD_EVERY = 5
"""Seconds between two lines that tell how far a rebuild has come."""

Report = Callable[[str], None]


class RebuildRefused(Exception):
    """The rebuild cannot be compared with the live schema; the text says why and what to do."""


@dataclass(slots=True)
class Work:
    """A rebuild under way: where it writes, the live schema's copies, and what it has met so far."""

    service: str
    settings: Settings
    pool: Pool
    live: str
    fresh: str
    copies: str
    report: Report
    events: int = 0
    passed_over: int = 0
    gone: set[str] = field(default_factory=set)
    newest: datetime | None = None
    """When the last of the events that were told again was recorded, where they are told in that order."""
    told_at: float = 0.0

    @property
    def runtime(self) -> Runtime:
        """The service as it would run on the fresh schema; nothing is published from it."""
        return Runtime(self.service, self.settings, self.pool, Relay(self.service, self.pool, self.settings))

    def tell(self, line: str) -> None:
        """Report how far it has come, now and then."""
        if time.monotonic() - self.told_at >= TOLD_EVERY:
            self.told_at = time.monotonic()
            self.report(line)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is a service's own of a rebuild.

    `settings` makes its settings for a broker and a database. `conclude` tells the events again, as far as the copies
    of the live schema's heads go. `catch_up` does what the service does by the clock, as of the snapshot, in both
    schemas; it returns how many clocks the live service had yet to look at. `without` says which rows of a table are
    not compared where the topics of these members are gone, `still_here` who of them has not left. Tables in
    `taken_over` are no conclusions: they are copied, in this order. With `only`, no other table is read.
    """

    service: str
    settings: Callable[[str, SecretStr], Settings]
    conclude: Callable[[Work, str], Awaitable[None]]
    catch_up: Callable[[Work, Snapshot], Awaitable[int]]
    without: Callable[[str, tuple[str, ...]], Without]
    still_here: Callable[[Connection, Collection[str]], Awaitable[Collection[str]]]
    taken_over: tuple[str, ...] = ()
    only: Collection[str] | None = None


async def rebuild(
    plan: Plan, admin: str, bootstrap: str, report: Report, *, live: str | None = None, keep: bool = False
) -> Rebuilt:
    """Conclude everything again from the topics, as far as the live inbox has applied them, and compare all tables.

    Nothing of the live schema is changed, and nothing is published; the service may go on meanwhile. The fresh schema
    is dropped unless `keep`. Raises RebuildRefused, StackError where the database refuses, ReadingStopped or KafkaError
    where Kafka does.
    """
    began = time.monotonic()
    async with working(plan, admin, bootstrap, report, live or plan.service, keep) as work:
        await require_same_migrations(work)
        report("copying the live schema as of this moment")
        async with borrow(work.pool) as connection, connection.transaction(isolation="repeatable_read"):
            taken = await snapshot.take(connection, work.live, work.fresh, work.copies, plan.taken_over, plan.only)
        await plan.conclude(work, bootstrap)
        report("clocks")
        clocks = await plan.catch_up(work, taken)
        report("comparing")
        tables, behind, lost = await compare(plan, work, taken)
    gone = sorted(work.gone - set(lost))
    schema, seconds = work.fresh if keep else None, time.monotonic() - began
    aside = taken.dead_letters, taken.parked
    return Rebuilt(tables, work.events, work.passed_over, *aside, clocks, behind, gone, lost, seconds, schema)


@contextlib.asynccontextmanager
async def working(plan: Plan, admin: str, bootstrap: str, report: Report, live: str, keep: bool) -> AsyncIterator[Work]:
    """Two schemas beside the live one, for what is rebuilt and for the live one's copies; dropped unless `keep`.

    Those that no running rebuild holds are named, not dropped: somebody may have kept them.
    """
    fresh = f"{plan.service}_rebuild_{secrets.token_hex(4)}"
    copies = f"{fresh}_live"
    dsn = SecretStr(owner_dsn(admin, plan.service, fresh))
    settings = plan.settings(bootstrap, dsn)
    report(f"making the schema {fresh}")
    async with contextlib.AsyncExitStack() as stack:
        if not keep:
            stack.push_async_callback(asyncio.to_thread, drop_beside, admin, plan.service, copies)
            stack.push_async_callback(asyncio.to_thread, drop_beside, admin, plan.service, fresh)
        await asyncio.to_thread(make_beside, admin, plan.service, fresh, with_tables=True)
        await asyncio.to_thread(make_beside, admin, plan.service, copies, with_tables=False)
        pool = await open_pool(dsn, size=3)
        stack.push_async_callback(pool.close)
        holding = await stack.enter_async_context(borrow(pool))
        await snapshot.hold(holding, fresh)
        for schema in await snapshot.left_over(holding, f"{plan.service}_rebuild", fresh):
            report(f"{schema} is left of an earlier rebuild; an administrator drops it by {dropping(schema)}")
        assert await snapshot.schema_of(pool) == fresh, "nothing may be written elsewhere"
        yield Work(plan.service, settings, pool, live, fresh, copies, report)


def dropping(schema: str) -> str:
    """The statement by which a schema of a rebuild goes."""
    return f'DROP SCHEMA "{schema}" CASCADE;'


async def require_same_migrations(work: Work) -> None:
    """Raises RebuildRefused where the live schema was made by another release."""
    async with borrow(work.pool) as connection:
        ours, theirs = [await snapshot.read_migrations(connection, schema) for schema in (work.fresh, work.live)]
    if ours != theirs:
        raise RebuildRefused("The live schema has other migrations than this release: rebuild with the one that runs.")


async def topics_to_read(work: Work, bootstrap: str, reads: Callable[[str], bool]) -> set[str]:
    """The topics of these names that the live inbox has read and Kafka has; members whose topics are gone are noted.

    Raises RebuildRefused where another topic is gone: such a topic is never deleted.
    """
    async with borrow(work.pool) as connection:
        wanted = {topic for topic in await read_topics(connection, work.copies) if reads(topic)}
    present = await topics_of(bootstrap)
    work.gone |= {member_of(topic) for topic in wanted - present}
    return wanted & present


async def replay_handler(work: Work, handler: Handler, bootstrap: str) -> None:
    """Apply, by a handler, what the live one has applied of its topics."""
    topics = await topics_to_read(work, bootstrap, handler.reads)
    async with borrow(work.pool) as connection:
        heads = await read_heads(connection, work.copies, topics)
    consumer = consumer_of(work, handler)
    async for part in replay(bootstrap, topics, heads, work.settings.batch_size):
        await consumer.apply(part.deliveries)
        work.events += len(part.deliveries)
        work.tell(f"{handler.topic or handler.pattern}: {part.seen:,} of {part.total:,} records")
    work.passed_over += await pass_over(work, consumer)


def consumer_of(work: Work, handler: Handler) -> Consumer:
    """A consumer that applies on the fresh schema."""
    return Consumer(work.service, handler, work.pool, work.settings, committed=lambda: None)


def member_of(topic: str) -> str:
    """The member whose topic this is. Raises RebuildRefused for another: such a topic is never deleted."""
    found = MEMBER_TOPIC.fullmatch(topic)
    if found is None:
        raise RebuildRefused(f"Kafka has no topic {topic}: what it held cannot be told again.")
    return found[1]


async def pass_over(work: Work, *consumers: Consumer) -> int:
    """Go past events on which a handler fails now: the live inbox has applied them, or an operator gave them up."""
    passed, known = 0, {one.handler.name: one for one in consumers}
    while letters := await repair.waiting(work.pool):
        for letter in letters:
            passed += await repair.discard(known[letter["consumer"]], letter["id"])
    return passed


async def compare(plan: Plan, work: Work, taken: Snapshot) -> tuple[list[Compared], int, list[str]]:
    """How each table compares, how many keys lack events, and the members whose topics are lost."""
    tables = []
    async with borrow(work.pool) as connection:
        lost = sorted(await plan.still_here(connection, work.gone))
        topics = await read_topics(connection, work.copies)
        present = {topic for topic in topics if (m := MEMBER_TOPIC.fullmatch(topic)) is None or m[1] not in work.gone}
        behind = await count_behind(connection, work.fresh, work.copies, present)
        for name, table in sorted(taken.tables.items()):
            left_out = plan.without(name, tuple(sorted(work.gone)))
            tables.append(await compare_table(connection, table, work.copies, work.fresh, left_out))
    return tables, behind, lost
