"""Two schemas are compared row by row, whatever the order of their rows."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.local.postgres import Postgres
from shared.comparing import EVERYTHING, Without, compare_table, copy_table, fill_table, tables_of
from shared.postgres import Connection

ONE, OTHER = "compare_one", "compare_other"
TABLE = """CREATE SCHEMA {schema};
    CREATE TABLE {schema}.thing (a int, b text, note text, said jsonb, day date, PRIMARY KEY (b, a));
    CREATE TABLE {schema}.inbox_head (topic text PRIMARY KEY);"""
ROWS = "INSERT INTO {schema}.thing VALUES (1, 'x', 'n', '{{\"k\": [1, 2]}}', NULL), (2, 'y', NULL, NULL, '2026-01-01')"


@pytest.fixture
async def connection(provisioned: Postgres) -> AsyncIterator[Connection]:
    """A connection on which two schemas have the same table with the same two rows; rolled back at the end."""
    connection = await asyncpg.connect(provisioned.dsn)
    outer = connection.transaction()
    await outer.start()
    for schema in (ONE, OTHER):
        await connection.execute(TABLE.format(schema=schema) + ROWS.format(schema=schema))
    yield connection
    await outer.rollback()
    await connection.close()


async def compared(connection: Connection, without: Without = EVERYTHING) -> object:
    """How the table compares: rows, and what differs."""
    table = (await tables_of(connection, ONE))["thing"]
    found = await compare_table(connection, table, ONE, OTHER, without)
    return found.rows, found.left_out, found.differing, [(one.key, one.found, one.columns) for one in found.first]


async def test_the_tables_of_the_spine_are_no_tables_to_compare(connection: Connection) -> None:
    found = await tables_of(connection, ONE)

    assert set(found) == {"thing"}
    assert found["thing"].columns == ("a", "b", "note", "said", "day")
    assert found["thing"].key == ("b", "a")


async def test_a_table_without_a_primary_key_is_refused(connection: Connection) -> None:
    await connection.execute(f"CREATE TABLE {ONE}.loose (a int)")

    with pytest.raises(ValueError, match="loose"):
        await tables_of(connection, ONE)


async def test_only_the_tables_asked_for_are_looked_at(connection: Connection) -> None:
    await connection.execute(f"CREATE TABLE {ONE}.loose (a int)")

    assert set(await tables_of(connection, ONE, only=["thing"])) == {"thing"}
    assert await tables_of(connection, ONE, only=[]) == {}


async def test_numbers_that_the_database_draws_are_copied_and_not_compared(connection: Connection) -> None:
    for schema in (ONE, OTHER):
        await connection.execute(
            f"CREATE TABLE {schema}.queue (a int PRIMARY KEY, b text, place bigint GENERATED ALWAYS AS IDENTITY)"
        )
    await connection.execute(f"INSERT INTO {ONE}.queue VALUES (1, 'x'), (2, 'y')")
    await connection.execute(f"INSERT INTO {OTHER}.queue VALUES (2, 'y'), (1, 'z')")
    table = (await tables_of(connection, ONE))["queue"]

    found = await compare_table(connection, table, ONE, OTHER)

    assert (table.columns, table.compared) == (("a", "b", "place"), ("a", "b"))
    assert (found.differing, [one.columns for one in found.first]) == (1, [("b",)])


async def test_equal_rows_are_equal_in_whatever_order_they_lie(connection: Connection) -> None:
    await connection.execute(f"UPDATE {OTHER}.thing SET note = note WHERE a = 1")  # it now lies after the other

    assert await compared(connection) == ((2, 2), 0, 0, [])


async def test_each_differing_row_is_named_by_its_key_with_the_columns(connection: Connection) -> None:
    await connection.execute(f"UPDATE {OTHER}.thing SET note = '', said = '{{}}' WHERE a = 2")

    assert await compared(connection) == ((2, 2), 0, 1, [({"b": "y", "a": "2"}, "differs", ("note", "said"))])


async def test_a_row_that_only_one_of_them_has_is_named(connection: Connection) -> None:
    await connection.execute(f"INSERT INTO {OTHER}.thing VALUES (3, 'z'); DELETE FROM {OTHER}.thing WHERE a = 1")

    found = [({"b": "x", "a": "1"}, "only_in_first", ()), ({"b": "z", "a": "3"}, "only_in_second", ())]
    assert await compared(connection) == ((2, 2), 0, 2, found)


async def test_what_is_left_out_makes_no_difference_and_is_counted(connection: Connection) -> None:
    await connection.execute(f"INSERT INTO {OTHER}.thing VALUES (3, '?'); DELETE FROM {OTHER}.thing WHERE a = 2")

    left_out = Without("b = ANY($1) OR day > '2027-01-01'", ("y", "?"))

    assert await compared(connection, left_out) == ((1, 1), 1, 0, [])


async def test_only_the_first_of_many_differing_rows_are_named_and_all_are_counted(connection: Connection) -> None:
    await connection.execute(f"INSERT INTO {OTHER}.thing SELECT n, 'z' FROM generate_series(1, 5000) n")

    table = (await tables_of(connection, ONE))["thing"]
    found = await compare_table(connection, table, ONE, OTHER)

    assert (found.differing, len(found.first)) == (5000, 5)


async def test_a_copy_is_equal(connection: Connection) -> None:
    await connection.execute("CREATE SCHEMA compare_third; " + TABLE.format(schema="compare_fourth"))
    table = (await tables_of(connection, ONE))["thing"]

    await copy_table(connection, "thing", ONE, "compare_third")
    await fill_table(connection, table, ONE, "compare_fourth")

    for target in ("compare_third", "compare_fourth"):
        assert (await compare_table(connection, table, ONE, target)).differing == 0
