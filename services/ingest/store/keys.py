"""SQL on the keys of members."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from asyncpg import Record

from shared.postgres import Connection, Pool

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = "kid, member, purposes, label, made_at, used_on, expires_at, revoked_at"
"""What an operator sees of a key: everything but its digest."""
SHOWN_OF_K = ", ".join(f"k.{column}" for column in SHOWN.split(", "))


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept. `label` is its owner's own word; it appears in lists and nowhere else."""

    kid: str
    member: str
    digest: str
    purposes: "Sequence[str]"
    label: str | None = None
    expires_at: datetime | None = None


async def insert_key(tx: Connection, key: Key) -> None:
    """Let the holder of a key act for a member."""
    await tx.execute(
        """INSERT INTO member_key (kid, member, digest, purposes, label, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        key.kid,
        key.member,
        key.digest,
        list(key.purposes),
        key.label,
        key.expires_at,
    )


async def read_valid(pool: Pool, kid: str) -> Record | None:
    """A key that is in force, with its member, and whether it was used today (UTC) before."""
    return await pool.fetchrow(
        """SELECT k.digest, k.purposes, m.slug, m.kind,
                  k.used_on IS NOT DISTINCT FROM (now() AT TIME ZONE 'UTC')::date AS used_today
           FROM member_key k JOIN member m ON m.slug = k.member
           WHERE k.kid = $1 AND k.revoked_at IS NULL AND m.left_at IS NULL
             AND (k.expires_at IS NULL OR k.expires_at > now())""",
        kid,
    )


async def note_use(pool: Pool, kid: str) -> None:
    """Remember that a key was used today (UTC)."""
    await pool.execute("UPDATE member_key SET used_on = (now() AT TIME ZONE 'UTC')::date WHERE kid = $1", kid)


async def list_keys(pool: Pool, member: str) -> list[Record]:
    """The keys of a member, those that are over included, the oldest first."""
    return await pool.fetch(f"SELECT {SHOWN} FROM member_key WHERE member = $1 ORDER BY made_at, kid", member)  # noqa: S608 - our own columns


async def lock_valid(tx: Connection, member: str, kid: str) -> Record | None:
    """A key of a member that is in force, locked."""
    return await tx.fetchrow(
        f"""SELECT {SHOWN} FROM member_key WHERE kid = $2 AND member = $1 AND revoked_at IS NULL
              AND (expires_at IS NULL OR expires_at > now()) FOR UPDATE""",  # noqa: S608 - our own columns
        member,
        kid,
    )


async def end_within(tx: Connection, kid: str, grace: timedelta) -> datetime:
    """Let a key expire after a grace period, unless it does so earlier; when that is."""
    ends: datetime = await tx.fetchval(
        "UPDATE member_key SET expires_at = least(expires_at, now() + $2) WHERE kid = $1 RETURNING expires_at",
        kid,
        grace,
    )
    return ends


async def revoke(tx: Connection, member: str, kid: str) -> Record | None:
    """End a key of a member at once; None where the member has no such key. A revoked one stays as it is.

    `is_news` says whether it was not revoked before.
    """
    return await tx.fetchrow(
        f"""WITH before AS (SELECT kid, revoked_at IS NULL AS is_news FROM member_key
                            WHERE kid = $2 AND member = $1 FOR UPDATE)
            UPDATE member_key k SET revoked_at = coalesce(k.revoked_at, now())
            FROM before WHERE k.kid = before.kid RETURNING {SHOWN_OF_K}, is_news""",  # noqa: S608 - our own columns
        member,
        kid,
    )


async def revoke_all(tx: Connection, member: str) -> list[str]:
    """End every key of a member at once; those that were not revoked before."""
    rows = await tx.fetch(
        "UPDATE member_key SET revoked_at = now() WHERE member = $1 AND revoked_at IS NULL RETURNING kid", member
    )
    return sorted(row["kid"] for row in rows)
