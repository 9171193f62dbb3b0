"""SQL on the keys of members, as `ingest` tells of them."""

from collections.abc import Sequence

from asyncpg import Record

from shared.events.ingest import KeyEnded, KeyIssued
from shared.postgres import Connection


async def issue(tx: Connection, keys: Sequence[KeyIssued]) -> None:
    """Keep keys, each once in a batch; an end that was told before holds."""
    await tx.execute(
        """INSERT INTO member_key AS k (kid, member, digest, purposes, ends_at)
           SELECT kid, member, digest, string_to_array(purposes, ' '), ends_at
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
               AS u (kid, member, digest, purposes, ends_at)
           ON CONFLICT (kid) DO UPDATE SET digest = EXCLUDED.digest, purposes = EXCLUDED.purposes,
               ends_at = least(k.ends_at, EXCLUDED.ends_at)""",
        [one.kid for one in keys],
        [one.member for one in keys],
        [one.digest for one in keys],
        [" ".join(one.purposes) for one in keys],
        [one.expires for one in keys],
    )


async def end(tx: Connection, ends: Sequence[KeyEnded]) -> None:
    """End keys, each once in a batch, unless they end earlier; also those of which nothing else was told yet."""
    await tx.execute(
        """INSERT INTO member_key AS k (kid, member, ends_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
           ON CONFLICT (kid) DO UPDATE SET ends_at = least(k.ends_at, EXCLUDED.ends_at)""",
        [one.kid for one in ends],
        [one.member for one in ends],
        [one.ends for one in ends],
    )


async def read_valid(connection: Connection, kid: str) -> Record | None:
    """A key that is in force, by the database's clock, with its member, which has not left."""
    return await connection.fetchrow(
        """SELECT k.member, k.digest, k.purposes FROM member_key k
           WHERE k.kid = $1 AND k.digest IS NOT NULL AND (k.ends_at IS NULL OR k.ends_at > now())
             AND NOT EXISTS (SELECT FROM participant p WHERE p.member = k.member AND p.left_at IS NOT NULL)""",
        kid,
    )
