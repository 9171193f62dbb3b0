"""Real servers for the tests: one Kafka and one Postgres per session, on free ports, in temporary folders."""

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from deploy.local.database import in_database, migrate, provision, service_dsn
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.servers import APART, DATABASE, KEYS, database_of
from shared.logs import configure
from shared.postgres import Connection, Pool, open_pool
from shared.relay import Relay
from shared.service import GARBAGE_COLLECTION, Runtime
from shared.settings import Settings
from shared.topics import ensure_topics

TESTS = Path(__file__).parent
SERVICES = ("ingest", "risk", "notify", "remedy", KEYS, "upstream", "downstream")
"""The four services, the keys of one, and two that exist only here: schemas that hold nothing but the spine."""


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later collection of garbage: over ten thousand tests that takes seconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_COLLECTION)


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Logs as in production: the library's own would print every local variable of a failure."""
    configure("test")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running PostgreSQL of this session's own."""
    with Postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A running Kafka broker of this session's own."""
    with Kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
async def kafka(kafka_server: Kafka) -> str:
    """The bootstrap address of a broker that has the manifest's fixed topics."""
    await ensure_topics(kafka_server.bootstrap)
    return kafka_server.bootstrap


@pytest.fixture(scope="session")
def passwords() -> dict[str, str]:
    return {service: secrets.token_urlsafe(16) for service in SERVICES}


@pytest.fixture(scope="session")
def provisioned(postgres: Postgres, passwords: dict[str, str]) -> Postgres:
    """The server with each service's roles and tables, marked as this session's own."""
    provision(postgres.admin_dsn, SERVICES, passwords)
    for service in SERVICES:
        migrate(postgres.admin_dsn, service)
    asyncio.run(mark(postgres))
    return postgres


OWN = f"of test session {secrets.token_hex(8)}"


async def mark(server: Postgres) -> None:
    """Leave a mark in each database by which `empty` knows that it is this session's."""
    connection = await asyncpg.connect(server.dsn)
    for database in (DATABASE, *APART.values()):
        await connection.execute(f"COMMENT ON DATABASE {database} IS '{OWN}'")
    await connection.close()


@dataclass(frozen=True)
class Schema:
    """An empty schema of one service: connect as the service does, with its own role."""

    service: str
    dsn: SecretStr
    pool: Pool
    operator_dsn: str

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of a query, seen by the service's role."""
        return await self.pool.fetch(query, *arguments)

    def runtime(self, settings: Settings, databases: Mapping[str, Pool] | None = None) -> Runtime:
        """What an API or a task works with, without Kafka: events stay in the outbox."""
        return Runtime(self.service, settings, self.pool, Relay(self.service, self.pool, settings), databases or {})


EmptySchema = Callable[[str], Awaitable[Schema]]


@pytest.fixture
async def empty_schema(provisioned: Postgres, passwords: dict[str, str]) -> AsyncIterator[EmptySchema]:
    """Opens a service's schema, emptied."""
    opened: list[Pool] = []

    async def open_schema(service: str) -> Schema:
        await empty(provisioned, service)
        dsn = SecretStr(service_dsn(provisioned.admin_dsn, service, passwords[service]))
        pool = await open_pool(dsn, size=10)
        opened.append(pool)
        return Schema(service, dsn, pool, in_database(provisioned.dsn, database_of(service)))

    yield open_schema
    for pool in opened:
        await pool.close()


async def empty(server: Postgres, service: str) -> None:
    """Empty a service's tables, on this session's own server and no other."""
    connection = await asyncpg.connect(in_database(server.dsn, database_of(service)))
    try:
        comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        assert await connection.fetchval(comment) == OWN, "this is not the database that the tests made"
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname = $1 AND tablename <> 'schema_migrations'",
            service,
        )
        if tables:
            await connection.execute(f"TRUNCATE {', '.join(row[0] for row in tables)} RESTART IDENTITY CASCADE")
    finally:
        await connection.close()


@pytest.fixture
async def tx(request: pytest.FixtureRequest, empty_schema: EmptySchema) -> AsyncIterator[Connection]:
    """A transaction on the emptied schema of the service whose tests these are (by the folder below `tests`)."""
    schema = await empty_schema(request.path.relative_to(TESTS).parts[0])
    async with schema.pool.acquire() as connection, connection.transaction():
        yield connection


__all__ = ["EmptySchema", "Schema"]
