"""What the SQL promises when two transactions meet."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from services.ingest.domain.registry import Site, Supplier
from services.ingest.store import receipts, registry
from services.ingest.store.receipts import Receipt
from shared.postgres import Connection
from tests.conftest import EmptySchema

LIMIT = 20.0  # seconds
FIRST, SECOND = b"\x01" * 32, b"\x02" * 32


def supplier(key: bytes) -> Supplier:
    return Supplier(uuid4(), key, f"Example {key[0]}")


async def until_blocked(watcher: Connection, pid: int) -> None:
    """Wait until a backend waits for another one's lock."""
    async with asyncio.timeout(LIMIT):
        while not await watcher.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.01)


async def test_suppliers_named_in_another_order_never_deadlock(empty_schema: EmptySchema) -> None:
    pool = (await empty_schema("ingest")).pool
    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        async with one.transaction():
            await registry.insert_suppliers(one, [supplier(FIRST)])
            waiting = asyncio.create_task(registry.insert_suppliers(other, [supplier(SECOND), supplier(FIRST)]))
            await until_blocked(watcher, other.get_server_pid())

            await registry.insert_suppliers(one, [supplier(SECOND)])

        assert await waiting == set()


async def test_sites_named_in_another_order_never_deadlock(empty_schema: EmptySchema) -> None:
    pool = (await empty_schema("ingest")).pool
    owner = supplier(FIRST)

    def site(key: bytes) -> Site:
        return Site(uuid4(), key, owner.id, "Example", f"{key[0]} Road", "NO")

    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        await registry.insert_suppliers(one, [owner])
        async with one.transaction():
            await registry.insert_sites(one, [site(FIRST)])
            waiting = asyncio.create_task(registry.insert_sites(other, [site(SECOND), site(FIRST)]))
            await until_blocked(watcher, other.get_server_pid())

            await registry.insert_sites(one, [site(SECOND)])

        assert await waiting == set()


async def test_receipts_for_the_same_events_in_another_order_never_deadlock(empty_schema: EmptySchema) -> None:
    pool = (await empty_schema("ingest")).pool

    def receipt(event_id: str) -> Receipt:
        return Receipt(uuid4(), "urn:example", event_id, b"digest", datetime(2026, 1, 1, tzinfo=UTC))

    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        await one.execute("INSERT INTO member (slug, name, kind) VALUES ('oslo', 'Example', 'buyer')")
        async with one.transaction():
            await receipts.insert(one, "oslo", [receipt("a")])
            waiting = asyncio.create_task(receipts.insert(other, "oslo", [receipt("b"), receipt("a")]))
            await until_blocked(watcher, other.get_server_pid())

            await receipts.insert(one, "oslo", [receipt("b")])

        assert await waiting == set()


async def test_a_receipt_that_its_transaction_took_back_is_free_for_the_one_that_waited(
    empty_schema: EmptySchema,
) -> None:
    pool = (await empty_schema("ingest")).pool
    at = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = (Receipt(uuid4(), "urn:example", "a", b"digest", at) for _ in range(2))
    async with pool.acquire() as one, pool.acquire() as other, pool.acquire() as watcher:
        await one.execute("INSERT INTO member (slug, name, kind) VALUES ('oslo', 'Example', 'buyer')")
        async with one.transaction():
            await receipts.insert(one, "oslo", [first])
            waiting = asyncio.create_task(receipts.insert(other, "oslo", [second]))
            await until_blocked(watcher, other.get_server_pid())

            await receipts.take_back(one, [first.id])

        assert await waiting == {second.id}
