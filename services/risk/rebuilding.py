"""Concluding everything again from the topics, in a fresh schema, and comparing it with the live one."""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from deploy.local.beside import drop_beside, make_beside, owner_dsn
from services.risk import flagging, handlers, schedule
from services.risk.domain.facts.editions import digest_of
from services.risk.settings import RiskSettings
from services.risk.store import facts, registry, snapshot
from services.risk.store.snapshot import Snapshot
from shared import repair
from shared.comparing import Compared, compare_table
from shared.consumer import Consumer, Handler
from shared.postgres import Pool, borrow, open_pool, transaction
from shared.relay import Relay
from shared.replaying import count_behind, read_heads, read_topics, replay, topics_of
from shared.service import Runtime

SERVICE = "risk"
MEMBER_TOPIC = re.compile(r"member\.([a-z0-9-]+)\.[a-z]+")
PAGE = 2000
"""Flags whose clock is looked at in one transaction."""
TOLD_EVERY = 5
"""Seconds between two lines that tell how far a rebuild has come."""

Report = Callable[[str], None]


class RebuildRefused(Exception):
    """The rebuild cannot be compared with the live schema; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found. `passed_over` are events on which a handler fails now and that the live inbox is past.

    `clocks` are those that had run out when the live schema was copied, before the service had looked at them.
    `behind` counts keys of which Kafka no longer has all events that the live schema has applied. `gone` are the
    members that have left, with their topics; `lost` those whose topics are gone though they have not left.
    """

    tables: Sequence[Compared]
    events: int
    passed_over: int
    dead_letters: int
    parked: int
    clocks: int
    behind: int
    gone: Sequence[str]
    lost: Sequence[str]
    seconds: float
    schema: str | None

    @property
    def is_equal(self) -> bool:
        """Whether every compared row of every table is the same, and no event was missing."""
        return not (self.behind or self.lost or any(table.differing for table in self.tables))


@dataclass(slots=True)
class Work:
    """A rebuild under way: where it writes, the live schema's copies, and what it has met so far."""

    settings: RiskSettings
    pool: Pool
    fresh: str
    copies: str
    report: Report
    events: int = 0
    passed_over: int = 0
    gone: set[str] = field(default_factory=set)
    told_at: float = 0.0


async def rebuild(admin: str, bootstrap: str, report: Report, *, live: str = SERVICE, keep: bool = False) -> Rebuilt:
    """Conclude everything again from the topics, as far as the live inbox has applied them, and compare all tables.

    Nothing of the live schema is changed, and nothing is published; the service may go on meanwhile. The fresh schema
    is dropped unless `keep`. Raises RebuildRefused, StackError where the database refuses, ReadingStopped or KafkaError
    where Kafka does.
    """
    began = time.monotonic()
    async with working(admin, bootstrap, report, keep) as work:
        await require_same_migrations(work, live)
        report("copying the live schema as of this moment, and its facts")
        async with borrow(work.pool) as connection, connection.transaction(isolation="repeatable_read"):
            taken = await snapshot.take(connection, live, work.fresh, work.copies)
        await check_facts(work)
        for handler in handlers.build(lambda: work.settings):
            await replay_handler(work, handler, bootstrap)
        report("clocks")
        clocks = await catch_up(work, taken)
        report("comparing")
        found = await compare(work, taken)
    tables, behind, lost = found
    return Rebuilt(
        tables,
        work.events,
        work.passed_over,
        taken.dead_letters,
        taken.parked,
        clocks,
        behind,
        sorted(work.gone - set(lost)),
        lost,
        time.monotonic() - began,
        work.fresh if keep else None,
    )


@contextlib.asynccontextmanager
async def working(admin: str, bootstrap: str, report: Report, keep: bool) -> AsyncIterator[Work]:
    """Two schemas beside the live one, for what is rebuilt and for the live one's copies; dropped unless `keep`.

    Those that no running rebuild holds are named, not dropped: somebody may have kept them.
    """
    fresh = f"{SERVICE}_rebuild_{secrets.token_hex(4)}"
    copies = f"{fresh}_live"
    dsn = SecretStr(owner_dsn(admin, SERVICE, fresh))
    settings = RiskSettings(kafka_bootstrap=bootstrap, database_dsn=dsn)
    report(f"making the schema {fresh}")
    async with contextlib.AsyncExitStack() as stack:
        if not keep:
            stack.push_async_callback(asyncio.to_thread, drop_beside, admin, copies)
            stack.push_async_callback(asyncio.to_thread, drop_beside, admin, fresh)
        await asyncio.to_thread(make_beside, admin, SERVICE, fresh, with_tables=True)
        await asyncio.to_thread(make_beside, admin, SERVICE, copies, with_tables=False)
        pool = await open_pool(dsn, size=3)
        stack.push_async_callback(pool.close)
        holding = await stack.enter_async_context(borrow(pool))
        await snapshot.hold(holding, fresh)
        for schema in await snapshot.left_over(holding, f"{SERVICE}_rebuild", fresh):
            report(f"{schema} is left of an earlier rebuild; an administrator drops it by {dropping(schema)}")
        assert await snapshot.schema_of(pool) == fresh, "nothing may be written elsewhere"
        yield Work(settings, pool, fresh, copies, report)


def dropping(schema: str) -> str:
    """The statement by which a schema of a rebuild goes."""
    return f'DROP SCHEMA "{schema}" CASCADE;'


async def require_same_migrations(work: Work, live: str) -> None:
    """Raises RebuildRefused where the live schema was made by another release."""
    async with borrow(work.pool) as connection:
        ours, theirs = [await snapshot.read_migrations(connection, schema) for schema in (work.fresh, live)]
    if ours != theirs:
        raise RebuildRefused("The live schema has other migrations than this release: rebuild with the one that runs.")


async def check_facts(work: Work) -> None:
    """Raises RebuildRefused at the first edition whose facts are no longer those that were loaded."""
    async with borrow(work.pool) as connection:
        for edition in await snapshot.read_editions(connection):
            found = digest_of(await facts.facts_of(connection, edition["id"]))
            if found != edition["digest"]:
                raise RebuildRefused(
                    f"{edition['source']}, edition {edition['edition']}: its facts in the live schema are not those "
                    "that were loaded. Load the list again as an edition of its own."
                )


async def replay_handler(work: Work, handler: Handler, bootstrap: str) -> None:
    """Apply, by a handler, what the live one has applied of its topics."""
    async with borrow(work.pool) as connection:
        wanted = {topic for topic in await read_topics(connection, work.copies) if handler.reads(topic)}
        topics = wanted & await topics_of(bootstrap)
        heads = await read_heads(connection, work.copies, topics)
    work.gone |= {member_of(topic) for topic in wanted - topics}
    consumer = Consumer(SERVICE, handler, work.pool, work.settings, committed=lambda: None)
    async for part in replay(bootstrap, topics, heads, work.settings.batch_size):
        await consumer.apply(part.deliveries)
        work.events += len(part.deliveries)
        tell(work, f"{handler.topic or handler.pattern}: {part.seen:,} of {part.total:,} records")
    work.passed_over += await pass_over(work, consumer)


def member_of(topic: str) -> str:
    """The member whose topic this is. Raises RebuildRefused for another: such a topic is never deleted."""
    found = MEMBER_TOPIC.fullmatch(topic)
    if found is None:
        raise RebuildRefused(f"Kafka has no topic {topic}: what it held cannot be told again.")
    return found[1]


async def pass_over(work: Work, consumer: Consumer) -> int:
    """Go past events on which the handler fails now: the live inbox has applied them, or an operator gave them up."""
    passed = 0
    while letters := await repair.waiting(work.pool):
        for letter in letters:
            passed += await repair.discard(consumer, letter["id"])
    return passed


async def catch_up(work: Work, taken: Snapshot) -> int:
    """Do what the service does by the clock, as of the moment at which the live schema was copied.

    Clocks are looked at now and then: those that had run out unseen are told in the copy, too, and counted.
    """
    runtime = Runtime(SERVICE, work.settings, work.pool, Relay(SERVICE, work.pool, work.settings))
    while await schedule.reassess_outdated(runtime):
        pass
    await fire_clocks(work, work.fresh, taken)
    return await fire_clocks(work, work.copies, taken)


async def fire_clocks(work: Work, schema: str, taken: Snapshot) -> int:
    """Tell of the flags in a schema whose clock had run out by then; how many."""
    fired, told = 0, 1
    while told:
        async with transaction(work.pool) as tx:
            await snapshot.work_in(tx, schema)
            told = len(await flagging.fire_overdue(tx, taken.at, PAGE, work.settings))
            fired += told
    return fired


async def compare(work: Work, taken: Snapshot) -> tuple[list[Compared], int, list[str]]:
    """How each table compares, how many keys lack events, and the members whose topics are lost."""
    tables = []
    async with borrow(work.pool) as connection:
        lost = sorted(await registry.still_here(connection, work.gone))
        topics = await read_topics(connection, work.copies)
        present = {topic for topic in topics if (m := MEMBER_TOPIC.fullmatch(topic)) is None or m[1] not in work.gone}
        behind = await count_behind(connection, work.fresh, work.copies, present)
        for name, table in sorted(taken.tables.items()):
            left_out = snapshot.without(name, tuple(sorted(work.gone)))
            tables.append(await compare_table(connection, table, work.copies, work.fresh, left_out))
    return tables, behind, lost


def tell(work: Work, line: str) -> None:
    """Report how far it has come, now and then."""
    if time.monotonic() - work.told_at >= TOLD_EVERY:
        work.told_at = time.monotonic()
        work.report(line)
