"""A service's schema as it is at one moment, copied beside it; and what several rebuilds need to know of each other."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.comparing import Table, copy_table, fill_table, named, tables_of
from shared.postgres import Connection, Pool
from shared.replaying import count_set_aside

HEADS = ("inbox_head", "stream_head")
"""The spine's tables that say how far a service had read of each topic and key, and what it had published."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live schema at one moment: the tables to compare, by name, and what waited aside."""

    at: datetime
    tables: Mapping[str, Table]
    dead_letters: int
    parked: int


async def take(
    tx: Connection,
    live: str,
    fresh: str,
    copies: str,
    taken_over: Collection[str] = (),
    only: Collection[str] | None = None,
) -> Snapshot:
    """Copy the live schema: `taken_over`, in this order, into the fresh schema, all else into a schema of copies.

    With `only`, no other table is read, and of the heads none of a restricted topic ever is. `tx` is a transaction
    that reads one moment (repeatable read), and the live schema goes on meanwhile. Raises ValueError for a table to
    compare that has no primary key.
    """
    at: datetime = await tx.fetchval("SELECT now()")
    found = await tables_of(tx, live, only)
    for name in taken_over:
        await fill_table(tx, found[name], live, fresh)
    tables = {name: table for name, table in found.items() if name not in taken_over}
    for name in tables:
        await copy_table(tx, name, live, copies)
    for name in HEADS:
        await copy_table(tx, name, live, copies, "topic NOT LIKE 'restricted.%'")
    return Snapshot(at, tables, *await count_set_aside(tx, live))


async def schema_of(pool: Pool) -> str:
    """The schema that names which are not qualified mean."""
    found: str = await pool.fetchval("SELECT current_schema()")
    return found


async def hold(connection: Connection, schema: str) -> None:
    """Let other rebuilds know, for as long as the connection is open, that one is at work in a schema."""
    await connection.execute("SELECT pg_advisory_lock(hashtextextended($1 || '/rebuild', 0))", schema)


async def left_over(connection: Connection, prefix: str, own: str) -> list[str]:
    """The schemas of rebuilds under this prefix, with their copies, that no rebuild holds; without one's own."""
    rows = await connection.fetch(
        """WITH found AS MATERIALIZED (
               SELECT nspname::text AS schema, substring(nspname FROM '^.*_[0-9a-f]{8}') AS base
               FROM pg_namespace WHERE nspname ~ ('^' || $1 || '_[0-9a-f]{8}(_live)?$'))
           SELECT schema FROM found
           WHERE base <> $2 AND pg_try_advisory_xact_lock(hashtextextended(base || '/rebuild', 0)) ORDER BY 1""",
        prefix,
        own,
    )
    return [row["schema"] for row in rows]


async def work_in(tx: Connection, schema: str) -> None:
    """Let names that are not qualified mean the tables of this schema, until the transaction ends."""
    await tx.execute("SELECT set_config('search_path', $1, true)", named(schema))


async def read_migrations(tx: Connection, schema: str) -> list[str]:
    """The migrations that a schema has."""
    rows = await tx.fetch(f"SELECT version FROM {named(schema)}.schema_migrations ORDER BY version")  # noqa: S608
    return [row["version"] for row in rows]
