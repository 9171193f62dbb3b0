"""Deadlines fall due by the database's clock, each told of once; and nothing happens while that clock is wrong."""

import asyncio
from collections import Counter
from collections.abc import MutableSequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY, generate_latest

from services.remedy import audit, timing
from services.remedy.domain.people import Role
from services.remedy.office import Office
from services.remedy.timing import Timer, Witness
from shared.events.remedy.cases import (
    CaseTakenIn,
    DeadlineApproaching,
    DeadlineExtended,
    DeadlineMissed,
    DeadlineSet,
    EmployerContacted,
    MailRequested,
)
from shared.events.remedy.words import DeadlineKind, MailKind
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import OPERATOR_KEY, assign, bearer, data_of, published, somebody, taken_in_case
from tests.remedy.timed import Turned, let_happen, opened, set_high_water, timer
from tests.remedy.typing_in import http_of, typed

LONG_AGO = timedelta(days=11)
"""Long enough that an acknowledgement has passed, whatever holidays are near."""


async def until_still(timer: Timer, runtime: Runtime) -> None:
    """Look at the clock as often as there is more to do."""
    while await timer.fire(runtime):
        pass


async def missed(schema: Schema) -> list[DeadlineMissed]:
    return data_of(await published(schema.pool), DeadlineMissed)


# Each once


async def test_a_deadline_that_has_passed_is_told_of_once_however_often_one_looks(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    await opened(office, ago=LONG_AGO)
    one = timer()

    for _ in range(3):
        await until_still(one, runtime)

    assert Counter(fact.clock for fact in await missed(schema)) == {"acknowledge": 1, "stage-received": 1}


async def test_a_deadline_that_is_near_is_told_of_once_also_after_a_restart(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    await opened(office, ago=timedelta(days=6, hours=1))

    for _ in range(2):
        await until_still(timer(), runtime)

    told = data_of(await published(schema.pool), DeadlineApproaching)
    assert max(Counter(fact.clock for fact in told).values()) == 1
    assert DeadlineKind.ACKNOWLEDGE in {fact.deadline for fact in told}


async def test_several_processes_at_once_tell_of_each_deadline_once(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    await opened(office, ago=LONG_AGO, number=90)

    processes = [timer() for _ in range(4)]
    await asyncio.gather(*(until_still(one, runtime) for one in processes))
    await until_still(processes[0], runtime)

    told = Counter((fact.case, fact.clock) for fact in await missed(schema))
    assert len(told) == 180
    assert set(told.values()) == {1}
    assert not [one for one in processes if one.failing]  # none has got into another's way


async def test_a_process_that_dies_while_it_tells_has_told_nothing_and_the_next_one_tells_all(
    schema: Schema, runtime: Runtime, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(office, ago=LONG_AGO, number=3)

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(audit, "record", die)
        await timer().fire(runtime)
    assert await missed(schema) == []

    await until_still(timer(), runtime)
    assert len(await missed(schema)) == 6


async def test_more_cases_than_fit_into_one_transaction_are_told_of_in_several(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    await opened(office, ago=LONG_AGO, number=timing.AT_ONCE + 1)
    one = timer()

    assert await one.fire(runtime)
    assert not await one.fire(runtime)

    assert len(await missed(schema)) == 2 * (timing.AT_ONCE + 1)


async def test_what_is_told_calls_for_one_mail_of_a_kind_with_a_reference_only(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    (case,) = await opened(office, ago=LONG_AGO)

    await until_still(timer(), runtime)

    mails = [mail for mail in data_of(await published(schema.pool), MailRequested) if "missed" in mail.kind]
    assert [(mail.kind, mail.reference) for mail in mails] == [(MailKind.DEADLINE_MISSED, case["reference"])]


async def test_what_the_clock_told_is_in_the_audit_once_per_case(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    (case,) = await opened(office, ago=LONG_AGO)

    await until_still(timer(), runtime)

    rows = await schema.rows("SELECT case_id, person_id FROM audit_entry WHERE action = 'clock'")
    assert [(row["case_id"], row["person_id"]) for row in rows] == [(case["case_id"], None)]


async def test_a_case_that_cannot_be_followed_stops_no_other_and_is_counted(
    schema: Schema, runtime: Runtime, office: Office, logged: MutableSequence[Any]
) -> None:
    broken, whole = await opened(office, ago=LONG_AGO, number=2)
    await schema.rows("UPDATE case_fact SET type = 'unheard.of.v1' WHERE case_id = $1", broken["case_id"])

    await until_still(timer(), runtime)

    assert {fact.case for fact in await missed(schema)} == {whole["case_id"]}
    assert REGISTRY.get_sample_value("engage_remedy_clocks_failing") == 1
    assert [entry["reason"] for entry in logged if entry["log_level"] == "error"] == ["KeyError"]
    assert str(broken["case_id"]) not in str(logged)


async def test_what_is_overdue_is_counted_by_kind_and_no_metric_names_a_case(runtime: Runtime, office: Office) -> None:
    (case,) = await opened(office, ago=LONG_AGO)

    await until_still(timer(), runtime)
    await until_still(timer(), runtime)

    assert REGISTRY.get_sample_value("engage_remedy_deadlines_overdue", {"kind": "acknowledge"}) == 1
    text = generate_latest().decode()
    assert str(case["case_id"]) not in text
    assert case["reference"] not in text


async def test_checks_for_retaliation_are_told_of_one_after_the_other(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    (case,) = await opened(office, ago=timedelta(days=31))
    on = datetime.now(UTC).date() - timedelta(days=31)
    await let_happen(office, case["case_id"], EmployerContacted(case=case["case_id"], on=on), ago=timedelta(days=31))

    await until_still(timer(), runtime)

    found = [fact.number for fact in await missed(schema) if fact.deadline is DeadlineKind.RETALIATION_CHECK]
    assert found == [2, 7, 14, 30]


# A clock that jumps


async def test_while_the_clock_has_jumped_ahead_nothing_is_told_and_it_goes_on_when_it_is_right_again(
    schema: Schema, runtime: Runtime, office: Office, logged: MutableSequence[Any]
) -> None:
    clock = Turned()
    one = timer(clock)
    await one.fire(runtime)
    await opened(office, ago=LONG_AGO)

    clock.turn(hours=-2)
    await until_still(one, runtime)
    await until_still(one, runtime)
    assert await missed(schema) == []
    assert REGISTRY.get_sample_value("engage_remedy_clock_held") == 1
    assert [entry["state"] for entry in logged if entry["log_level"] == "error"] == ["ahead"]

    clock.turn(hours=2)
    await until_still(one, runtime)
    assert len(await missed(schema)) == 2
    assert REGISTRY.get_sample_value("engage_remedy_clock_held") == 0


@pytest.mark.parametrize("jump", ["ahead", "back"])
async def test_while_the_clock_has_jumped_checks_for_retaliation_fall_due_by_a_clock_that_nobody_sets(
    schema: Schema, runtime: Runtime, office: Office, jump: str
) -> None:
    clock = Turned()
    one = timer(clock)
    await one.fire(runtime)
    (case,) = await opened(office, ago=LONG_AGO)
    contact = EmployerContacted(case=case["case_id"], on=(datetime.now(UTC) - timedelta(days=20)).date())
    await let_happen(office, case["case_id"], contact, ago=timedelta(days=20))

    if jump == "ahead":
        clock.turn(hours=-2)
    else:
        await set_high_water(schema, timedelta(minutes=10))
    await until_still(one, runtime)

    assert {fact.deadline for fact in await missed(schema)} == {DeadlineKind.RETALIATION_CHECK}
    assert REGISTRY.get_sample_value("engage_remedy_clock_held") == 1


async def test_while_the_clock_has_jumped_ahead_no_check_is_told_of_before_its_time(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    clock = Turned()
    one = timer(clock)
    await one.fire(runtime)
    (case,) = await opened(office)
    key = {"case": case["case_id"], "deadline": DeadlineKind.RETALIATION_CHECK, "clock": "retaliation-check 2026-01-01"}
    due = datetime.now(UTC) - timedelta(minutes=30)
    await let_happen(office, case["case_id"], DeadlineSet(**key, number=2, due=due, warn=due, basis="invented"))

    seen = await set_high_water(schema, timedelta(hours=-2))  # two hours less by the process's own clock
    one.witness.at = seen
    await until_still(one, runtime)
    assert REGISTRY.get_sample_value("engage_remedy_clock_held") == 1
    assert await missed(schema) == []

    clock.turn(hours=2)
    await until_still(one, runtime)
    assert [fact.deadline for fact in await missed(schema)] == [DeadlineKind.RETALIATION_CHECK]


async def test_a_pause_that_the_process_saw_is_no_jump(schema: Schema, runtime: Runtime, office: Office) -> None:
    clock = Turned()
    one = timer(clock)
    await one.fire(runtime)
    await opened(office, ago=LONG_AGO)

    clock.turn(hours=-0.9)
    await until_still(one, runtime)

    assert len(await missed(schema)) == 2


@pytest.mark.parametrize("seconds", [6.0, 600.0])
async def test_while_the_clock_has_stepped_back_nothing_is_told(
    schema: Schema, runtime: Runtime, office: Office, seconds: float
) -> None:
    await timer().fire(runtime)
    await opened(office, ago=LONG_AGO)

    await set_high_water(schema, timedelta(seconds=seconds))
    await until_still(timer(), runtime)
    assert await missed(schema) == []

    await set_high_water(schema, timedelta())  # time has reached again what had been seen
    await until_still(timer(), runtime)
    assert len(await missed(schema)) == 2


async def test_a_step_back_of_a_few_seconds_harms_nobody(schema: Schema, runtime: Runtime, office: Office) -> None:
    await timer().fire(runtime)
    await opened(office, ago=LONG_AGO)

    await set_high_water(schema, timedelta(seconds=4))
    await until_still(timer(), runtime)

    assert len(await missed(schema)) == 2


async def test_a_jump_ahead_that_one_process_saw_holds_those_that_start_afterwards(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    clock = Turned()
    saw = timer(clock)
    await saw.fire(runtime)
    await opened(office, ago=LONG_AGO)
    clock.turn(hours=-2)
    await saw.fire(runtime)

    await until_still(timer(), runtime)

    assert await missed(schema) == []


async def test_an_operator_says_that_the_clock_is_right_and_every_process_goes_on(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    clock = Turned()
    saw, other = timer(clock), timer(clock)
    await saw.fire(runtime)
    await other.fire(runtime)
    await opened(office, ago=LONG_AGO)
    clock.turn(hours=-2)
    await until_still(saw, runtime)
    await until_still(other, runtime)
    assert await missed(schema) == []
    assert (await client.get("/clock", headers=bearer(OPERATOR_KEY))).json()["held"] == "ahead"

    released = await client.post("/clock/release", headers=bearer(OPERATOR_KEY))
    await until_still(saw, runtime)
    await until_still(other, runtime)

    assert released.json()["held"] is None
    assert len(await missed(schema)) == 2
    assert (await client.get("/clock", headers=bearer(OPERATOR_KEY))).json()["held"] is None


async def test_the_processes_own_clock_is_one_that_nobody_sets() -> None:
    witness = Witness()

    first, second = witness.clock(), witness.clock()

    assert 0 < first <= second


# Over HTTP


async def test_everybody_may_know_how_long_things_take_and_by_whose_rule(client: httpx.AsyncClient) -> None:
    found = {one["id"]: one for one in (await client.get("/benchmarks")).json()}

    assert found["acknowledge"]["within"] == "P7D"
    assert found["feedback"]["extendable_to"] == "P6M"
    assert found["fla-45"]["enabled"] is False
    assert "EEA" in found["acknowledge"]["note"]


async def test_a_coordinator_sees_what_is_due_by_reference_alone(
    schema: Schema, office: Office, client: httpx.AsyncClient
) -> None:
    (case,) = await opened(office)
    clara, amina = await somebody(schema.pool, Role.COORDINATOR), await somebody(schema.pool, Role.HANDLER)
    params = {"until": (datetime.now(UTC) + timedelta(days=30)).isoformat()}

    found = await client.get("/deadlines", params=params, headers=clara.headers)

    assert {(row["reference"], row["clock"]) for row in found.json()} == {
        (case["reference"], "acknowledge"),
        (case["reference"], "stage-received"),
    }
    assert str(case["case_id"]) not in found.text
    assert (await client.get("/deadlines", params=params, headers=amina.headers)).status_code == 403


async def test_a_handler_puts_off_the_feedback_once_with_a_reason(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await taken_in_case(runtime)
    amina = await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case["case_id"], amina)
    path = f"/cases/{case['reference']}/deadlines"
    body = {"deadline": "feedback", "clock": "feedback", "reason": "complex", "motivation": "Two invented sites."}

    first = await client.post(f"{path}/extend", json=body, headers=amina.headers)
    again = await client.post(f"{path}/extend", json=body, headers=amina.headers)

    assert first.json()["extended"] is True
    assert [fault["code"] for fault in again.json()["errors"]] == ["not_extendable"]
    assert [fact.reason for fact in data_of(await published(schema.pool), DeadlineExtended)] == ["complex"]
    shown = {row["clock"]: row for row in (await client.get(path, headers=amina.headers)).json()}
    assert shown["feedback"]["due"] == first.json()["due"]
    assert shown["feedback"]["basis"].startswith("Directive (EU) 2019/1937")


async def test_a_reprisal_is_the_first_thing_that_is_due(
    schema: Schema, office: Office, client: httpx.AsyncClient
) -> None:
    (case,) = await opened(office)
    await let_happen(office, case["case_id"], CaseTakenIn(case=case["case_id"], reprisal=True))
    clara = await somebody(schema.pool, Role.COORDINATOR)
    params = {"until": (datetime.now(UTC) + timedelta(days=30)).isoformat()}

    found = await client.get("/deadlines", params=params, headers=clara.headers)

    assert found.json()[0]["kind"] == "respond_to_reprisal"


# Typed


async def test_time_is_asked_after_and_put_off_by_commands(
    schema: Schema, keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await taken_in_case(runtime)
    amina = await somebody(schema.pool, Role.HANDLER, Role.COORDINATOR)
    await assign(schema.pool, case["case_id"], amina)
    reference = case["reference"]
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_HANDLER_KEY", amina.key)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR_KEY)
        rules = await typed("benchmarks")
        due = await typed("case", "due", "--days", "30")
        why = ("--reason", "complex", "--why", "Two invented sites.")
        put_off = await typed("case", "extend", reference, "--clock", "feedback", *why)
        listed = await typed("case", "deadlines", reference)
        clock = await typed("clock", "status")
        released = await typed("clock", "release")

    outputs = [one.output for one in (rules, due, put_off, listed, clock, released)]
    assert [one.exit_code for one in (rules, due, put_off, listed, clock, released)] == 6 * [0], outputs
    assert "Directive (EU) 2019/1937" in rules.output
    assert reference in due.output
    assert "Put off until" in put_off.output
    assert "extended" in listed.output
    assert "Believed." in clock.output
    assert "Believed." in released.output
