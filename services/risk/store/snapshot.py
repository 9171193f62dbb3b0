"""What is copied of the live schema before a rebuild, and what of it is not compared, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from shared.comparing import Table, Without, copy_table, fill_table, named, tables_of
from shared.postgres import Connection, Pool
from shared.replaying import count_set_aside

FACTS = ("fact_edition", "fact")
"""Tables of facts, in the order of their references: an operator's input, on no topic, so taken over as they are."""

READER = {
    "disclosure": "audience",
    "assessment": "audience",
    "grade": "audience",
    "indicator": "audience",
    "contract": "reader",
    "link": "reader",
    "exposure": "member",
    "contract_assessment": "member",
    "member_key": "member",
}
"""Which column says for whom alone a row is. When that member has left, no topic is there to tell of the row again."""

LEFT_OUT_ROWS = {
    "flag": ("merged_into IS NOT NULL", "a flag that was merged stays for those who were told of it before the merge"),
}
"""Rows that depend on the order in which events came, and why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live schema at one moment: its tables, by name, and what waited aside."""

    at: datetime
    tables: Mapping[str, Table]
    dead_letters: int
    parked: int


async def take(tx: Connection, live: str, fresh: str, copies: str) -> Snapshot:
    """Copy the live facts into the fresh schema and all else, with the inbox's heads, into a schema of copies.

    `tx` is a transaction that reads one moment (repeatable read), and the live schema goes on meanwhile.
    """
    at: datetime = await tx.fetchval("SELECT now()")
    found = await tables_of(tx, live)
    for name in FACTS:
        await fill_table(tx, found[name], live, fresh)
    for name in (*(name for name in found if name not in FACTS), "inbox_head"):
        await copy_table(tx, name, live, copies)
    tables = {name: table for name, table in found.items() if name not in FACTS}
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


async def read_editions(tx: Connection) -> list[Record]:
    """The editions of lists, each with its id and the digest of its facts."""
    return await tx.fetch("SELECT id, source, edition, digest FROM fact_edition ORDER BY id")


def without(table: str, gone: tuple[str, ...]) -> Without:
    """What is not compared of a table, where the topics of these members are gone."""
    conditions = [LEFT_OUT_ROWS[table][0]] if table in LEFT_OUT_ROWS else []
    conditions += [f"{named(READER[table])} = ANY($1)"] if table in READER else []
    return Without(" OR ".join(conditions) or "false", gone)
