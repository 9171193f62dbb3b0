"""Waiting for what another connection does, with a limit."""

import asyncio

from shared.postgres import Connection

LIMIT = 20.0  # seconds


async def until_blocked(watcher: Connection, pid: int) -> None:
    """Wait until a backend waits for another one's lock."""
    async with asyncio.timeout(LIMIT):
        while not await watcher.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.01)


async def until_one_waits(watcher: Connection) -> None:
    """Wait until any backend of this database waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(LIMIT):
        while not await watcher.fetchval(waiting):
            await asyncio.sleep(0.01)
