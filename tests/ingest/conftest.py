"""The doors of ingest on a real Postgres, without Kafka: what is published stays in the outbox."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from services.ingest.api import build
from services.ingest.settings import IngestSettings
from shared.events import Event, decode
from shared.http import digest
from shared.packing import unpack
from tests.conftest import EmptySchema, Schema

OPERATOR = "operator-key-of-a-test"
PEPPER = SecretStr("pepper-of-a-test-" * 2)
BATCHED = "application/cloudevents-batch+json"


@dataclass(frozen=True)
class Doors:
    """An application on an empty schema, with a client and two members."""

    schema: Schema
    client: httpx.AsyncClient
    keys: dict[str, str]

    def as_member(self, member: str = "oslo") -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[member]}"}

    async def operate(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request of the operator."""
        return await self.client.request(method, path, json=body, headers={"authorization": f"Bearer {OPERATOR}"})

    async def send(self, *events: dict[str, Any], member: str = "oslo") -> httpx.Response:
        """A batch of events."""
        headers = self.as_member(member) | {"content-type": BATCHED}
        return await self.client.post("/events", content=json.dumps(events), headers=headers)

    async def import_csv(self, content: str | bytes, member: str = "oslo", **query: Any) -> httpx.Response:
        """A list file."""
        raw = content.encode() if isinstance(content, str) else content
        query = {"filename": "suppliers.csv"} | query
        return await self.client.post("/imports", content=raw, params=query, headers=self.as_member(member))

    async def published(self) -> Sequence[tuple[str, str, Event]]:
        """What is published: topic, key and event, in order, but for members and their keys, which every test has."""
        return [one for one in await self.outbox() if one[2].type not in ("member.registered.v1", "key.issued.v1")]

    async def outbox(self) -> Sequence[tuple[str, str, Event]]:
        """All that is published: topic, key and event, in order."""
        rows = await self.schema.rows("SELECT topic, key, headers, value FROM outbox ORDER BY id")
        return [(row["topic"], row["key"], decode(unpack(row["headers"]), row["value"])) for row in rows]

    async def count(self, table: str) -> int:
        """The number of rows of a table."""
        return int((await self.schema.rows(f"SELECT count(*) FROM {table}"))[0][0])


def settings_of(schema: Schema, **changed: Any) -> IngestSettings:
    """Settings as they are by default, but for what is changed."""
    given: dict[str, Any] = {
        "kafka_bootstrap": "",
        "database_dsn": schema.dsn,
        "operator_key_sha256": SecretStr(digest(OPERATOR)),
        "receipt_pepper": PEPPER,
        "public_address": "https://engage.example",
    }
    return IngestSettings(**given | changed)


@pytest.fixture
async def doors(empty_schema: EmptySchema) -> AsyncIterator[Doors]:
    """The doors with the members `oslo` and `watch`."""
    schema = await empty_schema("ingest")
    transport = httpx.ASGITransport(app=build(schema.runtime(settings_of(schema))))
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        opened = Doors(schema, client, {})
        for member, kind in (("oslo", "buyer"), ("watch", "secretariat")):
            order = {"member": member, "name": f"Example {member}", "kind": kind, "country": "NO"}
            opened.keys[member] = (await opened.operate("POST", "/members", order)).json()["key"]
        yield opened


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to Postgres from now on by `fetch` and `execute`, in order."""
    statements: list[str] = []
    fetch, execute = asyncpg.Connection.fetch, asyncpg.Connection.execute

    async def counted_fetch(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        statements.append(query)
        return await fetch(self, query, *arguments, **options)

    async def counted_execute(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        statements.append(query)
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(asyncpg.Connection, "fetch", counted_fetch)
    monkeypatch.setattr(asyncpg.Connection, "execute", counted_execute)
    return statements
