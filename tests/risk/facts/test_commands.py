"""What operators type about lists, against the real door on a real port."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from services.risk.api import build
from services.risk.commands import facts
from services.risk.domain.facts.faults import MAXIMUM_FILE
from services.risk.domain.facts.formats import FORMATS
from services.risk.settings import RiskSettings
from shared.client import CommandError
from shared.http import digest
from tests.conftest import Schema
from tests.risk.facts.conftest import Disclose
from tests.risk.facts.files import GOODS, HEADER, ROW
from tests.risk.given import disclosed
from tests.shared.listening import listening

KEY = "an-operator's-key-of-these-tests"
OF = ("--source", "Example list", "--edition", "2022")
LOAD = ("load", str(GOODS), "--format", "ilab-goods", *OF)
Engage = Callable[..., Awaitable[Result]]


@pytest.fixture
async def engage(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engage]:
    """Types a command of `engage facts`."""
    settings = RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest(KEY))
    )
    async with listening(build(schema.runtime(settings))) as url:
        monkeypatch.setenv("ENGAGE_RISK_URL", url)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", KEY)
        yield typed


async def typed(*words: str) -> Result:
    app = typer.Typer()
    facts.register(app)
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, words))


async def test_an_operator_loads_a_list_and_sees_it(engage: Engage, disclose: Disclose) -> None:
    await disclose(disclosed())

    loaded = await engage(*LOAD, "--licence", "public domain", "--retrieved", "2026-03-01")
    listed = await engage("list")

    assert "599 facts, loaded" in loaded.output
    assert "Sites assessed again: 1." in loaded.output
    assert "of contracts: 0." in " ".join(loaded.output.split())
    assert "Next: engage risk summary" in loaded.output
    assert "ilab-goods" in listed.output
    assert "public domain" in listed.output
    assert (loaded.exit_code, listed.exit_code) == (0, 0)


async def test_trying_and_repeating_are_told_as_such(engage: Engage) -> None:
    tried = await engage(*LOAD, "--dry-run")
    await engage(*LOAD)
    again = await engage(*LOAD)

    assert "would be loaded" in tried.output
    assert "this was a dry run" in tried.output
    assert "known already" in again.output


async def test_the_facts_that_a_new_edition_changes_are_shown(engage: Engage, tmp_path: Path) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(f"{HEADER}\n{ROW}\n")
    after.write_text(f"{HEADER}\n{ROW.replace('Malaysia', 'Pakistan')}\n")
    await engage("load", str(before), "--format", "ilab-goods", *OF)

    loaded = await engage(
        "load", str(after), "--format", "ilab-goods", "--source", "Example list", "--edition", "2024", "--dry-run"
    )

    assert "Facts: 1 new, 1 gone, 0 changed" in loaded.output
    assert "+ forced_labour: Electronics (Manufacturing), Pakistan" in loaded.output
    assert "- forced_labour: Electronics (Manufacturing), Malaysia" in loaded.output


async def test_the_same_list_under_two_names_is_noticed(engage: Engage) -> None:
    first = await engage(*LOAD)
    under_another = list(LOAD)
    under_another[under_another.index("--source") + 1] = "Another name"

    second = await engage(*under_another)

    assert "nearly the same" not in first.output
    assert "Another source in force says nearly the same" in second.output


async def test_programs_get_json(engage: Engage) -> None:
    loaded, listed = await engage(*LOAD, "--json"), await engage("list", "--json")

    assert json.loads(loaded.output)["facts"] == json.loads(listed.output)["editions"][0]["facts"] == 599


async def test_series_are_loaded_with_their_register(engage: Engage, tmp_path: Path) -> None:
    table, register = tmp_path / "series.csv", tmp_path / "register.csv"
    table.write_text(FORMATS["series"].example)
    register.write_text(FORMATS["series"].register_example)

    loaded = await engage("load", str(table), "--format", "series", *OF, "--register", str(register))
    alone = await engage("load", str(table), "--format", "series", *OF)

    assert "3 facts, loaded" in loaded.output
    assert "Kept, not used by the model: country example_rule_of_law" in loaded.output
    assert "register_missing" in str(alone.exception)


async def test_a_refused_list_is_a_table_of_rows_columns_codes_and_remedies(engage: Engage, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text(f"{HEADER}\n{ROW}\n{ROW.replace('Malaysia', 'Atlantis')}\n{ROW}\n")

    refused = await engage("load", str(broken), "--format", "ilab-goods", *OF)

    assert isinstance(refused.exception, CommandError)
    lines = [line.split(maxsplit=3) for line in str(refused.exception).splitlines()]
    assert lines[0][:3] == ["Nothing", "was", "loaded."]
    assert lines[1] == ["row", "column", "code", "remedy"]
    assert lines[2][:3] == ["3", "country", "country_unknown"]
    assert lines[3][:2] == ["4", "duplicate_row"]
    assert "Row 2 says it already" in str(refused.exception)
    assert "Atlantis" not in str(refused.exception)


async def test_an_older_edition_is_refused_with_a_remedy(engage: Engage) -> None:
    await engage(*LOAD)

    refused = await engage(*LOAD[:-1], "2020")

    assert "edition_older" in str(refused.exception)
    assert "Load the newest one" in str(refused.exception)


async def test_a_large_file_is_refused_before_it_is_read_whole_or_sent(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    refused = await typed("load", str(large), "--format", "rows", *OF)

    assert "larger than 32 MiB" in str(refused.exception)
    assert MAXIMUM_FILE == 32 * 1024 * 1024


async def test_an_unknown_format_names_those_there_are() -> None:
    refused = await typed("load", str(GOODS), "--format", "rumours", *OF)

    assert "rows, ilab-goods" in str(refused.exception)


async def test_without_a_list_the_operator_is_told_that_all_is_unknown(engage: Engage) -> None:
    assert "every finding is unknown" in (await engage("list")).output


async def test_formats_teach_their_columns_with_an_example() -> None:
    """No service is needed for it."""
    every, one = await typed("formats"), await typed("formats", "series")

    assert all(name in every.output for name in FORMATS)
    assert "250,000 facts" in every.output
    assert FORMATS["series"].example.splitlines()[0] in one.output
    assert "--register register.csv" in one.output
    assert "listed_..." in (await typed("formats", "rows")).output
    assert "rows, ilab-goods" in str((await typed("formats", "rumours")).exception)
