"""The engines that the peers of one benchmark share: a Kafka and a Postgres of its own, and a schema for each peer."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from shared.topics import create_missing, ensure_topics, manifest, wait_for_leaders
from tests.benchmarks.by_hand import TABLES
from tests.benchmarks.load import load
from tests.benchmarks.work import STATE

INPUT = "members.disclosure"
FEW = "benchmark.few"
"""The input of the peer that takes one message at a time: the beginning of the same events, in a topic of its own."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One contestant: its module and schema, its tables beside the spine's, what it reads and where it publishes."""

    name: str
    title: str
    input: str
    output: str
    tables: tuple[str, ...] = ()
    durable: bool = True
    """Whether a crash loses and doubles nothing; such a peer also says of each event what caused it."""


SPINE = Peer("spine", "the spine", INPUT, "members.risk")
BARE = Peer("bare", "(a) bare batch loop", INPUT, "benchmark.bare", durable=False)
BY_HAND = Peer("by_hand", "(b) the same with inbox, outbox, relay by hand", INPUT, "benchmark.by-hand", TABLES)
DOCUMENTED = Peer("documented", "(c) FastStream as documented", FEW, "benchmark.documented", durable=False)
PEERS = (SPINE, BARE, BY_HAND, DOCUMENTED)


@dataclass(frozen=True, slots=True)
class Ground:
    """Running engines, the events loaded, and the peers' ways to the database."""

    folder: Path
    bootstrap: str
    operator_dsn: str
    dsns: dict[str, str]
    events: int
    few: int

    def expected(self, peer: Peer) -> int:
        """How many events the peer has to apply and to publish."""
        return self.few if peer.input == FEW else self.events

    async def empty(self, peer: Peer) -> None:
        """Empty the peer's tables, and let the disk rest, so that each round starts alike."""
        connection = await asyncpg.connect(self.operator_dsn)
        try:
            rows = await connection.fetch(
                """SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
                   WHERE schemaname = $1 AND tablename <> 'schema_migrations'""",
                peer.name,
            )
            await connection.execute(f"TRUNCATE {', '.join(row['name'] for row in rows)} RESTART IDENTITY")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    async def applied(self, peer: Peer) -> int:
        """How many events the peer's state has counted."""
        connection = await asyncpg.connect(self.operator_dsn)
        try:
            return int(await connection.fetchval(f"SELECT coalesce(sum(events), 0) FROM {peer.name}.benchmark_state"))
        finally:
            await connection.close()


@contextmanager
def engines(folder: Path, events: int, few: int) -> Iterator[Ground]:
    """Start the engines in the folder, make schemas and topics, and load the events; stopped at the end."""
    with Kafka(folder / "kafka") as kafka, Postgres(folder / "postgres") as postgres:
        passwords = {peer.name: secrets.token_urlsafe(16) for peer in PEERS}
        provision(postgres.admin_dsn, passwords, passwords)
        migrate(postgres.admin_dsn, SPINE.name)
        asyncio.run(make_tables(postgres.dsn))
        asyncio.run(make_topics(kafka.bootstrap))
        asyncio.run(load(kafka.bootstrap, INPUT, events))
        asyncio.run(load(kafka.bootstrap, FEW, few))
        dsns = {name: service_dsn(postgres.admin_dsn, name, password) for name, password in passwords.items()}
        yield Ground(folder, kafka.bootstrap, postgres.dsn, dsns, events, few)


async def make_tables(operator_dsn: str) -> None:
    """Make what each peer writes, owned as a migration would leave it."""
    connection = await asyncpg.connect(operator_dsn)
    try:
        for peer in PEERS:
            await connection.execute(f"SET ROLE {peer.name}_owner; SET search_path = {peer.name}")
            for statement in (STATE, *peer.tables):
                await connection.execute(statement)
            await connection.execute("RESET ROLE; RESET search_path")
    finally:
        await connection.close()


async def make_topics(bootstrap: str) -> None:
    """Make the manifest's topics, and the peers' own with the same partitions and settings."""
    await ensure_topics(bootstrap)
    names = {FEW} | {peer.output for peer in PEERS} - {SPINE.output}
    topics = [replace(manifest().topic(SPINE.output), name=name) for name in sorted(names)]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await create_missing(admin, topics)
        await wait_for_leaders(admin, topics)
    finally:
        await admin.close()


async def ends(consumer: AIOKafkaConsumer, topic: str) -> dict[TopicPartition, int]:
    """Where each partition of a topic ends now."""
    partitions = [TopicPartition(topic, number) for number in range(manifest().topic(SPINE.output).partitions)]
    found: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
    return found
