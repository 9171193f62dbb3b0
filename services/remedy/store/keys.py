"""Every SQL statement on the database of keys: wrapped keys of cases, and the trustee's key pairs."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from shared.events.remedy.words import Erased
from shared.postgres import Connection


class CaseKey(NamedTuple):
    """Which key: of which case, for what."""

    case: UUID
    kind: Erased


class Wrapped(NamedTuple):
    """A key of a case, wrapped."""

    case: UUID
    kind: Erased
    wrapped: bytes
    made_with: str


async def insert_case_keys(tx: Connection, keys: Sequence[Wrapped]) -> None:
    """Keep keys of cases that have none of the kind."""
    await tx.execute(
        """INSERT INTO case_key (case_id, kind, wrapped, made_with)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[]) ON CONFLICT DO NOTHING""",
        *([key[column] for key in keys] for column in range(4)),
    )


async def read_case_keys(tx: Connection, cases: Collection[UUID]) -> dict[CaseKey, bytes]:
    """The keys of these cases, wrapped."""
    rows = await tx.fetch("SELECT case_id, kind, wrapped FROM case_key WHERE case_id = ANY($1)", list(cases))
    return {CaseKey(row["case_id"], Erased(row["kind"])): row["wrapped"] for row in rows}


async def delete_case_keys(tx: Connection, case: UUID, kinds: Collection[Erased]) -> int:
    """Delete the keys of these kinds that a case has; how many there were."""
    done = await tx.fetch(
        "DELETE FROM case_key WHERE case_id = $1 AND kind = ANY($2::text[]) RETURNING kind", case, list(kinds)
    )
    return len(done)


async def take_outdated(tx: Connection, current: str, after: tuple[UUID, str], limit: int) -> list[Wrapped]:
    """Some of the keys of cases that were not wrapped with the current key, in order, but for those in work."""
    rows = await tx.fetch(
        """SELECT case_id, kind, wrapped, made_with FROM case_key
           WHERE made_with <> $1 AND (case_id, kind) > ($2, $3)
           ORDER BY case_id, kind LIMIT $4 FOR UPDATE SKIP LOCKED""",
        current,
        *after,
        limit,
    )
    return [Wrapped(row["case_id"], Erased(row["kind"]), row["wrapped"], row["made_with"]) for row in rows]


async def replace_case_keys(tx: Connection, keys: Sequence[Wrapped]) -> None:
    """Keep keys of cases in their new wrapping."""
    await tx.execute(
        """UPDATE case_key k SET wrapped = u.wrapped, made_with = u.made_with
           FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[]) AS u (case_id, kind, wrapped, made_with)
           WHERE (k.case_id, k.kind) = (u.case_id, u.kind)""",
        *([key[column] for key in keys] for column in range(4)),
    )


# The trustee's keys.


async def take_turn(tx: Connection) -> None:
    """Let one transaction at a time look after the trustee's keys."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('remedy/trustee-keys', 0))")


async def read_current_trustee_key(tx: Connection, days_left: int) -> Record | None:
    """The newest key, where it is valid for more than so many days."""
    return await tx.fetchrow(
        """SELECT * FROM trustee_key WHERE wrapped IS NOT NULL AND valid_to > now() + make_interval(hours => 24 * $1)
           ORDER BY valid_from DESC LIMIT 1""",
        days_left,
    )


async def insert_trustee_key(
    tx: Connection, key_id: str, public_key: str, wrapped: bytes, made_with: str, days: int
) -> Record:
    """Keep a new key, valid from now on for so many days; its row."""
    row = await tx.fetchrow(
        """INSERT INTO trustee_key (key_id, public_key, wrapped, made_with, valid_from, valid_to)
           VALUES ($1, $2, $3, $4, now(), now() + make_interval(hours => 24 * $5)) RETURNING *""",
        key_id,
        public_key,
        wrapped,
        made_with,
        days,
    )
    assert row is not None
    return row


async def read_live_trustee_keys(tx: Connection) -> list[Record]:
    """The keys whose private half is there, the newest first."""
    return await tx.fetch("SELECT * FROM trustee_key WHERE wrapped IS NOT NULL ORDER BY valid_from DESC, key_id")


async def read_ended_trustee_keys(tx: Connection, days: int) -> list[str]:
    """The keys that ended more than so many days ago, and whose private half is still there."""
    rows = await tx.fetch(
        """SELECT key_id FROM trustee_key
           WHERE wrapped IS NOT NULL AND valid_to + make_interval(hours => 24 * $1) < now()""",
        days,
    )
    return [row["key_id"] for row in rows]


async def destroy_trustee_keys(tx: Connection, keys: Sequence[str]) -> int:
    """Remove the private half of these keys; how many had one."""
    done = await tx.fetch(
        """UPDATE trustee_key SET wrapped = NULL, made_with = NULL, destroyed_at = now()
           WHERE key_id = ANY($1) AND wrapped IS NOT NULL RETURNING key_id""",
        keys,
    )
    return len(done)


async def rewrap_trustee_key(tx: Connection, key_id: str, wrapped: bytes, made_with: str) -> None:
    """Keep a private half in its new wrapping, unless it was destroyed meanwhile."""
    await tx.execute(
        "UPDATE trustee_key SET wrapped = $2, made_with = $3 WHERE key_id = $1 AND wrapped IS NOT NULL",
        key_id,
        wrapped,
        made_with,
    )


# What destroyed keys leave behind.


async def note_remains(tx: Connection) -> None:
    """Remember that the tables' files hold bytes of keys that are destroyed or wrapped anew."""
    await tx.execute("INSERT INTO key_remains DEFAULT VALUES")


async def read_remains(tx: Connection) -> int | None:
    """Until where remains are noted; None where there are none."""
    until: int | None = await tx.fetchval("SELECT max(remains_id) FROM key_remains")
    return until


async def forget_remains(tx: Connection, until: int) -> None:
    """Forget remains that are gone."""
    await tx.execute("DELETE FROM key_remains WHERE remains_id <= $1", until)


async def rewrite_tables(connection: Connection) -> None:
    """Write the tables of keys anew without what was deleted. Not in a transaction; locks them for a moment."""
    await connection.execute("VACUUM (FULL) case_key")
    await connection.execute("VACUUM (FULL) trustee_key")
