"""Disclosures, sites, indicators in force and flags. Only a transaction that has locked a site's row writes it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from asyncpg import Record

from services.risk.domain.assessment import Assessment, Indicator
from services.risk.domain.changes import Change, Standing
from services.risk.domain.sites import Site, Told
from shared.events.lifecycles import Finding, FlagState
from shared.events.risk import FlagOpened
from shared.events.vocabulary import Category
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one accepted disclosure says of a site."""

    disclosure: UUID
    site: UUID
    supplier: UUID
    supplier_name: str
    site_name: str | None
    country: str | None
    sector: str | None
    recorded_at: datetime


async def sites_of(tx: Connection, disclosures: Sequence[UUID]) -> dict[UUID, UUID]:
    """The site that each of these disclosures named so far."""
    rows = await tx.fetch("SELECT disclosure, site FROM disclosure WHERE disclosure = ANY($1::uuid[])", disclosures)
    return {row["disclosure"]: row["site"] for row in rows}


async def lock(tx: Connection, sites: Iterable[UUID]) -> None:
    """Lock the rows of these sites in their order, and make those that are missing."""
    ordered = sorted(sites)
    await tx.execute("INSERT INTO site (site) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", ordered)
    await tx.execute("SELECT FROM site WHERE site = ANY($1::uuid[]) ORDER BY site FOR UPDATE", ordered)


async def lock_page(tx: Connection, after: UUID, countries: Sequence[str] | None, limit: int) -> list[UUID]:
    """Lock the next disclosed sites in their order, of these countries or of all."""
    rows = await tx.fetch(
        """SELECT site FROM site
           WHERE site > $1 AND disclosures > 0 AND ($2::text[] IS NULL OR country = ANY($2))
           ORDER BY site LIMIT $3 FOR UPDATE""",
        after,
        countries,
        limit,
    )
    return [row[0] for row in rows]


async def lock_outdated(tx: Connection, model: int, limit: int) -> list[UUID]:
    """Lock some disclosed sites that an older version of the model assessed, leaving those that others work on."""
    rows = await tx.fetch(
        """SELECT site FROM site WHERE disclosures > 0 AND model < $1
           ORDER BY site LIMIT $2 FOR UPDATE SKIP LOCKED""",
        model,
        limit,
    )
    return [row[0] for row in rows]


async def write_disclosures(tx: Connection, told: Sequence[Disclosure]) -> None:
    """Keep what these disclosures say now, whatever they said before."""
    await tx.execute(
        """INSERT INTO disclosure AS d
               (disclosure, site, supplier, supplier_name, site_name, country, sector, recorded_at, is_current)
           SELECT *, true FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                                      $7::text[], $8::timestamptz[])
           ON CONFLICT (disclosure) DO UPDATE SET site = EXCLUDED.site, supplier = EXCLUDED.supplier,
               supplier_name = EXCLUDED.supplier_name, site_name = EXCLUDED.site_name, country = EXCLUDED.country,
               sector = EXCLUDED.sector, recorded_at = EXCLUDED.recorded_at, is_current = true""",
        [one.disclosure for one in told],
        [one.site for one in told],
        [one.supplier for one in told],
        [one.supplier_name for one in told],
        [one.site_name for one in told],
        [one.country for one in told],
        [one.sector for one in told],
        [one.recorded_at for one in told],
    )


async def retire_disclosures(tx: Connection, disclosures: Sequence[UUID]) -> None:
    """From now on these disclosures say nothing."""
    await tx.execute("UPDATE disclosure SET is_current = false WHERE disclosure = ANY($1::uuid[])", disclosures)


async def read_told(tx: Connection, sites: Sequence[UUID]) -> list[Told]:
    """What the current disclosures of these sites say, each description once."""
    rows = await tx.fetch(
        """SELECT site, supplier, supplier_name, site_name, country, sector, min(recorded_at), count(*)
           FROM disclosure WHERE is_current AND site = ANY($1::uuid[])
           GROUP BY site, supplier, supplier_name, site_name, country, sector""",
        sites,
    )
    return [Told(*row) for row in rows]


async def read_standings(tx: Connection, sites: Sequence[UUID]) -> dict[UUID, Standing]:
    """What was last published of each of these sites."""
    rows = await tx.fetch(
        """SELECT s.site, s.categories, s.gaps, array_agg(i.indicator) FILTER (WHERE i.indicator IS NOT NULL),
                  array_agg(i.supplier) FILTER (WHERE i.indicator IS NOT NULL)
           FROM site s LEFT JOIN indicator i USING (site) WHERE s.site = ANY($1::uuid[]) GROUP BY s.site""",
        sites,
    )
    return {
        site: Standing(
            site,
            dict(zip(indicators or (), suppliers or (), strict=True)),
            {Category(name): Finding(found) for name, found in orjson.loads(categories).items()}
            if categories
            else None,
            tuple(orjson.loads(gaps)),
        )
        for site, categories, gaps, indicators, suppliers in rows
    }


async def withdraw_indicators(tx: Connection, indicators: Sequence[UUID]) -> None:
    """Forget indicators that no longer hold."""
    await tx.execute("DELETE FROM indicator WHERE indicator = ANY($1::uuid[])", indicators)


async def raise_indicators(tx: Connection, raised: Sequence[tuple[Site, Indicator]], at: datetime) -> None:
    """Keep indicators as raised for the supplier of their site."""
    await tx.execute(
        """INSERT INTO indicator (indicator, site, supplier, kind, category, statement, evidence, raised_at)
           SELECT *, $8 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                                    $7::jsonb[])""",
        [one.indicator for _, one in raised],
        [site.site for site, _ in raised],
        [site.supplier for site, _ in raised],
        [one.kind for _, one in raised],
        [one.category for _, one in raised],
        [one.statement for _, one in raised],
        [as_json([fact.model_dump(mode="json", exclude_none=True) for fact in one.evidence]) for _, one in raised],
        at,
    )


async def write_sites(tx: Connection, assessed: Sequence[tuple[Site, Assessment]], model: int, at: datetime) -> None:
    """Keep what is known of these sites, and their assessment by this version of the model."""
    await tx.execute(
        """UPDATE site s SET supplier = u.supplier, supplier_name = u.supplier_name, site_name = u.site_name,
               country = u.country, sectors = u.sectors, disclosures = u.disclosures, categories = u.categories,
               gaps = u.gaps, model = $10, assessed_at = $11
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::int[],
                       $8::jsonb[], $9::jsonb[])
               AS u (site, supplier, supplier_name, site_name, country, sectors, disclosures, categories, gaps)
           WHERE s.site = u.site""",
        [site.site for site, _ in assessed],
        [site.supplier for site, _ in assessed],
        [site.supplier_name for site, _ in assessed],
        [site.site_name for site, _ in assessed],
        [site.country for site, _ in assessed],
        [as_json(sorted(site.sectors)) for site, _ in assessed],
        [site.disclosures for site, _ in assessed],
        [as_json(found.categories) for _, found in assessed],
        [as_json(found.gaps) for _, found in assessed],
        model,
        at,
    )


async def mark_gone(tx: Connection, sites: Sequence[UUID]) -> None:
    """Keep that nobody discloses these sites any more."""
    await tx.execute("UPDATE site SET disclosures = 0 WHERE site = ANY($1::uuid[])", sites)


async def save(tx: Connection, changes: Sequence[Change], model: int, at: datetime) -> None:
    """Keep the changes of some sites: at most one statement for each table."""
    if withdrawn := [end.indicator for one in changes for end in one.withdrawn]:
        await withdraw_indicators(tx, withdrawn)
    if raised := [(one.site, indicator) for one in changes if one.site for indicator in one.raised]:
        await raise_indicators(tx, raised, at)
    if assessed := [(one.site, one.assessment) for one in changes if one.site and one.assessment]:
        await write_sites(tx, assessed, model, at)
    if gone := [one.standing.site for one in changes if one.site is None]:
        await mark_gone(tx, gone)


async def open_flags(tx: Connection, flags: Mapping[UUID, tuple[FlagOpened, datetime]]) -> set[UUID]:
    """Keep flags that are not known yet; which they were."""
    opened = [flags[key] for key in sorted(flags)]
    rows = await tx.fetch(
        """INSERT INTO flag
               (flag, supplier, site, category, source_class, severity, priority, serious, state, opened_at)
           SELECT flag, supplier, site, category, source_class, severity, priority, serious, $10, opened_at
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bool[],
                       $9::timestamptz[])
               AS u (flag, supplier, site, category, source_class, severity, priority, serious, opened_at)
           ON CONFLICT DO NOTHING RETURNING flag""",
        [flag.flag for flag, _ in opened],
        [flag.supplier for flag, _ in opened],
        [flag.site for flag, _ in opened],
        [flag.category for flag, _ in opened],
        [flag.source_class for flag, _ in opened],
        [flag.severity for flag, _ in opened],
        [flag.priority for flag, _ in opened],
        [flag.serious for flag, _ in opened],
        [at for _, at in opened],
        FlagState.RAISED,
    )
    return {row[0] for row in rows}


async def close_flags(tx: Connection, flags: Collection[UUID]) -> list[Record]:
    """Close flags that are open; those that were, with the state `before`."""
    return await tx.fetch(
        """WITH open AS (SELECT flag, state FROM flag WHERE flag = ANY($1::uuid[]) AND state <> $2
                         ORDER BY flag FOR NO KEY UPDATE)
           UPDATE flag f SET state = $2 FROM open o WHERE f.flag = o.flag
           RETURNING f.flag, f.supplier, f.site, o.state AS before""",
        list(flags),
        FlagState.CLOSED,
    )


def as_json(value: object) -> str:
    """A value as JSON text, which is what asyncpg takes for jsonb."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
