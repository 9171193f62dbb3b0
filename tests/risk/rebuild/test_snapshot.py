"""What a rebuild leaves out of its comparison is declared, and nothing else is."""

from pathlib import Path

import asyncpg
import pytest

from deploy.local.beside import drop_beside, make_beside, operator_dsn, owner_dsn
from deploy.local.database import service_dsn
from deploy.local.errors import StackError
from deploy.local.postgres import Postgres
from deploy.local.state import State, StateFolder
from services.risk.store.snapshot import FACTS, LEFT_OUT_ROWS, READER, without
from shared.comparing import EVERYTHING, tables_of
from tests.conftest import EmptySchema

BESIDE = "risk_rebuild_of_these_tests"


async def test_every_table_whose_rows_are_for_one_member_is_known_as_such(empty_schema: EmptySchema) -> None:
    schema = await empty_schema("risk")
    async with schema.pool.acquire() as connection:
        tables = await tables_of(connection, "risk")

    of_readers = {
        (name, column)
        for name, table in tables.items()
        for column in {"audience", "reader", "member"} & set(table.columns)
    }
    assert of_readers - {("former_member", "member")} == set(READER.items())


async def test_every_table_of_facts_is_taken_over_and_what_is_left_out_exists(empty_schema: EmptySchema) -> None:
    schema = await empty_schema("risk")
    async with schema.pool.acquire() as connection:
        tables = await tables_of(connection, "risk")

    assert {name for name in tables if name.startswith("fact")} == set(FACTS)
    assert set(LEFT_OUT_ROWS) <= set(tables)


def test_where_no_member_has_left_all_rows_of_nearly_all_tables_are_compared() -> None:
    assert without("supplier", ("oslo",)) is not EVERYTHING
    assert (without("supplier", ("oslo",)).rows, without("report", ()).rows) == ("false", "false")
    assert without("contract", ("oslo",)).rows == '"reader" = ANY($1)'
    assert without("flag", ()).rows == "merged_into IS NOT NULL"


async def test_a_schema_beside_belongs_to_the_owner_and_is_closed_to_the_service(
    provisioned: Postgres, passwords: dict[str, str]
) -> None:
    make_beside(provisioned.dsn, "risk", BESIDE, with_tables=True)
    try:
        owner = await asyncpg.connect(owner_dsn(provisioned.dsn, "risk", BESIDE))
        service = await asyncpg.connect(service_dsn(provisioned.admin_dsn, "risk", passwords["risk"]))
        try:
            assert await owner.fetchval("SELECT current_schema()") == BESIDE
            assert await owner.fetchval("SELECT current_user") == "risk_owner"
            assert await owner.fetchval("SELECT count(*) FROM flag") == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.fetch(f"SELECT FROM {BESIDE}.flag")
        finally:
            await owner.close()
            await service.close()
        with pytest.raises(StackError):
            make_beside(provisioned.dsn, "risk", BESIDE, with_tables=False)
    finally:
        drop_beside(provisioned.dsn, "risk", BESIDE)
    drop_beside(provisioned.dsn, "risk", BESIDE)


def test_the_database_is_the_one_named_in_the_environment_else_that_of_the_local_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = StateFolder(tmp_path)
    folder.path.mkdir(exist_ok=True)
    monkeypatch.delenv("ENGAGE_POSTGRES_DSN", raising=False)
    with pytest.raises(StackError, match="ENGAGE_POSTGRES_DSN"):
        operator_dsn(folder)

    folder.write(State(postgres="postgresql://operator@127.0.0.1:1/engage"))
    assert operator_dsn(folder) == "postgresql://operator@127.0.0.1:1/engage"

    monkeypatch.setenv("ENGAGE_POSTGRES_DSN", "postgresql://admin@db.example/engage")
    assert operator_dsn(folder) == "postgresql://admin@db.example/engage"
