"""Releasing statements through the API: previewed, delayed, published in a daily batch, taken back."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from services.remedy import casework, releasing
from services.remedy.api import build
from services.remedy.domain.people import Role
from services.remedy.office import KEYS, Office, office_of
from services.remedy.store import audit as audit_store
from services.remedy.store import cases, contents
from services.remedy.vault import KeyLost, Part, Writing
from shared import sealing
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    CaseMoved,
)
from shared.events.remedy.released import StatementReleased, StatementReversed
from shared.events.remedy.words import (
    CaseReason,
    CaseState,
    Erased,
    ErasureBasis,
    Party,
    Rung,
    RungStep,
)
from tests.conftest import Schema
from tests.remedy.given import SETTINGS, Keyed, assign, data_of, kept_case, published, somebody
from tests.remedy.telling import DAY, NO_WAIT, SUPPLIER, WHY, agreed, may_be_told, step
from tests.remedy.timed import Turned, timer


@dataclass
class Desk:
    """A handler at work on one case, whose words are sealed under real keys."""

    office: Office
    client: httpx.AsyncClient
    handler: Keyed
    case: UUID
    reference: str

    async def post(self, path: str, **body: object) -> httpx.Response:
        url = f"/cases/{self.reference}{path}"
        return await self.client.post(url, json=body, headers=self.handler.headers)

    async def release(self, **body: object) -> httpx.Response:
        """Look at the preview, then release it."""
        asked: dict[str, Any] = {"motivation": WHY} | body
        preview = await self.post("/releases/preview", **asked)
        assert preview.status_code == 200, preview.text
        return await self.post("/releases", **asked, seen=preview.json()["seen"])

    async def happens(self, *facts: CaseFact) -> None:
        """Let the reporter do something."""
        async with self.office.runtime.transaction() as tx:
            await cases.append(tx, self.case, await tx.fetchval("SELECT now()"), [(Party.REPORTER, f) for f in facts])

    async def next_batch(self) -> list[Any]:
        """Let a day pass and the batch go out; what is published by it."""
        pool = self.office.runtime.pool
        before = len(await published(pool))
        await pool.execute("UPDATE daily_batch SET day = day - 1")
        await releasing.publish_batch(self.office.runtime, timer())
        return (await published(pool))[before:]


@pytest.fixture
async def desk(schema: Schema, keys: Schema) -> AsyncIterator[Desk]:
    runtime = schema.runtime(NO_WAIT, {KEYS: keys.pool})
    office, case = office_of(runtime), uuid4()
    await office.vault.make_keys([case])
    about = {
        "place": {"name": "Example Electronics", "unit": "line 4", "supplier": str(SUPPLIER)},
        "categories": ["forced_labour"],
        "workers": 240,
    }
    async with runtime.transaction() as tx:
        row = await kept_case(tx, *may_be_told(case))
        await tx.execute("UPDATE grievance_case SET received_at = now() - interval '200 days' WHERE case_id = $1", case)
        sealed = await office.vault.seal(case, [Writing(Part.ABOUT, json.dumps(about).encode())])
        await contents.insert(tx, sealed, Party.REPORTER)
    handler = await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case, handler)
    transport = httpx.ASGITransport(build(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://remedy") as client:
        yield Desk(office, client, handler, case, row["reference"])


def told(found: Sequence[Any]) -> list[StatementReleased]:
    return data_of(found, StatementReleased)


async def test_the_preview_is_exactly_what_is_published(desk: Desk) -> None:
    preview = await desk.post("/releases/preview", motivation=WHY)
    released = await desk.post("/releases", motivation=WHY, seen=preview.json()["seen"])

    batch = await desk.next_batch()

    assert (released.status_code, released.json()["statements_waiting"]) == (200, 1)
    assert [topic for topic, _ in batch] == ["members.remedy"]
    (statement,) = told(batch)
    assert statement.model_dump(mode="json", exclude={"statement"}) == preview.json()["says"]
    assert preview.json()["says"]["workers"] == "100-999"


async def test_what_is_published_tells_no_time_finer_than_a_day_and_leads_to_no_case(desk: Desk) -> None:
    await desk.release()

    ((_, event),) = await desk.next_batch()

    assert event.id.version == 4
    assert (event.time.hour, event.time.minute, event.time.second, event.time.microsecond) == (0, 0, 0, 0)
    assert (event.causationid, event.correlationid) == (None, None)
    assert event.subject == str(told([("", event)])[0].statement)
    said = str(event)
    assert not any(word in said for word in (str(desk.case), desk.reference, "line 4", "Example", "240"))


async def test_a_preview_releases_nothing_and_is_audited_with_its_reason(desk: Desk) -> None:
    await desk.post("/releases/preview", motivation=WHY)

    assert await desk.next_batch() == []
    pool = desk.office.runtime.pool
    assert await pool.fetchval("SELECT count(*) FROM content WHERE part = 'statement'") == 0
    entry = await pool.fetchrow("SELECT * FROM audit_entry WHERE action = 'read'")
    assert entry is not None and entry["person_id"] == desk.handler.person.id and len(entry["contents"]) == 1


async def test_a_case_says_the_same_once_so_that_it_does_not_read_as_two_sources(desk: Desk) -> None:
    await desk.release()
    while_waiting = await desk.post("/releases/preview", motivation=WHY)
    await desk.next_batch()
    afterwards = await desk.post("/releases/preview", motivation=WHY)

    assert [one.json()["code"] for one in (while_waiting, afterwards)] == ["already_released"] * 2


async def test_what_was_not_previewed_is_not_released(desk: Desk) -> None:
    preview = await desk.post("/releases/preview", motivation=WHY)

    other = await desk.post("/releases", motivation=WHY, workers=5_000, seen=preview.json()["seen"])

    assert (other.status_code, other.json()["code"]) == (409, "not_as_previewed")
    assert await desk.next_batch() == []


async def test_a_refusal_names_every_reason_and_nothing_is_kept(desk: Desk) -> None:
    await desk.happens(agreed(desk.case, Rung.MEMBERS, False), agreed(desk.case, Rung.BRAND, False))

    answer = await desk.post("/releases/preview", motivation=WHY, workers=3)

    assert answer.status_code == 409
    codes = {fault["code"] for fault in answer.json()["errors"]}
    assert codes == {"consent_missing", "earlier_rung_open", "too_few"}
    assert await desk.office.runtime.pool.fetchval("SELECT count(*) FROM content") == 1


async def test_a_statement_waits_at_least_the_days_that_are_set(desk: Desk, keys: Schema, schema: Schema) -> None:
    waits = NO_WAIT.model_copy(update={"release_delay": 3, "release_spread": 4})
    office = office_of(schema.runtime(waits, {KEYS: keys.pool}))
    await desk.release()
    pool = desk.office.runtime.pool
    content = await pool.fetchval("DELETE FROM statement_waiting RETURNING content_id")

    days = set()
    for _ in range(60):
        async with pool.acquire() as tx:
            await releasing.queue(office, tx, desk.case, content, DAY)
        days.add((await pool.fetchval("DELETE FROM statement_waiting RETURNING due_on") - DAY).days)

    assert min(days) >= 3 and max(days) <= 7 and len(days) > 1


async def test_a_batch_goes_out_once_a_day_and_not_before_its_hour(desk: Desk, schema: Schema, keys: Schema) -> None:
    await desk.release()
    first = await desk.next_batch()
    await desk.release(quarter="2020-Q1")

    await releasing.publish_batch(desk.office.runtime, timer())

    pool = desk.office.runtime.pool
    assert len(told(first)) == 1 == len(told(await published(pool)))
    hour = await pool.fetchval("SELECT extract(hour FROM now() AT TIME ZONE $1)::int", SETTINGS.zone)
    later = NO_WAIT.model_copy(update={"batch_hour": hour + 1})
    await pool.execute("UPDATE daily_batch SET day = day - 1")
    await releasing.publish_batch(schema.runtime(later, {KEYS: keys.pool}), timer())
    assert len(told(await published(pool))) == 1


async def test_while_the_clock_has_jumped_no_batch_goes_out(desk: Desk) -> None:
    clock = Turned()
    one, runtime = timer(clock), desk.office.runtime
    await one.fire(runtime)
    await desk.release()
    before = len(await published(runtime.pool))

    clock.turn(hours=-2)
    await releasing.publish_batch(runtime, one)
    assert len(await published(runtime.pool)) == before

    clock.turn(hours=2)
    await releasing.publish_batch(runtime, one)
    assert len(told((await published(runtime.pool))[before:])) == 1


async def test_consent_that_ends_before_the_day_keeps_the_statement_back_for_ever(desk: Desk) -> None:
    await desk.release()
    await desk.happens(agreed(desk.case, Rung.MEMBERS, False))

    assert await desk.next_batch() == []
    await desk.happens(agreed(desk.case, Rung.MEMBERS))
    assert await desk.next_batch() == []
    assert await desk.office.runtime.pool.fetchval("SELECT count(*) FROM content WHERE part = 'statement'") == 0


@pytest.mark.parametrize("reversed_by", ["consent", "rung"])
async def test_consent_that_ends_afterwards_takes_the_statement_back_once(desk: Desk, reversed_by: str) -> None:
    await desk.release()
    (statement,) = told(await desk.next_batch())
    ended = (
        agreed(desk.case, Rung.MEMBERS, False)
        if reversed_by == "consent"
        else step(desk.case, Rung.MEMBERS, RungStep.REVERSED)
    )
    await desk.happens(ended)

    taken_back, later = await desk.next_batch(), await desk.next_batch()

    assert data_of(taken_back, StatementReversed) == [
        StatementReversed(statement=statement.statement, supplier=SUPPLIER)
    ]
    assert (len(taken_back), later) == (1, [])
    assert taken_back[0][1].subject == str(statement.statement)


async def test_a_case_stopped_for_safety_holds_its_statement_back_until_it_goes_on(desk: Desk) -> None:
    await desk.release()
    case, stopped = desk.case, CaseState.SUSPENDED_FOR_SAFETY
    await desk.happens(CaseMoved(case=case, before=CaseState.RECEIVED, after=stopped, reason=CaseReason.SAFETY))
    held_back = await desk.next_batch()
    await desk.happens(
        CaseMoved(case=case, before=stopped, after=CaseState.RECEIVED, reason=CaseReason.SAFETY_RESTORED)
    )

    assert (held_back, len(told(await desk.next_batch()))) == ([], 1)


async def test_once_published_only_the_sealed_text_leads_from_the_case_to_the_statement(desk: Desk) -> None:
    await desk.release()
    (statement,) = told(await desk.next_batch())

    pool = desk.office.runtime.pool
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    spine = {"outbox", "outbox_todo", "stream_head", "outbox_head"}
    with_it = {
        row["tablename"]
        for row in tables
        if not any(row["tablename"].startswith(one) for one in spine)
        and await pool.fetchval(
            f"SELECT count(*) FROM {row['tablename']} AS t WHERE t::text LIKE $1 OR t::text LIKE $2",
            f"%{statement.statement}%",
            f"%{SUPPLIER}%",
        )
    }
    assert with_it == {"reason"}  # as every member reads it, and nothing of a case beside it
    row = await pool.fetchval("SELECT r::text FROM reason r")
    assert str(desk.case) not in row and desk.reference not in row
    async with pool.acquire() as tx:
        ((_, sealed),) = await contents.read(tx, desk.case, [Part.STATEMENT])
    assert releasing.statement_of((await desk.office.vault.open([sealed]))[0]) == statement


async def test_a_case_that_is_to_be_erased_first_takes_back_what_it_told(desk: Desk) -> None:
    await desk.release()
    await desk.next_batch()
    await desk.release(quarter="2020-Q1")
    async with desk.office.runtime.transaction() as tx:
        await releasing.take_back(desk.office, tx, desk.case)
    await desk.office.vault.destroy(desk.case, Erased.CONTENT)

    batch = await desk.next_batch()

    assert [type(event.data) for _, event in batch] == [StatementReversed]


async def test_a_statement_of_an_erased_case_is_never_published(desk: Desk) -> None:
    await desk.release()
    await desk.office.vault.destroy(desk.case, Erased.CONTENT)
    await desk.happens(CaseErased(case=desk.case, basis=ErasureBasis.TWO_PERSONS, what=Erased.CONTENT))

    assert await desk.next_batch() == []
    assert await desk.office.runtime.pool.fetchval("SELECT count(*) FROM content WHERE part = 'statement'") == 0


async def test_a_key_that_cannot_be_read_today_loses_no_statement_and_no_reversal(
    desk: Desk, schema: Schema, keys: Schema
) -> None:
    """A wrong wrapping key in the settings is mended, and the batch of the next day goes out."""
    other_key = SecretStr(sealing.encode(bytes(reversed(range(32)))))
    wrong = schema.runtime(NO_WAIT.model_copy(update={"case_key": other_key}), {KEYS: keys.pool})
    await desk.release()
    await releasing.publish_batch(wrong, timer())
    first = await desk.next_batch()
    await desk.happens(agreed(desk.case, Rung.MEMBERS, False))
    await desk.office.runtime.pool.execute("UPDATE daily_batch SET day = day - 1")
    await releasing.publish_batch(wrong, timer())

    assert len(told(first)) == 1
    assert [type(event.data) for _, event in await desk.next_batch()] == [StatementReversed]


async def test_a_statement_that_was_taken_back_is_not_missed_by_the_audit(desk: Desk, schema: Schema) -> None:
    await desk.release()
    await desk.next_batch()
    await desk.happens(agreed(desk.case, Rung.MEMBERS, False))
    await desk.next_batch()

    assert await schema.rows("SELECT FROM content WHERE part = 'statement'") == []
    async with schema.pool.acquire() as connection:
        assert await audit_store.read_altered(connection) == []


async def test_nothing_is_forgotten_while_the_key_is_there_and_cannot_be_read(
    desk: Desk, schema: Schema, keys: Schema
) -> None:
    """An erasure under a wrong wrapping key fails; what was told is taken back once the key in use is right."""
    other_key = SecretStr(sealing.encode(bytes(reversed(range(32)))))
    wrong = office_of(schema.runtime(NO_WAIT.model_copy(update={"case_key": other_key}), {KEYS: keys.pool}))
    await desk.release()
    await desk.next_batch()

    with pytest.raises(KeyLost):
        async with wrong.runtime.transaction() as tx:
            await releasing.take_back(wrong, tx, desk.case)

    async with desk.office.runtime.transaction() as tx:
        await releasing.take_back(desk.office, tx, desk.case)
    assert [type(event.data) for _, event in await desk.next_batch()] == [StatementReversed]


async def test_taking_back_can_be_repeated_when_the_key_is_gone(desk: Desk) -> None:
    await desk.release()
    await desk.next_batch()
    await desk.office.vault.destroy(desk.case, Erased.CONTENT)

    for _ in range(2):
        async with desk.office.runtime.transaction() as tx:
            await releasing.take_back(desk.office, tx, desk.case)

    assert await desk.next_batch() == []


async def test_a_handler_of_another_case_learns_not_even_that_it_is_there(desk: Desk) -> None:
    other = await somebody(desk.office.runtime.pool, Role.HANDLER)
    paths = [("GET", "ladder"), ("POST", "releases/preview"), ("POST", "releases"), ("POST", "rungs")]
    body = {"motivation": WHY, "seen": "0" * 64}

    for method, path in paths:
        sent: dict[str, Any] = {"rung": "workers"} if path == "rungs" else body
        sent = sent if path != "releases/preview" else {"motivation": WHY}
        answers = [
            await desk.client.request(
                method, f"/cases/{reference}/{path}", headers=other.headers, json=sent if method == "POST" else None
            )
            for reference in (desk.reference, "R-0000-0000-0000")
        ]
        assert [one.status_code for one in answers] == [404, 404]
        assert len({one.json()["detail"] for one in answers}) == 1


async def test_a_handler_puts_down_a_rung_and_reads_the_ladder_but_cannot_waive(desk: Desk) -> None:
    waived = await desk.post("/rungs", rung="public", step="waived")
    as_members = await desk.post("/rungs", rung="members")
    workers = await desk.post("/rungs", rung="workers")

    assert [one.json()["errors"][0]["code"] for one in (waived, as_members)] == ["not_for_this_party"] * 2
    assert workers.status_code == 200
    ladder = await desk.client.get(f"/cases/{desk.reference}/ladder", headers=desk.handler.headers)
    assert [one["rung"] for one in ladder.json()["rungs"]] == ["workers", "employer", "brand", "members", "public"]
    assert [one["agreed"] for one in ladder.json()["rungs"]] == [True, True, True, True, False]
    async with desk.office.runtime.transaction() as tx:
        assert Rung.MEMBERS not in (await casework.read_dossier(tx, desk.case)).ladder.reached


async def test_what_is_missing_from_a_statement_is_asked_for_by_name(desk: Desk) -> None:
    await desk.office.runtime.pool.execute("DELETE FROM content")

    answer = await desk.post("/releases/preview", motivation=WHY)

    assert (answer.status_code, answer.json()["code"]) == (422, "statement_incomplete")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/supplier", "/category"]
