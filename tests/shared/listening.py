"""An application on a port of this machine, for what asks it over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from shared.service import QuietServer


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Where it listens, until the end."""
    server = QuietServer(uvicorn.Config(app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving
