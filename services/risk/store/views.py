"""What operators read: the lists, counts, and what is said of one site."""

from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from shared.postgres import Connection


async def read_editions(tx: Connection) -> list[dict[str, Any]]:
    """Every edition that was loaded, the newest of each list first."""
    rows = await tx.fetch(
        """SELECT kind, source, edition, licence, retrieved, facts, in_force, loaded_at
           FROM fact_edition ORDER BY kind, source, edition DESC"""
    )
    return [dict(row) for row in rows]


async def count_indicators(tx: Connection) -> list[dict[str, Any]]:
    """Indicators in force by kind and category."""
    rows = await tx.fetch(
        "SELECT kind, category, count(*) AS count FROM indicator GROUP BY kind, category ORDER BY kind, category"
    )
    return [dict(row) for row in rows]


async def count_flags(tx: Connection) -> list[dict[str, Any]]:
    """Flags by state and category."""
    rows = await tx.fetch(
        """SELECT state, category, count(*) AS count, count(*) FILTER (WHERE serious) AS serious
           FROM flag GROUP BY state, category ORDER BY state, category"""
    )
    return [dict(row) for row in rows]


async def count_sites(tx: Connection) -> dict[str, int]:
    """Sites that are disclosed and assessed now, and those that nobody discloses any more."""
    row = await tx.fetchrow(
        """SELECT count(*) FILTER (WHERE disclosures > 0 AND categories IS NOT NULL) AS assessed,
                  count(*) FILTER (WHERE disclosures = 0 AND categories IS NOT NULL) AS gone,
                  (SELECT count(DISTINCT site) FROM indicator) AS indicated
           FROM site"""
    )
    assert row is not None
    return dict(row)


async def count_findings(tx: Connection) -> dict[str, dict[str, int]]:
    """For each category, how many of the sites disclosed now have which finding."""
    rows = await tx.fetch(
        """SELECT category, finding, count(*) FROM site, jsonb_each_text(categories) AS c (category, finding)
           WHERE disclosures > 0 GROUP BY category, finding ORDER BY category, finding"""
    )
    found: dict[str, dict[str, int]] = {}
    for category, finding, sites in rows:
        found.setdefault(category, {})[finding] = sites
    return found


async def explain_site(tx: Connection, site: UUID) -> dict[str, Any] | None:
    """What is said of one site and why; None where no disclosure ever named it."""
    row = await tx.fetchrow("SELECT * FROM site WHERE site = $1", site)
    if row is None:
        return None
    indicators = await tx.fetch(
        """SELECT indicator, kind, category, statement, evidence, raised_at
           FROM indicator WHERE site = $1 ORDER BY category, kind, indicator""",
        site,
    )
    return _decoded(row) | {"indicators": [_decoded(one) for one in indicators]}


def _decoded(row: Record) -> dict[str, Any]:
    """A row with its jsonb columns as values."""
    documents = ("categories", "gaps", "sectors", "evidence")
    return {
        name: orjson.loads(value) if name in documents and value is not None else value for name, value in row.items()
    }
