"""SQL on members."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    bound_by: Sequence[str] | None = None


async def save_member(tx: Connection, member: Member) -> tuple[bool, Record | None]:
    """Register a member or correct its entry; whether it is new, and its entry where anything changed.

    Laws that bind it stay as they are where none are given. The entry of a member that has left stays as it is.
    """
    written = await tx.fetchrow(
        """INSERT INTO member AS m (slug, name, kind, country, organisation_number, bound_by)
           VALUES ($1, $2, $3, $4, $5, coalesce($6::text[], '{}'))
           ON CONFLICT (slug) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, country = EXCLUDED.country,
               organisation_number = EXCLUDED.organisation_number, bound_by = coalesce($6::text[], m.bound_by)
           WHERE m.left_at IS NULL AND (m.name, m.kind, m.country, m.organisation_number, m.bound_by)
                 IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.country, EXCLUDED.organisation_number,
                                   coalesce($6::text[], m.bound_by))
           RETURNING xmax = 0 AS is_new, slug, name, kind, country, bound_by""",
        member.slug,
        member.name,
        member.kind,
        member.country,
        member.organisation_number,
        member.bound_by,
    )
    return (False, None) if written is None else (written["is_new"], written)


async def bind(tx: Connection, slug: str, laws: Sequence[str]) -> Record | None:
    """Set which laws bind a member; its entry where that changed anything."""
    return await tx.fetchrow(
        """UPDATE member SET bound_by = $2 WHERE slug = $1 AND bound_by <> $2::text[]
           RETURNING slug, name, kind, country, bound_by""",
        slug,
        list(laws),
    )


async def laws_that_bind(tx: Connection, slug: str) -> set[str]:
    """The laws that bind a member."""
    laws: list[str] = await tx.fetchval("SELECT bound_by FROM member WHERE slug = $1", slug)
    return set(laws)


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
        """SELECT m.slug AS member, m.name, m.kind, m.country, m.organisation_number, m.bound_by,
                  m.registered_at AS registered, m.left_at AS "left", count(k.kid) AS keys
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


async def summary(pool: Pool) -> Record:
    """How much the registry knows: entries as they are known now, disclosures that hold, registered contracts."""
    found = await pool.fetchrow(
        """SELECT (SELECT count(*) FROM member WHERE left_at IS NULL) AS members,
                  (SELECT count(*) FROM workinggroup WHERE closed_at IS NULL) AS groups,
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
