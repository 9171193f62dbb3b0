"""Suppliers and sites as the registry knows them, members and working groups."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from shared.events.ingest import SiteRegistered, SupplierRegistered, WorkingGroupEstablished
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


async def roots_of(tx: Connection, kind: Kind, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The ids by which these entries are known now; an entry that nothing has named is left out."""
    rows = await tx.fetch(f"SELECT {kind}, root FROM {kind} WHERE {kind} = ANY($1::uuid[])", list(ids))  # noqa: S608 - constants
    return {row[0]: row[1] for row in rows}


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
        """INSERT INTO site (site, name, address, country, root)
           SELECT site, name, address, country, site
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS u (site, name, address, country)
           ON CONFLICT (site) DO UPDATE SET name = EXCLUDED.name, address = EXCLUDED.address,
               country = EXCLUDED.country""",
        [one.site for one in ordered],
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


async def mark_left(tx: Connection, members: Collection[str]) -> None:
    """Keep that members have left: nothing is told to them any more, and their ids are not given again."""
    await tx.execute(
        "INSERT INTO former_member (member) SELECT u FROM unnest($1::text[]) u ON CONFLICT DO NOTHING",
        sorted(members),
    )


async def read_left(tx: Connection) -> frozenset[str]:
    """The members that have left."""
    return frozenset(row["member"] for row in await tx.fetch("SELECT member FROM former_member"))


async def still_here(tx: Connection, members: Collection[str]) -> set[str]:
    """Those of these members that have not left."""
    rows = await tx.fetch("SELECT unnest($1::text[]) AS member EXCEPT SELECT member FROM former_member", list(members))
    return {row["member"] for row in rows}


async def write_groups(tx: Connection, groups: Sequence[WorkingGroupEstablished]) -> None:
    """Keep what working groups are about as it was last told; who takes part in them stays."""
    await tx.executemany(
        """INSERT INTO workinggroup (workinggroup, name, suppliers, categories, members) VALUES ($1, $2, $3, $4, '{}')
           ON CONFLICT (workinggroup) DO UPDATE SET name = EXCLUDED.name, suppliers = EXCLUDED.suppliers,
               categories = EXCLUDED.categories""",
        [(one.workinggroup, one.name, list(one.suppliers), [two.value for two in one.categories]) for one in groups],
    )


async def write_parts(tx: Connection, parts: Mapping[tuple[str, str], bool]) -> None:
    """Keep which members take part in which groups (group, member), or no longer do."""
    await tx.execute(
        """WITH told AS (SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[]) AS u (workinggroup, member, takes)
           ),
           newly AS (
               SELECT w.workinggroup, ARRAY(
                   SELECT member FROM (
                       SELECT m AS member FROM unnest(w.members) m
                       WHERE NOT EXISTS (SELECT FROM told t WHERE (t.workinggroup, t.member) = (w.workinggroup, m))
                       UNION SELECT t.member FROM told t WHERE t.workinggroup = w.workinggroup AND t.takes) x
                   ORDER BY member) AS members
               FROM workinggroup w WHERE w.workinggroup IN (SELECT workinggroup FROM told))
           UPDATE workinggroup w SET members = n.members FROM newly n WHERE w.workinggroup = n.workinggroup""",
        [group for group, _ in parts],
        [member for _, member in parts],
        list(parts.values()),
    )


async def close_groups(tx: Connection, groups: Collection[str]) -> None:
    """Keep that working groups have ended: nothing concerns them any more."""
    await tx.execute("UPDATE workinggroup SET closed = true WHERE workinggroup = ANY($1::text[])", list(groups))
