"""`ingest`, `risk` and `remedy` with their real HTTP and databases; what Kafka would carry is carried here.

Nothing runs beside the test: `flow` carries until all have heard everything, always in the same order.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from services.ingest.__main__ import SERVICE as INGEST
from services.ingest.handlers import HANDLERS as OF_INGEST
from services.remedy import commands
from services.remedy.__main__ import SERVICE as REMEDY
from services.remedy.office import KEYS, READING
from services.risk.__main__ import SERVICE as RISK
from services.risk.handlers import build as of_risk
from services.risk.settings import RiskSettings
from shared import outbox
from shared.consumer import Handler
from shared.events import decode
from shared.http import digest
from shared.packing import unpack
from shared.service import assemble, http_server
from tests.conftest import EmptySchema, Schema
from tests.ingest.conftest import BATCHED, OPERATOR, settings_of
from tests.remedy.given import HANDLERS, SETTINGS

app = typer.Typer()
commands.register(app)


@dataclass
class Services:
    """The three services, and what each has heard of the others."""

    schemas: dict[str, Schema]
    handlers: dict[str, Sequence[Handler]]
    urls: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)

    async def flow(self) -> None:
        """Let each service hear all that the others have published."""
        while [name for name in self.schemas if await self.carry(name)]:
            pass

    async def carry(self, source: str) -> bool:
        """Let the others hear what one has published since; whether there was anything."""
        rows = await self.schemas[source].rows(
            "SELECT id, topic, headers, value FROM outbox WHERE id > $1 ORDER BY id", self.heard[source]
        )
        for row in rows:
            self.heard[source] = row["id"]
            event = decode(unpack(row["headers"]), row["value"])
            for target, handlers in self.handlers.items():
                for handler in handlers if target != source else ():
                    if handler.reads(row["topic"]):
                        async with self.schemas[target].pool.acquire() as tx, tx.transaction():
                            await outbox.append(tx, await handler.handle([event], tx))
        return bool(rows)

    async def operate(self, path: str, body: Any) -> Any:
        """A request of the operator at `ingest`."""
        async with httpx.AsyncClient(base_url=self.urls["ingest"], timeout=30) as client:
            answer = await client.post(path, json=body, headers={"authorization": f"Bearer {OPERATOR}"})
        assert answer.is_success, answer.text
        return answer.json()

    async def join(self, member: str, kind: str = "buyer") -> None:
        """A member, with its key."""
        order = {"member": member, "name": f"Example {member}", "kind": kind, "country": "NO"}
        self.keys[member] = (await self.operate("/members", order))["key"]

    async def send(self, member: str, event: dict[str, Any]) -> Any:
        """An event by a member, and all that follows from it; its receipt."""
        headers = {"authorization": f"Bearer {self.keys[member]}", "content-type": BATCHED}
        async with httpx.AsyncClient(base_url=self.urls["ingest"], timeout=30) as client:
            answer = await client.post("/events", json=[event], headers=headers)
        (receipt,) = answer.json()["receipts"]
        assert receipt["outcome"] == "accepted", receipt
        await self.flow()
        return receipt

    async def typed(self, *arguments: str, member: str | None = None) -> Result:
        """A command, with the operator's key or that of a member."""
        with pytest.MonkeyPatch.context() as patch:
            for name, url in self.urls.items():
                patch.setenv(f"ENGAGE_{name.upper()}_URL", url)
            patch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
            if member is not None:
                patch.setenv("ENGAGE_MEMBER_KEY", self.keys[member])
                arguments = (*arguments, "--member", member)
            return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


@contextlib.asynccontextmanager
async def opened(empty_schema: EmptySchema) -> AsyncIterator[Services]:
    """All three, each on an empty database, behind HTTP on ports of their own."""
    schemas = {name: await empty_schema(name) for name in ("ingest", "risk", "remedy")}
    keys = await empty_schema("remedy_keys")
    key = {"operator_key_sha256": digest(OPERATOR), "http_port": 0}
    settings = (
        settings_of(schemas["ingest"], http_port=0),
        RiskSettings.model_validate({"kafka_bootstrap": "", "database_dsn": schemas["risk"].dsn} | key),
        SETTINGS.model_copy(update=key | {"operator_key_sha256": SecretStr(digest(OPERATOR))}),
    )
    services = Services(
        schemas, {"ingest": OF_INGEST, "risk": of_risk(lambda: settings[1]), "remedy": tuple(HANDLERS.values())}
    )
    async with contextlib.AsyncExitStack() as stack:
        for service, given in zip((INGEST, RISK, REMEDY), settings, strict=True):
            pool = schemas[service.name].pool
            databases = {KEYS: keys.pool, READING: pool} if service is REMEDY else {}
            port = await stack.enter_async_context(
                http_server(service, assemble(service, given, pool, pool, databases))
            )
            services.urls[service.name] = f"http://127.0.0.1:{port}"
        yield services
