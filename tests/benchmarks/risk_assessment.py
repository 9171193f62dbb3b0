"""`python -m tests.benchmarks.risk_assessment`: how fast sites are assessed, and assessed again after a list changed.

First the sites of Apple's list, where it is on this machine, then invented ones in a hundred countries: all of them
through the handler that takes disclosures, in batches as from Kafka, with all that follows written and published to the
outbox. Then a list that says something of every country comes into force, which assesses all sites again, and a newer
edition of it that says otherwise of one country: that should cost what one country costs.
"""

import argparse
import asyncio
import csv
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.postgres import Postgres
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.formats import read_facts
from services.risk.handlers import build
from services.risk.loading import Loaded, Upload, load
from services.risk.settings import RiskSettings
from services.risk.store.facts import Provenance
from shared import outbox
from shared.countries import alpha2_codes, resolve
from shared.events.envelope import Classification, Event
from shared.events.ingest import DisclosureAccepted
from shared.events.values import ListReference, SiteFacts
from shared.events.vocabulary import MemberKind
from shared.logs import configure
from shared.postgres import open_pool, transaction
from shared.relay import Relay
from shared.service import Runtime

ROOT = Path(__file__).parents[2]
APPLE = ROOT.parent / "shared" / "data" / "suppliers" / "apple-supplier-list-2012-2022.csv"
LISTS = (("ilab-goods", "ilab_goods_2022.csv"), ("ilab-findings", "ilab_findings_2022.csv"))
BATCH = 2_000
SITES, SHORT = 100_000, 10_000
SITES_OF_SUPPLIER = 50
COUNTRIES = 100
SECTORS = ("Electronics", "Batteries", "Solar", "Apparel", "Furniture", "Rubber Gloves", "Machinery", "Logistics")
START = datetime(2026, 1, 5, tzinfo=UTC)
INDEX = Provenance("rows", "Example index of the rule of law", "")
SEED = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """What it took: sites and seconds of each step. Zero where the real list is not here."""

    real: int
    real_seconds: float
    sites: int
    seconds: float
    all_again: int
    all_again_seconds: float
    some_again: int
    some_again_seconds: float
    events: int

    @property
    def share(self) -> float:
        """The time for the sites of one country beside that for all, per cent."""
        return 100 * self.some_again_seconds / self.all_again_seconds


def disclosed(supplier: str, site: str, country: str | None, sector: str, number: int) -> Event:
    """A source names a site."""
    owner, place = uuid5(NAMESPACE_URL, supplier), uuid5(NAMESPACE_URL, f"{supplier}/{site}")
    data = DisclosureAccepted(
        disclosure=uuid5(place, "disclosure"),
        contributor=MemberKind.BUYER,
        supplier=owner,
        supplier_name=supplier,
        list=ListReference(source="Example list", edition="2026"),
        site=place,
        site_name=f"{supplier}, {site}"[:200],
        address=site[:200],
        country=country,
        facts=SiteFacts(sector=sector),
    )
    return event_of(data, owner, number)


def event_of(data: DisclosureAccepted, subject: UUID, number: int) -> Event:
    """The event as a consumer gets it."""
    moment = START + timedelta(milliseconds=number)
    return Event(
        id=uuid5(data.disclosure, "event"),
        source="/engage/ingest",
        type=data.type,
        subject=str(subject),
        time=moment,
        classification=Classification.MEMBERS,
        data=data,
        recordedtime=moment,
        sequence=number + 1,
    )


def real_sites() -> list[Event]:
    """Apple's list, each place once; nothing where it is not on this machine."""
    if not APPLE.exists():
        return []
    with APPLE.open(encoding="utf-8", newline="") as file:
        places = {
            (readable(row["supplier_name"]), readable(row["supplier_address"])): resolve(row["country"])
            for row in csv.DictReader(file)
        }
    named = [(*place, country) for place, country in places.items() if all(place)]
    return [disclosed(one, site, country, "Electronics", n) for n, (one, site, country) in enumerate(named)]


def readable(text: str) -> str:
    """A cell without line breaks and other characters that no name has."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def invented_sites(count: int, countries: Sequence[str]) -> Iterator[Event]:
    """Invented sites, the same for the same count."""
    chance = random.Random(SEED)
    for number in range(count):
        supplier = f"Example Works {number // SITES_OF_SUPPLIER}"
        yield disclosed(supplier, f"Plant {number}", countries[number % len(countries)], chance.choice(SECTORS), number)


@asynccontextmanager
async def running(folder: Path) -> Any:
    """`risk` with an empty schema and no Kafka: events stay in the outbox."""
    with Postgres(folder) as postgres:
        password = secrets.token_urlsafe(16)
        provision(postgres.admin_dsn, ["risk"], {"risk": password})
        migrate(postgres.admin_dsn, "risk")
        dsn = SecretStr(service_dsn(postgres.admin_dsn, "risk", password))
        settings = RiskSettings(kafka_bootstrap="none", database_dsn=dsn, log_level="WARNING")
        pool = await open_pool(dsn, 2)
        yield Runtime("risk", settings, pool, Relay("risk", pool, settings))
        await pool.close()


async def take(runtime: Runtime, events: Iterable[Event]) -> tuple[int, float]:
    """How many sites, and the seconds in which the handler took their disclosures, batch by batch."""
    settings = runtime.settings
    assert isinstance(settings, RiskSettings)
    handler = next(one for one in build(lambda: settings) if one.topic == "members.disclosure")
    waiting, taken = list(events), 0.0
    for first in range(0, len(waiting), BATCH):
        began = time.perf_counter()
        async with transaction(runtime.pool) as tx:
            await outbox.append(tx, await handler.handle(waiting[first : first + BATCH], tx))
        taken += time.perf_counter() - began
    return len(waiting), taken


async def put(runtime: Runtime, edition: str, facts: Sequence[Fact]) -> tuple[Loaded, float]:
    """Put an edition of the index into force; what it changed, and the seconds."""
    provenance = Provenance(INDEX.format, INDEX.source, edition)
    began = time.perf_counter()
    loaded = await load(runtime, Upload(provenance, tuple(facts)), dry_run=False)
    return loaded, time.perf_counter() - began


def index(countries: Sequence[str], otherwise: int = 0) -> list[Fact]:
    """What an index says of each country; of the first so many something else."""
    return [
        Fact(FactAbout.COUNTRY, one, "", "v2x_rule", f"{one}: rule of law", value=0.9 if n < otherwise else 0.1)
        for n, one in enumerate(countries)
    ]


async def measure(folder: Path, sites: int, *, with_real: bool = True) -> Figures:
    """Assess, and assess again."""
    countries = sorted(alpha2_codes())[:COUNTRIES]
    async with running(folder) as runtime:
        for form, file in LISTS:
            facts = read_facts(form, (ROOT / "deploy" / "demo" / file).read_bytes())
            await load(runtime, Upload(Provenance(form, file, "2022"), tuple(facts)), dry_run=False)
        real = await take(runtime, real_sites() if with_real else [])
        invented = await take(runtime, invented_sites(sites, countries))
        everything, all_seconds = await put(runtime, "2025", index(countries))
        some, some_seconds = await put(runtime, "2026", index(countries, otherwise=1))
        events = await runtime.pool.fetchval("SELECT count(*) FROM outbox")
    return Figures(*real, *invented, everything.sites, all_seconds, some.sites, some_seconds, events)


def table_of(found: Figures) -> Table:
    """The figures."""
    table = Table("", "sites", "seconds", "sites/s", box=None)
    steps = (
        ("Apple's list, assessed", found.real, found.real_seconds),
        ("invented, assessed", found.sites, found.seconds),
        ("all again, by a list of all countries", found.all_again, found.all_again_seconds),
        ("again, by a new edition about one country", found.some_again, found.some_again_seconds),
    )
    for what, sites, seconds in steps:
        if sites:
            table.add_row(what, f"{sites:,}", f"{seconds:.2f}", f"{sites / seconds:,.0f}")
    return table


def show(console: Console, found: Figures) -> None:
    """Print the figures."""
    console.print(table_of(found))
    console.print(
        f"A new edition that touches {100 * found.some_again / found.all_again:.1f} % of the sites took "
        f"{found.share:.1f} % of the time that all of them took; {found.events:,} events in the outbox."
    )


def faults(found: Figures, sites: int) -> list[str]:
    """What must not be, however fast the machine is."""
    wrong = []
    if found.all_again < sites:
        wrong.append(f"{sites - found.all_again} sites were not assessed again")
    if not 0 < found.some_again <= found.all_again / 10:
        wrong.append("an edition about one country assessed other sites again")
    return wrong


def main() -> int:
    """Measure and print; the exit code is 1 where the wrong sites were assessed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.risk_assessment", description=__doc__)
    parser.add_argument("--sites", type=int, default=SITES, help=f"invented sites ({SITES:,})")
    sites = parser.parse_args().sites
    console = Console(highlight=False)
    configure("benchmark", "WARNING")
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
        found = asyncio.run(measure(Path(folder), sites))
    show(console, found)
    wrong = faults(found, sites)
    for one in wrong:
        console.print(f"WRONG  {one}", style="bold red")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
