"""What is set is what runs: read back from the client's own objects and from the broker, for defaults lose events."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from faststream._internal.endpoint.subscriber.utils import MultiLock

from shared import tolerant
from shared.consumer import Consumer, consumes
from shared.events.envelope import Event
from shared.kafka import Subscription, open_broker, open_producer
from shared.postgres import Connection
from shared.service import Service
from shared.settings import Settings
from shared.topics import fixed_topics, manifest
from tests.conftest import Schema
from tests.shared.chain import (
    Member,
    create_topics,
    eventually,
    has_effects,
    linked,
    note_and_expose,
    produce,
    running,
    settings_for,
    upstream,
)


@contextlib.asynccontextmanager
async def subscribed(schema: Schema, settings: Settings, member: Member) -> AsyncIterator[Subscription]:
    (handler,) = upstream(member).handlers
    broker = open_broker(settings)
    subscription = Subscription(broker, Consumer("upstream", handler, schema.pool, settings, lambda: None), settings)
    await tolerant.start(broker)
    try:
        yield subscription
    finally:
        await broker.stop()


async def test_the_consumer_commits_nothing_by_itself_and_begins_at_the_beginning(
    kafka: str, member: Member, first: Schema
) -> None:
    async with subscribed(first, settings_for(first, kafka), member) as found:
        client = found.subscriber.consumer
        assert client is not None
        assert client._enable_auto_commit is False
        assert client._auto_offset_reset == "earliest"
        assert client._isolation_level == "read_committed"
        assert client._group_id == f"upstream.link_{member.name}"
        assert client._group_instance_id is None
        assert client._session_timeout_ms == 10_000
        assert client._heartbeat_interval_ms == 1_000
        assert client._rebalance_timeout_ms == 30_000
        assert client._max_poll_interval_ms == 86_400_000
        assert client._client._metadata_max_age_ms == 2_000


async def test_the_private_parts_that_the_drain_relies_on_are_there(kafka: str, member: Member, first: Schema) -> None:
    settings = settings_for(first, kafka)
    async with subscribed(first, settings, member) as found:
        assert isinstance(found.subscriber.consumer, tolerant.TolerantConsumer)
        assert isinstance(found.subscriber.lock, MultiLock)
        assert found.subscriber.lock.empty
        assert found.subscriber.batch_timeout_ms == settings.batch_timeout_ms
        assert found.subscriber.max_records == settings.batch_size
        assert found.subscriber._listener is found


async def test_the_producer_is_idempotent_and_waits_for_all_replicas(kafka: str, first: Schema) -> None:
    producer = open_producer(settings_for(first, kafka))
    try:
        assert producer._txn_manager is not None, "without it, nothing is idempotent"
        assert producer._txn_manager.transactional_id is None
        assert producer._sender._acks == -1
        assert producer._message_accumulator._linger_time == 0
        assert producer._message_accumulator._batch_size == 262_144
        assert producer._max_request_size == 2_097_152
        assert producer._request_timeout_ms == 5_000
    finally:
        await producer.stop()


async def test_each_topic_has_the_settings_of_the_manifest(kafka: str) -> None:
    wanted = {name: manifest().topic(name) for name in fixed_topics()}
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        described = {topic["topic"]: topic for topic in await admin.describe_topics(list(wanted))}
        answers: list[Any] = await admin.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted]
        )
    finally:
        await admin.close()

    found = {name: {entry[0]: entry[1] for entry in entries} for a in answers for _, _, _, name, entries in a.resources}
    for name, topic in wanted.items():
        assert len(described[name]["partitions"]) == topic.partitions
        assert topic.settings.items() <= found[name].items()


async def test_a_pattern_catches_no_topic_that_merely_begins_like_it(
    kafka: str, first: Schema, dead_letter_topics: None
) -> None:
    family = f"m{uuid4().hex[:12]}"
    one, other = Member(f"{family}-a"), Member(f"{family}-b")
    near = [f"{one.incoming}2", f"x{one.incoming}", f"member.{family}-c.disclosure.old"]
    await create_topics(kafka, [one.incoming, *near], partitions=1)

    @consumes(pattern=rf"^member\.{family}-[a-z0-9-]+\.disclosure$")
    async def link_family(batch: Sequence[Event], tx: Connection) -> list[Event]:
        return await note_and_expose("family", batch, tx)

    async with running(Service("upstream", handlers=[link_family]), settings_for(first, kafka)):
        for topic in near:
            await produce(kafka, topic, [linked(one, "near", 1, 1)])
        await produce(kafka, one.incoming, [linked(one, "a", 1, 1)])
        await eventually(lambda: has_effects(first, "family", {"a": [1]}))
        await create_topics(kafka, [other.incoming], partitions=1)  # a new member is heard without a restart
        await produce(kafka, other.incoming, [linked(other, "b", 1, 1)])
        await eventually(lambda: has_effects(first, "family", {"a": [1], "b": [1]}))


def test_a_pattern_that_is_not_anchored_is_refused() -> None:
    for pattern in (r"member\.x", r"^member\.x", r"member\.x$"):
        with pytest.raises(ValueError, match="anchored"):
            consumes(pattern=pattern)
    with pytest.raises(ValueError, match="one topic or one pattern"):
        consumes()


def test_a_missing_setting_is_named_and_no_value_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENGAGE_KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("ENGAGE_DATABASE_DSN", "postgresql://canary-dsn")
    monkeypatch.setenv("ENGAGE_HTTP_PORT", "canary-port")

    with pytest.raises(ValueError, match="kafka_bootstrap") as found:
        Settings.load()

    assert "http_port" in str(found.value)
    assert "canary" not in str(found.value)


def test_secrets_are_read_from_their_folder_and_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "engage_database_dsn").write_text("postgresql://canary-dsn")
    monkeypatch.setenv("ENGAGE_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("ENGAGE_KAFKA_BOOTSTRAP", "nowhere:1")

    found = Settings.load()

    assert found.database_dsn.get_secret_value() == "postgresql://canary-dsn"
    assert "canary" not in repr(found)
