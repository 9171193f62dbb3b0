"""Which flags a change concerns: those that are open, and those of which something is published that may not hold now.

Every site and supplier is meant by any id of it.
"""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from services.risk.store.exposure import Pair
from shared.postgres import Connection

LIVE = """(f.is_open OR EXISTS (SELECT FROM exposure e WHERE e.flag = f.flag)
    OR EXISTS (SELECT FROM leverage l WHERE l.flag = f.flag))"""

AT_SITES = """WITH given AS (
    SELECT g.id, coalesce(s.root, g.id) AS root FROM unnest($1::uuid[]) AS g (id) LEFT JOIN site s ON s.site = g.id),
known AS (
    SELECT id, root AS site FROM given UNION SELECT g.id, s.site FROM given g JOIN site s USING (root))
SELECT DISTINCT f.flag, k.id AS about FROM known k JOIN flag f USING (site) WHERE {LIVE}""".replace("{LIVE}", LIVE)


async def flags_at(tx: Connection, sites: Collection[UUID]) -> list[Record]:
    """Flags (`flag`) of these sites, each with the id that was given (`about`)."""
    return await tx.fetch(AT_SITES, list(sites))


OF_SUPPLIERS = """WITH given AS (
    SELECT g.id, coalesce(s.root, g.id) AS root
    FROM unnest($1::uuid[]) AS g (id) LEFT JOIN supplier s ON s.supplier = g.id),
known AS (
    SELECT id, root AS supplier FROM given UNION SELECT g.id, s.supplier FROM given g JOIN supplier s USING (root)),
found AS (
    SELECT k.id, f.flag FROM known k JOIN flag f USING (supplier)
    UNION SELECT k.id, r.flag FROM known k JOIN report r USING (supplier)
    UNION SELECT k.id, f.flag FROM known k JOIN disclosure d USING (supplier)
          JOIN site s ON s.site = d.site JOIN flag f ON f.site = s.root)
SELECT DISTINCT n.flag, n.id AS about FROM found n JOIN flag f USING (flag) WHERE {LIVE}""".replace("{LIVE}", LIVE)


async def flags_of(tx: Connection, suppliers: Collection[UUID]) -> list[Record]:
    """Flags of these suppliers, that name one of them in a report, or of a site where one works; with the id given."""
    return await tx.fetch(OF_SUPPLIERS, list(suppliers))


OF_CONTRACTS = """WITH given AS (
    SELECT g.contract, g.reader, coalesce(s.root, c.supplier) AS root
    FROM unnest($1::uuid[], $2::text[]) AS g (contract, reader)
    LEFT JOIN contract c ON (c.contract, c.reader) = (g.contract, g.reader)
    LEFT JOIN supplier s ON s.supplier = c.supplier),
works AS (
    SELECT g.root, s.supplier FROM given g JOIN supplier s USING (root)
    UNION SELECT root, root FROM given WHERE root IS NOT NULL),
of_supplier AS (
    SELECT w.root, f.flag FROM works w JOIN flag f USING (supplier)
    UNION SELECT w.root, r.flag FROM works w JOIN report r USING (supplier) WHERE r.flag IS NOT NULL
    UNION SELECT w.root, f.flag FROM works w JOIN disclosure d USING (supplier)
          JOIN site s ON s.site = d.site JOIN flag f ON f.site = s.root),
found AS (
    SELECT g.contract, g.reader, o.flag FROM given g JOIN of_supplier o USING (root)
    UNION SELECT g.contract, g.reader, e.flag
          FROM given g JOIN exposure e ON (e.contract, e.member) = (g.contract, g.reader)
    UNION SELECT g.contract, g.reader, f.flag
          FROM given g JOIN link l USING (contract, reader) JOIN disclosure d USING (disclosure)
          JOIN site s ON s.site = d.site JOIN flag f ON f.site = s.root)
SELECT n.* FROM found n JOIN flag f USING (flag) WHERE {LIVE}""".replace("{LIVE}", LIVE)


async def flags_reached(tx: Connection, contracts: Collection[Pair]) -> list[Record]:
    """Flags that touch these contracts by what was published, or may do so now; with contract and reader."""
    return await tx.fetch(OF_CONTRACTS, [contract for contract, _ in contracts], [reader for _, reader in contracts])


async def flags_of_groups(tx: Connection, groups: Collection[str]) -> list[Record]:
    """Flags that these working groups concern, or did by what was published; with the group (`about`)."""
    return await tx.fetch(
        """WITH given AS (SELECT * FROM workinggroup WHERE workinggroup = ANY($1::text[])),
           named AS (
               SELECT g.workinggroup, coalesce(s.root, n.id) AS root
               FROM given g CROSS JOIN unnest(g.suppliers) AS n (id) LEFT JOIN supplier s ON s.supplier = n.id)
           SELECT n.workinggroup AS about, f.flag FROM named n JOIN flag f ON f.supplier = n.root WHERE f.is_open
           UNION SELECT g.workinggroup, f.flag FROM given g JOIN flag f ON f.category = ANY(g.categories)
                 WHERE f.is_open AND cardinality(g.suppliers) = 0
           UNION SELECT w.about, l.flag FROM leverage l CROSS JOIN unnest(l.workinggroups) AS w (about)
                 WHERE w.about = ANY($1::text[])""",
        list(groups),
    )
