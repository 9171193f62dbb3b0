"""The graph now: which sites a contract reaches, and which contracts of which members an open flag touches.

A contract counts while it binds its reader and a supplier has it; a disclosure while it is not retired and was not over
when the flag was raised; each only for whom it was told. Every site and supplier is meant by any id of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.events.lifecycles import Reach
from shared.events.vocabulary import Tier
from shared.postgres import Connection

Pair = tuple[UUID, str]
"""A contract, or a flag, and a member."""

REACHES = [Reach.DISCLOSED_FOR_CONTRACT.value, Reach.SUPPLIER_OF_CONTRACT.value, Reach.SUPPLIER_AT_SITE.value]
"""The surest first."""
TIERS = [tier.value for tier in Tier if tier not in (Tier.OTHER, Tier.UNKNOWN)]
"""From the buyer on. What is not known comes last."""


@dataclass(frozen=True, slots=True)
class LinkTold:
    """A disclosure belongs to a contract as one reader was told, or (`holds` false) no longer since that day."""

    disclosure: UUID
    contract: UUID
    reader: str
    at: datetime
    holds: bool


async def write_links(tx: Connection, links: Sequence[LinkTold]) -> None:
    """Keep the newest that was told of each link: a disclosure that moved to another supplier comes under two keys."""
    await tx.execute(
        """INSERT INTO link AS l (disclosure, contract, reader, told_at, until)
           SELECT DISTINCT ON (disclosure, contract, reader) disclosure, contract, reader, at,
                  CASE WHEN NOT holds THEN (at AT TIME ZONE 'UTC')::date END
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bool[]) WITH ORDINALITY
               AS u (disclosure, contract, reader, at, holds, place)
           ORDER BY disclosure, contract, reader, at DESC, place DESC
           ON CONFLICT (disclosure, contract, reader) DO UPDATE SET told_at = EXCLUDED.told_at, until = EXCLUDED.until
               WHERE l.told_at <= EXCLUDED.told_at""",
        [one.disclosure for one in links],
        [one.contract for one in links],
        [one.reader for one in links],
        [one.at for one in links],
        [one.holds for one in links],
    )


CONCERNED = """SELECT a.flag, n.workinggroup FROM asked a JOIN (
        SELECT g.workinggroup, coalesce(s.root, n.id) AS root
        FROM workinggroup g CROSS JOIN unnest(g.suppliers) AS n (id) LEFT JOIN supplier s ON s.supplier = n.id
        WHERE NOT g.closed
    ) n ON n.root = a.supplier
    UNION SELECT a.flag, g.workinggroup FROM asked a JOIN workinggroup g
          ON NOT g.closed AND cardinality(g.suppliers) = 0 AND a.category = ANY(g.categories)"""
"""The open working groups that flags concern: those that name the supplier or, naming none at all, the category."""


REACHED = """WITH given AS (
    SELECT c.contract, c.reader, c.supplier
    FROM unnest($1::uuid[], $2::text[]) AS g (contract, reader)
    JOIN contract c ON (c.contract, c.reader) = (g.contract, g.reader)
    WHERE NOT c.closed AND c.supplier IS NOT NULL),
works AS (
    SELECT g.contract, g.reader, g.supplier FROM given g
    UNION SELECT g.contract, g.reader, o.supplier
          FROM given g JOIN supplier s ON s.supplier = g.supplier JOIN supplier o ON o.root = s.root),
told AS (
    SELECT g.contract, g.reader, d.site, d.audience, d.retired
    FROM given g JOIN link l ON (l.contract, l.reader) = (g.contract, g.reader) AND l.until IS NULL
    JOIN disclosure d USING (disclosure)
    UNION ALL SELECT w.contract, w.reader, d.site, d.audience, d.retired
              FROM works w JOIN disclosure d ON d.supplier = w.supplier)
SELECT DISTINCT t.contract, t.reader, s.root AS site FROM told t JOIN site s ON s.site = t.site
WHERE NOT t.retired AND t.audience IN ('', t.reader)"""


async def reached(tx: Connection, contracts: Collection[Pair]) -> list[Record]:
    """The sites (`site`, the root) that each of these contracts reaches by what its `reader` may know."""
    return await tx.fetch(REACHED, [contract for contract, _ in contracts], [reader for _, reader in contracts])


SETTLE = """WITH asked AS (
    SELECT flag, site, supplier, category, (opened_at AT TIME ZONE 'UTC')::date AS opened
    FROM flag WHERE flag = ANY($1::uuid[]) AND is_open),
place AS (
    SELECT flag, opened, site FROM asked WHERE site IS NOT NULL
    UNION SELECT a.flag, a.opened, s.site FROM asked a JOIN site s ON s.root = a.site),
told AS (
    SELECT p.flag, d.disclosure, d.audience, d.tier, coalesce(s.root, d.supplier) AS root
    FROM place p JOIN disclosure d ON d.site = p.site LEFT JOIN supplier s ON s.supplier = d.supplier
    WHERE NOT d.retired AND (d.valid_to > p.opened) IS NOT FALSE),
party AS (
    SELECT flag, root, audience, tier, 3 AS reach FROM told
    UNION SELECT a.flag, coalesce(s.root, r.supplier), '', 'unknown', 3
          FROM asked a JOIN report r ON r.flag = a.flag LEFT JOIN supplier s ON s.supplier = r.supplier
          WHERE a.site IS NOT NULL AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.what = r.report)
    UNION SELECT flag, supplier, '', 'unknown', 2 FROM asked WHERE site IS NULL),
known AS (
    SELECT p.*, p.root AS supplier FROM party p UNION SELECT p.*, s.supplier FROM party p JOIN supplier s USING (root)),
found AS (
    SELECT t.flag, l.reader, l.contract, 1 AS reach, t.tier
    FROM told t JOIN link l USING (disclosure) WHERE l.until IS NULL AND t.audience IN ('', l.reader)
    UNION SELECT k.flag, c.reader, c.contract, k.reach, k.tier
          FROM known k JOIN contract c ON c.supplier = k.supplier AND k.audience IN ('', c.reader)),
surest AS (
    SELECT DISTINCT ON (f.flag, f.reader, f.contract) f.flag, f.reader, f.contract,
           ($2::text[])[f.reach] AS reach, f.tier
    FROM found f JOIN contract c ON (c.contract, c.reader) = (f.contract, f.reader)
    WHERE NOT c.closed AND c.supplier IS NOT NULL
    ORDER BY f.flag, f.reader, f.contract, f.reach, array_position($3::text[], f.tier), f.tier),
concerned AS ({CONCERNED}),
grouped AS (
    SELECT n.flag, m.reader, array_agg(n.workinggroup ORDER BY n.workinggroup) AS workinggroups
    FROM concerned n JOIN workinggroup g USING (workinggroup) CROSS JOIN unnest(g.members) AS m (reader)
    GROUP BY n.flag, m.reader),
wanted AS (
    SELECT s.*, coalesce(g.workinggroups, '{}') AS workinggroups
    FROM surest s LEFT JOIN grouped g USING (flag, reader)),
lost AS (
    DELETE FROM exposure e WHERE e.flag = ANY($1::uuid[])
        AND NOT EXISTS (SELECT FROM wanted w WHERE (w.flag, w.reader, w.contract) = (e.flag, e.member, e.contract))
    RETURNING e.*, false AS holds),
won AS (
    INSERT INTO exposure AS e (flag, member, contract, reach, tier, workinggroups)
    SELECT flag, reader, contract, reach, tier, workinggroups FROM wanted
    ON CONFLICT (flag, member, contract) DO UPDATE
        SET reach = EXCLUDED.reach, tier = EXCLUDED.tier, workinggroups = EXCLUDED.workinggroups
        WHERE (e.reach, e.tier, e.workinggroups) IS DISTINCT FROM
              (EXCLUDED.reach, EXCLUDED.tier, EXCLUDED.workinggroups)
    RETURNING e.*, true AS holds)
SELECT n.*, f.supplier, f.site, f.category
FROM (SELECT * FROM lost UNION ALL SELECT * FROM won) n JOIN flag f USING (flag)
ORDER BY n.holds, n.flag, n.member, n.contract""".replace("{CONCERNED}", CONCERNED)


async def settle_exposure(tx: Connection, flags: Collection[UUID]) -> list[Record]:
    """Bring up to date whose contracts these flags touch; what is new or otherwise (`holds`), and what ended."""
    return await tx.fetch(SETTLE, list(flags), REACHES, TIERS)
