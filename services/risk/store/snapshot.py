"""What is copied of the live schema before a rebuild, and what of it is not compared, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from shared.comparing import Table, Without, copy_table, fill_table, named, tables_of
from shared.postgres import Connection
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

LEFT_OUT_COLUMNS = {
    "indicator": {"evidence": "quotes the edition that was in force when the indicator was found first"},
}
"""Columns that depend on when something was reckoned, not on what was told, and why."""

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


async def members_here(tx: Connection, members: Collection[str]) -> list[str]:
    """Those of these members that have not left."""
    rows = await tx.fetch(
        """SELECT u.member FROM unnest($1::text[]) AS u (member) LEFT JOIN member m USING (member)
           WHERE m.has_left IS NOT TRUE ORDER BY u.member""",
        list(members),
    )
    return [row["member"] for row in rows]


def without(table: str, gone: tuple[str, ...]) -> Without:
    """What is not compared of a table, where the topics of these members are gone."""
    columns = frozenset(LEFT_OUT_COLUMNS.get(table, ()))
    conditions = [LEFT_OUT_ROWS[table][0]] if table in LEFT_OUT_ROWS else []
    conditions += [f"{named(READER[table])} = ANY($1)"] if table in READER else []
    return Without(columns, " OR ".join(conditions) or "false", gone)
