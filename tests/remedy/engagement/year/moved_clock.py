"""A clock that a test sets, for every service that reads the database's.

PostgreSQL looks for `now()` in `pg_catalog` first only while a session's search path does not name that schema. Here it
names one before it, whose functions tell the moment that was set, and go on from there.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
from pydantic import SecretStr

from deploy.local.database import in_database
from deploy.local.postgres import Postgres
from deploy.local.servers import database_of
from shared.postgres import open_pool
from tests.conftest import Schema

NAME = "moved_clock"
MAKE = f"""CREATE SCHEMA {NAME};
    CREATE TABLE {NAME}.moment (at timestamptz, since timestamptz);
    INSERT INTO {NAME}.moment SELECT now(), now();
    CREATE FUNCTION {NAME}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT at + (pg_catalog.clock_timestamp() - since) FROM {NAME}.moment';
    CREATE FUNCTION {NAME}.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT greatest(at, at + (pg_catalog.now() - since)) FROM {NAME}.moment';
    CREATE FUNCTION {NAME}.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT {NAME}.now()';
    GRANT USAGE ON SCHEMA {NAME} TO PUBLIC;
    GRANT SELECT ON {NAME}.moment TO PUBLIC;"""


@dataclass(frozen=True, slots=True)
class MovedClock:
    """The clock, in each database that needs it. Only sessions opened by `seen_by` go by it."""

    connections: Sequence["asyncpg.Connection[asyncpg.Record]"]

    async def set(self, at: datetime) -> None:
        """Let it be this moment; time goes on from there."""
        for connection in self.connections:
            await connection.execute(f"UPDATE {NAME}.moment SET at = $1, since = pg_catalog.clock_timestamp()", at)

    @contextlib.asynccontextmanager
    async def seen_by(self, schema: Schema) -> AsyncIterator[Schema]:
        """A service's schema, for sessions that go by this clock."""
        parts = urlsplit(schema.dsn.get_secret_value())
        query = dict(parse_qsl(parts.query)) | {"search_path": f"{NAME},{schema.service},pg_catalog"}
        dsn = SecretStr(urlunsplit(parts._replace(query=urlencode(query))))
        pool = await open_pool(dsn, size=4)
        try:
            yield replace(schema, dsn=dsn, pool=pool)
        finally:
            await pool.close()


@contextlib.asynccontextmanager
async def moved_clock(server: Postgres) -> AsyncIterator[MovedClock]:
    """A clock that is there as long as the test."""
    async with contextlib.AsyncExitStack() as stack:
        databases = sorted({database_of(service) for service in ("ingest", "remedy")})
        yield MovedClock([await stack.enter_async_context(in_one(server, name)) for name in databases])


@contextlib.asynccontextmanager
async def in_one(server: Postgres, database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """The clock in one database: the connection by which it is set."""
    connection = await asyncpg.connect(in_database(server.dsn, database))
    try:
        await connection.execute(f"DROP SCHEMA IF EXISTS {NAME} CASCADE")
        await connection.execute(MAKE)
        yield connection
    finally:
        await connection.execute(f"DROP SCHEMA IF EXISTS {NAME} CASCADE")
        await connection.close()
