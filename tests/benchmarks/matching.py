"""`python -m tests.benchmarks.matching`: how long a new name takes as the registry grows, and how fast a list goes in.

A site that was never named before is looked for among ten thousand, a hundred thousand and a million others, which are
invented: names and streets from syllables, in a few countries, with the words by which the service itself would find
them. Before that, Apple's list goes into the empty registry, where it is on this machine.
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
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from uuid_utils.compat import uuid7

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.postgres import Postgres
from services.ingest.api import build
from services.ingest.domain.identity.comparison import describe
from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.identity.matching import FREQUENT, tokens_of
from services.ingest.domain.registry import Kind, Site, Supplier
from services.ingest.identity.resolution import Resolved, resolve_sites, resolve_suppliers
from services.ingest.settings import IngestSettings
from services.ingest.store.spellings import POSTINGS
from shared.http import digest
from shared.postgres import Connection, Pool, now, open_pool, transaction
from shared.relay import Relay
from shared.service import Runtime

APPLE = Path(__file__).parents[3] / "shared" / "data" / "suppliers" / "apple-supplier-list-2012-2022.csv"
SIZES = (10_000, 100_000, 1_000_000)
CHUNK = 20_000
NEW = 500
"""New names in one batch, a list's worth; and as many alone, each in a transaction of its own."""
ALONE = 40
ROUNDS = 3
SYLLABLES = (
    "ba be bo da de do fa fi ga ge ka ko la li lo ma mi mo na ne no pa pe ra re ri ro sa shi ta te to va wa xi yu zhen"
)
TRADES = ("Electronics", "Technology", "Precision", "Industrial", "Semiconductor", "Circuits", "Plastics", "Metals")
FORMS = ("Co., Ltd.", "Ltd.", "GmbH", "Inc.", "Corporation", "Sdn Bhd")
COUNTRIES = ("CN", "VN", "MY", "TH", "IN", "MX", "KR", "JP")
SEED = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """What a registry of one size took: milliseconds per new name in a batch and alone."""

    sites: int
    batched: float
    alone: float
    sequential: list[str]


class Invention:
    """Invented sites, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.syllables = SYLLABLES.split()

    def word(self, syllables: int) -> str:
        return "".join(self.chance.choices(self.syllables, k=syllables)).capitalize()

    def place(self) -> tuple[str, str, str]:
        """Name, address and country of an invented site."""
        chance = self.chance
        name = f"{self.word(3)} {self.word(2)} {chance.choice(TRADES)} {chance.choice(FORMS)}"
        address = f"No. {chance.randint(1, 9999)} {self.word(3)} Road, {self.word(2)} District, {self.word(2)}"
        return name, address, chance.choice(COUNTRIES)


def rows_of(invention: Invention, supplier: Any, first: int, count: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Sites, their spellings, numbered from `first`, and the words by which they are found."""
    sites, spelt, tokens = [], [], []
    for number in range(first, first + count):
        name, address, country = invention.place()
        entry = uuid7()
        sites.append((entry, entry, supplier, name, address, country))
        spelt.append((number, "site", site_key(name, address, country) + b"%d" % number, entry, name, address, country))
        found = tokens_of(describe(name, address, country, {}), Kind.SITE, {})
        tokens += [("site", word, where, number) for word, where in found]
    return sites, spelt, tokens


async def fill(operator: Connection, invention: Invention, supplier: Any, until: int) -> None:
    """Let the registry have so many sites."""
    have = int(await operator.fetchval("SELECT coalesce(max(number), 0) FROM ingest.spelling"))
    for first in range(have + 1, until + 1, CHUNK):
        sites, spelt, tokens = rows_of(invention, supplier, first, min(CHUNK, until + 1 - first))
        columns = ["id", "root", "supplier", "name", "address", "country"]
        await operator.copy_records_to_table("site", schema_name="ingest", records=sites, columns=columns)
        columns = ["number", "kind", "key", "entry", "name", "address", "country"]
        await operator.copy_records_to_table("spelling", schema_name="ingest", records=spelt, columns=columns)
        columns = ["kind", "token", "country", "spelling"]
        await operator.copy_records_to_table("token", schema_name="ingest", records=tokens, columns=columns)
    last = "pg_get_serial_sequence('ingest.spelling', 'number'), (SELECT max(number) FROM ingest.spelling)"
    await operator.execute(f"SELECT setval({last})")
    await operator.execute("VACUUM ANALYZE ingest.token, ingest.spelling, ingest.site")


class Measured(Exception):
    """The time was taken: roll back, so that each round meets the same registry."""


async def seconds_for(pool: Pool, supplier: Any, places: list[tuple[str, str, str]]) -> float:
    """The time in which new sites are recognised and registered, in one transaction."""
    named = [
        Site(uuid7(), site_key(name, address, country), supplier, name, address, country)
        for name, address, country in places
    ]
    taken = 0.0
    try:
        async with transaction(pool) as tx:
            at = await now(tx)
            began = time.perf_counter()
            await resolve_sites(tx, named, at, Resolved())
            taken = time.perf_counter() - began
            raise Measured
    except Measured:
        return taken


async def scans(operator: Connection, invention: Invention) -> list[str]:
    """The tables that the search for candidates reads from beginning to end; there should be none."""
    name, address, country = invention.place()
    tokens = sorted(tokens_of(describe(name, address, country, {}), Kind.SITE, {}))
    words, countries = [word for word, _ in tokens], [where for _, where in tokens]
    plan = await operator.fetch(f"EXPLAIN {POSTINGS}", "site", words, countries, FREQUENT + 1)
    return re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in plan))


async def grow(postgres: Postgres, dsn: SecretStr, sizes: tuple[int, ...]) -> list[Figure]:
    """The time per new name at each size."""
    pool = await open_pool(dsn, 2)
    operator = await asyncpg.connect(postgres.dsn)
    await operator.execute("SET search_path = ingest")
    invention, fresh = Invention(SEED), Invention(SEED + 1)
    owner = Supplier(uuid7(), supplier_key("Example Electronics"), "Example Electronics")
    async with transaction(pool) as tx:
        await resolve_suppliers(tx, [owner], await now(tx), Resolved())
    figures = []
    for size in sizes:
        await fill(operator, invention, owner.id, size)
        places = [[fresh.place() for _ in range(NEW)] for _ in range(ROUNDS)]
        batched = median([await seconds_for(pool, owner.id, some) for some in places]) / NEW
        alone = median([await seconds_for(pool, owner.id, [one]) for one in places[0][:ALONE]])
        figures.append(Figure(size, batched * 1000, alone * 1000, await scans(operator, fresh)))
    await operator.close()
    await pool.close()
    return figures


async def import_rate(dsn: SecretStr) -> tuple[int, float] | None:
    """Rows of Apple's list and the seconds in which they went in by HTTP; None where the list is not at hand."""
    if not APPLE.exists():
        return None
    pool, key = await open_pool(dsn, 4), secrets.token_urlsafe(32)
    settings = IngestSettings(
        kafka_bootstrap="none",
        database_dsn=dsn,
        operator_key_sha256=SecretStr(digest(key)),
        receipt_pepper=SecretStr(secrets.token_urlsafe(32)),
    )
    transport = httpx.ASGITransport(app=build(Runtime("ingest", settings, pool, Relay("ingest", pool, settings))))
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest", timeout=600) as client:
        member = {"member": "oslo", "name": "Example City", "kind": "buyer"}
        made = await client.post("/members", json=member, headers={"authorization": f"Bearer {key}"})
        headers = {"authorization": f"Bearer {made.json()['key']}"}
        began = time.perf_counter()
        query = {"filename": APPLE.name}
        answer = await client.post("/imports", content=APPLE.read_bytes(), params=query, headers=headers)
        taken = time.perf_counter() - began
    await pool.close()
    return int(answer.json()["rows"]), taken


def table_of(figures: list[Figure]) -> Table:
    """The figures, each beside what it is of the first."""
    table = Table("sites", "ms per new name in a batch", "to 10k", "ms alone", "to 10k", "read in full", box=None)
    first = figures[0]
    for one in figures:
        table.add_row(
            f"{one.sites:,}",
            f"{one.batched:.2f}",
            f"{one.batched / first.batched:.2f}",
            f"{one.alone:.2f}",
            f"{one.alone / first.alone:.2f}",
            ", ".join(one.sequential) or "nothing",
        )
    return table


def main() -> int:
    """Measure and print; the exit code is 1 where a table was read in full."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.matching", description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="sites at most (a million)")
    sizes = tuple(size for size in SIZES if size <= parser.parse_args().most)
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder, Postgres(Path(folder)) as postgres:
        password = secrets.token_urlsafe(16)
        provision(postgres.admin_dsn, ["ingest"], {"ingest": password})
        migrate(postgres.admin_dsn, "ingest")
        dsn = SecretStr(service_dsn(postgres.admin_dsn, "ingest", password))
        if rate := asyncio.run(import_rate(dsn)):
            rows, taken = rate
            console.print(
                f"{rows:,} rows of Apple's list into an empty registry: {taken:.1f} s, {rows / taken:.0f} rows/s"
            )
        figures = asyncio.run(grow(postgres, dsn, sizes))
    console.print(table_of(figures))
    return 1 if any(one.sequential for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
