"""What handlers type about remedy plans and retaliation, against the service's real HTTP."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.remedy.domain.people import Role
from shared.client import CommandError
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import Keyed, assign, somebody, taken_in_case
from tests.remedy.handling import WORDS, let_days_pass
from tests.remedy.typing_in import http_of, typed


@pytest.fixture
async def stack(schema: Schema, keys: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """The service's HTTP, and the folder where a local stack keeps people's keys."""
    (tmp_path / "secrets" / "people").mkdir(parents=True)
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_STATE", str(tmp_path))
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        for variable in ("ENGAGE_HANDLER_KEY", "ENGAGE_AS"):
            monkeypatch.delenv(variable, raising=False)
        yield tmp_path


def keep_key(stack: Path, name: str, keyed: Keyed) -> None:
    (stack / "secrets" / "people" / f"{name}.key").write_text(keyed.key)


@pytest.fixture
async def reference(stack: Path, runtime: Runtime) -> str:
    """A case with two handlers, anna and ben, whose employer was spoken to three days ago; carla coordinates."""
    case = await taken_in_case(runtime, consents={"employer": True})
    anna, ben = [await somebody(runtime.pool, Role.HANDLER) for _ in range(2)]
    await assign(runtime.pool, case["case_id"], anna, ben)
    for name, keyed in (("anna", anna), ("ben", ben), ("carla", await somebody(runtime.pool, Role.COORDINATOR))):
        keep_key(stack, name, keyed)
    found: str = case["reference"]
    await say("safety", found, "elevated", "--assessment", "Some were moved before.")
    await say("protection", found, "--plan", "The union is told first.")
    await say("contacted", found, "--motivation", "Asked for wage records.")
    await let_days_pass(runtime, case["case_id"], 3)
    return found


async def say(*arguments: str, by: str = "anna") -> str:
    """What a command prints that succeeds."""
    result = await typed("case", *arguments, "--as", by)
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return result.output


async def read(*arguments: str, by: str = "anna") -> Any:
    """What a command tells a machine."""
    return json.loads(await say(*arguments, "--json", by=by))


async def refused(*arguments: str, by: str = "anna") -> str:
    """In which words a command is refused."""
    result = await typed("case", *arguments, "--as", by)
    assert isinstance(result.exception, CommandError), result.output
    return str(result.exception)


async def test_a_plan_is_typed_from_consultation_to_closure(reference: str, tmp_path: Path) -> None:
    words = tmp_path / "item.json"
    words.write_text(json.dumps(WORDS))
    none = await say("plan", "show", reference)
    await say("plan", "consulted", reference, "--on", "2026-11-20", "--through", "union")
    terms = ["--form", "compensation", "--responsible", "supplier", "--cost-bearer", "brand", "--due", "2027-01-31"]
    terms += ["--entitled", "40", "--promised", "12000.00", "--currency", "EUR", "--grade", "priority"]
    await say("plan", "propose", reference, *terms, "--words", str(words))
    await say("plan", "describe", reference, "1", "--words", str(words))
    for state in ("consulted", "agreed", "in_progress"):
        await say("plan", "advance", reference, "1", "--to", state)
    evidence = ["--evidence-from", "supplier", "--evidence-from", "workers"]
    await say("plan", "advance", reference, "1", "--to", "evidence_submitted", *evidence)
    await say("plan", "advance", reference, "1", "--to", "verifying", by="ben")
    alone = await refused("plan", "advance", reference, "1", "--to", "verified_effective", "--verified-by", "supplier")
    verified = ["--to", "verified_effective", "--verified-by", "workers", "--note", "Payslips were seen."]
    await say("plan", "advance", reference, "1", *verified, by="ben")
    short = await refused("plan", "advance", reference, "1", "--to", "closed")
    paid = ["--workers", "40", "--amount", "12000.00", "--currency", "EUR"]
    await say("plan", "pay", reference, "1", *paid)
    table = await say("plan", "advance", reference, "1", "--to", "closed")

    assert none == "Workers not consulted yet. All agreed: no, verified: no, paid: yes.\nNo items.\n"
    assert "verifier_is_implementer" in alone
    assert "payment_short What was promised has not been paid" in short
    assert "Workers consulted on 2026-11-20. All agreed: yes, verified: yes, paid: yes." in table
    assert "40/40" in table
    assert "12000.00/12000.00 EUR" in table


async def test_an_item_is_disputed_and_reopened_with_a_reason(reference: str, tmp_path: Path) -> None:
    words = tmp_path / "item.json"
    words.write_text(json.dumps(WORDS))
    bearers = ["--responsible", "supplier", "--cost-bearer", "brand", "--words", str(words)]
    await say("plan", "consulted", reference, "--on", "2026-11-20", "--through", "union")
    await say("plan", "propose", reference, "--form", "apology", *bearers, "--due", "2027-01-31")
    plan = await read("plan", "advance", reference, "1", "--to", "consulted")
    item = plan["items"][0]["item"]

    disputed = await read("plan", "dispute", reference, item, "--motivation", "Workers want wages, not words.")
    without = await refused("plan", "reopen", reference, item)
    reopened = await read("plan", "reopen", reference, item, "--motivation", "They are asked again.")

    assert disputed["items"][0]["state"] == "disputed"
    assert "Nothing was written" in without
    assert reopened["items"][0]["state"] == "reopened"


async def test_what_cannot_be_an_item_or_a_file_is_refused_before_anything_is_asked(
    reference: str, tmp_path: Path
) -> None:
    file = tmp_path / "item.json"
    file.write_text("{")

    assert await refused("plan", "pay", reference, "7", "--workers", "1") == "This plan has 0 items."
    assert "letters, digits" in await refused("plan", "pay", reference, "../../people", "--workers", "1")
    assert "is not a JSON file" in await refused("plan", "describe", reference, "abc", "--words", str(file))


async def test_checks_signs_and_reprisals_are_typed(reference: str) -> None:
    due = await say("watch", "due", by="carla")
    watch = ("watch", "check", reference, "--result")
    early = await refused(*watch, "none_seen", "--days", "7")
    forms = ["--form", "dismissal", "--form", "threats"]
    confirmed = await say(*watch, "confirmed", "--days", "2", *forms, "--note", "One was dismissed.")
    first = await refused("watch", "follow-up", reference, "--step", "escalated")
    await say("watch", "follow-up", reference, "--step", "trusted_contact_told", "--note", "By telephone.")
    await say("watch", "follow-up", reference, "--step", "escalated")
    await say(*watch, "none_seen")
    ended = await say("watch", "follow-up", reference, "--step", "ended")
    opened = await say("watch", "reprisal", reference, "--motivation", "Another one was moved to night shifts.")
    shown = await read("watch", "show", reference)

    assert reference in due
    assert "too_soon" in early
    assert "A case about the reprisal was opened: R-" in confirmed
    assert "Sign: confirmed (dismissal, threats); the trusted contact is not told yet, not escalated." in confirmed
    assert "trusted_contact_first" in first
    assert "No sign of retaliation." in ended
    assert opened.startswith("Opened: R-")
    assert [one["number"] for one in shown["checks"]] == [7, 14, 30, 90, 180, 365]


async def test_nothing_is_due_where_no_employer_was_spoken_to(stack: Path, runtime: Runtime) -> None:
    await taken_in_case(runtime)
    keep_key(stack, "carla", await somebody(runtime.pool, Role.COORDINATOR))

    assert await say("watch", "due", by="carla") == "No check is due.\n"
