"""Lists and sites on a real Postgres."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from services.risk.disclosing import record_disclosures
from services.risk.domain.facts.fact import Fact
from services.risk.loading import Loaded, Upload, load
from services.risk.settings import RiskSettings
from services.risk.settling import settle
from services.risk.store import turn
from services.risk.store.facts import Provenance
from shared import outbox
from shared.events.envelope import Event
from tests.conftest import EmptySchema, Schema

SETTINGS = RiskSettings.model_construct()
Disclose = Callable[..., Awaitable[list[Event]]]
LoadList = Callable[..., Awaitable[Loaded]]


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("risk")


@pytest.fixture
def disclose(schema: Schema) -> Disclose:
    """Tell what some disclosures say; what follows, committed as the runtime does."""

    async def told(*batch: Event) -> list[Event]:
        async with schema.pool.acquire() as tx, tx.transaction():
            await turn.take(tx)
            events = await settle(tx, await record_disclosures(tx, batch), SETTINGS)
            await outbox.append(tx, events)
        return events

    return told


@pytest.fixture
def load_list(schema: Schema) -> LoadList:
    """Load an edition of an invented list."""

    async def loaded(
        *facts: Fact, edition: str = "2022", source: str = "Example list", dry_run: bool = False
    ) -> Loaded:
        of = Provenance("rows", source, edition, "public domain", date(2026, 3, 1))
        return await load(schema.runtime(SETTINGS), Upload(of, facts), dry_run=dry_run)

    return loaded
