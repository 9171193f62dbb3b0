"""Who may do what in Postgres: every role of a service tries every verb on every table, wherever it can connect."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.local.database import in_database, service_dsn
from deploy.local.postgres import Postgres
from deploy.local.servers import APART, DATABASE, database_of

TABLE = tomllib.loads((Path(__file__).parent / "postgres.toml").read_text())
ROLES: list[str] = TABLE["roles"]
VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE", "T": "TRUNCATE"}
DATABASES = [DATABASE, *APART.values()]


def grid(part: str) -> dict[tuple[str, str], str]:
    """A part of the table: what stands at a row's name and a role."""
    return {
        (name, role): "" if sign == "-" else sign
        for name, row in TABLE[part].items()
        for role, sign in zip(ROLES, row.split(), strict=True)
    }


CONNECT, SCHEMAS, TABLES = grid("connect"), grid("schemas"), grid("tables")
Connections = dict[str, "asyncpg.Connection[asyncpg.Record]"]


@dataclass(frozen=True)
class Place:
    """A table, with a column that can be written to."""

    schema: str
    table: str
    column: str

    def statement(self, verb: str) -> str:
        """A statement of a verb that changes no row; INSERT may fail for another reason than that it is denied."""
        name = f'"{self.schema}"."{self.table}"'
        return {
            "S": f"SELECT FROM {name} WHERE false",
            "I": f"INSERT INTO {name} DEFAULT VALUES",
            "U": f'UPDATE {name} SET "{self.column}" = NULL WHERE false',
            "D": f"DELETE FROM {name} WHERE false",
            "T": f"TRUNCATE {name}",
        }[verb]


@pytest.fixture(scope="session")
async def sessions(provisioned: Postgres, passwords: dict[str, str]) -> AsyncIterator[Connections]:
    """Each role, logged in to its own database."""
    async with AsyncExitStack() as until:
        connections: Connections = {}
        for role in ROLES:
            connections[role] = await asyncpg.connect(service_dsn(provisioned.admin_dsn, role, passwords[role]))
            until.push_async_callback(connections[role].close)
        yield connections


@pytest.fixture(scope="session")
async def places(provisioned: Postgres) -> dict[str, list[Place]]:
    """Every table of each schema."""
    found: dict[str, list[Place]] = {}
    for schema in ROLES:
        operator = await asyncpg.connect(in_database(provisioned.admin_dsn, database_of(schema)))
        rows = await operator.fetch(
            """SELECT DISTINCT ON (c.relname) c.relname, a.attname FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attgenerated = '' AND a.attidentity = ''
               WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
                   AND c.relname <> 'schema_migrations' ORDER BY c.relname, a.attnum""",
            schema,
        )
        await operator.close()
        found[schema] = [Place(schema, *row) for row in rows]
    return found


async def is_let(session: "asyncpg.Connection[asyncpg.Record]", statement: str) -> bool:
    """Whether a role may execute a statement; nothing of it stays."""
    transaction = session.transaction()
    await transaction.start()
    try:
        await session.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return False
    except asyncpg.PostgresError:
        return True  # refused for what it says, not for who says it
    finally:
        await transaction.rollback()
    return True


@pytest.mark.parametrize(("database", "role"), [(one, role) for one in DATABASES for role in ROLES])
async def test_a_role_connects_to_the_databases_of_the_table_and_no_other(
    provisioned: Postgres, passwords: dict[str, str], database: str, role: str
) -> None:
    dsn = in_database(service_dsn(provisioned.admin_dsn, role, passwords[role]), database)

    if CONNECT[database, role]:
        await (await asyncpg.connect(dsn)).close()
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(dsn)


@pytest.mark.parametrize(
    ("schema", "role", "verb"),
    [(schema, role, verb) for schema, role in SCHEMAS for verb in VERBS if database_of(schema) == database_of(role)],
)
async def test_a_role_does_to_the_tables_of_a_schema_what_the_table_says_and_nothing_else(
    sessions: Connections, places: dict[str, list[Place]], schema: str, role: str, verb: str
) -> None:
    expected = {
        place: verb in TABLES.get((f"{schema}.{place.table}", role), SCHEMAS[schema, role]) for place in places[schema]
    }

    assert {place: await is_let(sessions[role], place.statement(verb)) for place in places[schema]} == expected
    assert expected


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("attempt", TABLE["forbidden"])
async def test_a_role_becomes_nobody_else_and_reaches_nothing_beyond_its_tables(
    sessions: Connections, role: str, attempt: str
) -> None:
    assert not await is_let(sessions[role], TABLE["forbidden"][attempt].format(role=role))


@pytest.mark.parametrize("role", [role for role in ROLES if database_of(role) == DATABASE])
async def test_of_the_case_database_on_the_same_server_a_role_sees_its_name_and_how_much_is_written_no_words(
    sessions: Connections, provisioned: Postgres, passwords: dict[str, str], role: str
) -> None:
    cases = await asyncpg.connect(service_dsn(provisioned.admin_dsn, "remedy", passwords["remedy"]))
    await cases.execute("SELECT 'invented words'")
    try:
        seen = await sessions[role].fetch("SELECT query FROM pg_stat_activity WHERE datname = 'engage_remedy'")
        written = await sessions[role].fetchval(
            "SELECT tup_inserted FROM pg_stat_database WHERE datname = 'engage_remedy'"
        )
    finally:
        await cases.close()

    assert {row["query"] for row in seen} == {"<insufficient privilege>"}
    assert written is not None  # the declared residual: gone where cases are on a server of their own
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await sessions[role].fetchval("SELECT pg_database_size('engage_remedy')")


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_finds_names_in_its_own_schema_first_and_never_in_one_that_another_may_fill(
    sessions: Connections, role: str
) -> None:
    path = await sessions[role].fetchval("SHOW search_path")

    assert [name.strip() for name in path.split(",")] == [role, "pg_catalog", "pg_temp"]


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_logs_in_as_an_owner_and_no_role_of_a_service_inherits_or_creates(
    sessions: Connections, role: str
) -> None:
    query = """SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
                      rolreplication FROM pg_roles WHERE rolname = ANY($1)"""
    found = {row[0]: tuple(row)[1:] for row in await sessions[role].fetch(query, [role, f"{role}_owner"])}

    assert found[role] == (True, False, False, False, False, False, False)
    assert found[f"{role}_owner"] == (False, True, False, False, False, False, False)


def test_the_table_has_every_role_of_a_service_and_every_database() -> None:
    assert {database for database, _ in CONNECT} == set(DATABASES)
    assert {schema for schema, _ in SCHEMAS} == set(ROLES)
