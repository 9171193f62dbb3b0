"""`ingest` and `remedy` with their real HTTP and databases; what Kafka would carry between them is carried by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from click.testing import CliRunner, Result

from services.ingest import commands as of_ingest
from services.ingest.__main__ import SERVICE as INGEST
from services.ingest.handlers import HANDLERS as OF_INGEST
from services.remedy import commands as of_remedy
from services.remedy.commands.engagement import publishing
from shared import outbox
from shared.consumer import Handler
from shared.events import decode
from shared.packing import unpack
from shared.service import assemble, http_server
from tests.conftest import Schema
from tests.ingest.conftest import OPERATOR, settings_of
from tests.remedy.given import HANDLERS as OF_REMEDY
from tests.remedy.typing_in import http_of

OFTEN = 0.02
"""Seconds between two looks at what is to be carried."""
app = typer.Typer()
of_ingest.register(app)
of_remedy.register(app)
ENGAGE = typer.main.get_command(app)
"""Built once: it has some sixty commands."""
GROUP: dict[str, Any] = {
    "workinggroup": "phones",
    "name": "Phones",
    "purpose": "Better work in phone factories",
    "secretariat": "watch",
    "founding": {"cause": "compliance_concern", "reason": "Fees are taken from workers"},
    "suppliers": ["Example Electronics", "Example Metals"],
    "members": [{"member": "oslo", "role": "lead"}, {"member": "bergen", "role": "supporting"}],
}


@dataclass
class Shell:
    """A person's shell, with the two services behind it."""

    state: Path
    ingest: Schema
    remedy: Schema
    door: str
    suppliers: dict[str, str] = field(default_factory=dict)

    async def typed(self, *arguments: str, code: int = 0) -> Result:
        """A command, while events are carried; its exit code is as expected."""
        run = CliRunner().invoke
        result = await asyncio.to_thread(run, ENGAGE, list(arguments))  # type: ignore[arg-type]  # typer's copy of click
        assert result.exit_code == code, (result.output, result.exception)
        return result

    async def operate(self, method: str, path: str, body: Any = None) -> Any:
        """A request of the operator at `ingest`."""
        async with httpx.AsyncClient(base_url=self.door, timeout=30) as client:
            answer = await client.request(method, path, json=body, headers={"authorization": f"Bearer {OPERATOR}"})
        assert answer.is_success, answer.text
        return answer.json()

    async def begin(self) -> None:
        """Members with their keys at hand, and a working group that speaks with Example Electronics."""
        folder = self.state / "secrets" / "members"
        folder.mkdir(parents=True)
        for member, kind in (("oslo", "buyer"), ("bergen", "buyer"), ("watch", "secretariat")):
            order = {"member": member, "name": f"Example {member}", "kind": kind, "country": "NO"}
            (folder / f"{member}.key").write_text((await self.operate("POST", "/members", order))["key"])
        self.suppliers = (await self.operate("POST", "/workinggroups", GROUP))["suppliers"]
        await carry(self)


async def carry(shell: Shell) -> bool:
    """Let each service hear what the other has published since; whether there was anything."""
    ways: Sequence[tuple[Schema, Schema, Sequence[Handler]]] = (
        (shell.ingest, shell.remedy, tuple(OF_REMEDY.values())),
        (shell.remedy, shell.ingest, OF_INGEST),
    )
    found = False
    for source, target, handlers in ways:
        async with source.pool.acquire() as reading, reading.transaction():
            rows = await reading.fetch(
                """DELETE FROM outbox_todo t USING outbox o WHERE o.id = t.id
                   RETURNING o.id, o.topic, o.headers, o.value"""
            )
            for row in sorted(rows, key=lambda one: int(one["id"])):
                found = True
                event = decode(unpack(row["headers"]), row["value"])
                for handler in (one for one in handlers if one.reads(row["topic"])):
                    async with target.pool.acquire() as tx, tx.transaction():
                        await outbox.append(tx, await handler.handle([event], tx))
    return found


async def carry_on(shell: Shell) -> None:
    """Carry for as long as the test lasts."""
    while True:
        if not await carry(shell):
            await asyncio.sleep(OFTEN)


@contextlib.asynccontextmanager
async def opened(
    ingest: Schema, remedy: Schema, keys: Schema, state: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shell]:
    """Both services with their HTTP, and a shell whose commands find them."""
    settings = settings_of(ingest, http_port=0)
    parts = assemble(INGEST, settings, ingest.pool, ingest.pool)
    async with http_server(INGEST, parts) as port, http_of(remedy, keys) as url:
        shell = Shell(state, ingest, remedy, f"http://127.0.0.1:{port}")
        for name, value in (("INGEST_URL", shell.door), ("REMEDY_URL", url), ("STATE", str(state))):
            monkeypatch.setenv(f"ENGAGE_{name}", value)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
        monkeypatch.setattr(publishing, "BETWEEN", OFTEN)
        await shell.begin()
        carrying = asyncio.create_task(carry_on(shell))
        try:
            yield shell
        finally:
            carrying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await carrying
