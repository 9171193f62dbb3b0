"""Names that the registry sees for the first time, and again."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.identity.matching import FREQUENT, Rules, Thresholds, nearest
from services.ingest.domain.registry import Kind, Site, Supplier
from services.ingest.identity.resolution import Resolved, resolve_sites, resolve_suppliers
from services.ingest.store import registry, spellings
from shared.postgres import Connection, Pool, transaction
from tests.conftest import EmptySchema, Schema
from tests.ingest.waiting import LIMIT, until_blocked

AT = datetime(2026, 1, 15, tzinfo=UTC)
DOUBTING = Rules(suppliers=Thresholds(2, 0), sites=Thresholds(2, 0))
"""A person is asked about every pair that has a word in common."""


def invented_lei(number: int) -> str:
    """A code with right check digits (ISO 17442) that nobody was given."""
    body = f"EXAMPLE{number:011d}"
    digits = "".join(str(int(letter, 36)) for letter in f"{body}00")
    return f"{body}{98 - int(digits) % 97:02d}"


def supplier(name: str, country: str | None = None, **identifiers: str) -> Supplier:
    return Supplier(uuid7(), supplier_key(name, identifiers.get("lei")), name, country, identifiers)


def site(name: str, address: str, owner: Supplier, country: str = "CN", **identifiers: str) -> Site:
    key = site_key(name, address, country)
    return Site(uuid7(), key, owner.id, name, address, country, None, identifiers)


async def named(pool: Pool, *suppliers: Supplier, rules: Rules | None = None) -> Resolved:
    """What the registry makes of suppliers, in a transaction of their own."""
    resolved = Resolved() if rules is None else Resolved(rules=rules)
    async with transaction(pool) as tx:
        await resolve_suppliers(tx, suppliers, AT, resolved)
    return resolved


def told(resolved: Resolved) -> list[str]:
    return [event.type for event in resolved.events]


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("ingest")


FIRST = supplier("Example Electronics Ltd", lei=invented_lei(1))
SECOND = supplier("Invented Works GmbH", lei=invented_lei(1))
"""Another name, but the same LEI: the rules take both for one company."""


async def test_another_name_with_the_same_lei_is_a_further_name_of_the_same_supplier(schema: Schema) -> None:
    await named(schema.pool, FIRST)

    resolved = await named(schema.pool, SECOND)

    assert resolved.suppliers[SECOND.key].id == FIRST.id
    assert told(resolved) == ["supplier.aliased.v1"]
    assert resolved.reasons[SECOND.key] == ("same_lei",)
    assert resolved.new_suppliers == set()


async def test_names_that_come_together_are_compared_with_each_other(schema: Schema) -> None:
    resolved = await named(schema.pool, FIRST, SECOND)

    assert {one.id for one in resolved.suppliers.values()} == {FIRST.id}
    assert told(resolved) == ["supplier.registered.v1", "supplier.aliased.v1"]


async def test_a_further_name_is_known_from_then_on_without_comparing(schema: Schema) -> None:
    await named(schema.pool, FIRST, SECOND)

    resolved = await named(schema.pool, SECOND)

    assert resolved.suppliers[SECOND.key].id == FIRST.id
    assert (resolved.events, resolved.reasons) == ([], {})


async def test_the_decision_of_the_rules_is_kept_with_its_reasons(schema: Schema) -> None:
    await named(schema.pool, FIRST, SECOND)

    (decision,) = await schema.rows(
        "SELECT d.* FROM decision d JOIN spelling p ON p.decision = d.id WHERE p.key = $1", SECOND.key
    )

    assert (decision["action"], decision["entry"]) == ("alias", FIRST.id)
    assert (decision["decided_by"], decision["reasons"], decision["score"]) == ("rules", ["same_lei"], 1.0)


async def test_a_doubtful_name_is_registered_at_once_and_a_person_is_asked(schema: Schema) -> None:
    alike = supplier("Example Electronics Trading Ltd")
    await named(schema.pool, FIRST)

    resolved = await named(schema.pool, alike, rules=DOUBTING)

    assert resolved.suppliers[alike.key].id == alike.id
    assert told(resolved) == ["supplier.registered.v1"]
    (question,) = await schema.rows("SELECT entry, other, decision FROM review")
    assert tuple(question) == (alike.id, FIRST.id, None)
    assert alike.key in resolved.doubtful


async def test_what_a_further_name_tells_is_added_to_its_entry(schema: Schema) -> None:
    more = supplier("Invented Works GmbH", "NO", lei=invented_lei(1), duns="123456789")
    await named(schema.pool, FIRST)

    resolved = await named(schema.pool, more)

    entry = resolved.suppliers[more.key]
    assert (entry.id, entry.name, entry.country) == (FIRST.id, FIRST.name, "NO")
    assert entry.identifiers == {"lei": invented_lei(1), "duns": "123456789"}
    assert told(resolved) == ["supplier.aliased.v1", "supplier.registered.v1"]


async def test_an_id_that_becomes_known_later_asks_about_the_other_entry_that_has_it(schema: Schema) -> None:
    smelter = supplier("Example Smelting Ltd", smelter_id="CID999999")
    plain = supplier("Invented Works GmbH")
    await named(schema.pool, smelter, plain)

    resolved = await named(schema.pool, supplier(plain.name, smelter_id="CID999999"))

    assert resolved.suppliers[plain.key].id == plain.id
    (question,) = await schema.rows("SELECT entry, other, reasons FROM review")
    assert tuple(question) == (plain.id, smelter.id, ["same_smelter_id"])


async def test_a_name_of_one_company_with_the_lei_of_another_is_left_to_a_person(schema: Schema) -> None:
    await named(schema.pool, FIRST, supplier(SECOND.name))

    resolved = await named(schema.pool, SECOND)

    assert resolved.suppliers[SECOND.key].id == SECOND.id
    assert len(await schema.rows("SELECT FROM review WHERE entry = $1", SECOND.id)) == 2


async def test_a_site_keeps_the_supplier_that_named_it_first(schema: Schema) -> None:
    other = supplier("Another Example AS")
    first = site("Example Works", "1 Example Road", FIRST, smelter_id="CID999999")
    second = site("Invented Plant", "2 Invented Street", other, smelter_id="CID999999")
    await named(schema.pool, FIRST, other)
    resolved = Resolved()

    async with transaction(schema.pool) as tx:
        await resolve_sites(tx, [first, second], AT, resolved)

    assert {(one.id, one.supplier) for one in resolved.sites.values()} == {(first.id, FIRST.id)}
    assert told(resolved) == ["site.registered.v1", "site.aliased.v1"]


async def test_two_at_once_register_one_entry(schema: Schema) -> None:
    pool = schema.pool
    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        second = Resolved()
        async with one.transaction():
            await resolve_suppliers(one, [FIRST], AT, Resolved())
            waiting = asyncio.create_task(in_transaction(other, second))
            await until_blocked(watcher, other.get_server_pid())
        await waiting

    assert second.suppliers[SECOND.key].id == FIRST.id
    assert len(await schema.rows("SELECT FROM supplier")) == 1


async def in_transaction(connection: Connection, resolved: Resolved) -> None:
    async with connection.transaction():
        await resolve_suppliers(connection, [SECOND], AT, resolved)


async def test_known_names_do_not_wait_for_those_who_register_new_ones(schema: Schema) -> None:
    await named(schema.pool, FIRST)

    async with transaction(schema.pool) as tx:
        await resolve_suppliers(tx, [supplier("Invented Works GmbH")], AT, Resolved())
        async with asyncio.timeout(LIMIT):
            resolved = await named(schema.pool, FIRST)

    assert resolved.suppliers[FIRST.key].id == FIRST.id


async def test_names_and_what_completes_entries_in_another_order_never_deadlock(schema: Schema) -> None:
    await named(schema.pool, FIRST)
    growing = supplier(FIRST.name, "NO", lei=invented_lei(1))
    pool = schema.pool
    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        async with one.transaction():
            await resolve_suppliers(one, [supplier("Invented Works GmbH")], AT, Resolved())
            waiting = asyncio.create_task(named_by(other, growing))
            await until_blocked(watcher, other.get_server_pid())

            await resolve_suppliers(one, [growing], AT, Resolved())

        assert (await waiting).suppliers[growing.key].country == "NO"


async def named_by(connection: Connection, one: Supplier) -> Resolved:
    resolved = Resolved()
    async with connection.transaction():
        await resolve_suppliers(connection, [one], AT, resolved)
    return resolved


async def test_for_known_names_two_statements_are_all(schema: Schema) -> None:
    await named(schema.pool, FIRST)
    asked: list[Any] = []

    async with transaction(schema.pool) as tx:
        with tx.query_logger(asked.append):
            await resolve_suppliers(tx, [FIRST], AT, Resolved())

    assert len(asked) == 2


async def test_a_word_that_too_many_share_is_not_looked_at(schema: Schema) -> None:
    async with transaction(schema.pool) as tx:
        await tx.execute(
            "INSERT INTO token SELECT 'site', 'example', 'CN', n FROM generate_series(1, $1) n", FREQUENT + 1
        )
        await tx.execute("INSERT INTO token SELECT 'site', 'rare', 'CN', n FROM generate_series(1, $1) n", FREQUENT)

        found = await spellings.read_postings(tx, Kind.SITE, [("example", "CN"), ("rare", "CN"), ("none", "CN")])

    assert found.keys() == {("rare", "CN")}


async def test_candidates_are_found_by_index_whatever_the_registry_holds(schema: Schema) -> None:
    async with transaction(schema.pool) as tx:
        await tx.execute("INSERT INTO token SELECT 'site', 'w' || n % 5000, 'CN', n FROM generate_series(1, 20000) n")
        await tx.execute("ANALYZE token")

        plan = await tx.fetch(f"EXPLAIN {spellings.POSTINGS}", "site", ["w7"], ["CN"], FREQUENT + 1)

    assert "Index Cond" in str(plan)  # by whichever kind of index scan
    assert "Seq Scan" not in str(plan)


def test_the_spellings_that_share_rarer_words_are_nearest() -> None:
    postings = {("rare", ""): [7], ("common", ""): [1, 2, 3, 7], ("other", ""): [2, 3]}

    assert nearest(frozenset(postings), postings) == [7, 2, 3, 1]


async def test_new_names_wait_while_somebody_decides(schema: Schema) -> None:
    pool = schema.pool
    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        async with one.transaction():
            await registry.lock_decisions(one)
            waiting = asyncio.create_task(in_transaction(other, Resolved()))
            await until_blocked(watcher, other.get_server_pid())
            assert not waiting.done()

        await waiting


async def test_two_companies_of_one_name_are_told_apart_by_their_leis(schema: Schema) -> None:
    namesake = supplier(FIRST.name, lei=invented_lei(2))
    await named(schema.pool, FIRST)

    resolved = await named(schema.pool, namesake)

    assert resolved.suppliers[namesake.key].id == namesake.id


async def test_a_name_that_two_companies_have_is_left_to_a_person(schema: Schema) -> None:
    plain = supplier(FIRST.name)
    await named(schema.pool, FIRST, supplier(FIRST.name, lei=invented_lei(2)))

    resolved = await named(schema.pool, plain)

    assert resolved.suppliers[plain.key].id == plain.id
    assert len(await schema.rows("SELECT FROM review WHERE entry = $1", plain.id)) == 2


async def test_a_name_in_its_own_script_is_compared_with_the_name_that_another_source_uses(schema: Schema) -> None:
    key = site_key("Example Works", "1 Example Road", "NO")
    native = "Приме́р Завод"
    first = Site(uuid7(), key, FIRST.id, "Example Works", "1 Example Road", "NO", None, {}, native)
    again = site(native, "1 Example Road", FIRST, "NO")
    await named(schema.pool, FIRST)
    resolved = Resolved()

    async with transaction(schema.pool) as tx:
        await resolve_sites(tx, [first], AT, Resolved())
        await resolve_sites(tx, [again], AT, resolved)

    assert resolved.sites[again.key].id == first.id
