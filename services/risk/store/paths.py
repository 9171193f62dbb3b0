"""The graph in time: by which of its contracts a member reached a site, product or mineral on a day."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.postgres import Connection

ENDS = {
    "site": """d.site = ANY(ARRAY(
        SELECT o.site FROM site s JOIN site o ON o.root = s.root WHERE s.site = $3 UNION SELECT $3))""",
    "product": "d.product = $3",
    "mineral": "d.mineral = $3",
}
"""What the disclosures are about that are looked for."""

PATHS = """WITH told AS (
    SELECT DISTINCT ON (d.disclosure) d.*, coalesce(s.root, d.supplier) AS root
    FROM disclosure d LEFT JOIN supplier s ON s.supplier = d.supplier
    WHERE {END} AND d.audience IN ('', $1) AND d.valid_from <= $2 AND (d.valid_to > $2) IS NOT FALSE
    ORDER BY d.disclosure, d.audience DESC),
mine AS (
    SELECT c.*, coalesce(s.root, c.supplier) AS root FROM contract c LEFT JOIN supplier s ON s.supplier = c.supplier
    WHERE c.reader = $1 AND c.supplier IS NOT NULL AND c.since <= $2 AND (c.until > $2) IS NOT FALSE),
path AS (
    SELECT c.contract, t.disclosure, l.until, 1 AS rank, 'disclosed_for_contract' AS reach
    FROM told t JOIN link l ON l.disclosure = t.disclosure AND l.reader = $1 JOIN mine c ON c.contract = l.contract
    WHERE (l.until > $2) IS NOT FALSE
    UNION ALL
    SELECT c.contract, t.disclosure, NULL, 2, 'supplier_at_site' FROM told t JOIN mine c USING (root)
    WHERE NOT EXISTS (
        SELECT FROM link l WHERE (l.disclosure, l.contract, l.reader) = (t.disclosure, c.contract, $1)
                             AND (l.until > $2) IS NOT FALSE))
SELECT c.contract, c.reference, c.title, c.level, c.owner, p.reach, p.disclosure, t.root AS supplier, t.supplier_name,
       coalesce((SELECT s.root FROM site s WHERE s.site = t.site), t.site) AS site, t.site_name, t.country,
       t.said->>'product' AS product, t.component, t.mineral, t.tier, greatest(c.since, t.valid_from) AS valid_from,
       least(c.until, t.valid_to, p.until) AS valid_to
FROM path p JOIN mine c ON c.contract = p.contract JOIN told t ON t.disclosure = p.disclosure
ORDER BY p.rank, c.reference, c.contract, t.supplier_name, p.disclosure LIMIT $4"""


async def read_paths(
    tx: Connection, end: str, about: UUID | str, member: str, on: date, limit: int
) -> list[dict[str, Any]]:
    """The paths by which contracts of a member reached a site, product or mineral on a day; the surest first.

    `end` is a word of `ENDS`; a site is given by any id of it, the others as `disclosure` has them. Each path has the
    days from which and until which it holds: the terms of the contract and of the disclosure together.
    """
    return [dict(row) for row in await tx.fetch(PATHS.format(END=ENDS[end]), member, on, about, limit)]


async def is_site(tx: Connection, site: UUID) -> bool:
    """Whether anything has ever named this site."""
    found: bool = await tx.fetchval("SELECT EXISTS (SELECT FROM site WHERE site = $1)", site)
    return found


async def may_know_site(tx: Connection, site: UUID, member: str) -> bool:
    """Whether the registry, a flag, or a disclosure that a member may read names this site, by any id of it."""
    found: bool = await tx.fetchval(
        """SELECT EXISTS (
               SELECT FROM site s JOIN site o ON o.root = s.root
               WHERE s.site = $1 AND (o.name IS NOT NULL
                   OR EXISTS (SELECT FROM disclosure d WHERE d.site = o.site AND d.audience IN ('', $2))
                   OR EXISTS (SELECT FROM report r WHERE r.site = o.site)))""",
        site,
        member,
    )
    return found


OPEN_FLAGS = """SELECT e.flag, e.contract, c.reference, c.title, e.reach, e.tier, e.workinggroups, f.category, f.state,
       f.severity, f.likelihood, f.priority, f.serious, f.opened_at, f.site, t.name AS site_name, t.country, f.supplier,
       s.name AS supplier_name, l.buyers, l.contracts, l.workinggroups AS concerned, l.sums
FROM exposure e JOIN flag f USING (flag) LEFT JOIN leverage l USING (flag)
LEFT JOIN contract c ON (c.contract, c.reader) = (e.contract, e.member)
LEFT JOIN site t ON t.site = f.site LEFT JOIN supplier s ON s.supplier = f.supplier
WHERE e.member = $1 ORDER BY f.priority DESC, f.opened_at, f.flag, c.reference, e.contract LIMIT $2"""


async def flags_touching(tx: Connection, member: str, limit: int) -> list[dict[str, Any]]:
    """The open flags that touch contracts of a member, the gravest first: a row per contract, with the leverage."""
    return [dict(row) for row in await tx.fetch(OPEN_FLAGS, member, limit)]
