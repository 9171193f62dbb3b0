"""What people type to hand something on, against the service's real HTTP; and exports that prove themselves."""

import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from services.remedy.commands.engagement import archive
from shared.client import CommandError
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.engagement.documented import SECRET_CONTRACT, Year
from tests.remedy.given import OPERATOR_KEY
from tests.remedy.typing_in import http_of, typed


@pytest.fixture
async def year(
    schema: Schema, keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Year]:
    """A year of engagement, while the service runs and an operator types."""
    year = await Year(runtime).live()
    monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR_KEY)
    monkeypatch.delenv("ENGAGE_MEMBER_KEY", raising=False)
    monkeypatch.setenv("ENGAGE_STATE", str(tmp_path / "no-stack"))
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        yield year


async def said(*arguments: object) -> str:
    """What a command prints that succeeds."""
    result = await typed("document", *map(str, arguments))
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return result.output


async def refused(*arguments: object) -> str:
    """Why a command goes no further."""
    result = await typed("document", *map(str, arguments))
    assert isinstance(result.exception, CommandError), result.output
    return str(result.exception)


async def test_documents_are_written_in_the_form_that_the_file_is_named_for(year: Year, tmp_path: Path) -> None:
    beginning = str(year.fees)[:8]
    page, brief, table = tmp_path / "report.html", tmp_path / "brief.json", tmp_path / "asks.csv"

    assert "Written to" in await said("group", "phones", "--from", "2026-01-01", "--out", page)
    await said("meeting", beginning, "--out", brief)
    await said("group", "phones", "--table", "asks", "--out", table)
    shown = await said("supplier", "Example Electronics", "--member", "oslo")
    account = await said("account", "oslo", "--year", 2026, "--format", "json")

    assert page.read_text().startswith("<!doctype html>")
    assert json.loads(brief.read_text())["document"] == "meeting"
    assert "Repay the fees" in table.read_text("utf-8-sig")
    assert "24/1001" in shown and SECRET_CONTRACT not in shown
    assert json.loads(account)["title"] == "Account of due diligence 2026: Example oslo"


async def test_a_command_that_cannot_says_why_and_what_to_do(year: Year, tmp_path: Path) -> None:
    assert "group_unknown" in await refused("group", "nowhere")
    assert "--format csv" in await refused("group", "phones", "--table", "asks")
    assert "cannot be written" in await refused("group", "phones", "--out", tmp_path / "no" / "report.html")
    assert "2026-01-15" in await refused("group", "phones", "--from", "1 May")
    assert "--verify FOLDER" in await refused("archive")
    assert "no export" in await refused("archive", "--verify", tmp_path)
    assert "new folder" in await refused("archive", "phones", "--to", tmp_path)


@pytest.fixture
async def export(year: Year, tmp_path: Path) -> Path:
    """An export of the group `phones`."""
    folder = tmp_path / "phones"
    assert "Keep this hash" in await said("archive", "phones", "--to", folder)
    return folder


async def test_an_export_is_whole_and_proves_it(export: Path, year: Year, tmp_path: Path) -> None:
    manifest = json.loads((export / "manifest.json").read_text())

    assert {"events.jsonl", "report.html", "report.json", "tables/asks.csv"} <= {
        one["path"] for one in manifest["files"]
    }
    for one in manifest["files"]:
        assert hashlib.sha256((export / one["path"]).read_bytes()).hexdigest() == one["sha256"]
        assert "example" not in one["title"].casefold()
    assert manifest["retention"] and manifest["exemption"]
    told = json.loads(await said("archive", "--verify", export, "--json"))
    assert told["events"] == len((export / "events.jsonl").read_text().splitlines()) > 20
    await said("archive", "phones", "--engagement", str(year.union)[:8], "--to", tmp_path / "one")
    assert json.loads(await said("archive", "--verify", tmp_path / "one", "--json"))["events"] < told["events"]


def changed_letter(folder: Path) -> None:
    file = folder / "report.html"
    file.write_text(file.read_text().replace("fees", "fines", 1))


def dropped_event(folder: Path) -> None:
    """An event is taken out, and the manifest made to fit."""
    file = folder / "events.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if '"sequence":3,' in line or '"sequence": 3,' in line)
    file.write_text("".join(lines[:place] + lines[place + 1 :]))
    refit(folder, events=len(lines) - 1)


def unknown_source(folder: Path) -> None:
    """A figure names an event that is not in the export, and the manifest fits."""
    file = folder / "report.json"
    report = json.loads(file.read_text())
    report["events"][0]["id"] = "00000000-0000-0000-0000-000000000001"
    file.write_text(json.dumps(report))
    refit(folder)


def refit(folder: Path, **told: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text()) | told
    for one in manifest["files"]:
        one["sha256"] = hashlib.sha256((folder / one["path"]).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


HARMS: dict[str, Callable[[Path], Any]] = {
    "report.html was changed": changed_letter,
    "events.jsonl was changed": lambda folder: (folder / "events.jsonl").write_text("no longer JSON"),
    "tables/asks.csv is missing": lambda folder: (folder / "tables" / "asks.csv").unlink(),
    "more.txt was added": lambda folder: (folder / "more.txt").write_text("x"),
    "1 missing": dropped_event,
    "names event 00000000-0000-0000-0000-000000000001": unknown_source,
}


async def test_an_export_that_is_not_what_was_written_says_where(export: Path, tmp_path: Path) -> None:
    for place, (why, harm) in enumerate(HARMS.items()):
        harmed = tmp_path / f"harmed-{place}"
        shutil.copytree(export, harmed)
        harm(harmed)

        assert why in await refused("archive", "--verify", harmed)


def test_no_file_is_written_under_a_name_that_an_answer_made_up(tmp_path: Path) -> None:
    def ask(path: str, **more: Any) -> bytes:
        named = {"sections": [{"tables": [{"name": "../../outside"}]}], "made_at": "2026-06-01", "events": []}
        return json.dumps(named).encode() if more.get("format") == "json" else b""

    with pytest.raises(CommandError, match="no plain word"):
        archive.export("phones", tmp_path / "new", ask)

    assert not list(tmp_path.glob("**/outside*"))
