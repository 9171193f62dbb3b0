"""The topics of the manifest `deploy/kafka/topics.toml`: which there are, who publishes them, how they come and go."""

import asyncio
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

SLUG = r"[a-z0-9][a-z0-9-]{0,39}"
DAY_MS = 86_400_000
LEADERS_WITHIN = 30  # seconds


class UnknownTopic(LookupError):
    """The manifest has no such topic."""


class TopicDiffers(RuntimeError):
    """A topic exists with other partitions or settings than the manifest gives it; a person decides what to do."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it must be; `publisher` is a service, or "member" for the one in the topic's name."""

    name: str
    publisher: str
    readers: tuple[str, ...]
    partitions: int
    restricted: bool
    one_event_per_key: bool
    settings: dict[str, str]
    deleted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """Topics of one kind; the name may hold one of `{member}`, `{workinggroup}` and `{service}`."""

    topic: Topic
    pattern: re.Pattern[str]
    parameter: str | None

    def filled(self, value: str = "") -> Topic:
        """The topic for this member, working group or service. Raises ValueError where it is no slug."""
        name = self.topic.name.replace(f"{{{self.parameter}}}", value)
        if not self.pattern.fullmatch(name):
            raise ValueError("an id in a topic's name has 1 to 40 characters of a-z, 0-9 and -, and starts with no -")
        publisher = value if self.topic.publisher == "{service}" else self.topic.publisher
        return replace(self.topic, name=name, publisher=publisher)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every topic of the system, and the services."""

    services: tuple[str, ...]
    templates: tuple[Template, ...]
    replication_factor: int

    def topic(self, name: str) -> Topic:
        """The topic of this name. Raises UnknownTopic."""
        for template in self.templates:
            if match := template.pattern.fullmatch(name):
                topic = template.filled(match.groupdict().get("id", ""))
                if template.parameter != "service" or topic.publisher in self.services:
                    return topic
        raise UnknownTopic("not in the manifest")

    def of(self, parameter: str | None, value: str = "") -> list[Topic]:
        """The topics whose name holds this parameter, for one value of it."""
        return [template.filled(value) for template in self.templates if template.parameter == parameter]


@cache
def manifest() -> Manifest:
    """The manifest as it lies beside the broker's settings."""
    return read_manifest(files("deploy").joinpath("kafka", "topics.toml").read_text())


def read_manifest(text: str) -> Manifest:
    """A manifest from its TOML. Raises KeyError where a topic lacks one of the required entries."""
    raw = tomllib.loads(text)
    common = {name: str(value) for name, value in raw["settings"].items()}
    common["min.insync.replicas"] = str(raw["cluster"]["min_insync_replicas"])
    templates = tuple(read_template(entry, common) for entry in raw["topic"])
    return Manifest(tuple(raw["services"]), templates, raw["cluster"]["replication_factor"])


def read_template(entry: dict[str, Any], common: dict[str, str]) -> Template:
    """One `[[topic]]` of the manifest. The log of a topic that is not kept for ever is rolled daily."""
    settings = common | {"retention.ms": str(entry["retention_ms"])}
    if entry["retention_ms"] >= 0:
        settings["segment.ms"] = str(DAY_MS)
    if "max_message_bytes" in entry:
        settings["max.message.bytes"] = str(entry["max_message_bytes"])
    if "compression_type" in entry:
        settings["compression.type"] = entry["compression_type"]
    name = entry["name"]
    parameter = match[1] if (match := re.search(r"\{(\w+)\}", name)) else None
    pattern = re.escape(name).replace(rf"\{{{parameter}\}}", f"(?P<id>{SLUG})")
    readers = tuple(entry["readers"])
    flags = entry.get("restricted", False), entry.get("one_event_per_key", False)
    topic = Topic(name, entry["publisher"], readers, entry["partitions"], *flags, settings, entry.get("deleted_by"))
    return Template(topic, re.compile(pattern), parameter)


def fixed_topics() -> list[str]:
    """The topics that exist from the start, the services' dead letters among them."""
    known = manifest()
    dead_letters = [topic for service in known.services for topic in known.of("service", service)]
    return [topic.name for topic in (*known.of(None), *dead_letters)]


def member_topics(member: str) -> list[str]:
    """The topics that are made when a member is. Raises ValueError where its id is no slug."""
    return [topic.name for topic in manifest().of("member", member)]


def workinggroup_topics(workinggroup: str) -> list[str]:
    """The topics that are made when a working group is. Raises ValueError where its id is no slug."""
    return [topic.name for topic in manifest().of("workinggroup", workinggroup)]


@cache
def is_kept_for_ever(topic: str) -> bool:
    """Whether Kafka keeps the topic for ever, so that the outbox does, too. A topic outside the manifest counts so."""
    try:
        return manifest().topic(topic).settings["retention.ms"] == "-1"
    except UnknownTopic:
        return True


@cache
def has_one_event_per_key(topic: str) -> bool:
    """Whether every key of the topic is drawn for a single event, so that nothing needs its counter afterwards."""
    try:
        return manifest().topic(topic).one_event_per_key
    except UnknownTopic:
        return False


def is_restricted(topic: str) -> bool:
    """Whether the topic may hold what comes from the workers' side. So may any that the manifest does not know."""
    try:
        return manifest().topic(topic).restricted
    except UnknownTopic:
        return True


async def ensure_topics(bootstrap: str, names: Iterable[str] | None = None) -> list[str]:
    """The topics that were created now; afterwards all of them exist as the manifest has them, and have a leader.

    Without names, the fixed topics. Safe to repeat and to run twice at once. Raises UnknownTopic for a name that the
    manifest does not have, TopicDiffers where an existing topic has other partitions or settings, and KafkaError or
    TimeoutError where the brokers refuse or do not answer.
    """
    topics = [manifest().topic(name) for name in (fixed_topics() if names is None else names)]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        created = await create_missing(admin, topics)
        async with asyncio.timeout(LEADERS_WITHIN):
            await wait_for_leaders(admin, topics)
        await compare_settings(admin, topics)
        return created
    finally:
        await admin.close()


async def delete_topics(bootstrap: str, names: Sequence[str]) -> list[str]:
    """Delete topics with all that is in them; the names of those that were there. Safe to repeat.

    Raises UnknownTopic for a name that the manifest does not have, and KafkaError or TimeoutError where the brokers
    refuse or do not answer.
    """
    topics = [manifest().topic(name).name for name in names]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        answer: Any = await admin.delete_topics(topics)  # aiokafka types no answer
        codes = {name: code for name, code, *_ in answer.topic_error_codes}
        for code in set(codes.values()) - {0, UnknownTopicOrPartitionError.errno}:
            raise for_code(code)(f"not deleted: {', '.join(sorted(name for name in codes if codes[name] == code))}")
        return [name for name in topics if codes[name] == 0]
    finally:
        await admin.close()


async def create_missing(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    """Create those that are not there; the names of those created."""
    replicas = manifest().replication_factor
    wanted = [NewTopic(topic.name, topic.partitions, replicas, topic_configs=topic.settings) for topic in topics]
    answer: Any = await admin.create_topics(wanted)  # aiokafka types no answer
    codes = {name: code for name, code, *_ in answer.topic_errors}
    for code in set(codes.values()) - {0, TopicAlreadyExistsError.errno}:
        raise for_code(code)(f"not created: {', '.join(sorted(name for name in codes if codes[name] == code))}")
    return [topic.name for topic in topics if codes[topic.name] == 0]


async def wait_for_leaders(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Return once every partition can be written to. Raises TopicDiffers for another number of partitions."""
    expected = {topic.name: topic.partitions for topic in topics}
    while expected:
        for found in await admin.describe_topics(list(expected)):
            if found["error_code"] == 0 and all(partition["error_code"] == 0 for partition in found["partitions"]):
                require_equal(found["topic"], "partitions", len(found["partitions"]), expected.pop(found["topic"]))
        if expected:
            await asyncio.sleep(0.05)


async def compare_settings(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Read the settings back. Raises TopicDiffers at the first that is not as the manifest has it."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.settings)) for topic in topics]
    answers: list[Any] = list(await admin.describe_configs(resources))
    for answer in answers:
        found = {name: {entry[0]: entry[1] for entry in entries} for _, _, _, name, entries in answer.resources}
        for topic in topics:
            for setting, value in topic.settings.items():
                require_equal(topic.name, setting, found[topic.name].get(setting), value)


def require_equal(topic: str, setting: str, found: object, wanted: object) -> None:
    """Raises TopicDiffers where the two differ."""
    if found != wanted:
        raise TopicDiffers(f"{topic} has {setting} = {found}, the manifest says {wanted}; nothing was changed")
