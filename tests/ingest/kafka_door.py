"""Ingest with its Kafka door open, and what a member's own system does at it."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from deploy.local.ports import free_port
from services.ingest.__main__ import SERVICE
from services.ingest.settings import IngestSettings
from shared.events import Event, decode
from shared.events.ingest import FlagReported, SubmissionAnswered
from shared.http import digest
from shared.topics import ensure_topics, member_topics
from tests.conftest import Schema
from tests.ingest.conftest import BATCHED, OPERATOR, PEPPER
from tests.shared.chain import Raw, consume_all, eventually, produce, running

STRUCTURED = "application/cloudevents+json"


@dataclass
class KafkaDoor:
    """A running service of ingest, and members with topics of their own."""

    bootstrap: str
    schema: Schema
    settings: IngestSettings
    keys: dict[str, str] = field(default_factory=dict)
    url: str = ""

    async def new_member(self, registered: bool = True) -> str:
        """A member with its topics, as `engage member add` makes one."""
        member = f"m{uuid4().hex[:10]}"
        await ensure_topics(self.bootstrap, member_topics(member))
        if registered:
            order = {"member": member, "name": "Example City", "kind": "buyer", "country": "NO"}
            async with httpx.AsyncClient(timeout=30) as client:
                headers = {"authorization": f"Bearer {OPERATOR}"}
                answer = await client.post(f"{self.url}/members", json=order, headers=headers)
            self.keys[member] = answer.json()["key"]
        return member

    async def publish(self, member: str, *records: Raw) -> None:
        await produce(self.bootstrap, f"intake.{member}", records)

    async def post(self, member: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """The same by HTTP; the receipts."""
        headers = {"authorization": f"Bearer {self.keys[member]}", "content-type": BATCHED}
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(f"{self.url}/events", content=json.dumps(events), headers=headers)
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        return receipts

    async def events_on(self, topic: str) -> list[Event]:
        return [decode(record.headers, record.value) for record in await consume_all(self.bootstrap, topic)]

    async def answers(self, member: str, number: int) -> list[SubmissionAnswered]:
        """The answers, by record, once there are so many."""
        found: list[SubmissionAnswered] = []

        async def all_there() -> bool:
            told = [one.data for one in await self.events_on(f"outcome.{member}")]
            found[:] = [one for one in told if isinstance(one, SubmissionAnswered)]
            return len(found) >= number

        await eventually(all_there, within=40)
        assert len(found) == number
        return sorted(found, key=lambda answer: answer.record.offset)

    async def told_of(self, member: str) -> list[Event]:
        """The reports that this member's flags have led to."""
        reports = [one for one in await self.events_on("members.report") if isinstance(one.data, FlagReported)]
        return [one for one in reports if isinstance(one.data, FlagReported) and one.data.member == member]

    async def first_offset(self, member: str) -> int:
        """Where the member's intake begins, after what was deleted."""
        place = TopicPartition(f"intake.{member}", 0)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        await consumer.start()
        try:
            return int((await consumer.beginning_offsets([place]))[place])
        finally:
            await consumer.stop()


@contextlib.asynccontextmanager
async def open_door(kafka: str, schema: Schema, **changes: Any) -> AsyncIterator[KafkaDoor]:
    """The service with its real doors, on a schema; `changes` are settings."""
    settings = IngestSettings(
        kafka_bootstrap=kafka,
        database_dsn=schema.dsn,
        operator_key_sha256=SecretStr(digest(OPERATOR)),
        receipt_pepper=PEPPER,
        http_port=free_port(),
        **changes,
    )
    async with running(SERVICE, settings) as service:
        yield KafkaDoor(kafka, schema, settings, url=service.url)


def structured(event: Any, key: bytes | None = None) -> Raw:
    """A record in structured mode."""
    value = event if isinstance(event, bytes) else json.dumps(event).encode()
    return Raw(key, [("content-type", f"{STRUCTURED}; charset=UTF-8".encode())], value)


def binary(event: dict[str, Any], *more: tuple[str, bytes]) -> Raw:
    """A record in binary mode, as a member's system may write it: with headers that are nobody's business."""
    attributes = {name: value for name, value in event.items() if name != "data"}
    headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes.items()]
    headers += [("content-type", b"application/json"), ("traceparent", b"00-1-2-01"), *more]
    return Raw(None, headers, json.dumps(event["data"]).encode())
