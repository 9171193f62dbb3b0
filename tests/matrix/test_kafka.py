"""Who may do what in Kafka: every principal tries every operation on every topic of a broker that denies by default."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.local.kafka import Kafka
from shared.access_rules import Parties
from shared.kafka import CONSUMER_SETTINGS, PRODUCER_SETTINGS
from shared.topics import fixed_topics, manifest, member_topics, workinggroup_topics
from tests.matrix.broker import DENIED, Somebody, secured, security, set_up

TABLE = tomllib.loads((Path(__file__).parent / "kafka.toml").read_text())
PRINCIPALS: list[str] = TABLE["principals"]
ALLOWED = {
    "-": frozenset[str](),
    "R": frozenset({"describe", "count", "read"}),
    "W": frozenset({"describe", "count", "write"}),
    "X": frozenset({"describe", "count", "read", "delete"}),
    "B": frozenset({"describe", "count", "read", "write"}),
}
OPERATIONS = ("describe", "count", "read", "write", "delete", "settings", "alter")
PARTIES = Parties(
    members=tuple(TABLE["members"]),
    workinggroups={name: tuple(members) for name, members in TABLE["workinggroups"].items()},
    integrators=tuple(TABLE["integrators"]),
)
GRID = {
    (topic, principal): ALLOWED[sign]
    for topic, (_, row) in TABLE["topics"].items()
    for principal, sign in zip(PRINCIPALS, row.split(), strict=True)
}
CELLS = [(*place, operation) for place in GRID for operation in OPERATIONS]
GROUP_CELLS = [
    (one, other, op) for one in PRINCIPALS for other in PRINCIPALS for op in ("group_describe", "group_read")
]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that denies what no rule allows."""
    with secured(tmp_path_factory.mktemp("secured"), PRINCIPALS) as running:
        yield running


@pytest.fixture(scope="session")
async def principals(broker: Kafka) -> AsyncIterator[dict[str, Somebody]]:
    """Every principal of the table, logged in to a broker with the topics of the table and the manifest's rules."""
    await set_up(broker.bootstrap, list(TABLE["topics"]), PARTIES)
    async with AsyncExitStack() as until:
        yield {name: await until.enter_async_context(Somebody(broker.bootstrap, name)) for name in PRINCIPALS}


@pytest.mark.parametrize(("topic", "principal", "operation"), CELLS)
async def test_a_principal_can_do_on_a_topic_what_the_table_says_and_nothing_else(
    principals: dict[str, Somebody], topic: str, principal: str, operation: str
) -> None:
    code = await principals[principal].tries(operation, topic)

    assert (code not in DENIED) == (operation in GRID[topic, principal])
    assert code == 0 or code in DENIED


@pytest.mark.parametrize(("principal", "other", "operation"), GROUP_CELLS)
async def test_a_principal_reads_in_its_own_groups_only(
    principals: dict[str, Somebody], principal: str, other: str, operation: str
) -> None:
    code = await principals[principal].tries(operation, f"{other.replace(':', '.')}.readers")

    assert (code not in DENIED) == (principal == other and principal != "public")


@pytest.mark.parametrize("principal", PRINCIPALS)
async def test_the_list_of_topics_shows_a_principal_only_what_it_may_use(
    principals: dict[str, Somebody], principal: str
) -> None:
    client = principals[principal].client
    await client.force_metadata_update()
    listed = await client.fetch_all_metadata()

    assert set(listed.topics()) == {topic for topic in TABLE["topics"] if GRID[topic, principal]}


async def test_a_service_does_its_work_with_its_rules_and_no_more(
    broker: Kafka, principals: dict[str, Somebody]
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, **security("ingest"), **PRODUCER_SETTINGS)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id="risk.readers", **security("risk"), **CONSUMER_SETTINGS
    )
    consumer.subscribe(pattern=r"^member\.[a-z0-9-]+\.contract$")
    await producer.start()
    await consumer.start()
    try:
        await producer.send_and_wait("member.a.contract", b"invented", key=b"key")
        record = await asyncio.wait_for(consumer.getone(), 30)
        await consumer.commit()

        assert record.topic in ("member.a.contract", "member.b.contract")
        assert consumer.subscription() == {"member.a.contract", "member.b.contract"}
    finally:
        await consumer.stop()
        await producer.stop()


async def test_who_does_not_log_in_gets_no_answer(broker: Kafka) -> None:
    client = AIOKafkaClient(bootstrap_servers=broker.bootstrap, request_timeout_ms=2000)

    with pytest.raises(KafkaError):
        await client.bootstrap()
    await client.close()


def test_the_table_has_every_topic_of_the_manifest() -> None:
    named = [
        *fixed_topics(),
        *(topic for member in PARTIES.members for topic in member_topics(member)),
        *(topic for group in PARTIES.workinggroups for topic in workinggroup_topics(group)),
    ]

    assert sorted(TABLE["topics"]) == sorted(named)
    assert set(manifest().services) <= set(PRINCIPALS)
