"""How what contracts reach stands, and which contracts a change of sites or suppliers may concern."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from services.risk.store.exposure import REACHED, Pair
from shared.postgres import Connection


async def contracts_near(tx: Connection, sites: Collection[UUID]) -> list[tuple[UUID, str, UUID]]:
    """Contracts, each with its reader, that reach one of these sites (roots) or did by a disclosure that has ended."""
    rows = await tx.fetch(
        """WITH told AS (
               SELECT DISTINCT s.root AS site, d.disclosure, d.audience, d.supplier
               FROM site s JOIN disclosure d USING (site) WHERE s.root = ANY($1::uuid[])),
           works AS (
               SELECT site, audience, supplier FROM told
               UNION SELECT t.site, t.audience, o.supplier
                     FROM told t JOIN supplier s ON s.supplier = t.supplier JOIN supplier o ON o.root = s.root)
           SELECT l.contract, l.reader, t.site FROM told t JOIN link l USING (disclosure)
           WHERE t.audience IN ('', l.reader)
           UNION SELECT c.contract, c.reader, w.site FROM works w JOIN contract c ON c.supplier = w.supplier
                 WHERE w.audience IN ('', c.reader)
           ORDER BY 1, 2, 3""",
        list(sites),
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def contracts_of(tx: Connection, suppliers: Collection[UUID]) -> list[tuple[UUID, str, UUID]]:
    """The contracts of these suppliers, under whichever id; each with its reader and the id that was given."""
    rows = await tx.fetch(
        """SELECT c.contract, c.reader, g.supplier
           FROM supplier g JOIN supplier o ON o.root = g.root JOIN contract c ON c.supplier = o.supplier
           WHERE g.supplier = ANY($1::uuid[])""",
        list(suppliers),
    )
    return [(row[0], row[1], row[2]) for row in rows]


STANDINGS = f"""WITH reached AS ({REACHED}),
asked AS (
    SELECT c.contract, c.reader, c.supplier, coalesce(s.root, c.supplier) AS root
    FROM unnest($1::uuid[], $2::text[]) AS g (contract, reader) JOIN contract c USING (contract, reader)
    LEFT JOIN supplier s ON s.supplier = c.supplier
    WHERE NOT c.closed AND c.supplier IS NOT NULL),
seen AS MATERIALIZED (
    SELECT r.contract, r.reader, r.site, coalesce(own.audience, a.audience) AS audience,
           coalesce(own.gaps, a.gaps) AS gaps
    FROM reached r
    LEFT JOIN assessment a ON (a.site, a.audience) = (r.site, '')
    LEFT JOIN assessment own ON (own.site, own.audience) = (r.site, r.reader)),
graded AS (
    SELECT contract, reader, category, array_agg(DISTINCT finding) AS findings, max(scale) AS scale,
           max(scope) AS scope, max(irremediability) AS irremediability, max(likelihood) AS likelihood
    FROM seen JOIN grade USING (site, audience) GROUP BY contract, reader, category),
graded_all AS (
    SELECT contract, reader, jsonb_agg(to_jsonb(graded) - 'contract' - 'reader') AS grades
    FROM graded GROUP BY contract, reader),
counted AS (SELECT contract, reader, count(*) AS sites FROM seen GROUP BY contract, reader),
pointed AS (
    SELECT contract, reader, count(DISTINCT indicator) AS indicators
    FROM seen JOIN indicator USING (site, audience) GROUP BY contract, reader),
flagged AS (
    SELECT e.contract, e.member AS reader, count(*) AS flags
    FROM asked a JOIN exposure e ON (e.contract, e.member) = (a.contract, a.reader) GROUP BY e.contract, e.member),
gapped AS (
    SELECT contract, reader, array_agg(DISTINCT gap ORDER BY gap) AS gaps
    FROM seen CROSS JOIN unnest(gaps) AS u (gap) GROUP BY contract, reader)
SELECT a.contract, a.reader, a.supplier, a.root, coalesce(grades, '[]') AS grades, coalesce(sites, 0) AS sites,
       coalesce(flags, 0) AS flags, coalesce(indicators, 0) AS indicators, coalesce(gaps, '{{}}') AS gaps
FROM asked a LEFT JOIN graded_all USING (contract, reader) LEFT JOIN counted USING (contract, reader)
LEFT JOIN pointed USING (contract, reader) LEFT JOIN flagged USING (contract, reader)
LEFT JOIN gapped USING (contract, reader)
ORDER BY a.contract, a.reader"""  # noqa: S608 - constants


async def read_standings(tx: Connection, contracts: Sequence[Pair]) -> list[Record]:
    """The gravest that is known of what each of these contracts reaches, by what its reader may know.

    Flags are those of which the reader was told that they touch the contract.

    Contracts that bind no more or have no supplier yet are not in the answer; of a reader that has left none is kept.
    """
    return await tx.fetch(STANDINGS, [contract for contract, _ in contracts], [reader for _, reader in contracts])


async def read_told(tx: Connection, contracts: Sequence[Pair]) -> dict[Pair, dict[str, Any]]:
    """What was last published of these contracts to each reader."""
    rows = await tx.fetch(
        """SELECT contract, member, told FROM contract_assessment
           JOIN unnest($1::uuid[], $2::text[]) AS u (contract, member) USING (contract, member)""",
        [contract for contract, _ in contracts],
        [reader for _, reader in contracts],
    )
    return {(contract, member): orjson.loads(told) for contract, member, told in rows}


async def write_told(tx: Connection, told: Mapping[Pair, dict[str, Any]]) -> None:
    """Keep what is published of contracts."""
    await tx.execute(
        """INSERT INTO contract_assessment (contract, member, told)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[])
           ON CONFLICT (contract, member) DO UPDATE SET told = EXCLUDED.told""",
        [contract for contract, _ in told],
        [member for _, member in told],
        [orjson.dumps(one).decode() for one in told.values()],
    )


async def forget_told(tx: Connection, contracts: Collection[Pair]) -> None:
    """Forget what was published of contracts of which nothing more is told."""
    await tx.execute(
        """DELETE FROM contract_assessment a USING unnest($1::uuid[], $2::text[]) AS u (contract, member)
           WHERE (a.contract, a.member) = (u.contract, u.member)""",
        [contract for contract, _ in contracts],
        [member for _, member in contracts],
    )
