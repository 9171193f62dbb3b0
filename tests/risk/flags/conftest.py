"""Flags on a real Postgres: what is told is written down, and the flags are reckoned anew; nothing else follows."""

from collections.abc import Awaitable, Callable

import pytest

from services.risk.flagging import regroup
from services.risk.registering import record_registry
from services.risk.reporting import record_reports
from services.risk.settings import RiskSettings
from services.risk.store import turn
from services.risk.touched import Touched
from shared import outbox
from shared.events.envelope import Event, topic_of
from tests.conftest import EmptySchema, Schema

SETTINGS = RiskSettings.model_construct()
RECORDERS = {"members.registry": record_registry, "members.report": record_reports}
Tell = Callable[..., Awaitable[list[Event]]]


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("risk")


@pytest.fixture
def tell(schema: Schema) -> Tell:
    """Tell some events of one topic in one batch; what follows for flags, committed as the runtime does."""

    async def told(*batch: Event) -> list[Event]:
        (topic,) = {topic_of(one) for one in batch}
        async with schema.pool.acquire() as tx, tx.transaction():
            await turn.take(tx)
            touched: Touched = await RECORDERS[topic](tx, batch)
            events = await regroup(tx, touched, SETTINGS)
            await outbox.append(tx, events)
        return events

    return told
