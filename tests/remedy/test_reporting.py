"""What reporters type: a receipt is enough, and it is never an argument."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from services.remedy import erasing
from services.remedy.office import Office
from services.remedy.receipts import draw_receipt
from services.remedy.timing import Timer
from shared.client import CommandError
from tests.conftest import Schema
from tests.remedy.given import NARRATIVE
from tests.remedy.reporting import Reporter, asked, reporter
from tests.remedy.typing_in import app, engage, http_of, typed


@pytest.fixture
async def ana(
    office: Office,
    client: httpx.AsyncClient,
    schema: Schema,
    keys: Schema,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Reporter]:
    """Somebody whose testimony was taken in, with the receipt in a file, while the service runs."""
    found = await reporter(office, client, identity="Ana Example")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "receipt").write_text(found.receipt.lower() + "\n")
    monkeypatch.setenv("ENGAGE_RECEIPT_FILE", "receipt")
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        yield found


async def report(*arguments: str, stdin: str | None = None) -> str:
    """What a command prints, where it was done."""
    result = await typed("report", *arguments, stdin=stdin)
    assert result.exception is None, result.exception
    return result.stdout


async def test_status_tells_the_stage_what_comes_next_and_by_which_rule(office: Office, ana: Reporter) -> None:
    await asked(office, ana.case, "Since which month?\x1b[2J")

    shown = await report("status")
    found = json.loads(await report("status", "--json"))

    assert "Stage: received, usually until" in shown and "Next: acknowledged (P7D)" in shown
    assert "Directive (EU) 2019/1937, Article 9(1)(b)" in shown
    assert "Since which month?" in shown and "\x1b" not in shown
    assert found["standing"]["stage"] == "received"


async def test_the_receipt_is_asked_for_where_no_file_has_it_and_not_shown(
    ana: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENGAGE_RECEIPT_FILE")

    result = await typed("report", "status", stdin=ana.receipt + "\n")

    assert "Stage: received" in result.stdout
    assert ana.receipt not in result.output


async def test_a_mistyped_receipt_is_noticed_before_it_is_sent(
    ana: Reporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGAGE_REMEDY_URL", "http://127.0.0.1:1")
    (tmp_path / "receipt").write_text(ana.receipt[:-1])

    error = (await typed("report", "status")).exception

    assert isinstance(error, CommandError) and "This is no receipt" in str(error)
    assert ana.receipt[:-1] not in str(error)


async def test_an_unknown_receipt_is_answered_in_the_services_words(ana: Reporter, tmp_path: Path) -> None:
    (tmp_path / "receipt").write_text(draw_receipt())

    assert "404 receipt_unknown" in str((await typed("report", "status")).exception)


async def test_an_answer_is_sealed_on_this_machine_before_it_is_sent(ana: Reporter, tmp_path: Path) -> None:
    (tmp_path / "answer").write_text("Since August.")

    dry = await report("write", "answer", "--dry-run")
    said = await report("write", "answer")

    assert json.loads(dry)["parts"] == {"narrative": 15}
    assert said == "Sent, sealed.\n"
    messages = (await ana.told("case"))["messages"]
    assert [one["text"] for one in messages] == ["Since August."]


async def test_withdrawing_asks_about_pressure_first(ana: Reporter) -> None:
    pressed = await report("withdraw", stdin="yes\n")
    free = await report("withdraw", "--pressure", "no")

    assert "the case is kept" in pressed
    assert "a handler completes it" in free
    assert (await ana.told("case"))["standing"]["withdrawal"] == "no"


async def test_consent_objection_rungs_and_appeal(ana: Reporter) -> None:
    agreed = await report("consent", "brand", "--yes")
    objected = await report("object")
    taken_back = await report("object", "--take-back")
    waived = await report("rung", "employer", "waived")
    appealed = await typed("report", "appeal")

    assert line_of(agreed, "brand") == ["brand", "yes", "no"]
    assert "stands" in objected and "no longer" in taken_back
    assert line_of(waived, "employer") == ["employer", "no", "left", "out"]
    assert "409 state_conflict" in str(appealed.exception)


async def test_a_copy_goes_to_a_file_that_only_its_owner_reads(ana: Reporter, tmp_path: Path) -> None:
    said = await report("copy", "--out", "copy.json")

    copy = json.loads((tmp_path / "copy.json").read_text())
    assert {NARRATIVE, "Ana Example"} <= {one["text"] for one in copy["words"]}
    assert (tmp_path / "copy.json").stat().st_mode & 0o777 == 0o600
    assert NARRATIVE not in said


async def test_erasing_offers_a_copy_first_and_then_the_receipt_leads_nowhere(
    office: Office, ana: Reporter, schema: Schema
) -> None:
    could = await report("erase", "--dry-run")
    not_yet = await typed("report", "erase")
    pressed = await typed("report", "erase", "--copied", "declined", stdin="yes\n")
    not_now = await report("erase", "--dry-run")
    await report("withdraw", "--pressure", "no")
    done = await report("erase", "--copied", "declined", "--pressure", "no")
    while await erasing.erase(office.runtime, Timer()):
        pass

    assert could == "It could be erased.\n"
    assert "422 copy_not_offered" in str(not_yet.exception)
    assert "under_pressure" in str(pressed.exception)
    assert not_now == "Not now: under_pressure.\n"
    assert "within moments" in done
    assert "404 receipt_unknown" in str((await typed("report", "status")).exception)
    assert await schema.rows("SELECT FROM content WHERE length(ciphertext) > 0") == []


async def test_the_survey_is_answered_by_options_or_question_by_question(ana: Reporter, schema: Schema) -> None:
    nonsense = await typed("report", "survey", "--answer", "safe=often")
    thanked = await report("survey", stdin="4\n\n5\n\n\n\n\n\n\n")

    assert "Answer with CODE=1" in str(nonsense.exception)
    assert thanked.endswith("Thank you. Your answers are counted, and lead to no case.\n")
    rows = await schema.rows("SELECT question, grade FROM survey_answer")
    assert {tuple(row) for row in rows} == {("legitimate", 4), ("predictable", 5)}


COMMANDS = ["status", "write", "object", "withdraw", "consent", "rung", "appeal", "copy", "erase", "survey"]


def test_no_command_takes_a_receipt_as_an_argument_and_each_teaches_with_an_example() -> None:
    reports: Any = typer.main.get_command(app)
    for name, one in reports.commands["report"].commands.items():
        assert name in COMMANDS
        assert not [option for option in one.params if option.name == "receipt"]
        assert "Example: " in engage("report", name, "--help").output
    assert "Example: " in engage("seal", "--help").output


def line_of(shown: str, word: str) -> list[str]:
    """The words of the line that begins with one."""
    return next(line.split() for line in shown.splitlines() if line.split()[:1] == [word])
