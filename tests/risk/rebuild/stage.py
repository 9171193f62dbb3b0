"""What the tests of a rebuild do: publish, let the live service apply, rebuild and look."""

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import asyncpg

from deploy.local.beside import drop_beside
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.rebuilt import Rebuilt
from services.risk import handlers, schedule
from services.risk.rebuilding import rebuild
from services.risk.settings import RiskSettings
from shared.consumer import Consumer, Handler
from shared.events.envelope import Event, topic_of
from shared.replaying import replay
from shared.service import Service
from shared.topics import ensure_topics, member_topics
from tests.conftest import Schema
from tests.shared.chain import Raw, Running, eventually, produce, running


@dataclass
class Stage:
    """The live schema and Kafka. `published` counts the events of each topic and key."""

    bootstrap: str
    postgres: Postgres
    schema: Schema
    published: Counter[tuple[str, str]] = field(default_factory=Counter)
    reports: list[str] = field(default_factory=list)

    @property
    def settings(self) -> RiskSettings:
        return RiskSettings(kafka_bootstrap=self.bootstrap, database_dsn=self.schema.dsn, http_port=free_port())

    async def new_member(self, name: str) -> str:
        """A slug of this test only, whose topics exist."""
        slug = f"{name}-{uuid4().hex[:8]}"
        await ensure_topics(self.bootstrap, member_topics(slug))
        return slug

    async def publish(self, *events: Event) -> list[Event]:
        """Publish events as their services do: in order, each with the next sequence of its topic and key."""
        numbered = []
        for event in events:
            stream = topic_of(event), event.subject
            self.published[stream] += 1
            numbered.append(replace(event, sequence=self.published[stream]))
        for event in numbered:
            await produce(self.bootstrap, topic_of(event), [event])
        return numbered

    async def publish_broken(self, event: Event) -> None:
        """Publish an event whose data cannot be read, in its place."""
        stream = topic_of(event), event.subject
        self.published[stream] += 1
        good = Raw.of(replace(event, sequence=self.published[stream]))
        await produce(self.bootstrap, stream[0], [Raw(good.key, good.headers, b'{"report": "no id"}')])

    def live(self) -> AbstractAsyncContextManager[Running]:
        """The live service, running in this process."""
        settings = self.settings
        service = Service("risk", RiskSettings, handlers=self.handlers(), tasks=schedule.TASKS)
        return running(service, settings)

    async def apply(self) -> None:
        """Let the live handlers apply what was published, as the service does, without it."""
        settings = self.settings
        for handler in self.handlers():
            topics = {topic for topic, _ in self.published if handler.reads(topic)}
            consumer = Consumer("risk", handler, self.schema.pool, settings, committed=lambda: None)
            async for part in replay(self.bootstrap, topics, self.published, batch=5):
                await consumer.apply(part.deliveries)

    async def applied(self) -> None:
        """Return once the live service has applied or set aside all that was published."""
        await eventually(self.nothing_left, within=60)

    async def nothing_left(self) -> bool:
        heads = {
            (row["topic"], row["key"]): max(row["last_sequence"], row["blocked_sequence"] or 0, row["parked"])
            for row in await self.schema.rows(
                """SELECT topic, key, last_sequence, blocked_sequence,
                          (SELECT coalesce(max(sequence), 0) FROM inbox_parked p
                           WHERE (p.topic, p.key) = (h.topic, h.key)) AS parked
                   FROM inbox_head h"""
            )
        }
        return all(heads.get(stream, 0) >= last for stream, last in self.published.items())

    async def rebuild(self, keep: bool = False) -> Rebuilt:
        """Rebuild, and compare."""
        return await rebuild(self.postgres.dsn, self.bootstrap, self.reports.append, keep=keep)

    async def schemas(self) -> set[str]:
        """The schemas of rebuilds that the database has."""
        connection = await asyncpg.connect(self.postgres.dsn)
        try:
            rows = await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'risk\\_rebuild\\_%'")
            return {row["nspname"] for row in rows}
        finally:
            await connection.close()

    async def drop(self, *schemas: str) -> None:
        """Drop what a rebuild has kept."""
        for schema in schemas:
            await asyncio.to_thread(drop_beside, self.postgres.dsn, "risk", schema)

    def handlers(self) -> tuple[Handler, ...]:
        """The live handlers."""
        settings = self.settings
        return handlers.build(lambda: settings)
