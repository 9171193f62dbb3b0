"""Two services that exist only here, one behind the other, and what it takes to run and to watch them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.ports import free_port
from shared.consumer import Handle, Handler
from shared.events.envelope import Classification, Event, Headers, encode_data, encode_headers
from shared.events.ingest import DisclosureLinked
from shared.events.lifecycles import Exposure, Reach
from shared.events.risk import ExposureChanged
from shared.events.vocabulary import Category
from shared.postgres import Connection
from shared.service import Service, serve
from shared.settings import Settings
from tests.conftest import Schema

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUPPLIER = UUID(int=1)
POISON = UUID(int=666)
"""A supplier whose events the handler of these services fails on."""

NOTE_EFFECT = """INSERT INTO effect (topic, key, number)
                 SELECT $1, key, number
                 FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS u (key, number, place) ORDER BY place"""


async def eventually(
    holds: Callable[[], Awaitable[object] | object], within: float = 20.0, pause: float = 0.02
) -> object:
    """The first true answer of `holds`; fails when there is none within the limit (seconds)."""
    deadline = time.monotonic() + within
    while True:
        answer = holds()
        answer = await answer if isinstance(answer, Awaitable) else answer
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still not so after {within} s"
        await asyncio.sleep(pause)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of this test only, so that its topics are, too."""

    name: str

    @property
    def incoming(self) -> str:
        return f"member.{self.name}.disclosure"

    @property
    def outgoing(self) -> str:
        return f"member.{self.name}.exposure"


async def new_member(bootstrap: str, partitions: int = 3) -> Member:
    """A member with its two topics."""
    member = Member(f"m{uuid4().hex[:12]}")
    await create_topics(bootstrap, [member.incoming, member.outgoing], partitions)
    return member


async def create_topics(bootstrap: str, names: Sequence[str], partitions: int = 3, **settings: str) -> None:
    """Create topics with our size limit and wait until each partition has a leader."""
    configs = {"max.message.bytes": "270336"} | {name.replace("_", "."): value for name, value in settings.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs) for name in names])

        async def led() -> bool:
            found = await admin.describe_topics(list(names))
            return all(topic["error_code"] == 0 for topic in found) and all(
                part["error_code"] == 0 for topic in found for part in topic["partitions"]
            )

        await eventually(led)
    finally:
        await admin.close()


def linked(member: Member, key: str, number: int, sequence: int, supplier: UUID = SUPPLIER) -> Event:
    """The `number`-th event of a key, as a service upstream would have recorded it."""
    return Event(
        id=uuid5(UUID(int=7), f"{member.name}/{key}/{number}"),
        source="/engage/test",
        type=DisclosureLinked.type,
        subject=key,
        time=MOMENT,
        classification=Classification.MEMBER,
        data=DisclosureLinked(disclosure=UUID(int=number), contract=UUID(int=2), supplier=supplier),
        member=member.name,
    ).recorded(MOMENT, sequence)


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as anybody could produce it."""

    key: bytes | None
    headers: Headers
    value: bytes | None

    @classmethod
    def of(cls, event: Event) -> "Raw":
        assert event.data is not None
        return cls(event.subject.encode(), encode_headers(event), encode_data(event.data))

    def with_header(self, name: str, value: bytes | None) -> "Raw":
        """The same record with another header, or without it."""
        rest = [(known, kept) for known, kept in self.headers if known != name]
        return Raw(self.key, rest if value is None else [*rest, (name, value)], self.value)


@contextlib.asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is no part of the system."""
    sender = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, max_request_size=4_194_304, acks="all")
    await sender.start()
    try:
        yield sender
    finally:
        await sender.stop()


async def produce(bootstrap: str, topic: str, records: Sequence[Raw | Event], partition: int | None = None) -> None:
    """Produce records in order and wait until each is acknowledged."""
    async with producer(bootstrap) as sender:
        answers = []
        for record in records:
            raw = Raw.of(record) if isinstance(record, Event) else record
            answers.append(await sender.send(topic, raw.value, raw.key, headers=raw.headers, partition=partition))
        await asyncio.gather(*answers)


async def consume_all(bootstrap: str, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    """Every record of a topic, from the beginning to its present end, by partition."""
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        await eventually(consumer.assignment)
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found.extend(records)
        return found
    finally:
        await consumer.stop()


async def note_and_expose(topic: str, batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Note each event's effect, in order, and tell of it; fails on the poisoned supplier."""
    numbers = []
    for event in batch:
        assert isinstance(event.data, DisclosureLinked)
        if event.data.supplier == POISON:
            raise LookupError("canary-in-an-exception")
        numbers.append(event.data.disclosure.int)
    await tx.execute(NOTE_EFFECT, topic, [event.subject for event in batch], numbers)
    return [exposed(event) for event in batch]


def exposed(cause: Event) -> Event:
    """What follows from an event."""
    assert isinstance(cause.data, DisclosureLinked)
    assert cause.member is not None
    linked_to = cause.data
    data = ExposureChanged(
        flag=linked_to.disclosure,
        member=cause.member,
        contract=linked_to.contract,
        supplier=linked_to.supplier,
        category=Category.FORCED_LABOUR,
        exposure=Exposure.EXPOSED,
        reach=Reach.DISCLOSED_FOR_CONTRACT,
    )
    return Event.caused_by(
        cause,
        data,
        source="/engage/upstream",
        subject=cause.subject,
        classification=Classification.MEMBER,
        member=cause.member,
    )


async def note(topic: str, batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Note each event's effect, in order; publish nothing."""
    numbers = [event.data.flag.int for event in batch if isinstance(event.data, ExposureChanged)]
    await tx.execute(NOTE_EFFECT, topic, [event.subject for event in batch], numbers)
    return []


def upstream(member: Member, handle: Handle | None = None) -> Service:
    """The first service of the chain; `handle` may stand in for its handler."""

    async def default(batch: Sequence[Event], tx: Connection) -> list[Event]:
        return await note_and_expose(member.incoming, batch, tx)

    return Service("upstream", handlers=[Handler(f"link_{member.name}", handle or default, member.incoming, None)])


def downstream(member: Member) -> Service:
    """The second service of the chain."""

    async def default(batch: Sequence[Event], tx: Connection) -> list[Event]:
        return await note(member.outgoing, batch, tx)

    return Service("downstream", handlers=[Handler(f"expose_{member.name}", default, member.outgoing, None)])


@dataclass(slots=True)
class Running:
    """A service that runs in this process."""

    task: "asyncio.Task[None]"
    stopping: asyncio.Event
    url: str

    async def stop(self) -> float:
        """Ask it to stop as SIGTERM does, wait until it has; the seconds that took."""
        began = time.monotonic()
        self.stopping.set()
        await self.task
        return time.monotonic() - began


def settings_for(schema: Schema, bootstrap: str, **changes: Any) -> Settings:
    """The settings of a service on the session's servers."""
    common: dict[str, Any] = {"kafka_bootstrap": bootstrap, "database_dsn": schema.dsn, "http_port": free_port()}
    return Settings(**(common | changes))


@contextlib.asynccontextmanager
async def running(service: Service, settings: Settings) -> AsyncIterator[Running]:
    """Run a service, once it answers by HTTP; it is stopped at the end, if it was not before."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(service, settings, stop))
    url = f"http://127.0.0.1:{settings.http_port}"
    try:
        await eventually(lambda: task.done() or status(f"{url}/livez"))
        yield Running(task, stop, url)
    finally:
        stop.set()
        await task


async def status(url: str) -> int | None:
    """The status that a service answers with; None while nothing listens."""
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            return (await client.get(url)).status_code
    except httpx.TransportError:
        return None


async def effects(schema: Schema, topic: str) -> dict[str, list[int]]:
    """What a service has done, per key and in the order in which it did it."""
    found: dict[str, list[int]] = {}
    for row in await schema.rows("SELECT key, number FROM effect WHERE topic = $1 ORDER BY place", topic):
        found.setdefault(row["key"], []).append(row["number"])
    return found


async def has_effects(schema: Schema, topic: str, expected: dict[str, list[int]]) -> bool:
    """Whether exactly these effects have come about."""
    return await effects(schema, topic) == expected


async def create_effect_table(operator_dsn: str, service: str) -> None:
    """Give a service of these tests its one table of state. It refuses no second effect: the tests look for one."""
    connection = await asyncpg.connect(operator_dsn)
    try:
        await connection.execute(
            f"""SET ROLE {service}_owner;
                CREATE TABLE IF NOT EXISTS {service}.effect (
                    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key text NOT NULL,
                    number bigint NOT NULL)"""
        )
    finally:
        await connection.close()
