"""SQL on members, their keys and working groups."""

import json
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection, Pool


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the registry has it."""

    slug: str
    name: str
    kind: str
    country: str | None
    organisation_number: str | None = None


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """A working group as the registry has it; `members` gives each member's role."""

    slug: str
    name: str
    purpose: str
    secretariat: str
    categories: list[str]
    suppliers: list[UUID]
    members: dict[str, str]


async def save_member(tx: Connection, member: Member) -> tuple[bool, bool]:
    """Register a member or correct its entry; whether it is new, and whether anything changed.

    The entry of a member that has left stays as it is.
    """
    written = await tx.fetchrow(
        """INSERT INTO member AS m (slug, name, kind, country, organisation_number) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (slug) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, country = EXCLUDED.country,
               organisation_number = EXCLUDED.organisation_number
           WHERE m.left_at IS NULL AND (m.name, m.kind, m.country, m.organisation_number) IS DISTINCT FROM
                 (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.country, EXCLUDED.organisation_number)
           RETURNING xmax = 0 AS is_new""",
        member.slug,
        member.name,
        member.kind,
        member.country,
        member.organisation_number,
    )
    return (False, False) if written is None else (written["is_new"], True)


async def read_member(pool: Pool, slug: str) -> Record | None:
    """A member as it is registered, whether or not it has left."""
    return await pool.fetchrow("SELECT slug, name, kind, country, left_at FROM member WHERE slug = $1", slug)


async def lock_member(tx: Connection, slug: str) -> Record | None:
    """A member, whose entry only this transaction changes until it ends; rows of others may still refer to it."""
    return await tx.fetchrow("SELECT slug, kind, left_at FROM member WHERE slug = $1 FOR NO KEY UPDATE", slug)


async def end_membership(tx: Connection, slug: str) -> None:
    """Mark a member as one that has left."""
    await tx.execute("UPDATE member SET left_at = now() WHERE slug = $1", slug)


async def list_members(pool: Pool) -> list[Record]:
    """Every member, by slug, with the number of its keys that are in force."""
    return await pool.fetch(
        """SELECT m.slug AS member, m.name, m.kind, m.country, m.organisation_number, m.registered_at AS registered,
                  m.left_at AS "left", count(k.kid) AS keys
           FROM member m LEFT JOIN member_key k ON k.member = m.slug AND k.revoked_at IS NULL
               AND (k.expires_at IS NULL OR k.expires_at > now())
           GROUP BY m.slug ORDER BY m.slug"""
    )


async def unknown_members(tx: Connection, slugs: list[str]) -> list[str]:
    """Those of the slugs that no member has, or only one that has left; the others do not leave before `tx` ends."""
    rows = await tx.fetch(
        "SELECT slug FROM member WHERE slug = ANY($1::text[]) AND left_at IS NULL ORDER BY slug FOR SHARE", slugs
    )
    present = {row["slug"] for row in rows}
    return [slug for slug in slugs if slug not in present]


async def save_workinggroup(tx: Connection, group: WorkingGroup) -> tuple[bool, bool]:
    """Establish a working group or correct its entry; whether it is new, and whether anything changed."""
    written = await tx.fetchrow(
        """INSERT INTO workinggroup AS g (slug, name, purpose, secretariat, categories, suppliers, members)
           VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
           ON CONFLICT (slug) DO UPDATE SET name = EXCLUDED.name, purpose = EXCLUDED.purpose,
               secretariat = EXCLUDED.secretariat, categories = EXCLUDED.categories,
               suppliers = EXCLUDED.suppliers, members = EXCLUDED.members
           WHERE (g.name, g.purpose, g.secretariat, g.categories, g.suppliers, g.members) IS DISTINCT FROM
                 (EXCLUDED.name, EXCLUDED.purpose, EXCLUDED.secretariat, EXCLUDED.categories, EXCLUDED.suppliers,
                  EXCLUDED.members)
           RETURNING xmax = 0 AS is_new""",
        group.slug,
        group.name,
        group.purpose,
        group.secretariat,
        group.categories,
        group.suppliers,
        json.dumps(group.members),
    )
    return (False, False) if written is None else (written["is_new"], True)


async def groups_of_member(tx: Connection, member: str) -> set[str]:
    """The working groups in whose dialogue a member may speak: as member or as secretariat."""
    rows = await tx.fetch("SELECT slug FROM workinggroup WHERE secretariat = $1 OR members ? $1", member)
    return {row["slug"] for row in rows}


async def summary(pool: Pool) -> Record:
    """How much the registry knows: entries as they are known now, disclosures that hold, registered contracts."""
    found = await pool.fetchrow(
        """SELECT (SELECT count(*) FROM member WHERE left_at IS NULL) AS members,
                  (SELECT count(*) FROM workinggroup) AS groups,
                  (SELECT count(*) FROM supplier WHERE root = id) AS suppliers,
                  (SELECT count(*) FROM site WHERE root = id) AS sites,
                  (SELECT count(*) FROM disclosure WHERE NOT retired) AS disclosures,
                  (SELECT count(*) FROM contract WHERE said IS NOT NULL) AS contracts"""
    )
    assert found is not None  # a query without FROM has one row
    return found


async def kind_of(tx: Connection, slug: str) -> str | None:
    """The kind of a member that has not left, nor leaves before `tx` ends; None where there is none."""
    kind: str | None = await tx.fetchval("SELECT kind FROM member WHERE slug = $1 AND left_at IS NULL FOR SHARE", slug)
    return kind
