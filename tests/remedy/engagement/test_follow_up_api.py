"""What members see of the follow-up of their contracts, over HTTP and typed, and what an event would come to."""

import asyncio
import json
from datetime import date
from uuid import UUID, uuid4

import httpx
import pytest

from services.remedy.commands.engagement import publishing
from services.remedy.commands.engagement.calendar import EMPTY
from services.remedy.domain.engagement.calendar import condition_of
from shared.events.engagement_words import ConditionState, RequestState
from shared.events.envelope import Event
from shared.events.ingest import SelfReportRecorded
from shared.events.vocabulary import DueDiligenceStep
from shared.postgres import borrow
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.engagement.contracted import CONTRACT, EVIDENCE, SUPPLIER, Stream, take
from tests.remedy.engagement.shown import World, asked, day
from tests.remedy.given import bearer
from tests.remedy.typing_in import engage, http_of, typed


@pytest.fixture
async def world(runtime: Runtime) -> World:
    world = World(runtime, supplier=SUPPLIER)
    await world.begin()
    return world


@pytest.fixture
def stream() -> Stream:
    return Stream()


async def happen(world: World, *batch: Event) -> None:
    async with world.runtime.transaction() as tx:
        await take(tx, *batch)


async def begin(world: World, stream: Stream) -> UUID:
    """A contract of Oslo that began 30 days ago; its self-report, due in 12 days."""
    starts = day(30)
    await happen(world, stream.contract(starts, starts=starts, ends=day(-400)))
    return condition_of(CONTRACT, "dfo-2", day(-12))


async def test_a_member_sees_the_conditions_of_its_own_contracts_and_the_operator_all(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)

    mine = await asked(client, "/conditions", world.as_member("oslo"))
    others = await asked(client, "/conditions", world.as_member("bergen"))

    first = mine[0]
    assert first["condition"] == str(report)
    assert (first["state"], first["clause"], first["due"]) == ("due", "dfo-2", day(-12).isoformat())
    assert (first["reference"], first["supplier_name"]) == ("24/1001", "Example Electronics")
    assert others == []
    assert len(await asked(client, "/conditions")) == len(mine) == 2
    assert await asked(client, "/conditions", member="bergen") == []


async def test_conditions_are_narrowed_by_contract_and_state(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)
    await happen(world, stream.self_report(day(5), report, DueDiligenceStep.EMBED))

    states = {state: len(await asked(client, "/conditions", state=state)) for state in ("due", "submitted", "breach")}

    assert states == {"due": 1, "submitted": 1, "breach": 1}
    assert len(await asked(client, "/conditions", contract="24/1001")) == 3
    assert await asked(client, "/conditions", contract="24/1002") == []


async def test_a_condition_is_shown_with_its_history_and_what_is_legal_next(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)
    submitted = stream.step(day(3), report, ConditionState.SUBMITTED)
    await happen(world, submitted)

    shown = await asked(client, f"/conditions/{report}", world.as_member("oslo"))

    assert [one["event"] for one in shown["history"]] == [str(submitted.id)]
    assert shown["legal"] == ["verified with evidence", "deficient with a reason"]
    assert shown["next_due"] is None


async def test_what_is_not_ones_own_looks_as_if_it_were_not_there(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)

    others = await client.get(f"/conditions/{report}", headers=world.as_member("bergen"))
    none = await client.get(f"/conditions/{uuid4()}", headers=world.as_member("bergen"))

    assert others.status_code == none.status_code == 404
    assert {**others.json(), "instance": ""} == {**none.json(), "instance": ""}


@pytest.mark.parametrize("path", ["/conditions", "/calendar", "/information-requests", "/clauses", "/asks"])
async def test_nothing_is_shown_without_a_key(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=bearer("no-such-key"))).status_code == 401


async def test_the_calendar_has_what_is_due_of_contracts_requests_and_groups(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)
    engagement = await world.open("network")
    ask = await world.ask(engagement, group="network", due=day(-5))
    await happen(world, stream.asked(day(30), RequestState.RECEIVED))

    oslo = await asked(client, "/calendar", world.as_member("oslo"))
    bergen = await asked(client, "/calendar", world.as_member("bergen"))

    kinds = [(row["kind"], row["days_left"], row["missed"]) for row in oslo]
    assert kinds == [("information_request", -9, False), ("ask", 5, False), ("condition", 12, False)]
    assert [row["about"] for row in oslo][1:] == [str(ask), str(report)]
    assert oslo[1]["wording"] == "Sign the agreement with the union."
    assert oslo[2]["wording"] == "The self-report on due diligence"
    assert {row["supplier_name"] for row in oslo[1:]} == {"Example Electronics"}
    assert bergen == []
    until = await asked(client, "/calendar", world.as_member("oslo"), until=day(-5).isoformat())
    assert len(until) == 2


async def test_information_requests_wait_with_their_day_and_what_may_be_reported(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    await happen(world, stream.asked(day(10), RequestState.RECEIVED))

    [row] = await asked(client, "/information-requests", world.as_member("oslo"))

    assert (row["reference"], row["state"], row["due"]) == ("R-1", "received", day(-11).isoformat())
    assert row["legal"][0].startswith("extended with reasons")
    assert await asked(client, "/information-requests", world.as_member("bergen")) == []


async def test_the_libraries_are_shown_to_every_member(world: World, client: httpx.AsyncClient) -> None:
    clauses = await asked(client, "/clauses", world.as_member("bergen"))
    asks = await asked(client, "/asks", world.as_member("bergen"))

    report = next(one for one in clauses if one["id"] == "dfo-2")
    assert [one["within"] or "yearly" for one in report["routine"]] == ["P42D", "yearly"]
    assert {one["clause"] for one in asks} <= {one["id"] for one in clauses}


def followed_up(report: UUID, state: str, **fields: object) -> dict[str, object]:
    said = {"contract": "24/1001", "condition": str(report), "state": state, "decided_on": day(0).isoformat()}
    return {"type": "condition.followed-up.v1", "data": said | fields}


async def test_it_can_be_asked_what_an_event_would_come_to_without_sending_it(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)
    headers = world.as_member("oslo")

    fits = await client.post("/entries/check", headers=headers, json=followed_up(report, "submitted"))
    not_now = await client.post("/entries/check", headers=headers, json=followed_up(report, "verified"))
    others = await client.post(
        "/entries/check", headers=world.as_member("bergen"), json=followed_up(report, "submitted")
    )
    request = {"reference": "R-9", "state": "received", "on": day(0).isoformat()}
    asked_for = await client.post(
        "/entries/check", headers=headers, json={"type": "information-request.handled.v1", "data": request}
    )
    account = {"year": 2025, "published_on": day(0).isoformat(), "account": EVIDENCE.model_dump()}
    published = await client.post(
        "/entries/check", headers=headers, json={"type": "account.published.v1", "data": account}
    )

    assert [one["after"] for one in fits.json()["would"]] == ["submitted"]
    assert not_now.status_code == 409
    assert not_now.json()["refusals"] == ["not_from_this_state", "evidence_missing"]
    assert not_now.json()["legal"] == ["submitted", "deficient with a reason"]
    assert (others.status_code, others.json()["refusals"]) == (409, ["contract_unknown"])
    assert [one["type"] for one in asked_for.json()["would"]] == ["information-request.moved.v1"]
    assert published.json() == {"would": []}
    assert (await asked(client, f"/conditions/{report}", headers))["state"] == "due"
    assert await world.runtime.pool.fetchval("SELECT count(*) FROM follow_up_entry") == 0


async def test_who_asks_what_an_event_would_come_to_waits_for_nobody_and_lets_nobody_wait(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)

    async with borrow(world.runtime.pool) as other, other.transaction():
        await other.execute("SELECT FROM obligation FOR UPDATE")
        asking = client.post("/entries/check", headers=world.as_member("oslo"), json=followed_up(report, "submitted"))
        answer = await asyncio.wait_for(asking, 5)

    assert answer.status_code == 200


async def test_what_became_of_an_entry_is_told_to_its_member_alone(
    world: World, stream: Stream, client: httpx.AsyncClient
) -> None:
    report = await begin(world, stream)
    wrong, right = stream.step(day(3), report, ConditionState.VERIFIED), stream.self_report(day(2), report)
    await happen(world, wrong, right)

    refused = await client.get(f"/entries/{entry_of(wrong)}", headers=world.as_member("oslo"))
    applied = await client.get(f"/entries/{entry_of(right)}", headers=world.as_member("oslo"))
    others = await client.get(f"/entries/{entry_of(right)}", headers=world.as_member("bergen"))

    assert (refused.status_code, refused.json()["code"]) == (409, "state_conflict")
    assert (applied.json()["standing"], applied.json()["member"]) == ("applied", "oslo")
    assert others.status_code == 404


def entry_of(told: Event) -> UUID:
    assert told.data is not None
    return UUID(told.data.model_dump()["entry"].hex)


# Typed


async def test_the_calendar_and_the_conditions_are_typed(
    world: World, stream: Stream, schema: Schema, keys: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await begin(world, stream)
    await happen(world, stream.asked(day(30), RequestState.RECEIVED))
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_MEMBER_KEY", world.keys["oslo"])
        monkeypatch.setenv("COLUMNS", "200")

        calendar = await typed("calendar", "--member", "oslo")
        listed = await typed("condition", "list", "--member", "oslo")
        shown = await typed("condition", "show", str(report)[:8], "--member", "oslo")
        requests = await typed("information-request", "list", "--member", "oslo", "--json")
        clause = await typed("clauses", "dfo-2", "--member", "oslo")
        standard = await typed("asks", "return-papers", "--member", "oslo")
        unknown = await typed("clauses", "no-such", "--member", "oslo")
        monkeypatch.setenv("ENGAGE_MEMBER_KEY", world.keys["bergen"])
        empty = await typed("calendar", "--member", "bergen")

    assert "9 days over" in calendar.stdout and "in 12 days" in calendar.stdout
    assert "Condition dfo-2" in calendar.stdout
    assert str(report)[:8] in listed.stdout and "24/1001" in listed.stdout
    assert "submitted; deficient with a reason" in " ".join(shown.stdout.split())
    assert [row["reference"] for row in json.loads(requests.stdout)] == ["R-1"]
    assert "six weeks after the start" in " ".join(clause.stdout.split())
    assert "identity papers" in " ".join(standard.stdout.split())
    assert unknown.exit_code == 1
    assert "engage clauses" in str(unknown.exception)
    assert " ".join(EMPTY.split()) in " ".join(empty.stdout.split())


async def test_a_step_is_typed_and_refused_with_what_would_be_legal(
    world: World, stream: Stream, schema: Schema, keys: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = str(await begin(world, stream))
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_MEMBER_KEY", world.keys["oslo"])

        fits = await typed("condition", "self-report", report[:8], "--no", "track", "--member", "oslo", "--dry-run")
        wrong = await typed("condition", "follow-up", report[:8], "verified", "--member", "oslo", "--dry-run")
        wanted = await typed(
            *("condition", "schedule", "24/1001", "ew-access", "A visit", "--due", day(-60).isoformat()),
            *("--member", "oslo", "--dry-run", "--json"),
        )
        request = await typed("information-request", "record", "R-2", "answered", "--member", "oslo", "--dry-run")
        account = await typed(
            *("account", "publish", "2025", "--evidence", "https://example.org/a.pdf", "--sha256", "ab" * 32),
            *("--member", "oslo", "--dry-run"),
        )

    assert "Would be taken" in fits.stdout
    assert wrong.exit_code == 1
    assert "submitted; deficient with a reason" in wrong.stderr
    assert [one["type"] for one in json.loads(wanted.stdout)["would"]] == ["condition.due.v1"]
    assert request.exit_code == 1
    assert "received" in request.stderr
    assert account.exit_code == 0


async def test_who_records_a_self_report_with_noes_is_told_of_the_breaches_and_where_they_are(
    world: World, stream: Stream, schema: Schema, keys: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, loop = await begin(world, stream), asyncio.get_running_loop()
    noes = DueDiligenceStep.IDENTIFY, DueDiligenceStep.TRACK

    def publish(_kind: str, _data: object, _key: str) -> dict[str, str]:
        """The report as `ingest` passes it on."""
        event = stream.self_report(day(0), report, *noes)
        asyncio.run_coroutine_threadsafe(happen(world, event), loop).result()
        assert isinstance(event.data, SelfReportRecorded)
        return {"entry": str(event.data.entry)}

    monkeypatch.setattr(publishing, "publish", publish)
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_MEMBER_KEY", world.keys["oslo"])
        said = await typed(
            "condition", "self-report", str(report)[:8], "--no", "identify", "--no", "track", "--member", "oslo"
        )
        where = said.stdout.splitlines()[-1].split()[1:]
        listed = await typed(*where, "--json")

    made = json.loads(listed.stdout)
    assert len(made) == 2
    assert f"2 breaches are open now, to be put right by {made[0]['due']}." in said.stdout


async def test_help_teaches_with_an_example() -> None:
    for command in (["calendar"], ["clauses"], ["asks"], ["condition", "follow-up"], ["account", "publish"]):
        shown = await asyncio.to_thread(engage, *command, "--help")
        assert "Example" in shown.stdout


def test_days_of_the_tests_are_days_before_today() -> None:
    assert day(-1) > day(0) >= date(2026, 1, 1)
