"""What operators type, against the real door on a real port."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import typer
import uvicorn
from click.testing import Result
from pydantic import SecretStr
from typer.testing import CliRunner

from services.risk import commands
from services.risk.api import build
from services.risk.handlers import assess_disclosures
from services.risk.settings import RiskSettings
from shared.client import CommandError
from shared.http import digest
from shared.service import QuietServer
from tests.conftest import EmptySchema, Schema
from tests.risk.builders import accepted, named
from tests.risk.test_files import HEADER, ROW, SHIPPED

KEY = "an-operator's-key-of-these-tests"
LOAD = ("facts", "load", str(SHIPPED), "--kind", "country-goods", "--source", "Example list", "--edition")
Engage = Callable[..., Awaitable[Result]]


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("risk")


@pytest.fixture
async def engage(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engage]:
    """Types a command of this service."""
    settings = RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest(KEY))
    )
    server = QuietServer(uvicorn.Config(build(schema.runtime(settings)), port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("ENGAGE_RISK_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("ENGAGE_OPERATOR_KEY", KEY)
    app = typer.Typer()
    commands.register(app)
    yield lambda *words: asyncio.to_thread(CliRunner().invoke, app, words)
    server.should_exit = True
    await serving


async def disclose(schema: Schema) -> None:
    async with schema.pool.acquire() as tx, tx.transaction():
        await assess_disclosures.handle([accepted(), accepted("disclosure 2", site="site 2", country="NO")], tx)


async def test_an_operator_loads_a_list_and_reads_what_it_says(engage: Engage, schema: Schema) -> None:
    await disclose(schema)

    loaded = await engage(*LOAD, "2022", "--licence", "public domain", "--retrieved", "2026-11-01")
    listed = await engage("facts", "list")
    explained = await engage("risk", "explain", str(named("site 1")))
    summary = await engage("risk", "summary")

    assert "467 facts, loaded" in loaded.output
    assert "Indicators raised: 2" in loaded.output
    assert "Example list" in listed.output
    assert "names Electronics from China as produced with forced labour" in " ".join(explained.output.split())
    assert "Not known: entities: no list loaded" in explained.output
    assert "2 assessed, 1 with indicators" in summary.output
    assert {loaded.exit_code, listed.exit_code, explained.exit_code, summary.exit_code} == {0}


async def test_programs_get_json_without_colour(engage: Engage, schema: Schema) -> None:
    await disclose(schema)

    answers = [
        json.loads((await engage(*words, "--json")).output)
        for words in (
            (*LOAD, "2022"),
            ("facts", "list"),
            ("risk", "summary"),
            ("risk", "explain", str(named("site 1"))),
        )
    ]

    assert answers[0]["facts"] == answers[1]["editions"][0]["facts"] == 467
    assert answers[2]["sites"]["assessed"] == 2
    assert len(answers[3]["indicators"]) == 2


async def test_trying_and_repeating_are_told_as_such(engage: Engage) -> None:
    tried = await engage(*LOAD, "2022", "--dry-run")
    await engage(*LOAD, "2022")
    again = await engage(*LOAD, "2022")

    assert "would be loaded" in tried.output
    assert "known already" in again.output


async def test_without_a_list_the_operator_is_told_that_all_is_unknown(engage: Engage) -> None:
    assert "every finding is unknown" in (await engage("facts", "list")).output


async def test_a_refused_list_names_row_column_and_remedy(engage: Engage, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text(f"{HEADER}\n{ROW.replace('Malaysia', 'Atlantis')}\n")

    refused = await engage("facts", "load", str(broken), *LOAD[3:], "2022")

    assert isinstance(refused.exception, CommandError)
    assert "/rows/2/country: country_unknown Use an ISO 3166 code" in str(refused.exception)
    assert "Atlantis" not in str(refused.exception)


async def test_an_unknown_kind_and_an_unknown_site_are_told(engage: Engage) -> None:
    kind = await engage("facts", "load", str(SHIPPED), "--kind", "rumours", "--source", "Example", "--edition", "2022")
    site = await engage("risk", "explain", str(named("nowhere")))

    assert "country-goods or entities" in str(kind.exception)
    assert "site_unknown" in str(site.exception)
