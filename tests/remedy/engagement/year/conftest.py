"""A broker on which nothing happens but one year."""

from collections.abc import Iterator

import pytest

from deploy.local.kafka import Kafka


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker whose topics hold nothing but what this test publishes."""
    with Kafka(tmp_path_factory.mktemp("kafka-year")) as server:
        yield server
