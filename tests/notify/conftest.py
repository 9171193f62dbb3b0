"""The service's schema, emptied, with settings that are quick enough for a test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from pydantic import SecretStr

from services.notify import domain, handlers, store
from services.notify.domain import Role
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from shared.events.envelope import Event
from shared.http import digest
from shared.service import Runtime
from tests.conftest import EmptySchema, Schema

OPERATOR = "the operator's key of these tests"


class Notify:
    """The service without Kafka: hand it events, look at its rows, run its sender."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def settings(self, **changed: Any) -> NotifySettings:
        quick: dict[str, Any] = {
            "kafka_bootstrap": "127.0.0.1:1",
            "database_dsn": self.schema.dsn,
            "operator_key_sha256": SecretStr(digest(OPERATOR)),
            "send_backoff": (0.05,),
            "send_every": 0.05,
            "smtp_timeout": 5.0,
            "smtp_data_timeout": 5.0,
            "smtp_reconnect_most": 0.3,
        }
        return NotifySettings(**(quick | changed))

    def runtime(self, **changed: Any) -> Runtime:
        return self.schema.runtime(self.settings(**changed))

    async def add_recipient(self, address: str, role: Role = Role.SECRETARIAT) -> UUID:
        async with self.schema.pool.acquire() as tx:
            return UUID(str((await store.put_recipient(tx, uuid4(), address, "Anna", role))["id"]))

    async def hear(self, *events: Event, by: Callable[..., Awaitable[list[Event]]]) -> list[Event]:
        """Hand events to a handler in one transaction; what it returned."""
        async with self.schema.pool.acquire() as tx, tx.transaction():
            return await by(events, tx)

    async def mail(self, *events: Event) -> None:
        """Have events mailed at once."""
        await self.hear(*events, by=handlers.pass_on_requests.handle)

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.schema.rows("SELECT state FROM mail_intent ORDER BY created_at, id")]

    async def wait_for_states(self, *states: str) -> None:
        """Wait until the intents have these states, in any order."""
        async with asyncio.timeout(20):
            while sorted(await self.states()) != sorted(states):
                await asyncio.sleep(0.02)

    async def outcomes(self) -> list[dict[str, Any]]:
        """What was published, in order; each with its topic and key."""
        rows = await self.schema.rows("SELECT topic, key, value FROM outbox ORDER BY id")
        return [{"topic": row["topic"], "key": row["key"], **orjson.loads(row["value"])} for row in rows]

    @asynccontextmanager
    async def sending(self, port: int, **changed: Any) -> AsyncIterator[Sender]:
        """A sender that runs meanwhile, and is stopped as the service stops it."""
        runtime = self.runtime(smtp_port=port, **changed)
        sender = Sender(runtime, NotifySettings.model_validate(runtime.settings, from_attributes=True))
        running = asyncio.create_task(sender.run())
        try:
            yield sender
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@pytest.fixture
async def notify(empty_schema: EmptySchema) -> Notify:
    return Notify(await empty_schema("notify"))


def intents_of(events: Sequence[Event], recipients: Sequence[UUID]) -> list[domain.Intent]:
    """The intents that follow from events."""
    return domain.intents([said for event in events if (said := domain.announcement(event))], recipients)
