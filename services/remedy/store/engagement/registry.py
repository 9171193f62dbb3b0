"""SQL on what the registry tells: participants, working groups with their members, and which suppliers are one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events.ingest import MemberRegistered, SupplierRegistered, WorkingGroupEstablished
from shared.postgres import Connection

# Participants


async def write_members(tx: Connection, members: Collection[MemberRegistered]) -> None:
    """Keep participants as they were last told, each once in a batch."""
    ordered = sorted(members, key=lambda one: one.member)
    await tx.execute(
        """INSERT INTO participant (member, name, kind, bound_by)
           SELECT member, name, kind, string_to_array(bound_by, ' ')
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS u (member, name, kind, bound_by)
           ON CONFLICT (member) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind,
               bound_by = EXCLUDED.bound_by""",
        [one.member for one in ordered],
        [one.name for one in ordered],
        [one.kind for one in ordered],
        [" ".join(one.bound_by) for one in ordered],
    )


async def mark_left(tx: Connection, left: Mapping[str, tuple[str, datetime]]) -> None:
    """Keep which members have left, of which kind each was, and when; the name of one that left is forgotten."""
    ordered = sorted(left)
    await tx.execute(
        """INSERT INTO participant AS p (member, name, kind, left_at)
           SELECT member, '', kind, left_at FROM unnest($1::text[], $2::text[], $3::timestamptz[])
               AS u (member, kind, left_at)
           ON CONFLICT (member) DO UPDATE SET name = '', bound_by = '{}',
               left_at = coalesce(p.left_at, EXCLUDED.left_at)""",
        ordered,
        [left[member][0] for member in ordered],
        [left[member][1] for member in ordered],
    )


# Working groups


async def write_groups(tx: Connection, groups: Sequence[tuple[WorkingGroupEstablished, datetime]]) -> None:
    """Keep working groups as they were last told, each once in a batch; each was established when first told."""
    await tx.executemany(
        """INSERT INTO working_group AS w (slug, name, purpose, secretariat, categories, instruments, suppliers,
                                           established_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (slug) DO UPDATE SET name = EXCLUDED.name, purpose = EXCLUDED.purpose,
               secretariat = EXCLUDED.secretariat, categories = EXCLUDED.categories,
               instruments = EXCLUDED.instruments, suppliers = EXCLUDED.suppliers,
               established_at = coalesce(w.established_at, EXCLUDED.established_at)""",
        [
            (
                one.workinggroup,
                one.name,
                one.purpose,
                one.secretariat,
                [category.value for category in one.categories],
                [instrument.value for instrument in one.instruments],
                list(one.suppliers),
                at,
            )
            for one, at in groups
        ],
    )


async def close_groups(tx: Connection, closed: Mapping[str, datetime]) -> None:
    """Keep which working groups have ended, and when first."""
    await tx.execute(
        """UPDATE working_group w SET closed_at = coalesce(w.closed_at, u.at)
           FROM unnest($1::text[], $2::timestamptz[]) AS u (slug, at) WHERE w.slug = u.slug""",
        list(closed),
        list(closed.values()),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a member in a working group: since when it takes part without a break, and whether it left."""

    role: str
    joined_at: datetime
    left_at: datetime | None = None


Place = tuple[str, str]
"""A working group and a member."""


async def read_parts(tx: Connection, places: Collection[Place]) -> dict[Place, Part]:
    """The parts that were told before."""
    rows = await tx.fetch(
        """SELECT workinggroup, member, role, joined_at, left_at
           FROM group_member JOIN unnest($1::text[], $2::text[]) AS u (workinggroup, member)
                USING (workinggroup, member)""",
        [group for group, _ in places],
        [member for _, member in places],
    )
    return {(row[0], row[1]): Part(row[2], row[3], row[4]) for row in rows}


async def write_parts(tx: Connection, parts: Mapping[Place, Part]) -> None:
    """Keep the parts of members in working groups."""
    ordered = sorted(parts)
    await tx.execute(
        """INSERT INTO group_member (workinggroup, member, role, joined_at, left_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
           ON CONFLICT (workinggroup, member) DO UPDATE SET role = EXCLUDED.role, joined_at = EXCLUDED.joined_at,
               left_at = EXCLUDED.left_at""",
        [group for group, _ in ordered],
        [member for _, member in ordered],
        [parts[place].role for place in ordered],
        [parts[place].joined_at for place in ordered],
        [parts[place].left_at for place in ordered],
    )


# Suppliers


async def write_suppliers(tx: Connection, suppliers: Collection[SupplierRegistered]) -> set[UUID]:
    """Keep what the registry says of suppliers, each once in a batch; those that had no name before."""
    ordered = sorted(suppliers, key=lambda one: one.supplier)
    named = await tx.fetch(
        "SELECT supplier FROM supplier WHERE supplier = ANY($1::uuid[]) AND name IS NOT NULL",
        [one.supplier for one in ordered],
    )
    await tx.execute(
        """INSERT INTO supplier AS s (supplier, name, country)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
           ON CONFLICT (supplier) DO UPDATE SET name = EXCLUDED.name,
               country = coalesce(EXCLUDED.country, s.country)""",
        [one.supplier for one in ordered],
        [one.name for one in ordered],
        [one.country for one in ordered],
    )
    return {one.supplier for one in ordered} - {row["supplier"] for row in named}


async def write_merges(tx: Connection, into: Mapping[UUID, UUID | None]) -> None:
    """Keep what each of these suppliers is merged into (None: it stands for itself), and follow every chain anew.

    Merges are few: all chains are followed. In a ring, which a merge undone elsewhere opens again, each is followed as
    far as it goes without a return.
    """
    ordered = sorted(into)
    await tx.execute(
        """INSERT INTO supplier (supplier, merged_into) SELECT * FROM unnest($1::uuid[], $2::uuid[])
           ON CONFLICT (supplier) DO UPDATE SET merged_into = EXCLUDED.merged_into""",
        ordered,
        [into[one] for one in ordered],
    )
    await tx.execute(
        """WITH RECURSIVE chain AS (
               SELECT supplier, merged_into AS at, ARRAY[supplier, merged_into] AS path
               FROM supplier WHERE merged_into IS NOT NULL
               UNION ALL
               SELECT c.supplier, s.merged_into, c.path || s.merged_into
               FROM chain c JOIN supplier s ON s.supplier = c.at
               WHERE s.merged_into IS NOT NULL AND s.merged_into <> ALL (c.path)),
           ends AS (SELECT DISTINCT ON (supplier) supplier, at FROM chain ORDER BY supplier, cardinality(path) DESC)
           UPDATE supplier s SET alias_of = e.at
           FROM supplier o LEFT JOIN ends e USING (supplier)
           WHERE o.supplier = s.supplier AND s.alias_of IS DISTINCT FROM e.at
               AND (o.merged_into IS NOT NULL OR o.alias_of IS NOT NULL)"""
    )


async def roots(tx: Connection, suppliers: Iterable[UUID]) -> dict[UUID, UUID]:
    """The id by which each of these suppliers is known now."""
    rows = await tx.fetch(
        """SELECT u.id, coalesce(s.alias_of, u.id) AS root
           FROM unnest($1::uuid[]) AS u (id) LEFT JOIN supplier s ON s.supplier = u.id""",
        list(suppliers),
    )
    return {row["id"]: row["root"] for row in rows}


async def all_ids(tx: Connection, known: Iterable[UUID]) -> set[UUID]:
    """All ids of suppliers that are known by these now."""
    ids = set(known)
    rows = await tx.fetch("SELECT supplier FROM supplier WHERE alias_of = ANY($1::uuid[])", list(ids))
    return ids | {row["supplier"] for row in rows}
