"""Connections to Postgres, and which of its failures pass by themselves."""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from pydantic import SecretStr

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)


class ConcurrentUpdate(Exception):
    """Another process has handled the same keys meanwhile: roll back and read again."""


def is_transient(error: Exception) -> bool:
    """Whether the same work can succeed later without anybody's help: the dependency is down, busy or restarting."""
    return isinstance(error, (*TRANSIENT, ConcurrentUpdate))


def is_gone(borrowed: Connection) -> bool:
    """Whether a borrowed connection has broken. The pool takes one back at once whose session the server has ended."""
    try:
        return borrowed.is_closed()
    except asyncpg.InterfaceError:
        return True


async def now(tx: Connection) -> datetime:
    """The moment at which the transaction began, by the database's clock."""
    moment: datetime = await tx.fetchval("SELECT now()")
    return moment


async def bound_statements(tx: Connection, milliseconds: int) -> None:
    """Let each statement of a transaction end with QueryCanceledError once it has taken so long."""
    await tx.execute("SELECT set_config('statement_timeout', $1, true)", str(milliseconds))


@contextlib.asynccontextmanager
async def borrow(pool: Pool, within: float | None = None) -> AsyncIterator[Connection]:
    """A connection of the pool, for a while.

    Raises ConnectionError where it broke: that can surface as any error, even an internal one of asyncpg; TimeoutError
    where none was free within so many seconds.
    """
    async with pool.acquire(timeout=within) as borrowed:
        try:
            yield borrowed
        except Exception as error:
            if is_gone(borrowed) and not is_transient(error):
                raise ConnectionError from error
            raise


@contextlib.asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """One transaction, committed at the end and rolled back on any exception; errors as of `borrow`."""
    async with borrow(pool) as tx, tx.transaction():
        yield tx


async def open_pool(dsn: SecretStr, size: int) -> Pool:
    """A pool that survives restarts of the server: each acquisition opens a new connection where the old one broke."""
    return await asyncpg.create_pool(
        dsn.get_secret_value(),
        min_size=1,
        max_size=size,
        command_timeout=60,
        timeout=10,
        max_inactive_connection_lifetime=60,
    )
