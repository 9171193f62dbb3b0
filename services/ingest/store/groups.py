"""SQL on working groups: what they are for, who takes part, and how they end.

Whoever changes who takes part locks the row of the group, after the rows of members: the events of a group then stand
in the order in which they happened.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from shared.events.vocabulary import GroupRole
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """A working group as the registry has it, but for who takes part."""

    slug: str
    name: str
    purpose: str
    secretariat: str
    categories: Sequence[str]
    instruments: Sequence[str]
    suppliers: Sequence[UUID]
    rightsholders: Sequence[str]
    cause: str
    cause_reason: str
    cause_about: UUID | None


SAID = (
    "name", "purpose", "secretariat", "categories", "instruments", "suppliers", "rightsholders", "cause",
    "cause_reason", "cause_about",
)  # fmt: skip
"""What is told of a group when it is established or corrected."""


async def lock(tx: Connection, slug: str) -> Record | None:
    """A working group that only this transaction changes until it ends; None where there is none."""
    return await tx.fetchrow("SELECT * FROM workinggroup WHERE slug = $1 FOR NO KEY UPDATE", slug)


async def save(tx: Connection, group: WorkingGroup) -> bool:
    """Establish a working group or correct its entry; whether anything changed."""
    columns = ", ".join(SAID)
    written = await tx.fetchval(
        f"""INSERT INTO workinggroup AS g (slug, {columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (slug) DO UPDATE SET ({columns}) = ({", ".join(f"EXCLUDED.{one}" for one in SAID)})
            WHERE ({", ".join(f"g.{one}" for one in SAID)})
                  IS DISTINCT FROM ({", ".join(f"EXCLUDED.{one}" for one in SAID)})
            RETURNING slug""",  # noqa: S608 - our own columns
        group.slug,
        group.name,
        group.purpose,
        group.secretariat,
        list(group.categories),
        list(group.instruments),
        list(group.suppliers),
        list(group.rightsholders),
        group.cause,
        group.cause_reason,
        group.cause_about,
    )
    return written is not None


async def join(tx: Connection, slug: str, roles: Sequence[tuple[str, str]]) -> dict[str, bool]:
    """Let members take part, each in a role; those for which that is news, and whether they took no part before."""
    rows = await tx.fetch(
        """INSERT INTO workinggroup_member AS m (workinggroup, member, role)
           SELECT $1, member, role FROM unnest($2::text[], $3::text[]) AS u (member, role)
           ON CONFLICT (workinggroup, member) DO UPDATE SET role = EXCLUDED.role WHERE m.role <> EXCLUDED.role
           RETURNING member, xmax = 0 AS is_new""",
        slug,
        [member for member, _ in roles],
        [role for _, role in roles],
    )
    return {row["member"]: row["is_new"] for row in rows}


async def role_of(tx: Connection, slug: str, member: str) -> str | None:
    """The part of a member in a working group; None where it takes none."""
    role: str | None = await tx.fetchval(
        "SELECT role FROM workinggroup_member WHERE workinggroup = $1 AND member = $2", slug, member
    )
    return role


async def leave(tx: Connection, slug: str, member: str) -> None:
    """Let a member take no part in a working group any more."""
    await tx.execute("DELETE FROM workinggroup_member WHERE workinggroup = $1 AND member = $2", slug, member)


async def leave_all(tx: Connection, member: str) -> list[str]:
    """Let a member take no part in any working group; those in which it did."""
    rows = await tx.fetch(
        """WITH its AS (SELECT slug FROM workinggroup g JOIN workinggroup_member m ON m.workinggroup = g.slug
                        WHERE m.member = $1 ORDER BY slug FOR NO KEY UPDATE OF g)
           DELETE FROM workinggroup_member m USING its WHERE m.workinggroup = its.slug AND m.member = $1
           RETURNING m.workinggroup""",
        member,
    )
    return sorted(row["workinggroup"] for row in rows)


async def close(tx: Connection, slug: str, at: datetime, reason: str) -> None:
    """End a working group."""
    await tx.execute("UPDATE workinggroup SET closed_at = $2, close_reason = $3 WHERE slug = $1", slug, at, reason)


class Part(NamedTuple):
    """Whether a member may speak in a working group: in which role, and whether the group is closed."""

    role: GroupRole | None
    closed: bool


async def parts_of(tx: Connection, member: str, groups: Collection[str]) -> dict[str, Part]:
    """The part of a member in each of these groups that exist, which stays as it is until `tx` ends.

    The secretariat counts as collaborating, unless it takes part in a role of its own.
    """
    # Locked first: a statement that waits for a lock still reads other tables as they were when it began.
    await tx.execute("SELECT FROM workinggroup WHERE slug = ANY($1::text[]) ORDER BY slug FOR SHARE", list(groups))
    rows = await tx.fetch(
        """SELECT g.slug, g.closed_at IS NOT NULL AS closed,
                  coalesce(m.role, CASE WHEN g.secretariat = $1 THEN 'collaborating' END) AS role
           FROM workinggroup g LEFT JOIN workinggroup_member m ON (m.workinggroup, m.member) = (g.slug, $1)
           WHERE g.slug = ANY($2::text[])""",
        member,
        list(groups),
    )
    return {row["slug"]: Part(None if row["role"] is None else GroupRole(row["role"]), row["closed"]) for row in rows}


class Effects(NamedTuple):
    """What hangs on a group, or on one member's part in it: members, and engagements and entries of its dialogue."""

    members: int
    engagements: int
    entries: int


async def count_effects(tx: Connection, slug: str, member: str | None = None) -> Effects:
    """What has been told in a working group and not taken back: by all, or by one member."""
    row = await tx.fetchrow(
        """SELECT (SELECT count(*) FROM workinggroup_member m
                   WHERE m.workinggroup = $1 AND ($2::text IS NULL OR m.member = $2)),
                  count(DISTINCT c.engagement), count(*)
           FROM consequence c JOIN receipt r ON r.id = c.receipt
           WHERE c.workinggroup = $1 AND NOT c.withdrawn AND ($2::text IS NULL OR r.member = $2)""",
        slug,
        member,
    )
    assert row is not None  # an aggregate without GROUP BY has one row
    return Effects(*row)
