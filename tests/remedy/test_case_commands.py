"""What people type who work on cases, against the service's real HTTP."""

import json
from collections.abc import AsyncIterator

import pytest
from asyncpg import Record

from services.remedy.domain.people import Role
from shared.client import CommandError
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import NARRATIVE, assign, somebody, taken_in_case
from tests.remedy.typing_in import http_of, typed


@pytest.fixture
async def case(
    schema: Schema, keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Record]:
    """A case of the handler who types, while the service runs."""
    row = await taken_in_case(runtime)
    handler = await somebody(schema.pool, Role.HANDLER, name="amina")
    await assign(schema.pool, row["case_id"], handler)
    monkeypatch.setenv("ENGAGE_HANDLER_KEY", handler.key)
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        yield row


async def said(*arguments: str, stdin: str | None = None) -> str:
    """What a command prints that succeeds."""
    result = await typed("case", *arguments, stdin=stdin)
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return result.output


async def refused(*arguments: str) -> str:
    """Why a command goes no further."""
    result = await typed("case", *arguments)
    assert isinstance(result.exception, CommandError), result.output
    return str(result.exception)


async def test_cases_are_listed_and_shown_without_a_word_of_anybody(case: Record) -> None:
    listed, shown = await said("list"), await said("show", case["reference"].lower())

    assert case["reference"] in listed
    assert "amina" in listed
    assert "is received, should be over by" in shown
    assert "acknowledged (next_step)" in shown
    assert "Art" in shown, "a deadline is shown with the benchmark that it rests on"
    assert NARRATIVE not in listed + shown
    assert json.loads(await said("list", "--json"))[0]["reference"] == case["reference"]
    assert await said("list", "--state", "closed") == "No cases.\n"


async def test_a_case_is_read_with_a_reason_that_may_come_from_standard_input(case: Record) -> None:
    assert NARRATIVE in await said("read", case["reference"], "--motivation", "To check whether it is admissible")
    assert NARRATIVE in await said("read", case["reference"], "--motivation", "-", stdin="Once more.\n")
    assert "Nothing was written" in await refused("read", case["reference"])


async def test_a_handler_carries_a_case_on_to_the_contact_and_sees_what_is_missing_before(case: Record) -> None:
    ref, why = case["reference"], ("--motivation", "The payslips say so")
    assert "is acknowledged" in await said("acknowledge", ref)
    for state in ("genuineness-check", "admissibility", "safety_assessment"):
        await said("move", ref, state, *why)

    lacking = await said("move", ref, "protection_plan", "--dry-run")
    assert "safety_not_assessed" in lacking
    assert "is safety assessment" in await said("show", ref)
    refusal = await refused("contacted", ref, *why)
    assert all(code in refusal for code in ("safety_not_assessed", "protection_plan_missing", "consent_missing"))
    assert "engage case safety" in refusal

    await said("safety", ref, "elevated", "--assessment", "Organisers were dismissed last year")
    await said("move", ref, "protection_plan", *why)
    await said("protection", ref, "--plan", "-", stdin="The union's lawyer is told first.\n")
    await said("consent", ref, "employer", "--given", *why)
    assert "Nothing is missing" in await said("contacted", ref, "--dry-run")
    assert "employer not contacted" in await said("show", ref)
    found = await said("move", ref, "parties_informed", *why)
    assert "employer contacted on" in found
    assert "retaliation check (365 days)" in found
    assert "parties_informed" in (await said("write", ref, "--text", "We have written to them.", "--json"))


async def test_a_step_that_does_not_exist_is_told_with_those_that_do(case: Record) -> None:
    assert "Possible: acknowledged" in await refused("move", case["reference"], "closed", "--dry-run")
    assert "not_from_this_state" in await refused("move", case["reference"], "closed", "--motivation", "Done")
    assert "letters, digits and -" in await refused("show", "R-7K2M/..")


async def test_a_withdrawal_without_receipt_is_recorded_by_a_coordinator_with_the_answer_about_pressure(
    case: Record, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, coordinator = case["reference"], await somebody(schema.pool, Role.COORDINATOR)
    recording = ("withdrawal", ref, "--pressure", "yes", "--motivation", "Somebody stood beside them")

    assert "role_missing" in await refused(*recording)
    with monkeypatch.context() as patched:
        patched.setenv("ENGAGE_HANDLER_KEY", coordinator.key)
        await said(*recording)

    assert "under_pressure" in await refused("move", ref, "withdrawn", "--motivation", "They asked for it")


async def test_two_cases_of_one_handler_are_linked(case: Record, schema: Schema, runtime: Runtime) -> None:
    earlier = await taken_in_case(runtime)
    amina = (await schema.rows("SELECT person_id FROM person"))[0][0]
    await schema.pool.execute("INSERT INTO assignment VALUES ($1, $2)", earlier["case_id"], amina)

    shown = await said(
        "link", case["reference"], earlier["reference"], "--kind", "reprisal", "--motivation", "Two days later"
    )

    assert f"Linked: {earlier['reference']} (reprisal)." in shown


async def test_only_a_coordinator_hears_objections_and_appeals(case: Record) -> None:
    for arguments in (("objection",), ("appeal", "--dismissed")):
        command, *options = arguments
        assert "role_missing" in await refused(command, case["reference"], *options, "--motivation", "Heard")
