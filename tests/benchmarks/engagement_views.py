"""`python -m tests.benchmarks.engagement_views`: the board, one engagement and a thread, with 10,000 engagements.

Invented engagements of many groups and suppliers, each with entries and what was published of them, are asked for
through the real HTTP application, as a member and as the operator, beside the same with 100 engagements in one run.
"""

import argparse
import asyncio
import hashlib
import random
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from string import Template
from uuid import UUID

import asyncpg
import httpx
import orjson
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from deploy.local.database import in_database, migrate, provision, service_dsn
from deploy.local.postgres import Postgres
from deploy.local.servers import database_of
from services.remedy.api import build
from services.remedy.office import KEYS, READING
from services.remedy.settings import RemedySettings
from shared import sealing
from shared.http import digest
from shared.logs import configure
from shared.postgres import Connection, open_pool
from shared.relay import Relay
from shared.service import Runtime

SMALL, FULL = 100, 10_000
"""Engagements of the peer, and of what is measured."""
AIM = 200.0
"""Milliseconds that the board and a thread may take."""
ENTRIES, TOLD = 20, 30
"""Asks of each engagement, and events that were published of it, scattered over time."""
GROUPS = 20
QUESTIONS = 100
SEED = 7
PAGE = 150
"""Columns."""
OPERATOR = "operator-key-of-a-benchmark"
DATABASES = ("remedy", "remedy_keys")
ASKED = {"entry": "@entry", "engagement": "@engagement", "supplier": "@supplier", "member": "member-1"}
OPENED = ASKED | {"role": "lead", "category": "forced_labour", "decided_on": "2026-01-05", "reason": "Asked for."}

FILL = """
INSERT INTO participant (member, name, kind) SELECT 'member-' || n, 'Example Member', 'buyer'
    FROM generate_series(0, 99) n;
INSERT INTO working_group (slug, name, secretariat) SELECT 'group-' || n, 'Example Group', 'member-0'
    FROM generate_series(0, $groups - 1) n;
INSERT INTO group_member (workinggroup, member, role, joined_at)
    SELECT 'group-' || g, 'member-' || 1 + (g * 7 + m) % 99, CASE m WHEN 0 THEN 'lead' ELSE 'supporting' END, now()
    FROM generate_series(0, $groups - 1) g, generate_series(0, 9) m;
INSERT INTO supplier (supplier, name, country, alias_of)
    SELECT md5('supplier ' || n)::uuid, 'Example Supplier ' || n, 'NO',
           CASE WHEN n % 10 = 9 THEN md5('supplier ' || n - 1)::uuid END
    FROM generate_series(0, 999) n;
INSERT INTO reason (kind, id, supplier, category, since)
    SELECT 'flag', md5('flag ' || n)::uuid, md5('supplier ' || n % 1000)::uuid, 'forced_labour', '2026-01-01'
    FROM generate_series(1, $engagements) n;
INSERT INTO leverage (flag, supplier, category, buyers, contracts, told_at)
    SELECT md5('flag ' || n)::uuid, md5('supplier ' || n % 1000)::uuid, 'forced_labour', 3 + n % 9, 5 + n % 20, now()
    FROM generate_series(1, $engagements) n;
INSERT INTO engagement (engagement, workinggroup, supplier, category, state, objective, opened_by, opened_at, milestone,
                        milestone_since, open_asks, overdue, consultations, next_due, next_due_kind, moved_at)
    SELECT md5('engagement ' || n)::uuid, 'group-' || n % $groups, md5('supplier ' || n % 1000)::uuid, 'forced_labour',
           CASE WHEN n % 5 = 0 THEN 'closed' ELSE 'open' END, 'Fees are paid back by the end of the year.',
           'member-' || n % 100, timestamptz '2026-01-05' + n * interval '7 minutes', 'M' || n % 5,
           date '2026-02-01' + n % 200, n % 4, n % 20 / 19, n % 3, date '2026-12-01' + n % 300, 'ask', now()
    FROM generate_series(1, $engagements) n;
INSERT INTO engagement_reason (engagement, kind, id)
    SELECT md5('engagement ' || n)::uuid, 'flag', md5('flag ' || n)::uuid FROM generate_series(1, $engagements) n;
INSERT INTO dialogue_entry
    (entry, event, engagement, place, workinggroup, type, member, role, recorded_at, told, standing)
    SELECT id, id, md5('engagement ' || n)::uuid, e, 'group-' || n % $groups,
           CASE e WHEN 1 THEN 'opening.recorded.v1' ELSE 'ask.recorded.v1' END, 'member-1', 'lead',
           timestamptz '2026-01-05' + e * interval '1 day',
           CASE e WHEN 1 THEN '$opened'::jsonb || '{"objective": "Fees are paid back."}' ELSE '$asked'::jsonb END
               || jsonb_build_object('entry', id, 'engagement', md5('engagement ' || n)::uuid,
                                     'supplier', md5('supplier ' || n % 1000)::uuid), 'applied'
    FROM generate_series(1, $engagements) n, generate_series(1, $entries) e
         CROSS JOIN LATERAL (SELECT md5('entry ' || n || ' ' || e)::uuid AS id) i;
INSERT INTO obligation (about, kind, engagement, workinggroup, subject, due, basis, warn_at, due_at)
    SELECT md5('entry ' || n || ' 2')::uuid, 'ask', md5('engagement ' || n)::uuid, 'group-' || n % $groups,
           md5('engagement ' || n)::uuid, date '2026-12-01' + n % 300, 'asked for', now(), now()
    FROM generate_series(1, $engagements) n
"""
"""Suppliers are shared by groups, some turned out to be others; every twentieth engagement has something overdue."""
PUBLISH = """INSERT INTO outbox (topic, key, sequence, event_id, headers, value, recorded_at)
    SELECT 'group.group-' || n % $3 || '.engagement', md5('engagement ' || n)::uuid::text, e, gen_random_uuid(), $1, $2,
           timestamptz '2026-01-05' + e * interval '1 day'
    FROM generate_series(1, $5::int) e, generate_series(1, $4::int) n ORDER BY e, hashint4(n)"""


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds that one question took, with so many engagements."""

    engagements: int
    question: str
    p50: float
    p99: float


def statements(engagements: int) -> list[str]:
    """What fills the tables: set-based, the same each time."""
    asked = ASKED | {"role": "lead", "wording": "Pay back all fees.", "category": "forced_labour"}
    given: dict[str, object] = {"groups": GROUPS, "engagements": engagements, "entries": ENTRIES}
    given |= {"opened": orjson.dumps(OPENED).decode(), "asked": orjson.dumps(asked).decode()}
    return [one for one in Template(FILL).substitute(given).split(";\n") if one.strip()]


async def fill(operator: Connection, engagements: int) -> None:
    """Let there be so many engagements, with all that was told of them."""
    await operator.execute(
        """TRUNCATE participant, working_group, group_member, supplier, reason, leverage, engagement, engagement_reason,
               dialogue_entry, obligation, outbox"""
    )
    for statement in statements(engagements):
        await operator.execute(statement)
    value = {"ask": str(UUID(int=1)), "after": "open", "askers": ["member-1", "member-2"]}
    value |= {"engagement": str(UUID(int=2)), "workinggroup": "group-1", "supplier": str(UUID(int=3))}
    headers = {"content-type": "application/json", "ce_specversion": "1.0", "ce_id": str(UUID(int=4))}
    headers |= {"ce_source": "/engage/remedy", "ce_type": "ask.moved.v1", "ce_subject": str(UUID(int=2))}
    headers |= {"ce_time": "2026-01-05T00:00:00+00:00", "ce_recordedtime": "2026-01-05T00:00:00+00:00"}
    headers |= {"ce_sequence": "1", "ce_classification": "group", "ce_workinggroup": "group-1"}
    packed = orjson.dumps(list(headers.items()))
    await operator.execute(PUBLISH, packed, orjson.dumps(value), GROUPS, engagements, TOLD, timeout=600)
    await operator.execute("VACUUM ANALYZE", timeout=600)  # as the server itself does after so many new rows


def questions(engagements: int) -> dict[str, list[str]]:
    """What is asked, by name: pages of the board, one engagement, the threads of an engagement and of a supplier."""
    draw = random.Random(SEED)
    drawn = [draw.randrange(1, engagements + 1) for _ in range(QUESTIONS)]
    ids = [str(md5_uuid(f"engagement {n}")) for n in drawn]
    suppliers = [str(md5_uuid(f"supplier {n % 1000}")) for n in drawn]
    return {
        "board, operator": ["/board?limit=50"] * QUESTIONS,
        "board, member": [f"/board?limit=50&member=member-{n % 100}" for n in drawn],
        "board, by milestone": [f"/board?sort=milestone&limit=50&stalled={n % 90}" for n in drawn],
        "board, supplier by name": [f"/board?supplier=Supplier%20{n % 1000}" for n in drawn],
        "one engagement": [f"/engagements/{one}" for one in ids],
        "thread of an engagement": [f"/timeline?subject={one}" for one in ids],
        "thread of a supplier": [f"/timeline?subject={one}" for one in suppliers],
    }


def md5_uuid(text: str) -> UUID:
    """The id that the tables are filled with."""
    return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


async def ask(client: httpx.AsyncClient, paths: list[str]) -> list[float]:
    """Milliseconds of each question, by HTTP and one after another. Raises where one is not answered."""
    taken = []
    for path in paths:
        began = time.perf_counter()
        answer = await client.get(path, headers={"authorization": f"Bearer {OPERATOR}"})
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path.partition('?')[0]} was answered {answer.status_code}")
    return taken


async def measure_size(client: httpx.AsyncClient, operator: Connection, engagements: int) -> list[Figure]:
    """Every question, with so many engagements."""
    await fill(operator, engagements)
    figures = []
    for name, paths in questions(engagements).items():
        await ask(client, paths[:10])  # warm: the plans and the pages
        cuts = quantiles(await ask(client, paths), n=100)
        figures.append(Figure(engagements, name, cuts[49], cuts[98]))
    return figures


@asynccontextmanager
async def serving(postgres: Postgres) -> AsyncIterator[httpx.AsyncClient]:
    """The real application of `remedy` on this server, asked in this process."""
    passwords = {name: secrets.token_urlsafe(16) for name in DATABASES}
    dsns = {name: SecretStr(service_dsn(postgres.admin_dsn, name, passwords[name])) for name in DATABASES}
    await asyncio.to_thread(provision, postgres.admin_dsn, DATABASES, passwords)
    for name in DATABASES:
        await asyncio.to_thread(migrate, postgres.admin_dsn, name)
    settings = RemedySettings.model_validate(
        {
            "kafka_bootstrap": "unused",
            "database_dsn": dsns["remedy"],
            "keys_dsn": dsns["remedy_keys"],
            "case_key": sealing.encode(secrets.token_bytes(32)),
            "receipt_pepper": sealing.encode(secrets.token_bytes(32)),
            "operator_key_sha256": digest(OPERATOR),
        }
    )
    pool, keys = await open_pool(dsns["remedy"], 4), await open_pool(dsns["remedy_keys"], 1)
    runtime = Runtime("remedy", settings, pool, Relay("remedy", pool, settings), {KEYS: keys, READING: pool})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(runtime)), base_url="http://remedy") as client:
        yield client
    await pool.close()
    await keys.close()


async def measure_all(postgres: Postgres, engagements: int) -> list[Figure]:
    """The few, and the many."""
    async with serving(postgres) as client:
        operator = await asyncpg.connect(in_database(postgres.admin_dsn, database_of("remedy")))
        try:
            await operator.execute("SET search_path = remedy")
            return [one for size in (SMALL, engagements) for one in await measure_size(client, operator, size)]
        finally:
            await operator.close()


def measure(folder: Path, engagements: int) -> list[Figure]:
    """On a server of its own in this folder."""
    with Postgres(folder) as postgres:
        return asyncio.run(measure_all(postgres, engagements))


def table_of(figures: list[Figure]) -> Table:
    """The figures of the many, each beside that of the few and the aim."""
    few = {one.question: one for one in figures if one.engagements == SMALL}
    most = max(one.engagements for one in figures)
    names = (f"with {most:,} engagements", "ms p50", f"to {SMALL:,}", "ms p99", f"to {SMALL:,}", f"aim {AIM:.0f} ms")
    table = Table(*names, box=None)
    for one in figures:
        if one.engagements == most:
            peer = few[one.question]
            within = "within" if one.p99 <= AIM else "MISSED"
            ratios = f"{one.p50 / peer.p50:.2f}", f"{one.p99 / peer.p99:.2f}"
            table.add_row(one.question, f"{one.p50:.1f}", ratios[0], f"{one.p99:.1f}", ratios[1], within)
    return table


def main() -> int:
    """Measure and print; how fast it is, is for a person to judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engagement_views", description=__doc__)
    parser.add_argument("--engagements", type=int, default=FULL, help="how many there are (10,000)")
    engagements = parser.parse_args().engagements
    configure("benchmark", "WARNING")
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
        figures = measure(Path(folder), engagements)
    Console(highlight=False, width=PAGE).print(table_of(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
