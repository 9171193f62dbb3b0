"""What was concluded of engagements can be concluded again, also where the clock looked late; a difference is named."""

import re
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy.local.beside import drop_beside
from deploy.local.database import in_database
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.rebuilt import Rebuilt
from deploy.local.servers import database_of
from services.remedy.rebuilding import rebuild
from services.remedy.store.engagement.concluded import CONCLUDED, READER, still_here, without
from shared.comparing import tables_of
from shared.snapshot import HEADS
from tests.conftest import EmptySchema
from tests.remedy.engagement.year.acts import FIRST
from tests.remedy.engagement.year.generating import generate
from tests.remedy.engagement.year.stage import staged

MIGRATION = Path(__file__).parents[4] / "services" / "remedy" / "migrations" / "20261123000108_engagement.sql"


def differences(found: Rebuilt) -> list[tuple[str, str, tuple[str, ...]]]:
    """What a rebuild found to differ: table, how, and in which columns."""
    return [(table.table, one.found, one.columns) for table in found.tables for one in table.first]


async def tables_in(server: Postgres, schema: str) -> set[str]:
    """The tables that a schema in the database of `remedy` has."""
    connection = await asyncpg.connect(in_database(server.dsn, database_of("remedy")))
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
        return {row["tablename"] for row in rows}
    finally:
        await connection.close()


@pytest.mark.parametrize("seed", [11])
async def test_a_history_by_chance_is_concluded_again_as_it_was_and_a_changed_row_is_named(
    broker: Kafka, provisioned: Postgres, empty_schema: EmptySchema, seed: int
) -> None:
    year = generate(seed)
    async with staged(broker.bootstrap, provisioned, empty_schema, year) as stage:
        await stage.play(year, until=FIRST + timedelta(days=130), every=9)
        equal = await rebuild(provisioned.dsn, broker.bootstrap, lambda _line: None)
        await stage.remedy.rows("UPDATE obligation SET missed_at = NULL WHERE missed_at IS NOT NULL AND kind = 'ask'")
        (gone,) = await stage.remedy.rows(
            "DELETE FROM dialogue_entry WHERE entry = (SELECT entry FROM dialogue_entry LIMIT 1) RETURNING entry"
        )
        changed = await rebuild(provisioned.dsn, broker.bootstrap, lambda _line: None, keep=True)

    assert changed.schema is not None
    copied = await tables_in(provisioned, f"{changed.schema}_live")
    for schema in (changed.schema, f"{changed.schema}_live"):
        drop_beside(provisioned.dsn, "remedy", schema)
    assert differences(equal) == []
    assert equal.is_equal
    assert not changed.is_equal
    assert ("dialogue_entry", "only_in_second", ()) in differences(changed)
    assert ("obligation", "differs", ("missed_at",)) in differences(changed)
    assert str(gone["entry"]) in str(changed.tables)
    assert copied == {*CONCLUDED, *HEADS}, "nothing of a case is copied"


def test_all_tables_of_engagements_are_compared_and_none_of_cases() -> None:
    made = re.findall(r"^CREATE TABLE (\w+)", MIGRATION.read_text(), re.MULTILINE)

    assert sorted(CONCLUDED) == sorted(made)


async def test_every_table_whose_rows_are_a_members_own_is_known_as_such(empty_schema: EmptySchema) -> None:
    schema = await empty_schema("remedy")
    async with schema.pool.acquire() as connection:
        tables = await tables_of(connection, "remedy", CONCLUDED)

    own = {name for name, table in tables.items() if {"member", "reader"} & set(table.columns)}
    told_to_all = {"participant", "group_member", "dialogue_entry"}
    assert own - told_to_all == set(READER)
    assert all(READER[name] in tables[name].columns for name in READER)


async def test_a_members_own_rows_are_left_out_once_it_has_left_and_its_topics_are_gone(
    empty_schema: EmptySchema,
) -> None:
    schema = await empty_schema("remedy")
    async with schema.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO participant (member, name, kind, left_at) "
            "VALUES ('oslo', 'Example', 'buyer', NULL), ('bergen', 'Example', 'buyer', now())"
        )

        assert await still_here(connection, {"oslo", "bergen", "unheard-of"}) == {"oslo", "unheard-of"}

    assert without("contract", ("bergen",)).rows == '"reader" = ANY($1)'
    assert without("engagement", ("bergen",)).rows == "false"
