"""What disclosures say, to all members and to each: the edges of the graph."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

import orjson
from asyncpg import Record

from services.risk.domain.sites import Claim, MineralUse, Told, product_key
from services.risk.domain.spans import Span
from services.risk.touched import Reader
from shared.events.vocabulary import Representation, SourceClass
from shared.postgres import Connection

Key = tuple[UUID, Reader]
"""A disclosure and its audience."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a disclosure says to an audience; `begins` to before `ends` it holds, as far as its source tells."""

    disclosure: UUID
    audience: Reader
    site: UUID | None
    supplier: UUID
    supplier_name: str
    site_name: str | None
    country: str | None
    sectors: tuple[str, ...]
    claim: Claim | None
    mineral: MineralUse | None
    product: str | None
    component: str | None
    tier: str
    span: Span
    begins: date | None
    ends: date | None

    @property
    def details(self) -> str:
        """What has no column of its own, as JSON; `told_by` reads it."""
        said = {"sectors": self.sectors, "product": self.product, "claim": self.claim, "mineral": self.mineral}
        return orjson.dumps({name: value for name, value in said.items() if value}).decode()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a disclosure: the site and the supplier that it names, and since when."""

    site: UUID | None
    supplier: UUID
    span: Span


async def read_kept(tx: Connection, keys: Collection[Key]) -> dict[Key, Kept]:
    """What is kept of these disclosures."""
    rows = await tx.fetch(
        """SELECT disclosure, audience, site, supplier, recorded_at, since, returned_after, retired
           FROM unnest($1::uuid[], $2::text[]) AS u (disclosure, audience)
           JOIN disclosure USING (disclosure, audience)""",
        [disclosure for disclosure, _ in keys],
        [audience for _, audience in keys],
    )
    return {
        (disclosure, audience): Kept(site, supplier, Span(*span))
        for disclosure, audience, site, supplier, *span in rows
    }


WRITE = """INSERT INTO disclosure AS d (disclosure, audience, site, supplier, supplier_name, site_name, country, said,
        product, component, mineral, tier, recorded_at, since, returned_after, retired, begins, ends)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
        $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[],
        $15::timestamptz[], $16::bool[], $17::date[], $18::date[])
    ON CONFLICT (disclosure, audience) DO UPDATE SET
        site = EXCLUDED.site, supplier = EXCLUDED.supplier, supplier_name = EXCLUDED.supplier_name,
        site_name = EXCLUDED.site_name, country = EXCLUDED.country, said = EXCLUDED.said, product = EXCLUDED.product,
        component = EXCLUDED.component, mineral = EXCLUDED.mineral, tier = EXCLUDED.tier,
        recorded_at = EXCLUDED.recorded_at, since = EXCLUDED.since, returned_after = EXCLUDED.returned_after,
        retired = EXCLUDED.retired, begins = EXCLUDED.begins, ends = EXCLUDED.ends"""


async def write(tx: Connection, said: Sequence[Saying]) -> None:
    """Keep what disclosures say now."""
    await tx.execute(
        WRITE,
        [one.disclosure for one in said],
        [one.audience for one in said],
        [one.site for one in said],
        [one.supplier for one in said],
        [one.supplier_name for one in said],
        [one.site_name for one in said],
        [one.country for one in said],
        [one.details for one in said],
        [one.product and product_key(one.product) for one in said],
        [one.component for one in said],
        [one.mineral and one.mineral.mineral for one in said],
        [one.tier for one in said],
        [one.span.recorded_at for one in said],
        [one.span.since for one in said],
        [one.span.returned_after for one in said],
        [one.span.retired for one in said],
        [one.begins for one in said],
        [one.ends for one in said],
    )


async def write_spans(tx: Connection, spans: Mapping[Key, Span]) -> None:
    """Keep since when disclosures have been told and which have ended, where they say the same as before."""
    await tx.execute(
        """UPDATE disclosure d SET recorded_at = u.recorded_at, since = u.since, retired = u.retired
           FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bool[])
               AS u (disclosure, audience, recorded_at, since, retired)
           WHERE (d.disclosure, d.audience) = (u.disclosure, u.audience)""",
        [disclosure for disclosure, _ in spans],
        [audience for _, audience in spans],
        [span.recorded_at for span in spans.values()],
        [span.since for span in spans.values()],
        [span.retired for span in spans.values()],
    )


async def forget_readers(tx: Connection, members: Collection[str]) -> list[tuple[str, UUID]]:
    """Forget what these members alone were told; the sites that it named, each with the member."""
    rows = await tx.fetch(
        "DELETE FROM disclosure WHERE audience = ANY($1::text[]) RETURNING audience, site", list(members)
    )
    return [(row[0], row[1]) for row in rows if row[1] is not None]


async def read_told(tx: Connection, roots: Sequence[UUID]) -> list[Told]:
    """What current disclosures say of these sites, under whichever id."""
    rows = await tx.fetch(
        """SELECT d.disclosure, d.audience, s.root, d.supplier, d.supplier_name, d.since, d.site_name, d.country,
                  d.said
           FROM site s JOIN disclosure d USING (site) WHERE s.root = ANY($1::uuid[]) AND NOT d.retired""",
        roots,
    )
    return list(told_by(rows))


async def read_reported(tx: Connection, roots: Sequence[UUID]) -> list[Told]:
    """What reports that stand say of these sites, as if each were a disclosure: who works there, name and country."""
    rows = await tx.fetch(
        """SELECT r.report, s.root, r.supplier, r.said ->> 'supplier_name', r.recorded_at, r.said ->> 'site_name',
                  r.said ->> 'country'
           FROM site s JOIN report r USING (site)
           WHERE s.root = ANY($1::uuid[]) AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.what = r.report)""",
        roots,
    )
    return [Told(report, "", *said) for report, *said in rows]


def told_by(rows: Iterable[Record]) -> Iterable[Told]:
    """Disclosures as `read_told` selects them."""
    for disclosure, audience, site, supplier, supplier_name, since, site_name, country, said in rows:
        sectors, claim, mineral = details(said)
        yield Told(
            disclosure,
            audience,
            site,
            supplier,
            supplier_name,
            since,
            site_name,
            country,
            sectors,
            claim,
            mineral,
        )


@lru_cache(maxsize=4096)
def details(said: str) -> tuple[tuple[str, ...], Claim | None, MineralUse | None]:
    """The sectors, claim and mineral in the column `said` of a disclosure."""
    read = orjson.loads(said)
    claim, mineral = read.get("claim"), read.get("mineral")
    return (
        tuple(read.get("sectors", ())),
        claim
        and Claim(
            SourceClass(claim["source"]),
            Representation(claim["representation"]),
            claim["collective_agreement"],
            tuple(claim["grievance_mechanisms"]),
        ),
        mineral and MineralUse(**mineral),
    )
