"""The judge of the crash test: plain SQL as the operator, every topic from its beginning, the mailbox's files."""

import email
import email.policy
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from tests.journeys import topics
from tests.live_stack import LiveStack

SERVICES = ("ingest", "risk", "notify", "remedy")
CONSUMED = {
    "members.disclosure": ("risk", "notify"),
    "members.report": ("risk",),
    "members.risk": ("remedy", "notify"),
    "members.registry": ("remedy",),
    "restricted.testimony": ("remedy",),
    "notify.request": ("notify",),
}
"""Which services apply which topic; group topics are added where they exist."""

TESTIMONY = "restricted.testimony"
"""Each of its keys has one event, whose counter is forgotten once it is in Kafka: only the log tells how many."""
Stream = tuple[str, str]
Connections = dict[str, "asyncpg.Connection[asyncpg.Record]"]
"""The operator's connection to the database of each service."""


@asynccontextmanager
async def databases(stack: LiveStack) -> AsyncIterator[Connections]:
    """Connections to the databases of a stack, for a while."""
    async with AsyncExitStack() as until:
        connections: Connections = {}
        for service in SERVICES:
            connections[service] = await asyncpg.connect(stack.dsn(service))
            until.push_async_callback(connections[service].close)
        yield connections


async def published(connections: Connections) -> dict[Stream, int]:
    """Topic and key to the last sequence that its publisher has recorded."""
    rows = [
        row
        for service, connection in connections.items()
        for row in await connection.fetch(f"SELECT topic, key, sequence FROM {service}.stream_head")
    ]
    return {(row["topic"], row["key"]): row["sequence"] for row in rows}


async def unapplied(connections: Connections, streams: dict[Stream, int]) -> dict[str, int]:
    """Per service and topic, how many streams it has not applied up to their last event; empty where all is applied."""
    behind = Counter[str]()
    for service, connection in connections.items():
        rows = await connection.fetch(f"SELECT topic, key, last_sequence FROM {service}.inbox_head")
        applied = {(row["topic"], row["key"]): row["last_sequence"] for row in rows}
        for (topic, key), last in streams.items():
            if service in consumers_of(topic) and applied.get((topic, key)) != last:
                behind[f"{service}: {topic}"] += 1
    return dict(behind)


def consumers_of(topic: str) -> tuple[str, ...]:
    """The services that apply a topic."""
    return ("notify",) if topic.startswith("group.") else CONSUMED.get(topic, ())


async def in_kafka(bootstrap: str) -> dict[Stream, list[int]]:
    """Every record of every topic of ours, in order: the sequences per topic and key, repetitions included."""
    names = [name for name in await topics.topics(bootstrap) if not name.startswith("__")]
    streams = defaultdict[Stream, list[int]](list)
    for record in await topics.records(bootstrap, *names):
        sequence = dict(record.headers)["ce_sequence"]
        streams[record.topic, (record.key or b"").decode()].append(int(sequence))
    return dict(streams)


def first_sight(sequences: list[int]) -> list[int]:
    """The sequences without repetitions, in the order in which each was first seen."""
    return list(dict.fromkeys(sequences))


def broken_streams(log: dict[Stream, list[int]], streams: dict[Stream, int]) -> list[Stream]:
    """The streams that are not 1, 2, 3 ... up to the last recorded sequence."""
    return [
        s for s in streams.keys() | log.keys() if first_sight(log.get(s, [])) != list(range(1, streams.get(s, 0) + 1))
    ]


def message_ids(mailbox: Path) -> Counter[str]:
    """How often each Message-ID arrived."""
    parsed = (email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in mailbox.glob("*.eml"))
    return Counter(str(message["Message-ID"]) for message in parsed)
