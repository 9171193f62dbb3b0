"""SQL on suppliers, sites and contracts. Rows are written in the order of their keys: writers never deadlock."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Site, Supplier
from shared.postgres import Connection


async def insert_suppliers(tx: Connection, suppliers: Sequence[Supplier]) -> set[bytes]:
    """Register the suppliers that are not known; their keys."""
    ordered = sorted(suppliers, key=lambda supplier: supplier.key)
    rows = await tx.fetch(
        """INSERT INTO supplier (id, key, name, country, identifiers)
           SELECT id, key, name, country, identifiers::jsonb
           FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[])
               WITH ORDINALITY AS u (id, key, name, country, identifiers, place)
           ORDER BY place
           ON CONFLICT (key) DO NOTHING RETURNING key""",
        [supplier.id for supplier in ordered],
        [supplier.key for supplier in ordered],
        [supplier.name for supplier in ordered],
        [supplier.country for supplier in ordered],
        [json.dumps(supplier.identifiers) for supplier in ordered],
    )
    return {row["key"] for row in rows}


async def read_suppliers(tx: Connection, keys: Iterable[bytes]) -> dict[bytes, Supplier]:
    """The suppliers with these keys."""
    rows = await tx.fetch(
        "SELECT id, key, name, country, identifiers::text FROM supplier WHERE key = ANY($1::bytea[])", list(keys)
    )
    return {row["key"]: supplier_in(row) for row in rows}


def supplier_in(row: Record) -> Supplier:
    """The supplier in a row."""
    return Supplier(**{**row, "identifiers": json.loads(row["identifiers"])})


async def complete_suppliers(tx: Connection, suppliers: Sequence[Supplier]) -> list[Supplier]:
    """Write what has become known of suppliers beside their name; what was known stays. The suppliers as they now are.

    That is more than was given where somebody else has added to them since they were read.
    """
    ordered = sorted(suppliers, key=lambda supplier: supplier.key)
    rows = await tx.fetch(
        """WITH locked AS (SELECT key FROM supplier WHERE key = ANY($1::bytea[]) ORDER BY key FOR NO KEY UPDATE)
           UPDATE supplier s SET country = coalesce(s.country, u.country),
                                 identifiers = u.identifiers::jsonb || s.identifiers
           FROM locked JOIN unnest($1::bytea[], $2::text[], $3::text[]) AS u (key, country, identifiers) USING (key)
           WHERE s.key = u.key
           RETURNING s.id, s.key, s.name, s.country, s.identifiers::text""",
        [supplier.key for supplier in ordered],
        [supplier.country for supplier in ordered],
        [json.dumps(supplier.identifiers) for supplier in ordered],
    )
    return [supplier_in(row) for row in rows]


async def insert_sites(tx: Connection, sites: Sequence[Site]) -> set[bytes]:
    """Register the sites that are not known; their keys."""
    ordered = sorted(sites, key=lambda site: site.key)
    rows = await tx.fetch(
        """INSERT INTO site (id, key, supplier, name, address, country, sector, identifiers)
           SELECT id, key, supplier, name, address, country, sector, identifiers::jsonb
           FROM unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
               WITH ORDINALITY AS u (id, key, supplier, name, address, country, sector, identifiers, place)
           ORDER BY place
           ON CONFLICT (key) DO NOTHING RETURNING key""",
        [site.id for site in ordered],
        [site.key for site in ordered],
        [site.supplier for site in ordered],
        [site.name for site in ordered],
        [site.address for site in ordered],
        [site.country for site in ordered],
        [site.sector for site in ordered],
        [json.dumps(site.identifiers) for site in ordered],
    )
    return {row["key"] for row in rows}


async def read_sites(tx: Connection, keys: Iterable[bytes]) -> dict[bytes, Site]:
    """The sites with these keys."""
    rows = await tx.fetch(
        """SELECT id, key, supplier, name, address, country, sector, identifiers::text
           FROM site WHERE key = ANY($1::bytea[])""",
        list(keys),
    )
    return {row["key"]: site_in(row) for row in rows}


def site_in(row: Record) -> Site:
    """The site in a row."""
    return Site(**{**row, "identifiers": json.loads(row["identifiers"])})


async def complete_sites(tx: Connection, sites: Sequence[Site]) -> list[Site]:
    """Write what has become known of sites beside name and place, as `complete_suppliers` does for suppliers."""
    ordered = sorted(sites, key=lambda site: site.key)
    rows = await tx.fetch(
        """WITH locked AS (SELECT key FROM site WHERE key = ANY($1::bytea[]) ORDER BY key FOR NO KEY UPDATE)
           UPDATE site s SET sector = coalesce(s.sector, u.sector), identifiers = u.identifiers::jsonb || s.identifiers
           FROM locked JOIN unnest($1::bytea[], $2::text[], $3::text[]) AS u (key, sector, identifiers) USING (key)
           WHERE s.key = u.key
           RETURNING s.id, s.key, s.supplier, s.name, s.address, s.country, s.sector, s.identifiers::text""",
        [site.key for site in ordered],
        [site.sector for site in ordered],
        [json.dumps(site.identifiers) for site in ordered],
    )
    return [site_in(row) for row in rows]


async def known_suppliers(tx: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids that a supplier has."""
    rows = await tx.fetch("SELECT id FROM supplier WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"] for row in rows}


async def save_contracts(
    tx: Connection, member: str, contracts: Sequence[tuple[UUID, str, UUID | None]]
) -> dict[str, UUID]:
    """Keep (id, reference, supplier) of a member's contracts; the id that each reference has, which never changes.

    Without a supplier the row is a stub, and a supplier that is known already stays.
    """
    ordered = sorted(contracts, key=lambda contract: contract[1])
    rows: list[Record] = await tx.fetch(
        """INSERT INTO contract AS c (id, member, reference, supplier)
           SELECT id, $1, reference, supplier
           FROM unnest($2::uuid[], $3::text[], $4::uuid[]) WITH ORDINALITY AS u (id, reference, supplier, place)
           ORDER BY place
           ON CONFLICT (member, reference) DO UPDATE SET supplier = coalesce(EXCLUDED.supplier, c.supplier)
           RETURNING reference, id""",
        member,
        [contract[0] for contract in ordered],
        [contract[1] for contract in ordered],
        [contract[2] for contract in ordered],
    )
    return {row["reference"]: row["id"] for row in rows}
