"""What people type about lists, against the service's real HTTP."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from services.ingest.domain.lists.findings import ADVICE
from services.ingest.domain.lists.formats import FIELDS
from services.ingest.imports.row_reports import COLUMNS, write_rows
from shared.client import CommandError
from shared.spreadsheets import harmless
from tests.ingest.given import apple, osh, written
from tests.ingest.test_commands import Desk, desk, with_member
from tests.ingest.workbooks import cmrt

__all__ = ["desk"]
ROWS = (("NO", "Example", "1 Road", "Electronics"), ("Atlantis", "Example", "2 Road", ""))


async def test_every_row_is_written_to_a_report_for_a_spreadsheet(desk: Desk) -> None:
    slug = await with_member(desk)
    file, report = desk.file("list.csv", osh(*ROWS)), desk.state / "report.csv"

    result = await desk.typed("import", file, "--member", slug, "--report", str(report))

    with report.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert result.exit_code == 1
    assert [(one["row"], one["outcome"], one["code"]) for one in rows] == [
        ("2", "accepted", ""),
        ("3", "rejected", "country_unknown"),
    ]
    assert rows[0]["site_new"] == "yes"
    assert rows[1]["remedy"]


async def test_a_refused_file_gives_a_report_of_what_is_wrong(desk: Desk) -> None:
    slug = await with_member(desk)
    file, report = desk.file("list.csv", osh(*ROWS)), desk.state / "report.csv"

    await desk.typed("import", file, "--member", slug, "--strict", "--report", str(report))

    assert "3,,,,,,rejected" in report.read_text(encoding="utf-8-sig")
    assert await desk.schema.rows("SELECT FROM site") == []


async def test_a_report_that_cannot_be_written_says_that_the_import_is_done(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("list.csv", osh(ROWS[0]))

    result = await desk.typed("import", file, "--member", slug, "--report", "/dev/full")

    assert isinstance(result.exception, CommandError)
    assert "the import itself is done" in str(result.exception)
    assert len(await desk.schema.rows("SELECT FROM site")) == 1


@pytest.mark.parametrize("place", ["none/report.csv", "."])
async def test_nothing_is_imported_where_its_report_could_not_be_written(desk: Desk, place: str) -> None:
    slug = await with_member(desk)
    file = desk.file("list.csv", osh(ROWS[0]))

    result = await desk.typed("import", file, "--member", slug, "--report", str(desk.state / place))

    assert isinstance(result.exception, CommandError)
    assert "nothing was imported" in str(result.exception)
    assert await desk.schema.rows("SELECT FROM site") == []


async def test_a_refused_file_is_told_its_fault_once_with_the_remedy(desk: Desk) -> None:
    slug = await with_member(desk)

    result = await desk.typed("import", desk.file("list.csv", "a,b,c\n1,2,3\n"), "--member", slug)

    fault = ADVICE["header_unknown"]
    assert result.exit_code == 1
    assert result.output.count(fault.detail) == result.output.count(fault.remedy) == 1
    assert "Nothing was imported" in result.output


async def test_each_edition_of_a_file_is_shown_and_what_waits_for_a_contract(desk: Desk) -> None:
    slug = await with_member(desk)
    place = ("Example North", "Norway", "1 Road")
    file = desk.file("apple.csv", apple(("2021", *place), ("2022", *place)))

    result = await desk.typed("import", file, "--member", slug, "--contract", "unheard-of")

    shown = [line.split() for line in result.output.splitlines()]
    assert ["2021", "1", "0", "0", "0"] in shown
    assert ["2022", "0", "1", "0", "0"] in shown
    assert "you have registered no contract with this reference; the disclosures wait for it" in result.output
    assert "unheard-of" not in result.output


async def test_the_report_of_contracts_names_reference_and_contract(desk: Desk) -> None:
    slug, report = await with_member(desk), desk.state / "report.csv"
    file = desk.file("contracts.csv", "reference,supplier_name,level\n2024/17,Example Electronics,call_off\n")

    await desk.typed("import", file, "--member", slug, "--report", str(report))

    with report.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = await desk.schema.rows("SELECT id::text FROM contract")
    assert [(one["reference"], one["contract"]) for one in rows] == [("2024/17", kept[0]["id"])]


async def test_the_json_report_tells_what_became_of_every_row(desk: Desk) -> None:
    slug = await with_member(desk)

    result = await desk.typed("import", desk.file("list.csv", osh(*ROWS)), "--member", slug, "--json")

    assert [one["outcome"] for one in json.loads(result.output)["outcomes"]] == ["accepted", "rejected"]


async def test_columns_are_mapped_as_they_are_proposed(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("list.csv", written(("Bedrift", "Adresse", "Land"), [("Example", "1 Road", "NO")]))

    refused = await desk.typed("import", file, "--member", slug)
    line = next(line for line in refused.output.splitlines() if "--map" in line)
    options = line[line.index("--map") :].split()
    done = await desk.typed("import", file, "--member", slug, *options)
    again = await desk.typed("import", file, "--member", slug)

    assert (refused.exit_code, done.exit_code, again.exit_code) == (1, 0, 0)
    assert "mapping remembered" in again.output


async def test_a_smelter_list_is_imported_and_printed(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("cmrt.xlsx", cmrt(("Tin", "Example Smelting Co.", "Indonesia", "CID000001", "Example Town")))

    result = await desk.typed("import", file, "--member", slug)

    assert result.exit_code == 0
    assert "rmi-smelter-list, list rmi-smelter-list: Example Electronics Ltd, edition 2026-01-15" in result.output


async def test_a_list_is_shown_and_withdrawn(desk: Desk) -> None:
    slug = await with_member(desk)
    await desk.typed("import", desk.file("list.csv", osh(ROWS[0])), "--member", slug, "--list", "framework")

    tried = await desk.typed("list", "withdraw", "framework", "--member", slug, "--dry-run")
    shown = await desk.typed("list", "show", "--member", slug, "--json")
    done = await desk.typed("list", "withdraw", "framework", "--member", slug)
    after = await desk.typed("list", "show", "--member", slug)

    assert "1 disclosures of 1 sites would be withdrawn" in tried.output
    assert json.loads(shown.output)[0]["disclosures"] == 1
    assert "withdrawn" in done.output
    assert (after.exit_code, "framework" in after.output) == (0, True)


async def test_the_fields_are_taught(desk: Desk) -> None:
    result = await desk.typed("import", "--show-fields")

    assert result.exit_code == 0
    assert all(name in result.output for name in FIELDS)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_of_a_report_is_a_formula(start: str, tmp_path: Path) -> None:
    row: dict[str, Any] = dict.fromkeys(COLUMNS, f"{start}1+1")

    write_rows(tmp_path / "report.csv", [row])

    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = list(csv.reader(stream))[1]
    assert all(cell.startswith("'") for cell in cells)


def test_yes_no_nothing_and_several_are_written_plainly() -> None:
    assert [harmless(one) for one in (True, False, None, ["a", "b"], 7)] == ["yes", "no", "", "a, b", "7"]
