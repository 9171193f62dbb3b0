"""What the SQL promises when two transactions meet."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from services.ingest.store import receipts
from services.ingest.store.receipts import Receipt
from tests.conftest import EmptySchema
from tests.ingest.waiting import until_blocked


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
