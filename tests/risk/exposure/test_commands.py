"""What a member types about its own exposure, against the real door on a real port."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import typer
from click.testing import Result
from fastapi import FastAPI
from typer.testing import CliRunner

from services.risk.commands import exposure
from shared.client import CommandError
from tests.risk.given import named
from tests.risk.world import KEYS, OPERATOR
from tests.shared.listening import listening

Engage = Callable[..., Awaitable[Result]]


@pytest.fixture
async def engage(door: FastAPI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engage]:
    """Types a command, as Oslo."""
    async with listening(door) as url:
        monkeypatch.setenv("ENGAGE_RISK_URL", url)
        monkeypatch.setenv("ENGAGE_MEMBER_KEY", KEYS["oslo"])
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
        app = typer.Typer()
        exposure.register(app)
        app.callback()(lambda: None)
        yield lambda *words: asyncio.to_thread(CliRunner().invoke, app, ["exposure", *words])


async def test_a_member_reads_which_of_its_contracts_touch_a_site(engage: Engage) -> None:
    shown = await engage(str(named("site 1")), "--on", "2026-03-02")
    before = await engage(str(named("site 1")), "--on", "2026-03-01")

    assert shown.exit_code == before.exit_code == 0
    assert "Contracts of oslo on 2026-03-02" in shown.output
    assert "ours" in shown.output and "disclosed for it" in shown.output
    assert "No contract of oslo is known to touch it on 2026-03-01." in before.output


async def test_without_a_site_a_member_reads_the_open_flags_that_touch_its_contracts(engage: Engage) -> None:
    shown = await engage()

    assert shown.exit_code == 0
    assert "forced labour: Example Plant (CN)" in shown.output
    assert "contract ours: disclosed for it" in shown.output
    assert "all buyers: 1\n" in shown.output


async def test_programs_get_json(engage: Engage) -> None:
    site = json.loads((await engage(str(named("site 1")), "--json")).output)
    flags = json.loads((await engage("--json")).output)

    assert [path["reference"] for path in site["paths"]] == ["ours"]
    assert [flag["together"]["buyers"] for flag in flags["flags"]] == [1]


async def test_an_operator_asks_for_a_member_whose_key_is_not_at_hand(
    engage: Engage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENGAGE_MEMBER_KEY")

    shown = await engage(str(named("site 1")), "--member", "bergen")

    assert "No contract of bergen is known to touch it" in shown.output


async def test_a_day_without_a_site_is_refused_with_what_to_name(engage: Engage) -> None:
    refused = await engage("--on", "2026-03-02")

    assert isinstance(refused.exception, CommandError)
    assert "Name a site, --product or --mineral" in str(refused.exception)


async def test_without_a_member_an_operator_is_told_to_name_one(
    engage: Engage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENGAGE_MEMBER_KEY")

    refused = await engage()

    assert isinstance(refused.exception, CommandError)
    assert "Give --member" in str(refused.exception)


def test_the_last_day_is_told_and_not_the_first_after_it() -> None:
    assert exposure.last_day("2028-01-01") == "through 2027-12-31"
    assert exposure.last_day(None) == "until further notice"
