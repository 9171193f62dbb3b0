"""A world with working groups, and the door by which people ask about them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import typer
import uvicorn
from click.testing import Result
from pydantic import SecretStr
from typer.testing import CliRunner

from services.risk import commands
from services.risk.api import build
from services.risk.settings import RiskSettings
from shared.http import digest
from shared.service import QuietServer
from tests.conftest import EmptySchema
from tests.risk.exposure.world import World
from tests.risk.groups.asking import OPERATOR

Engage = Callable[..., Awaitable[Result]]


@pytest.fixture
async def world(empty_schema: EmptySchema) -> World:
    """`risk` before it has heard of anything."""
    return World(await empty_schema("risk"))


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
    server = QuietServer(uvicorn.Config(build(world.schema.runtime(settings)), port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("ENGAGE_RISK_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    commands.register(app)
    yield lambda *words: asyncio.to_thread(CliRunner().invoke, app, words)
    server.should_exit = True
    await serving
