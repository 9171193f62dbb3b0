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
    """Register a member or correct its entry; whether it is new, and whether anything changed."""
    written = await tx.fetchrow(
        """INSERT INTO member AS m (slug, name, kind, country) VALUES ($1, $2, $3, $4)
           ON CONFLICT (slug) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, country = EXCLUDED.country
           WHERE (m.name, m.kind, m.country) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.country)
           RETURNING xmax = 0 AS is_new""",
        member.slug,
        member.name,
        member.kind,
        member.country,
    )
    return (False, False) if written is None else (written["is_new"], True)


async def insert_key(tx: Connection, member: str, digest: str) -> None:
    """Let the holder of a key act for a member."""
    await tx.execute("INSERT INTO member_key (digest, member) VALUES ($1, $2)", digest, member)


async def member_of_key(pool: Pool, digest: str) -> Record | None:
    """The member for which the holder of a key acts: its slug and kind."""
    return await pool.fetchrow(
        "SELECT m.slug, m.kind FROM member_key k JOIN member m ON m.slug = k.member WHERE k.digest = $1", digest
    )


async def list_members(pool: Pool) -> list[Record]:
    """Every member, by slug."""
    return await pool.fetch(
        """SELECT m.slug AS member, m.name, m.kind, m.country, m.registered_at AS registered, count(k.digest) AS keys
           FROM member m LEFT JOIN member_key k ON k.member = m.slug GROUP BY m.slug ORDER BY m.slug"""
    )


async def unknown_members(tx: Connection, slugs: list[str]) -> list[str]:
    """Those of the slugs that no member has."""
    rows = await tx.fetch(
        "SELECT s FROM unnest($1::text[]) WITH ORDINALITY AS u (s, place) "
        "WHERE NOT EXISTS (SELECT FROM member WHERE slug = s) ORDER BY place",
        slugs,
    )
    return [row["s"] for row in rows]


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


async def summary(pool: Pool) -> Record | None:
    """How much the registry knows; disclosures are those that hold."""
    return await pool.fetchrow(
        """SELECT (SELECT count(*) FROM member) AS members, (SELECT count(*) FROM workinggroup) AS groups,
                  (SELECT count(*) FROM supplier) AS suppliers, (SELECT count(*) FROM site) AS sites,
                  (SELECT count(*) FROM disclosure WHERE NOT retired) AS disclosures,
                  (SELECT count(*) FROM contract) AS contracts"""
    )
