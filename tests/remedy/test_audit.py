"""The audit chain on the real Postgres: what is recorded, its daily heads, and who may read it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from services.remedy import audit, heads
from services.remedy.audit import Act, Action
from services.remedy.commands.audit import entry_of
from services.remedy.domain.audit import (
    BEGINNING,
    Content,
    Fault,
    Finding,
    days_to_end,
    digest_of_case,
    head_after,
    verify,
)
from services.remedy.domain.people import Role
from services.remedy.store import audit as store
from shared.events.remedy import AuditHeadPublished
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.auditing import (
    MOMENT,
    SOMEBODY,
    a_chain_of_two_days,
    as_administrator,
    end_days,
    heads_in_outbox,
    keep_words,
    record,
    verified,
)
from tests.remedy.given import published, somebody

# What is recorded


async def test_each_entry_is_bound_to_the_one_before(schema: Schema, runtime: Runtime) -> None:
    case, content = await keep_words(runtime)
    await record(runtime, Act(Action.CASE_OPENED, None, case))
    await record(
        runtime,
        Act(Action.READ, SOMEBODY, case, (content,)),
        Act(Action.PERSON_ADDED, None, about=SOMEBODY, detail="handler"),
    )

    rows = await schema.rows("SELECT * FROM audit_entry ORDER BY position")
    entries = [store.entry_of(row) for row in rows]

    assert [entry.position for entry in entries] == [1, 2, 3]
    assert [entry.action for entry in entries] == ["case_opened", "read", "person_added"]
    assert entries[0].head == head_after(BEGINNING, entries[0])
    assert entries[1].head == head_after(entries[0].head, entries[1])
    assert entries[2].head == head_after(entries[1].head, entries[2])
    assert (entries[2].about, entries[2].detail) == (SOMEBODY, "handler")
    (digest,) = await schema.rows("SELECT sha256(ciphertext) FROM content")
    assert entries[1].contents == (Content(content, digest[0]),)
    assert not (await verified(schema)).findings


async def test_an_entry_stands_only_with_what_it_tells_of(schema: Schema, runtime: Runtime) -> None:
    with pytest.raises(RuntimeError, match="rolled back"):
        async with runtime.transaction() as tx:
            await audit.record(tx, [Act(Action.CLOCK, None)])
            raise RuntimeError("rolled back")
    await record(runtime, Act(Action.MOVED, SOMEBODY))

    (row,) = await schema.rows("SELECT position, action FROM audit_entry")
    assert tuple(row) == (1, "moved")


async def test_entries_of_many_at_once_make_one_chain(schema: Schema, runtime: Runtime) -> None:
    await asyncio.gather(*(record(runtime, Act(Action.MOVED, uuid4()), Act(Action.CLOCK, None)) for _ in range(20)))

    verification = await verified(schema)

    assert (verification.entries, verification.position, verification.findings) == (40, 40, [])


async def test_words_that_are_not_kept_cannot_be_named(runtime: Runtime) -> None:
    with pytest.raises(KeyError):
        await record(runtime, Act(Action.READ, SOMEBODY, None, (uuid4(),)))


async def test_recording_nothing_adds_nothing(schema: Schema, runtime: Runtime) -> None:
    await record(runtime)

    assert not await schema.rows("SELECT FROM audit_entry")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET detail = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_the_service_has_no_right_to_change_an_entry(schema: Schema, runtime: Runtime, statement: str) -> None:
    await record(runtime, Act(Action.CLOCK, None))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await schema.pool.execute(statement)


# The published heads


async def test_a_head_is_published_every_day_even_when_nothing_happened(schema: Schema, runtime: Runtime) -> None:
    await end_days(runtime)
    await end_days(runtime)

    (row,) = await schema.rows("SELECT * FROM audit_entry")
    ((topic, event),) = await published(schema.pool)
    assert isinstance(event.data, AuditHeadPublished)
    assert topic == "public.audit"
    assert (event.data.day.isoformat(), event.data.head) == (row["detail"], row["head"].hex())
    assert (event.subject, event.time.time().isoformat()) == (row["detail"], "00:00:00")
    assert not (await verified(schema, await heads_in_outbox(schema), datetime.now(UTC).date())).findings


async def test_two_processes_that_end_a_day_at_once_end_it_once(schema: Schema, runtime: Runtime) -> None:
    await asyncio.gather(*(end_days(runtime) for _ in range(5)))

    assert len(await schema.rows("SELECT FROM audit_entry")) == 1
    assert len(await heads_in_outbox(schema)) == 1


async def test_days_that_passed_while_the_service_was_down_are_ended_afterwards(
    schema: Schema, runtime: Runtime
) -> None:
    await end_days(runtime)
    (last,) = await heads_in_outbox(schema)
    await as_administrator(schema, "TRUNCATE audit_entry, outbox CASCADE")
    earlier = date.fromordinal(last[0].toordinal() - 3)
    await record(runtime, Act(Action.DAY_ENDED, None, detail=earlier.isoformat()))

    await end_days(runtime)

    told = await heads_in_outbox(schema)
    assert sorted(day.toordinal() - earlier.toordinal() for day, _ in told) == [1, 2, 3]


async def test_while_the_clock_is_not_believed_no_day_ends(schema: Schema, runtime: Runtime) -> None:
    await heads.end_days(runtime)
    assert not await schema.rows("SELECT FROM audit_entry")

    await end_days(runtime)
    assert len(await schema.rows("SELECT FROM audit_entry")) == 1


async def test_a_day_to_come_that_somebody_put_in_does_not_silence_the_heads_and_shows(
    schema: Schema, runtime: Runtime
) -> None:
    await end_days(runtime)
    ((day, _),) = await heads_in_outbox(schema)
    await record(runtime, Act(Action.DAY_ENDED, None, detail="2099-01-01"))
    await schema.pool.execute("UPDATE clock_watch SET high_water = high_water + interval '2 days'")

    await heads.end_days(runtime)

    told = await heads_in_outbox(schema)
    next_two = [day + timedelta(days=1), day + timedelta(days=2)]
    assert sorted(one for one, _ in told) == [day, *next_two]
    found = (await verified(schema, told, day + timedelta(days=3))).findings
    assert set(found) == {
        Finding(Fault.NOT_PUBLISHED, day=date(2099, 1, 1)),
        Finding(Fault.DAY_TO_COME, day=date(2099, 1, 1)),
        Finding(Fault.DAY_OUT_OF_ORDER, day=next_two[0]),
    }


@pytest.mark.parametrize(
    ("local", "last", "due"),
    [
        ("2026-11-22T02:00:00", None, ["2026-11-21"]),
        ("2026-11-22T01:59:59", None, ["2026-11-20"]),
        ("2026-11-22T02:00:00", "2026-11-20", ["2026-11-21"]),
        ("2026-11-22T01:59:59", "2026-11-20", []),
        ("2026-11-22T23:00:00", "2026-11-21", []),
        ("2026-11-22T02:00:00", "2026-11-18", ["2026-11-19", "2026-11-20", "2026-11-21"]),
        ("2026-11-22T02:00:00", "2026-12-24", []),
        ("2026-03-29T03:00:00", "2026-03-27", ["2026-03-28"]),
        ("2027-01-01T04:00:00", "2026-12-30", ["2026-12-31"]),
    ],
    ids=["first", "first-early", "next", "early", "done", "after-downtime", "clock-went-back", "dst", "new-year"],
)
def test_a_day_ends_at_its_hour_of_the_next(local: str, last: str | None, due: list[str]) -> None:
    ended = date.fromisoformat(last) if last else None

    days = days_to_end(datetime.fromisoformat(local), 2, ended)

    assert [day.isoformat() for day in days] == due


async def test_the_heads_are_read_back_from_the_topic_itself(schema: Schema, runtime: Runtime, kafka: str) -> None:
    told = await a_chain_of_two_days(schema, runtime)
    async with runtime.transaction() as tx:
        await runtime.publish(tx, [heads.head_published(day, head) for day, head in sorted(told)])
    settings = runtime.settings.model_copy(update={"kafka_bootstrap": kafka})
    relay = asyncio.create_task(schema.runtime(settings).relay.run())
    try:
        async with asyncio.timeout(30):
            while (found := await heads.read_published(kafka)) < told:
                await asyncio.sleep(0.05)
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)

    assert told <= found
    await as_administrator(schema, "DELETE FROM audit_entry WHERE position >= 4")
    assert Finding(Fault.DAY_MISSING, day=date(2026, 11, 21)) in (await verified(schema, told)).findings


# Who may read it


async def test_an_auditor_recomputes_the_chain_from_what_is_answered(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = await a_chain_of_two_days(schema, runtime)
    auditor = await somebody(schema.pool, Role.AUDITOR)

    first = (await client.get("/audit/entries", params={"limit": 2}, headers=auditor.headers)).json()
    rest = (await client.get("/audit/entries", params={"after": 2}, headers=auditor.headers)).json()

    verification = verify([entry_of(row) for row in first + rest], told, MOMENT.date())
    assert (verification.entries, verification.findings) == (5, [])


async def test_the_audit_tells_references_and_no_id_of_a_case(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case, content = await keep_words(runtime)
    handler, auditor = await somebody(schema.pool, Role.HANDLER), await somebody(schema.pool, Role.AUDITOR)
    await record(runtime, Act(Action.READ, handler.person.id, case, (content,)))
    (reference,) = await schema.rows("SELECT reference FROM grievance_case")

    answer = await client.get("/audit/entries", headers=auditor.headers)

    (entry,) = answer.json()
    assert (entry["reference"], entry["person_name"]) == (reference[0], handler.person.name)
    assert entry["case"] == digest_of_case(case).hex()
    assert str(case) not in answer.text


async def test_everybody_reads_their_own_acts_and_no_other(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    one, other = await somebody(schema.pool, Role.HANDLER), await somebody(schema.pool, Role.CUSTODIAN)
    await record(runtime, Act(Action.READ, one.person.id), Act(Action.IDENTITY_GRANTED, other.person.id))

    answer = (await client.get("/audit/own", headers=one.headers)).json()

    assert [entry["action"] for entry in answer] == ["read"]


@pytest.mark.parametrize("path", ["/audit/entries", "/audit/chain"])
@pytest.mark.parametrize("role", list(Role))
async def test_only_auditors_read_the_audit(schema: Schema, client: httpx.AsyncClient, path: str, role: Role) -> None:
    keyed = await somebody(schema.pool, role)

    answer = await client.get(path, headers=keyed.headers)

    assert answer.status_code == (200 if role is Role.AUDITOR else 403)
