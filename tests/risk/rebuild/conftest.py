"""A stage for rebuilds: a broker of these tests' own, the live schema, and ids that no other test has."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from shared.topics import ensure_topics
from tests.conftest import EmptySchema
from tests.risk import given
from tests.risk.rebuild.stage import Stage


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker whose topics hold nothing but what these tests publish."""
    with Kafka(tmp_path_factory.mktemp("kafka-rebuild")) as server:
        yield server


@pytest.fixture
async def stage(
    broker: Kafka, provisioned: Postgres, empty_schema: EmptySchema, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """The live schema, emptied, and topics; `given.named` gives ids of this test only."""
    monkeypatch.setattr(given, "NAMES", uuid4())
    await ensure_topics(broker.bootstrap)
    yield Stage(broker.bootstrap, provisioned, await empty_schema("risk"))
