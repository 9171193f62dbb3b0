"""Commands of `remedy` in the tests, typed while its real HTTP runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer
from typer.testing import CliRunner, Result

from services.remedy import commands
from services.remedy.__main__ import SERVICE
from services.remedy.office import KEYS, READING
from shared.service import assemble, http_server
from tests.conftest import Schema
from tests.remedy.given import SETTINGS

app = typer.Typer()
commands.register(app)


def engage(*arguments: str, stdin: str | None = None) -> Result:
    """A command."""
    return CliRunner().invoke(app, list(arguments), input=stdin)


async def typed(*arguments: str, stdin: str | None = None) -> Result:
    """A command while the service runs."""
    return await asyncio.to_thread(engage, *arguments, stdin=stdin)


@asynccontextmanager
async def http_of(schema: Schema, keys: Schema) -> AsyncIterator[str]:
    """The address of the service's HTTP, on a port of its own."""
    settings = SETTINGS.model_copy(update={"http_port": 0})
    async with http_server(
        SERVICE, assemble(SERVICE, settings, schema.pool, schema.pool, {KEYS: keys.pool, READING: schema.pool})
    ) as port:
        yield f"http://127.0.0.1:{port}"
