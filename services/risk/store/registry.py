"""Suppliers and sites as the registry knows them, members and working groups."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from shared.events.ingest import MemberRegistered, SiteRegistered, SupplierRegistered, WorkingGroupEstablished
from shared.postgres import Connection

Kind = Literal["supplier", "site"]
"""The tables of entries, whose key is the column of the same name."""


async def add_stubs(
    tx: Connection, *, sites: Iterable[UUID | None] = (), suppliers: Iterable[UUID | None] = ()
) -> None:
    """Let these ids have a row, by which they are followed to their root; the registry fills it."""
    for kind, ids in (("site", sites), ("supplier", suppliers)):
        if known := sorted({one for one in ids if one is not None}):
            await tx.execute(
                f"INSERT INTO {kind} ({kind}, root) SELECT u, u FROM unnest($1::uuid[]) u ON CONFLICT DO NOTHING",  # noqa: S608 - constants
                known,
            )


async def write_suppliers(tx: Connection, suppliers: Collection[SupplierRegistered]) -> None:
    """Keep what the registry says of suppliers; what it does not say any more stays known."""
    ordered = sorted(suppliers, key=lambda one: one.supplier)
    await tx.execute(
        """INSERT INTO supplier AS s (supplier, name, country, root)
           SELECT supplier, name, country, supplier
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u (supplier, name, country)
           ON CONFLICT (supplier) DO UPDATE SET name = EXCLUDED.name,
               country = coalesce(EXCLUDED.country, s.country)""",
        [one.supplier for one in ordered],
        [one.name for one in ordered],
        [one.country for one in ordered],
    )


async def write_sites(tx: Connection, sites: Collection[SiteRegistered]) -> None:
    """Keep what the registry says of sites."""
    ordered = sorted(sites, key=lambda one: one.site)
    await tx.execute(
        """INSERT INTO site (site, supplier, name, address, country, root)
           SELECT site, supplier, name, address, country, site
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
               AS u (site, supplier, name, address, country)
           ON CONFLICT (site) DO UPDATE SET supplier = EXCLUDED.supplier, name = EXCLUDED.name,
               address = EXCLUDED.address, country = EXCLUDED.country""",
        [one.site for one in ordered],
        [one.supplier for one in ordered],
        [one.name for one in ordered],
        [one.address for one in ordered],
        [one.country for one in ordered],
    )


async def write_merges(tx: Connection, kind: Kind, into: Mapping[UUID, UUID | None]) -> None:
    """Keep what each of these entries is merged into; None where it stands for itself."""
    ordered = sorted(into)
    await tx.execute(
        f"""INSERT INTO {kind} ({kind}, merged_into, root)
           SELECT entry, target, entry FROM unnest($1::uuid[], $2::uuid[]) AS u (entry, target)
           ON CONFLICT ({kind}) DO UPDATE SET merged_into = EXCLUDED.merged_into""",  # noqa: S608 - constants
        ordered,
        [into[one] for one in ordered],
    )


async def read_chains(tx: Connection, kind: Kind, ids: Collection[UUID]) -> dict[UUID, tuple[UUID | None, UUID]]:
    """What each entry is merged into, and its root, of all entries that have a root in common with one of these."""
    rows = await tx.fetch(
        f"""SELECT {kind}, merged_into, root FROM {kind}
           WHERE root IN (SELECT root FROM {kind} WHERE {kind} = ANY($1::uuid[]))""",  # noqa: S608 - constants
        list(ids),
    )
    return {entry: (into, root) for entry, into, root in rows}


async def write_roots(tx: Connection, kind: Kind, roots: Mapping[UUID, UUID]) -> None:
    """Let entries be known by other roots."""
    await tx.execute(
        f"""UPDATE {kind} e SET root = u.root FROM unnest($1::uuid[], $2::uuid[]) AS u (entry, root)
           WHERE e.{kind} = u.entry""",  # noqa: S608 - constants
        list(roots),
        list(roots.values()),
    )


async def write_members(tx: Connection, members: Sequence[MemberRegistered]) -> None:
    """Keep the entries of members; one that has left stays so."""
    await tx.execute(
        """INSERT INTO member (member, name, kind) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
           ON CONFLICT (member) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind""",
        [one.member for one in members],
        [one.name for one in members],
        [one.kind.value for one in members],
    )


async def mark_left(tx: Connection, members: Collection[str]) -> None:
    """Keep that members have left: nothing is told to them any more, and their ids are not given again."""
    await tx.execute(
        """INSERT INTO member (member, has_left) SELECT u, true FROM unnest($1::text[]) u
           ON CONFLICT (member) DO UPDATE SET has_left = true""",
        sorted(members),
    )


async def write_groups(tx: Connection, groups: Sequence[WorkingGroupEstablished]) -> None:
    """Keep working groups as they were last told."""
    await tx.executemany(
        """INSERT INTO workinggroup (workinggroup, name, suppliers, categories, members) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (workinggroup) DO UPDATE SET name = EXCLUDED.name, suppliers = EXCLUDED.suppliers,
               categories = EXCLUDED.categories, members = EXCLUDED.members""",
        [
            (
                one.workinggroup,
                one.name,
                list(one.suppliers),
                [category.value for category in one.categories],
                [member.member for member in one.members],
            )
            for one in groups
        ],
    )
