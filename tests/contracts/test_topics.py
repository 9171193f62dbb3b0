"""The manifest names every topic once, and a broker has them exactly so."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError

from shared import topics
from shared.events.envelope import MAXIMUM_EVENT_BYTES
from shared.topics import (
    TopicDiffers,
    UnknownTopic,
    ensure_topics,
    fixed_topics,
    is_restricted,
    manifest,
    member_topics,
    workinggroup_topics,
)

SERVICES = {"ingest", "risk", "remedy", "notify"}
AUDIENCES = {"everyone", "members", "member", "workinggroup", "operators", "case_handlers"}
EVERY = [*fixed_topics(), *member_topics("example-city"), *workinggroup_topics("example-group")]


def fresh_member() -> str:
    return f"m{uuid4().hex[:12]}"


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=4 * 1024 * 1024) as opened:
        yield opened


@pytest.mark.parametrize("name", EVERY)
def test_a_topic_has_one_publisher_and_known_readers(name: str) -> None:
    topic = manifest().topic(name)

    assert topic.publisher in SERVICES | {"member"}
    assert set(topic.readers) <= SERVICES | AUDIENCES
    assert topic.publisher not in topic.readers


@pytest.mark.parametrize("name", EVERY)
def test_a_topic_of_one_member_or_group_has_one_partition_and_a_fixed_one_six(name: str) -> None:
    assert manifest().topic(name).partitions == (6 if name in fixed_topics() else 1)


@pytest.mark.parametrize("name", EVERY)
def test_what_everything_is_rebuilt_from_is_kept_for_ever(name: str) -> None:
    for_ever = manifest().topic(name).settings["retention.ms"] == "-1"

    assert for_ever == name.startswith(("members.", "member.", "group.", "public."))


@pytest.mark.parametrize("name", EVERY)
def test_what_may_come_from_the_workers_side_is_read_by_nobody_else(name: str) -> None:
    topic = manifest().topic(name)

    assert is_restricted(name) == name.startswith(("restricted.", "intake."))
    if topic.restricted:
        assert set(topic.readers) <= {"ingest", "remedy", "case_handlers"}
        assert topic.settings["retention.ms"] != "-1"


def test_a_topic_of_a_member_is_read_by_no_audience_but_that_member() -> None:
    for name in member_topics("example-city"):
        assert set(manifest().topic(name).readers) <= SERVICES | {"member"}


@pytest.mark.parametrize(
    "name", ["rumours", "members.", "member.A.contract", "intake.", "intake.a\n", "xmembers.risk", "dead-letter.rumour"]
)
def test_a_topic_that_the_manifest_does_not_name_is_unknown_and_handled_as_restricted(name: str) -> None:
    with pytest.raises(UnknownTopic):
        manifest().topic(name)
    assert is_restricted(name)


@pytest.mark.parametrize("slug", ["", "-a", "A", "a.b", "a" * 41, "a\n", "ä", "{member}"])
def test_a_topic_cannot_be_named_after_what_is_no_slug(slug: str) -> None:
    for name_topics in (member_topics, workinggroup_topics):
        with pytest.raises(ValueError, match="a-z"):
            name_topics(slug)


async def test_a_member_is_given_its_topics_once(kafka: str) -> None:
    names = member_topics(fresh_member())

    assert await ensure_topics(kafka, names) == names
    assert await ensure_topics(kafka, names) == []


async def test_two_processes_may_create_the_same_topics_at_once(kafka: str) -> None:
    names = workinggroup_topics(fresh_member())

    created = await asyncio.gather(*(ensure_topics(kafka, names) for _ in range(3)))

    assert sorted(name for some in created for name in some) == sorted(names)


async def test_fixed_topics_can_be_asked_for_again_and_again(kafka: str) -> None:
    assert await ensure_topics(kafka) == []


@pytest.mark.parametrize(
    ("partitions", "settings", "difference"),
    [
        (3, {}, "partitions = 3, the manifest says 1"),
        (1, {"retention.ms": "1000"}, "retention.ms = 1000"),
        (1, {"cleanup.policy": "compact"}, "cleanup.policy = compact"),
    ],
)
async def test_a_topic_that_exists_otherwise_is_an_error_that_says_how(
    kafka: str, partitions: int, settings: dict[str, str], difference: str
) -> None:
    [name, *_] = workinggroup_topics(fresh_member())
    as_it_should_be = manifest().topic(name).settings
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=as_it_should_be | settings)])
    await admin.close()

    with pytest.raises(TopicDiffers, match=difference):
        await ensure_topics(kafka, [name])


async def test_the_broker_takes_the_largest_event_with_its_attributes_and_refuses_what_is_larger(kafka: str) -> None:
    [name, *_] = member_topics(fresh_member())
    await ensure_topics(kafka, [name])
    attributes = [(f"ce_{number}", b"x" * 600) for number in range(13)]

    async with producer(kafka) as sender:
        await sender.send_and_wait(name, b"x" * MAXIMUM_EVENT_BYTES, headers=attributes)
        with pytest.raises(MessageSizeTooLargeError):
            await sender.send_and_wait(name, b"x" * (MAXIMUM_EVENT_BYTES + 8 * 1024 + 1))


async def test_a_dead_letter_topic_takes_the_largest_event_in_base64(kafka: str) -> None:
    async with producer(kafka) as sender:
        await sender.send_and_wait("dead-letter.risk", b"x" * (MAXIMUM_EVENT_BYTES * 4 // 3 + 4096))


@pytest.fixture
def two_brokers_wanted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A manifest that asks for more replicas than there are brokers."""
    text = (files("deploy") / "kafka" / "topics.toml").read_text()
    wanted = topics.read_manifest(text.replace("replication_factor = 1", "replication_factor = 2"))
    monkeypatch.setattr(topics, "manifest", lambda: wanted)
    yield


@pytest.mark.usefixtures("two_brokers_wanted")
async def test_what_the_broker_refuses_to_create_is_an_error_that_names_it(kafka: str) -> None:
    [name, *_] = member_topics(fresh_member())

    with pytest.raises(Exception, match=f"not created: {name}"):
        await ensure_topics(kafka, [name])
