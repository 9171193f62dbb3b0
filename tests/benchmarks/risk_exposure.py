"""`python -m tests.benchmarks.risk_exposure`: whose contracts a site touches, in a graph of a million edges.

The edges are invented: disclosures (a supplier works at a site) and links (a disclosure belongs to a contract). Asked
is what a member asks, for sites drawn at random, beside the same in a small graph; and what a batch of flags takes.
"""

import argparse
import asyncio
import random
import re
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import quantiles
from string import Template
from uuid import UUID

import asyncpg
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.postgres import Postgres
from services.risk.exposing import expose
from services.risk.news import Cause
from services.risk.settings import RiskSettings
from services.risk.store.paths import ENDS, PATHS, read_paths
from services.risk.touched import Touched
from shared.events.lifecycles import CauseKind
from shared.postgres import Connection

SMALL, SHORT, FULL = 10_000, 100_000, 1_000_000
"""Edges of the small graph, and of the great one as a rule and at most."""
FLAGS = 200
QUESTIONS = 400
ON = date(2026, 6, 1)
SEED = 5
PAGE = 150
"""Columns."""

FILL = """
INSERT INTO supplier (supplier, name, root)
    SELECT id, 'Example Supplier ' || n, id
    FROM generate_series(1, $suppliers) n CROSS JOIN LATERAL (SELECT md5('supplier ' || n)::uuid AS id) i;
INSERT INTO site (site, name, country, root)
    SELECT id, 'Example Plant ' || n, 'CN', id
    FROM generate_series(1, $sites) n CROSS JOIN LATERAL (SELECT md5('site ' || n)::uuid AS id) i;
INSERT INTO contract (contract, reader, owner, reference, level, supplier, first_told, amount, currency)
    SELECT md5('contract ' || n)::uuid, 'member-' || n % 200, 'member-' || n % 200, 'Example contract ' || n, 'single',
           md5('supplier ' || 1 + n % $suppliers)::uuid, '2026-01-01', 10000 + n, 'EUR'
    FROM generate_series(1, $contracts) n;
INSERT INTO disclosure (disclosure, audience, site, supplier, supplier_name, said, tier, recorded_at, since)
    SELECT md5('disclosure ' || n)::uuid, CASE WHEN n % 2 = 0 THEN '' ELSE 'member-' || c % 200 END,
           md5('site ' || 1 + n % $sites)::uuid, md5('supplier ' || 1 + c % $suppliers)::uuid, 'Example Supplier', '{}',
           'component', '2026-01-01', '2026-01-01'
    FROM generate_series(1, $disclosures) n CROSS JOIN LATERAL (SELECT 1 + n % $contracts AS c) i;
INSERT INTO link (disclosure, contract, reader, told_at)
    SELECT md5('disclosure ' || n)::uuid, md5('contract ' || c)::uuid, 'member-' || c % 200, '2026-01-01'
    FROM generate_series(1, $disclosures, 4) n CROSS JOIN LATERAL (SELECT 1 + n % $contracts AS c) i;
INSERT INTO flag
    (flag, supplier, site, category, state, is_open, severity, priority, serious, standing, opened_at, moved_at)
    SELECT md5('flag ' || n)::uuid, md5('supplier ' || 1 + n % $suppliers)::uuid, md5('site ' || n)::uuid,
           'forced_labour', 'raised', true, 4, 43, true, '{}', '2026-02-01', '2026-02-01'
    FROM generate_series(1, $flags) n;
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a graph of one size took, in milliseconds, and what was found."""

    edges: int
    paths: int
    p50: float
    p99: float
    batch: float
    exposed: int
    read_in_full: list[str]


def statements(edges: int) -> list[str]:
    """What fills the tables: set-based, the same each time. A supplier has 500 edges, a contract 250, a site 4."""
    counts = {
        "suppliers": max(edges // 500, 20),
        "contracts": max(edges // 250, 40),
        "sites": edges // 4,
        "disclosures": edges * 4 // 5,
        "flags": FLAGS,
    }
    return [one for one in Template(FILL).substitute(counts).split(";\n") if one.strip()]


async def fill(operator: Connection, edges: int) -> None:
    """Let the graph have so many edges."""
    await operator.execute("TRUNCATE supplier, site, disclosure, contract, link, flag, exposure, leverage")
    for statement in statements(edges):
        await operator.execute(statement)
    await operator.execute("VACUUM ANALYZE supplier, site, disclosure, contract, link, flag")


QUESTION_OF = """SELECT c.reader, d.site FROM disclosure d JOIN contract c ON c.supplier = d.supplier
    WHERE d.disclosure = md5('disclosure ' || $1)::uuid AND d.audience IN ('', c.reader) ORDER BY c.reader LIMIT 1"""


async def questions(tx: Connection, edges: int) -> list[tuple[str, UUID]]:
    """Members and sites: of every second it is known that a contract of the member touches it."""
    draw = random.Random(SEED)
    drawn: list[tuple[str, UUID]] = []
    while len(drawn) < QUESTIONS:
        row = await tx.fetchrow(QUESTION_OF, str(draw.randrange(1, edges * 4 // 5)))
        if row is not None:
            drawn += [(row["reader"], row["site"]), (f"member-{draw.randrange(200)}", row["site"])]
    return drawn


async def ask(tx: Connection, asked: list[tuple[str, UUID]]) -> tuple[list[float], int]:
    """Milliseconds of each question, and the paths found."""
    taken, found = [], 0
    for member, site in asked:
        began = time.perf_counter()
        found += len(await read_paths(tx, "site", site, member, ON, 1000))
        taken.append((time.perf_counter() - began) * 1000)
    return taken, found


async def expose_batch(tx: Connection) -> tuple[float, int]:
    """Milliseconds in which a batch of flags is exposed for the first time, and the events; then it is undone."""
    touched, cause = Touched(), Cause(CauseKind.FLAG, datetime(2026, 6, 1, tzinfo=UTC))
    touched.touch(touched.flags, [row["flag"] for row in await tx.fetch("SELECT flag FROM flag")], cause)
    undone = tx.transaction()
    await undone.start()
    began = time.perf_counter()
    events = await expose(tx, touched, RiskSettings.model_construct())
    taken = (time.perf_counter() - began) * 1000
    await undone.rollback()
    return taken, len(events)


async def scans(tx: Connection) -> list[str]:
    """The tables of the graph that a question reads from beginning to end; there should be none."""
    site = await tx.fetchval("SELECT site FROM site LIMIT 1")
    plan = await tx.fetch(f"EXPLAIN {PATHS.format(END=ENDS['site'])}", "member-1", ON, site, 1000)
    return sorted(set(re.findall(r"Seq Scan on (disclosure|link|site)", "\n".join(row[0] for row in plan))))


async def measure_graph(dsn: str, operator: Connection, edges: int) -> Figure:
    """A graph of one size."""
    await fill(operator, edges)
    tx = await asyncpg.connect(dsn)
    try:
        asked = await questions(tx, edges)
        await ask(tx, asked)  # warm: the plans and the pages
        taken, found = await ask(tx, asked)
        batch, events = await expose_batch(tx)
        cuts = quantiles(taken, n=100)
        return Figure(edges, found, cuts[49], cuts[98], batch, events, await scans(tx))
    finally:
        await tx.close()


async def measure_all(postgres: Postgres, dsn: SecretStr, edges: int) -> list[Figure]:
    """The small graph, and the great one."""
    operator = await asyncpg.connect(postgres.dsn)
    await operator.execute("SET search_path = risk")
    try:
        return [await measure_graph(dsn.get_secret_value(), operator, size) for size in (SMALL, edges)]
    finally:
        await operator.close()


def measure(folder: Path, edges: int) -> list[Figure]:
    """The small graph, and one of so many edges, on a server of their own in this folder."""
    with Postgres(folder) as postgres:
        password = secrets.token_urlsafe(16)
        provision(postgres.admin_dsn, ["risk"], {"risk": password})
        migrate(postgres.admin_dsn, "risk")
        dsn = SecretStr(service_dsn(postgres.admin_dsn, "risk", password))
        return asyncio.run(measure_all(postgres, dsn, edges))


def table_of(figures: list[Figure]) -> Table:
    """The figures, each beside what it is of the first."""
    names = ("edges", "ms p50", "to small", "ms p99", "to small", "paths", f"ms for {FLAGS} flags", "events")
    table = Table(*names, "read in full", box=None)
    first = figures[0]
    for one in figures:
        table.add_row(
            f"{one.edges:,}",
            f"{one.p50:.2f}",
            f"{one.p50 / first.p50:.2f}",
            f"{one.p99:.2f}",
            f"{one.p99 / first.p99:.2f}",
            f"{one.paths:,}",
            f"{one.batch:.0f}",
            f"{one.exposed:,}",
            ", ".join(one.read_in_full) or "nothing",
        )
    return table


def main() -> int:
    """Measure and print; the exit code is 1 where a table of the graph was read in full."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.risk_exposure", description=__doc__)
    parser.add_argument("--edges", type=int, default=FULL, help="edges of the great graph (a million)")
    edges = parser.parse_args().edges
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
        figures = measure(Path(folder), edges)
    Console(highlight=False, width=PAGE).print(table_of(figures))
    return 1 if any(one.read_in_full for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
