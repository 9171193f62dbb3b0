"""What the tests of the audit start from: a chain of two days, and somebody who has every right in the database."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import asyncpg

from services.remedy import audit, heads
from services.remedy.audit import Act, Action
from services.remedy.domain.audit import Verification, verify
from services.remedy.store import audit as store
from services.remedy.store import deadlines
from shared.events.remedy import AuditHeadPublished
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import data_of, kept_case, published

MOMENT = datetime(2026, 11, 22, 12, 30, 0, 123456, tzinfo=UTC)
TODAY = MOMENT.date()
SOMEBODY = UUID("5b0c8a52-1a0e-4e36-9d3e-2c9b5dd0a001")


async def record(runtime: Runtime, *acts: Act) -> None:
    async with runtime.transaction() as tx:
        await audit.record(tx, acts)


async def keep_words(runtime: Runtime, ciphertext: bytes = b"sealed") -> tuple[UUID, UUID]:
    """A case with a piece of sealed writing."""
    content = uuid4()
    async with runtime.transaction() as tx:
        case: UUID = (await kept_case(tx))["case_id"]
        await tx.execute(
            "INSERT INTO content (content_id, case_id, part, ciphertext, by) VALUES ($1, $2, 'note', $3, 'handler')",
            content,
            case,
            ciphertext,
        )
    return case, content


async def verified(schema: Schema, told: set[tuple[date, bytes]] | None = None, today: date = TODAY) -> Verification:
    """The chain held against these heads, on the day after the two of `a_chain_of_two_days`."""
    rows = await store.read_entries(schema.pool, 0, 10_000)
    return verify([store.entry_of(row) for row in rows], told or set(), today)


async def end_days(runtime: Runtime) -> None:
    """End the days that are over, at a clock that is believed."""
    async with runtime.transaction() as tx:
        await deadlines.watch_clock(tx)
    await heads.end_days(runtime)


async def heads_in_outbox(schema: Schema) -> set[tuple[date, bytes]]:
    told = data_of(await published(schema.pool), AuditHeadPublished)
    return {(one.day, bytes.fromhex(one.head)) for one in told}


async def as_administrator(schema: Schema, *statements: str) -> None:
    """What somebody does who has every right in the database."""
    connection = await asyncpg.connect(schema.operator_dsn)
    try:
        await connection.execute("SET search_path = remedy")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def a_chain_of_two_days(schema: Schema, runtime: Runtime) -> set[tuple[date, bytes]]:
    """Five entries: two acts, a day's end, an act, a day's end. The heads as they were published."""
    case, content = await keep_words(runtime)
    acts = [Act(Action.CASE_OPENED, None, case), Act(Action.READ, SOMEBODY, case, (content,))]
    await record(runtime, *acts)
    await record(runtime, Act(Action.DAY_ENDED, None, detail="2026-11-20"))
    await record(runtime, Act(Action.MOVED, SOMEBODY, case))
    await record(runtime, Act(Action.DAY_ENDED, None, detail="2026-11-21"))
    async with runtime.transaction() as tx:
        return set(await store.read_days(tx, [date(2026, 11, 20), date(2026, 11, 21)]))
