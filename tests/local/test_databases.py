"""Where the databases are: cases and keys on the common server, or on servers of their own by one setting each."""

from pathlib import Path

import asyncpg
import pytest

from deploy.local.database import in_database
from deploy.local.keys import SecretFolder
from deploy.local.postgres import Postgres
from deploy.local.preparing import prepare_databases
from deploy.local.servers import KEYS, Servers, database_of, with_keys

SERVICES = ("risk", "remedy")


async def databases(server: Postgres) -> set[str]:
    """The databases of a server that hold something of a service."""
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        found = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'engage%'")
        return {row["datname"] for row in found}
    finally:
        await connection.close()


async def reached(dsn: str) -> str:
    """The database and schema in which somebody finds themselves who logs in."""
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SELECT current_database() || '.' || current_schema()"))
    finally:
        await connection.close()


async def test_one_setting_puts_cases_and_their_keys_on_a_server_of_their_own(tmp_path: Path) -> None:
    secrets = SecretFolder(tmp_path / "secrets")
    with Postgres(tmp_path / "common") as common, Postgres(tmp_path / "cases") as cases:
        prepare_databases(Servers(common.admin_dsn, cases.admin_dsn, cases.admin_dsn), secrets, SERVICES, print)

        assert await databases(common) == {"engage"}
        assert await databases(cases) == {"engage_remedy", "engage_remedy_keys"}
        folder = secrets.of_service("remedy")
        assert await reached((folder / "engage_database_dsn").read_text()) == "engage_remedy.remedy"
        assert await reached((folder / "engage_keys_dsn").read_text()) == "engage_remedy_keys.remedy_keys"


def test_without_a_setting_all_is_on_one_server_and_each_setting_moves_what_it_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ENGAGE_REMEDY_POSTGRES_DSN", raising=False)
    monkeypatch.delenv("ENGAGE_KEYS_POSTGRES_DSN", raising=False)

    together = Servers.around("postgresql://one")
    monkeypatch.setenv("ENGAGE_REMEDY_POSTGRES_DSN", "postgresql://two")
    apart = Servers.around("postgresql://one")
    monkeypatch.setenv("ENGAGE_KEYS_POSTGRES_DSN", "postgresql://three")
    all_apart = Servers.around("postgresql://one")

    everyone = with_keys(SERVICES)
    assert everyone == ["risk", "remedy", KEYS]
    assert [together.of(name) for name in everyone] == ["postgresql://one"] * 3
    assert [apart.of(name) for name in everyone] == ["postgresql://one", "postgresql://two", "postgresql://two"]
    assert [all_apart.of(name) for name in everyone] == ["postgresql://one", "postgresql://two", "postgresql://three"]


async def test_the_databases_can_be_prepared_again(tmp_path: Path) -> None:
    secrets = SecretFolder(tmp_path / "secrets")
    with Postgres(tmp_path / "server") as server:
        servers = Servers(server.admin_dsn, server.admin_dsn, server.admin_dsn)
        for _ in range(2):
            prepare_databases(servers, secrets, SERVICES, print)

        tables = []
        for name in with_keys(SERVICES):
            connection = await asyncpg.connect(in_database(server.admin_dsn, database_of(name)))
            query = "SELECT count(*) FROM pg_tables WHERE schemaname = $1"
            tables.append(await connection.fetchval(query, name))
            await connection.close()

    assert all(tables)
