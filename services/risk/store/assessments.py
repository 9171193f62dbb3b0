"""How sites stand, for all members and for each, and the indicators in force."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from uuid import UUID

import orjson

from services.risk.domain.bearing import Bearing
from services.risk.domain.changes import Change, Graded, Held, Standing
from shared.postgres import Connection

Place = tuple[UUID, str]
"""A site (the root) and an audience."""
BETWEEN = "\x1f"
"""Between words that travel as one text; no text of ours holds it (`shared.events.values.PRINTABLE`)."""

GRADE = ("site", "audience", "category", "finding", "priority", "scale", "scope", "irremediability", "severity",
         "likelihood")  # fmt: skip


async def sites_of_suppliers(tx: Connection, suppliers: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """The sites (roots) that current disclosures or reports name for these suppliers, by any id; with the id given."""
    rows = await tx.fetch(
        """WITH known AS (
               SELECT g.supplier AS given, o.supplier FROM supplier g JOIN supplier o ON o.root = g.root
               WHERE g.supplier = ANY($1::uuid[])),
           named AS (
               SELECT k.given, d.site FROM known k JOIN disclosure d USING (supplier) WHERE NOT d.retired
               UNION SELECT k.given, r.site FROM known k JOIN report r USING (supplier))
           SELECT DISTINCT n.given, s.root FROM named n JOIN site s USING (site)""",
        list(suppliers),
    )
    return [(row[0], row[1]) for row in rows]


async def read_standings(tx: Connection, sites: Sequence[UUID]) -> dict[Place, Standing]:
    """How these sites stood for each audience when they were last assessed."""
    grades = await read_grades(tx, sites)
    rows = await tx.fetch(
        """SELECT site, audience, supplier, supplier_name, site_name, country, sectors, minerals, disclosures,
                  instruments, forced_labour, gaps, model
           FROM assessment WHERE site = ANY($1::uuid[])""",
        sites,
    )
    return {
        (site, audience): Standing(
            site,
            audience,
            supplier,
            supplier_name,
            site_name,
            country,
            tuple(sectors),
            tuple(minerals),
            disclosures,
            tuple(sorted(orjson.loads(instruments).items())),
            tuple(forced_labour),
            tuple(gaps),
            model,
            tuple(sorted(grades[site, audience])),
        )
        for (
            site,
            audience,
            supplier,
            supplier_name,
            site_name,
            country,
            sectors,
            minerals,
            disclosures,
            instruments,
            forced_labour,
            gaps,
            model,
        ) in rows
    }


async def read_grades(tx: Connection, sites: Sequence[UUID]) -> dict[Place, list[Graded]]:
    """The grades of these sites."""
    found: dict[Place, list[Graded]] = defaultdict(list)
    rows = await tx.fetch(
        """SELECT site, audience, category, finding, priority, scale, scope, irremediability, severity, likelihood
           FROM grade WHERE site = ANY($1::uuid[])""",
        sites,
    )
    for site, audience, *graded in rows:
        category, finding, priority, scale, scope, irremediability, severity, likelihood = graded
        found[site, audience].append((category, finding, priority, scale, scope, irremediability, severity, likelihood))
    return found


async def read_held(tx: Connection, sites: Sequence[UUID]) -> dict[Place, dict[UUID, Held]]:
    """The indicators in force of these sites."""
    found: dict[Place, dict[UUID, Held]] = defaultdict(dict)
    rows = await tx.fetch(
        """SELECT site, audience, indicator, supplier, kind, category, statement, confidence
           FROM indicator WHERE site = ANY($1::uuid[])""",
        sites,
    )
    for site, audience, indicator, supplier, kind, category, statement, confidence in rows:
        found[site, audience][indicator] = Held(supplier, kind, category, statement, confidence)
    return found


async def save(tx: Connection, changes: Sequence[Change]) -> None:
    """Keep changes: at most one statement for each table and kind of change."""
    if withdrawn := [(end.indicator, one.audience) for one in changes for end in one.withdrawn]:
        await delete_indicators(tx, withdrawn)
    if gone := [(one.site, one.audience) for one in changes if one.after is None]:
        await delete_assessments(tx, gone)
    regraded = [one for one in changes if (one.before and one.before.grades) != (one.after and one.after.grades)]
    if replaced := [(one.site, one.audience) for one in regraded if one.before]:
        await delete_grades(tx, replaced)
    if graded := [one.after for one in regraded if one.after]:
        await insert_grades(tx, graded)
    if assessed := [one.after for one in changes if one.after is not None and one.after != one.before]:
        await write_assessments(tx, assessed)
    if any(one.raised for one in changes):
        await insert_indicators(tx, changes)


async def delete_indicators(tx: Connection, keys: Sequence[tuple[UUID, str]]) -> None:
    """Forget indicators, each for an audience."""
    await tx.execute(
        """DELETE FROM indicator i USING unnest($1::uuid[], $2::text[]) AS u (indicator, audience)
           WHERE (i.indicator, i.audience) = (u.indicator, u.audience)""",
        [indicator for indicator, _ in keys],
        [audience for _, audience in keys],
    )


async def delete_grades(tx: Connection, places: Sequence[Place]) -> None:
    """Forget the grades of sites, each for an audience."""
    await tx.execute(
        """DELETE FROM grade g USING unnest($1::uuid[], $2::text[]) AS u (site, audience)
           WHERE (g.site, g.audience) = (u.site, u.audience)""",
        [site for site, _ in places],
        [audience for _, audience in places],
    )


async def delete_assessments(tx: Connection, places: Sequence[Place]) -> None:
    """Forget how sites stood, each for an audience."""
    await tx.execute(
        """DELETE FROM assessment a USING unnest($1::uuid[], $2::text[]) AS u (site, audience)
           WHERE (a.site, a.audience) = (u.site, u.audience)""",
        [site for site, _ in places],
        [audience for _, audience in places],
    )


WRITE = """INSERT INTO assessment AS a (site, audience, supplier, supplier_name, site_name, country, sectors, minerals,
        disclosures, instruments, forced_labour, gaps, model)
    SELECT site, audience, supplier, supplier_name, site_name, country, string_to_array(sectors, E'\\x1f'),
           string_to_array(minerals, E'\\x1f'), disclosures, instruments, string_to_array(forced_labour, E'\\x1f'),
           string_to_array(gaps, E'\\x1f'), model
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::int[], $10::jsonb[], $11::text[], $12::text[], $13::text[])
        AS u (site, audience, supplier, supplier_name, site_name, country, sectors, minerals, disclosures, instruments,
              forced_labour, gaps, model)
    ON CONFLICT (site, audience) DO UPDATE SET supplier = EXCLUDED.supplier,
        supplier_name = EXCLUDED.supplier_name, site_name = EXCLUDED.site_name, country = EXCLUDED.country,
        sectors = EXCLUDED.sectors, minerals = EXCLUDED.minerals, disclosures = EXCLUDED.disclosures,
        instruments = EXCLUDED.instruments, forced_labour = EXCLUDED.forced_labour, gaps = EXCLUDED.gaps,
        model = EXCLUDED.model"""


async def write_assessments(tx: Connection, assessed: Sequence[Standing]) -> None:
    """Keep how sites stand now. Several words of one column travel as one text: unnest opens arrays of arrays."""
    await tx.execute(
        WRITE,
        [one.site for one in assessed],
        [one.audience for one in assessed],
        [one.supplier for one in assessed],
        [one.supplier_name for one in assessed],
        [one.site_name for one in assessed],
        [one.country for one in assessed],
        [BETWEEN.join(one.sectors) for one in assessed],
        [BETWEEN.join(one.minerals) for one in assessed],
        [one.disclosures for one in assessed],
        [instruments_json(one.instruments) for one in assessed],
        [BETWEEN.join(one.forced_labour) for one in assessed],
        [BETWEEN.join(one.gaps) for one in assessed],
        [one.model for one in assessed],
    )


async def insert_grades(tx: Connection, graded: Sequence[Standing]) -> None:
    """Keep the grades of sites that have none."""
    await tx.copy_records_to_table(
        "grade",
        columns=GRADE,
        records=[(one.site, one.audience, *grades) for one in graded for grades in one.grades],
    )


async def insert_indicators(tx: Connection, changes: Sequence[Change]) -> None:
    """Keep indicators as they are raised."""
    raised = [(one.after, indicator) for one in changes if one.after for indicator in one.raised]
    await tx.execute(
        """INSERT INTO indicator (indicator, audience, site, supplier, kind, category, statement, confidence)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                                $8::text[])""",
        [one.indicator for _, one in raised],
        [site.audience for site, _ in raised],
        [site.site for site, _ in raised],
        [site.supplier for site, _ in raised],
        [one.kind.value for _, one in raised],
        [one.category.value for _, one in raised],
        [one.statement for _, one in raised],
        [one.confidence and one.confidence.value for _, one in raised],
    )


async def sites_borne_on(tx: Connection, bearing: Bearing) -> list[UUID]:
    """The sites of these countries, sectors and minerals, to whomever they are known."""
    sectors, minerals = sorted(bearing.sectors), sorted(bearing.minerals)
    rows = await tx.fetch(
        """SELECT site FROM assessment WHERE country = ANY($1::text[])
           UNION SELECT a.site FROM unnest($2::text[], $3::text[]) AS u (country, word)
                 JOIN assessment a USING (country) WHERE u.word = ANY(a.sectors)
           UNION SELECT a.site FROM unnest($4::text[], $5::text[]) AS u (country, word)
                 JOIN assessment a USING (country) WHERE u.word = ANY(a.minerals)
           UNION SELECT site FROM assessment WHERE sectors && $6::text[] OR minerals && $7::text[]""",
        sorted(bearing.countries),
        [country for country, _ in sectors],
        [word for _, word in sectors],
        [country for country, _ in minerals],
        [word for _, word in minerals],
        [word for country, word in sectors if not country],
        [word for country, word in minerals if not country],
    )
    return [row[0] for row in rows]


async def all_sites(tx: Connection) -> list[UUID]:
    """All sites that are assessed for somebody."""
    return [row[0] for row in await tx.fetch("SELECT DISTINCT site FROM assessment")]


async def names_of_sites(tx: Connection, after: UUID, limit: int) -> list[tuple[UUID, list[str], str | None]]:
    """The names of the next so many sites and of their suppliers, with each country that is told of them."""
    rows = await tx.fetch(
        """WITH page AS (SELECT DISTINCT site FROM assessment WHERE site > $1 ORDER BY site LIMIT $2),
           place AS (SELECT DISTINCT a.site, a.country FROM page JOIN assessment a USING (site)),
           named AS (
               SELECT p.site, unnest(ARRAY[a.site_name, a.supplier_name]) AS name
               FROM page p JOIN assessment a USING (site)
               UNION SELECT p.site, unnest(ARRAY[d.site_name, d.supplier_name])
                     FROM page p JOIN site s ON s.root = p.site JOIN disclosure d ON d.site = s.site
                     WHERE NOT d.retired)
           SELECT p.site, array_agg(n.name), p.country FROM place p JOIN named n USING (site)
           WHERE n.name IS NOT NULL GROUP BY p.site, p.country ORDER BY p.site""",
        after,
        limit,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def read_outdated(tx: Connection, model: str, limit: int) -> list[UUID]:
    """Some sites that another version of the model assessed: by two ranges, since no index serves `<>`."""
    rows = await tx.fetch(
        "SELECT DISTINCT site FROM assessment WHERE model < $1 OR model > $1 ORDER BY site LIMIT $2", model, limit
    )
    return [row[0] for row in rows]


@lru_cache(maxsize=4096)
def instruments_json(found: tuple[tuple[str, str], ...]) -> str:
    """Findings by instrument as JSON; most sites of a country and sector have the same."""
    return orjson.dumps(dict(found)).decode()
