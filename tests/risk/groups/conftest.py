"""A world with working groups, and the door by which people ask about them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import typer
from click.testing import Result
from pydantic import SecretStr
from typer.testing import CliRunner

from services.risk import commands
from services.risk.api import build
from services.risk.settings import RiskSettings
from shared.http import digest
from tests.risk.groups.asking import OPERATOR
from tests.risk.world import World
from tests.shared.listening import listening

Engage = Callable[..., Awaitable[Result]]


@pytest.fixture
def settings(world: World) -> RiskSettings:
    """The settings of the service, which knows the operator's key."""
    return RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=world.schema.dsn, operator_key_sha256=SecretStr(digest(OPERATOR))
    )


@pytest.fixture
async def door(world: World, settings: RiskSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP interface of `risk`, without a key."""
    transport = httpx.ASGITransport(build(world.schema.runtime(settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://risk") as client:
        yield client


@pytest.fixture
async def engage(world: World, settings: RiskSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engage]:
    """Types a command as the operator, against the door on a real port."""
    async with listening(build(world.schema.runtime(settings))) as url:
        monkeypatch.setenv("ENGAGE_RISK_URL", url)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
        monkeypatch.setenv("COLUMNS", "200")
        app = typer.Typer()
        commands.register(app)
        yield lambda *words: asyncio.to_thread(CliRunner().invoke, app, words)
