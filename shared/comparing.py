"""Two schemas of one service, compared row by row: what it has made of the events, without the spine's own tables."""

from collections.abc import Collection
from dataclasses import dataclass

import orjson

from shared.postgres import Connection

SPINE = frozenset(
    {
        "inbox_head",
        "inbox_parked",
        "dead_letter",
        "stream_head",
        "outbox",
        "outbox_todo",
        "outbox_blocked",
        "relay_heartbeat",
        "schema_migrations",
    }
)
"""Tables that tell of deliveries and publications, not of what follows from the events."""
WITHIN = 3600
"""Seconds for one statement over a whole table."""
SHOWN = 5
"""Differing rows that are named per table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns, in order, and those of its primary key.

    `drawn` are numbers that the database gives the rows as they come; they are copied, and not compared.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    drawn: tuple[str, ...] = ()

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns that are compared."""
        return tuple(column for column in self.columns if column not in self.drawn)


@dataclass(frozen=True, slots=True)
class Without:
    """The rows that are left out of a comparison of a table.

    `rows` is a condition in SQL over its columns; `$1` stands for `of`, a list of texts.
    """

    rows: str = "false"
    of: tuple[str, ...] = ()

    @property
    def kept(self) -> str:
        """The condition of the rows that are compared."""
        return f"(({self.rows}) IS NOT TRUE AND $1::text[] IS NOT NULL)"


EVERYTHING = Without()


@dataclass(frozen=True, slots=True)
class Differing:
    """A row that is not the same in both: its key, and the columns that differ, none where it is in one only."""

    key: dict[str, str]
    found: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """How a table of two schemas compares: rows of each, how many differ, and the first of these by key."""

    table: str
    rows: tuple[int, int]
    left_out: int
    differing: int
    first: tuple[Differing, ...] = ()


async def tables_of(tx: Connection, schema: str, only: Collection[str] | None = None) -> dict[str, Table]:
    """The tables of a schema by name, without the spine's; with `only`, those and no others.

    Raises ValueError for one without a primary key.
    """
    rows = await tx.fetch(
        """SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
                  array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
                      FILTER (WHERE a.attnum = ANY(i.indkey)) AS key,
                  array_agg(a.attname::text)
                      FILTER (WHERE a.attidentity <> '' AND NOT a.attnum = ANY(i.indkey)) AS drawn
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
           WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND NOT c.relname = ANY($2::text[])
                 AND ($3::text[] IS NULL OR c.relname = ANY($3))
           GROUP BY c.relname""",
        named(schema),
        list(SPINE),
        None if only is None else list(only),
    )
    if without_key := sorted(row["name"] for row in rows if row["key"] is None):
        raise ValueError(f"tables without a primary key cannot be compared: {', '.join(without_key)}")
    return {
        row["name"]: Table(row["name"], tuple(row["columns"]), tuple(row["key"]), tuple(row["drawn"] or ()))
        for row in rows
    }


async def copy_table(tx: Connection, table: str, source: str, target: str, rows: str = "true") -> None:
    """Copy a table of one schema into another that has none of this name: the rows that meet a condition in SQL.

    The copy is not logged.
    """
    await tx.execute(
        f"""CREATE UNLOGGED TABLE {named(target)}.{named(table)} AS
            SELECT * FROM {named(source)}.{named(table)} WHERE {rows}""",  # noqa: S608 - names and a condition of ours
        timeout=WITHIN,
    )


async def fill_table(tx: Connection, table: Table, source: str, target: str) -> None:
    """Add the rows of a table of one schema to the same table of another."""
    columns = ", ".join(map(named, table.columns))
    await tx.execute(
        f"""INSERT INTO {named(target)}.{named(table.name)} ({columns}) OVERRIDING SYSTEM VALUE
            SELECT {columns} FROM {named(source)}.{named(table.name)}""",  # noqa: S608 - names from the catalogue
        timeout=WITHIN,
    )


async def compare_table(tx: Connection, table: Table, one: str, other: str, without: Without = EVERYTHING) -> Compared:
    """Compare a table of two schemas, whatever the order of its rows: by a sum of their hashes, then one by one."""
    first, second = [await digest_table(tx, table, schema, without) for schema in (one, other)]
    rows, left_out = (first[0], second[0]), first[2]
    if first[:2] == second[:2]:
        return Compared(table.name, rows, left_out, 0)
    total, found = await differing_rows(tx, table, one, other, without)
    return Compared(table.name, rows, left_out, total, found)


async def digest_table(tx: Connection, table: Table, schema: str, without: Without) -> tuple[int, int, int]:
    """The number of compared rows of a table, a sum over their hashes, and how many rows are left out."""
    row = await tx.fetchrow(
        f"""SELECT count(*) FILTER (WHERE {without.kept}), count(*) FILTER (WHERE NOT {without.kept}),
                   coalesce(sum(hashtextextended({row_text(table, "t")}, 0)::numeric)
                            FILTER (WHERE {without.kept}), 0)
            FROM {named(schema)}.{named(table.name)} t""",  # noqa: S608 - names from the catalogue
        list(without.of),
        timeout=WITHIN,
    )
    assert row is not None
    return row[0], int(row[2]), row[1]


async def differing_rows(
    tx: Connection, table: Table, one: str, other: str, without: Without
) -> tuple[int, tuple[Differing, ...]]:
    """How many rows of a table differ between two schemas, and the first of them in the order of their keys."""
    joined = " AND ".join(f"a.{named(column)} = b.{named(column)}" for column in table.key)
    key = ", ".join(f"'{column}', coalesce(a.{named(column)}, b.{named(column)})" for column in table.key)
    columns = ", ".join(
        f"CASE WHEN a.{named(column)}::text IS DISTINCT FROM b.{named(column)}::text THEN '{column}' END"
        for column in table.compared
    )
    order = ", ".join(f"coalesce(a.{named(column)}, b.{named(column)})" for column in table.key)
    parts = [
        f"(SELECT * FROM {named(schema)}.{named(table.name)} t WHERE {without.kept}) {alias}"  # noqa: S608
        for schema, alias in ((one, "a"), (other, "b"))
    ]
    rows = await tx.fetch(
        f"""SELECT jsonb_build_object({key})::text AS key, count(*) OVER () AS total,
                   CASE WHEN a.{named(table.key[0])} IS NULL THEN 'only_in_second'
                        WHEN b.{named(table.key[0])} IS NULL THEN 'only_in_first' ELSE 'differs' END AS found,
                   array_remove(ARRAY[{columns}]::text[], NULL) AS columns
            FROM {parts[0]} FULL JOIN {parts[1]} ON {joined}
            WHERE {row_text(table, "a")} IS DISTINCT FROM {row_text(table, "b")}
            ORDER BY {order} LIMIT {SHOWN}""",  # noqa: S608 - names from the catalogue
        list(without.of),
        timeout=WITHIN,
    )
    return (rows[0]["total"] if rows else 0), tuple(
        Differing(
            {name: str(value) for name, value in orjson.loads(row["key"]).items()},
            row["found"],
            tuple(row["columns"]) if row["found"] == "differs" else (),
        )
        for row in rows
    )


def row_text(table: Table, alias: str) -> str:
    """The expression of a row as one text."""
    columns = (f"{alias}.{named(column)}" for column in table.compared)
    return f"ROW({', '.join(columns)})::text"


def named(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
