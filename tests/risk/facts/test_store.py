"""Editions and their facts in a real Postgres, and the catalogue that every process keeps of them."""

from datetime import date

import asyncpg
import pytest

from services.risk.domain.facts.catalogue import catalogue
from services.risk.domain.facts.editions import digest_of
from services.risk.domain.facts.fact import Fact, FactAbout, Listed
from services.risk.domain.facts.formats import read_facts
from services.risk.store import facts
from services.risk.store.facts import Provenance
from shared.postgres import Connection
from tests.conftest import Schema
from tests.risk.facts.files import GOODS, entity, good

FULL = Fact(
    FactAbout.COUNTRY, "NO", "", "example_index", "as listed", 0.1 + 0.2, "high", date(2026, 1, 1), date(2026, 12, 31)
)


async def put(tx: Connection, *stated: Fact, edition: str = "2022", source: str = "Example list") -> int:
    """Put an edition into force, whatever was in force before."""
    of = Provenance("rows", source, edition, "CC BY 4.0", date(2026, 3, 1), date(2022, 1, 1))
    await facts.retire_edition(tx, source)
    row = await facts.put_in_force(tx, of, digest_of(stated), len(stated))
    await facts.add_facts(tx, row, stated)
    return row


async def test_facts_are_read_back_as_they_were_loaded(tx: Connection) -> None:
    stated = [FULL, good("MY"), entity("Example Works", None), *read_facts("ilab-goods", GOODS.read_bytes())]

    row = await put(tx, *stated)

    assert await facts.facts_of(tx, row) == stated
    kept = await tx.fetchval("SELECT digest FROM fact_edition WHERE id = $1", row)
    assert digest_of(await facts.facts_of(tx, row)) == kept


async def test_the_catalogue_holds_the_facts_in_force_with_their_provenance(tx: Connection) -> None:
    await put(tx, good("CN"), edition="2020")
    await put(tx, good("MY"), edition="2022")
    await put(tx, FULL, entity("Example Works"), source="Another list")

    found = await facts.read_catalogue(tx)

    expected = [
        Listed(good("MY"), "Example list", "2022", "CC BY 4.0", date(2026, 3, 1)),
        Listed(FULL, "Another list", "2022", "CC BY 4.0", date(2026, 3, 1)),
        Listed(entity("Example Works"), "Another list", "2022", "CC BY 4.0", date(2026, 3, 1)),
    ]
    assert found == catalogue(expected)
    assert found.of(FactAbout.GOOD, "MY", " electronics ") == (expected[0],)
    assert found.of(FactAbout.GOOD, "CN", "Electronics") == ()
    assert found.of(FactAbout.COUNTRY, "NO") == (expected[1],)
    assert found.entities == (expected[2],)


async def test_without_a_list_the_catalogue_is_empty(tx: Connection) -> None:
    assert await facts.read_catalogue(tx) == catalogue(())


async def test_the_catalogue_is_read_once_while_nothing_is_loaded(tx: Connection) -> None:
    await put(tx, good("CN"))
    first = await facts.read_catalogue(tx)
    seen: list[str] = []

    with tx.query_logger(lambda query: seen.append(query.query)):
        assert await facts.read_catalogue(tx) is first

    await put(tx, good("MY"), edition="2024")  # the driver tells what it logged at its next turn
    assert len(seen) == 1
    assert (await facts.read_catalogue(tx)).of(FactAbout.GOOD, "MY", "Electronics")


async def test_an_edition_that_was_only_tried_leaves_no_catalogue_behind(schema: Schema) -> None:
    async with schema.pool.acquire() as tx:
        async with tx.transaction():
            await put(tx, good("CN"))
        before = await facts.read_catalogue(tx)
        trying = tx.transaction()
        await trying.start()
        await put(tx, good("MY"), edition="2024")
        assert (await facts.read_catalogue(tx)).of(FactAbout.GOOD, "MY", "Electronics")
        await trying.rollback()

        assert await facts.read_catalogue(tx) == before
        async with tx.transaction():
            await put(tx, good("PK"), edition="2024")
        assert (await facts.read_catalogue(tx)).of(FactAbout.GOOD, "PK", "Electronics")


async def test_a_schema_made_anew_is_not_taken_for_the_one_before(schema: Schema) -> None:
    """Its editions count from one again."""
    for country in ("CN", "MY"):
        async with schema.pool.acquire() as tx, tx.transaction():
            await put(tx, good(country))
            found = await facts.read_catalogue(tx)
        operator = await asyncpg.connect(schema.operator_dsn)
        await operator.execute("TRUNCATE risk.fact, risk.fact_edition RESTART IDENTITY")
        await operator.close()

        assert [key[1] for key in found.facts] == [country]


async def test_two_schemas_of_one_process_have_a_catalogue_each(schema: Schema) -> None:
    operator = await asyncpg.connect(schema.operator_dsn)
    try:
        await operator.execute("DROP SCHEMA IF EXISTS facts_beside CASCADE; CREATE SCHEMA facts_beside")
        await operator.execute(
            "CREATE TABLE facts_beside.fact_edition (LIKE risk.fact_edition INCLUDING ALL);"
            "CREATE TABLE facts_beside.fact (LIKE risk.fact INCLUDING ALL)"
        )
        async with schema.pool.acquire() as tx:
            await put(tx, good("CN"))
            await operator.execute("SET search_path TO facts_beside")
            row = await put(operator, good("MY"))
            await operator.execute(
                "UPDATE fact_edition SET loaded_at = (SELECT max(loaded_at) FROM risk.fact_edition) WHERE id = $1", row
            )

            here, beside = await facts.read_catalogue(tx), await facts.read_catalogue(operator)

        assert [[key[1] for key in found.facts] for found in (here, beside)] == [["CN"], ["MY"]]
    finally:
        await operator.execute("DROP SCHEMA facts_beside CASCADE")
        await operator.close()


async def test_one_list_has_one_edition_in_force(tx: Connection) -> None:
    await put(tx, good("CN"))

    with pytest.raises(asyncpg.UniqueViolationError):
        await facts.put_in_force(tx, Provenance("rows", "Example list", "2024"), "other", 1)
