"""`python -m tests.benchmarks.remedy_cases`: how fast testimony becomes cases and is taken in, beside bare peers.

The first peer inserts the same boxes with one bare statement; the second opens the same boxes and computes the digests
of the same receipts in memory, which nobody can do without. What is measured is all that `remedy` does besides: facts,
deadlines, keys, audit, outbox, and two databases.
"""

import asyncio
import json
import secrets
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.postgres import Postgres
from services.remedy import taking_in, trustee
from services.remedy.handlers import build
from services.remedy.office import KEYS, office_of
from services.remedy.receipts import draw_receipt, receipt_hash
from services.remedy.settings import RemedySettings
from shared import outbox, sealing
from shared.events.envelope import Classification, Event
from shared.events.ingest import TestimonyReceived
from shared.events.remedy.words import TestimonyKind
from shared.logs import configure
from shared.postgres import Connection, open_pool, transaction
from shared.relay import Relay
from shared.service import Runtime

CASES = 400
START = datetime(2026, 1, 5, tzinfo=UTC)
DATABASES = ("remedy", "remedy_keys")
PAGE = 150
"""Columns."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds for so many cases; how many of them were taken in at the end."""

    cases: int
    inserted_bare: float
    opened: float
    in_memory: float
    taken_in: float
    kept: int


def boxes_of(public_key: str, receipts: list[str]) -> list[str]:
    """Sealed testimony, each with a receipt."""
    told = [{"narrative": "Invented. " * 40, "identity": "Invented.", "receipt": receipt} for receipt in receipts]
    return [sealing.seal(json.dumps(one).encode(), public_key, sealing.TESTIMONY) for one in told]


def events_of(key: str, boxes: list[str]) -> list[Event]:
    """The boxes as `ingest` passes them on."""
    events = []
    for box in boxes:
        data = TestimonyReceived(case=uuid4(), kind=TestimonyKind.GRIEVANCE, key=key, sealed=box)
        told = Event(uuid4(), "/engage/ingest", data.type, str(data.case), START, Classification.RESTRICTED, data)
        events.append(told.recorded(START, 1))
    return events


async def insert_bare(tx: Connection, boxes: list[str]) -> float:
    """Seconds for one statement that keeps the boxes, and nothing that follows from them; then it is undone."""
    ids: list[UUID] = [uuid4() for _ in boxes]
    undone = tx.transaction()
    await undone.start()
    began = time.perf_counter()
    await tx.execute(
        """INSERT INTO grievance_case (case_id, reference, kind, state, key_id, sealed, received_at)
           SELECT id, id::text, 'grievance', 'received', 'bare', sealed, now()
           FROM unnest($1::uuid[], $2::text[]) AS u (id, sealed)""",
        ids,
        boxes,
    )
    taken = time.perf_counter() - began
    await undone.rollback()
    return taken


async def open_in_memory(runtime: Runtime, key: str, boxes: list[str], receipts: list[str]) -> float:
    """Seconds to open the boxes and to compute the digests of the receipts, two at a time, and nothing else."""
    office = office_of(runtime)
    keyring = await trustee.Keyring.read(office)
    began = time.perf_counter()
    for box in boxes:
        keyring.open(box, key)
    for pair in zip(receipts[::2], receipts[1::2], strict=True):
        await asyncio.gather(*(asyncio.to_thread(receipt_hash, one, office.settings) for one in pair))
    return time.perf_counter() - began


async def measure_all(runtime: Runtime) -> Measured:
    """Each in turn, in one run, on an empty database."""
    settings = runtime.settings
    assert isinstance(settings, RemedySettings)
    key = await trustee.current_key(office_of(runtime))
    receipts = [draw_receipt() for _ in range(CASES)]
    boxes = boxes_of(key["public_key"], receipts)
    handler, *_ = build(lambda: settings)
    async with transaction(runtime.pool) as tx:
        bare = await insert_bare(tx, boxes)
    began = time.perf_counter()
    async with transaction(runtime.pool) as tx:
        await outbox.append(tx, await handler.handle(events_of(key["key_id"], boxes), tx))
    opened = time.perf_counter() - began
    in_memory = await open_in_memory(runtime, key["key_id"], boxes, receipts)
    began = time.perf_counter()
    while await taking_in.take_in(runtime):
        pass
    taken_in = time.perf_counter() - began
    kept = await runtime.pool.fetchval("SELECT count(*) FROM grievance_case WHERE sealed IS NULL AND openable")
    return Measured(CASES, bare, opened, in_memory, taken_in, kept)


async def measure_on(dsns: dict[str, SecretStr]) -> Measured:
    """The same, with pools on the two databases."""
    settings = RemedySettings.model_validate(
        {
            "kafka_bootstrap": "unused",
            "database_dsn": dsns["remedy"],
            "keys_dsn": dsns["remedy_keys"],
            "case_key": sealing.encode(secrets.token_bytes(32)),
            "receipt_pepper": sealing.encode(secrets.token_bytes(32)),
        }
    )
    pool, keys = await open_pool(dsns["remedy"], 6), await open_pool(dsns["remedy_keys"], 6)
    try:
        return await measure_all(Runtime("remedy", settings, pool, Relay("remedy", pool, settings), {KEYS: keys}))
    finally:
        await pool.close()
        await keys.close()


def measure(folder: Path) -> Measured:
    """On a server of its own in this folder."""
    with Postgres(folder) as postgres:
        passwords = {name: secrets.token_urlsafe(16) for name in DATABASES}
        provision(postgres.admin_dsn, DATABASES, passwords)
        for name in DATABASES:
            migrate(postgres.admin_dsn, name)
        dsns = {name: SecretStr(service_dsn(postgres.admin_dsn, name, passwords[name])) for name in DATABASES}
        return asyncio.run(measure_on(dsns))


def table_of(measured: Measured) -> Table:
    """What it took per case, beside its peer."""
    table = Table("", "cases/s", "ms per case", "peer, ms per case", "times the peer", box=None)
    rows = (("opened", measured.opened, measured.inserted_bare), ("taken in", measured.taken_in, measured.in_memory))
    for name, took, peer in rows:
        each, of_peer = took / measured.cases * 1000, peer / measured.cases * 1000
        table.add_row(name, f"{measured.cases / took:.0f}", f"{each:.2f}", f"{of_peer:.2f}", f"{took / peer:.1f}")
    return table


def main() -> int:
    """Measure and print; the exit code is 1 where a case was not taken in."""
    configure("benchmark", "WARNING")
    console = Console(width=None if sys.stdout.isatty() else PAGE)
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
        measured = measure(Path(folder))
    console.print(table_of(measured))
    console.print_json(data=asdict(measured))
    return 0 if measured.kept == measured.cases else 1


if __name__ == "__main__":
    sys.exit(main())
