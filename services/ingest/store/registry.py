"""SQL on suppliers and sites. New rows are written under a lock, and others in the order of their ids: no deadlock."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Site, Supplier
from shared.postgres import Connection

REGISTERING = 0x7265676973746572
"""Taken by whoever registers a name: two at once could not see that their names are one company's."""
DECIDING = 0x6465636964696E67
"""Shared by all who use the registry's entries, and taken alone by whoever merges or splits them."""


async def share(tx: Connection) -> None:
    """Keep merges and splits out until the transaction ends; waits for the one that is under way."""
    await tx.execute("SELECT pg_advisory_xact_lock_shared($1)", DECIDING)


async def lock_decisions(tx: Connection) -> None:
    """Be the only one who uses the registry until the transaction ends; waits for all who do."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", DECIDING)


async def lock_names(tx: Connection) -> None:
    """Be the only one who registers names until the transaction ends. Taken after `share`, before any row."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", REGISTERING)


async def insert_suppliers(tx: Connection, suppliers: Sequence[Supplier]) -> None:
    """Register new suppliers."""
    await tx.execute(
        """INSERT INTO supplier (id, root, name, country, identifiers)
           SELECT id, id, name, country, identifiers::jsonb
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS u (id, name, country, identifiers)""",
        [supplier.id for supplier in suppliers],
        [supplier.name for supplier in suppliers],
        [supplier.country for supplier in suppliers],
        [json.dumps(supplier.identifiers) for supplier in suppliers],
    )


async def read_suppliers(tx: Connection, keys: Iterable[bytes]) -> dict[bytes, Supplier]:
    """The suppliers that have a spelling with one of these keys."""
    rows = await tx.fetch(
        """SELECT p.key, s.id, s.name, s.country, s.identifiers::text
           FROM spelling p JOIN supplier s ON s.id = p.entry WHERE p.key = ANY($1::bytea[])""",
        list(keys),
    )
    return {row["key"]: supplier_in(row) for row in rows}


def supplier_in(row: Record) -> Supplier:
    """The supplier in a row."""
    return Supplier(**{**row, "identifiers": json.loads(row["identifiers"])})


async def complete_suppliers(tx: Connection, suppliers: Sequence[Supplier]) -> list[Supplier]:
    """Write what has become known of suppliers beside their name; what was known stays. The suppliers as they now are.

    That is more than was given where somebody else has added to them since they were read.
    """
    rows = await tx.fetch(
        """WITH locked AS (SELECT id FROM supplier WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)
           UPDATE supplier s SET country = coalesce(s.country, u.country),
                                 identifiers = u.identifiers::jsonb || s.identifiers
           FROM locked JOIN unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[])
               AS u (id, key, country, identifiers) USING (id)
           WHERE s.id = u.id
           RETURNING s.id, u.key, s.name, s.country, s.identifiers::text""",
        [supplier.id for supplier in suppliers],
        [supplier.key for supplier in suppliers],
        [supplier.country for supplier in suppliers],
        [json.dumps(supplier.identifiers) for supplier in suppliers],
    )
    return [supplier_in(row) for row in rows]


async def insert_sites(tx: Connection, sites: Sequence[Site]) -> None:
    """Register new sites."""
    await tx.execute(
        """INSERT INTO site (id, root, supplier, name, address, country, sector, identifiers)
           SELECT id, id, supplier, name, address, country, sector, identifiers::jsonb
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
               AS u (id, supplier, name, address, country, sector, identifiers)""",
        [site.id for site in sites],
        [site.supplier for site in sites],
        [site.name for site in sites],
        [site.address for site in sites],
        [site.country for site in sites],
        [site.sector for site in sites],
        [json.dumps(site.identifiers) for site in sites],
    )


async def read_sites(tx: Connection, keys: Iterable[bytes]) -> dict[bytes, Site]:
    """The sites that have a spelling with one of these keys."""
    rows = await tx.fetch(
        """SELECT p.key, s.id, s.supplier, s.name, s.address, s.country, s.sector, s.identifiers::text
           FROM spelling p JOIN site s ON s.id = p.entry WHERE p.key = ANY($1::bytea[])""",
        list(keys),
    )
    return {row["key"]: site_in(row) for row in rows}


def site_in(row: Record) -> Site:
    """The site in a row."""
    return Site(**{**row, "identifiers": json.loads(row["identifiers"])})


async def complete_sites(tx: Connection, sites: Sequence[Site]) -> list[Site]:
    """Write what has become known of sites beside name and place, as `complete_suppliers` does for suppliers."""
    rows = await tx.fetch(
        """WITH locked AS (SELECT id FROM site WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)
           UPDATE site s SET sector = coalesce(s.sector, u.sector), identifiers = u.identifiers::jsonb || s.identifiers
           FROM locked JOIN unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[])
               AS u (id, key, sector, identifiers) USING (id)
           WHERE s.id = u.id
           RETURNING s.id, u.key, s.supplier, s.name, s.address, s.country, s.sector, s.identifiers::text""",
        [site.id for site in sites],
        [site.key for site in sites],
        [site.sector for site in sites],
        [json.dumps(site.identifiers) for site in sites],
    )
    return [site_in(row) for row in rows]


async def roots_of_suppliers(tx: Connection, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """What suppliers are known as now, by any id that they ever had; an id that no supplier had is left out."""
    rows = await tx.fetch("SELECT id, root FROM supplier WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["root"] for row in rows}


async def roots_of_sites(tx: Connection, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """What sites are known as now, by any id that they ever had; an id that no site had is left out."""
    rows = await tx.fetch("SELECT id, root FROM site WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["root"] for row in rows}
