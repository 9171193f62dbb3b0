"""Counts over everything, by what all members may know."""

from typing import Any

from shared.postgres import Connection


async def count_indicators(tx: Connection) -> list[dict[str, Any]]:
    """Indicators in force by kind and category."""
    rows = await tx.fetch(
        """SELECT kind, category, count(*) AS count FROM indicator WHERE audience = ''
           GROUP BY kind, category ORDER BY kind, category"""
    )
    return [dict(row) for row in rows]


async def count_flags(tx: Connection) -> list[dict[str, Any]]:
    """Flags by state and category; without those whose reports another flag holds now."""
    rows = await tx.fetch(
        """SELECT state, category, count(*) AS count, count(*) FILTER (WHERE serious) AS serious
           FROM flag WHERE merged_into IS NULL GROUP BY state, category ORDER BY state, category"""
    )
    return [dict(row) for row in rows]


async def count_sites(tx: Connection) -> dict[str, int]:
    """Sites that are assessed for all members, and how many of them something points at."""
    row = await tx.fetchrow(
        """SELECT count(*) AS assessed,
                  count(*) FILTER (WHERE EXISTS (
                      SELECT FROM grade g WHERE (g.site, g.audience) = (a.site, '') AND g.finding = 'indicated'))
                      AS indicated
           FROM assessment a WHERE a.audience = ''"""
    )
    assert row is not None
    return dict(row)


async def count_findings(tx: Connection) -> dict[str, dict[str, int]]:
    """For each category, how many of the sites assessed for all members have which finding."""
    rows = await tx.fetch(
        """SELECT category, finding, count(*) FROM grade WHERE audience = ''
           GROUP BY category, finding ORDER BY category, finding"""
    )
    found: dict[str, dict[str, int]] = {}
    for category, finding, sites in rows:
        found.setdefault(category, {})[finding] = sites
    return found
