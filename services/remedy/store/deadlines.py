"""Deadlines that are due, and the clock by which they fall due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class ClockWatch:
    """The database's clock now, the latest moment that was believed, and whether nothing may happen by it."""

    now: datetime
    high_water: datetime
    held: str | None
    held_at: datetime | None
    released: int


async def lock_due(
    tx: Connection, at: datetime, kinds: Collection[str], failing: Collection[UUID], limit: int
) -> list[Record]:
    """Cases that a deadline of these kinds has come near to or passed at a moment, the longest overdue first, locked.

    Not those that others have.

    Retention passes elsewhere: it is not missed. What the row of a deadline says may be out of date by a moment.
    """
    return await tx.fetch(
        """WITH due AS (
               SELECT case_id, min(CASE WHEN warned THEN due_at ELSE warn_at END) AS since FROM deadline
               WHERE NOT missed AND case_id <> ALL($1::uuid[]) AND kind = ANY($4::text[])
                   AND ((due_at <= $3 AND kind <> 'retention') OR (warn_at <= $3 AND NOT warned))
               GROUP BY case_id ORDER BY since LIMIT 10 * $2)
           SELECT c.* FROM grievance_case c JOIN due USING (case_id)
           ORDER BY since LIMIT $2 FOR UPDATE OF c SKIP LOCKED""",
        list(failing),
        limit,
        at,
        list(kinds),
    )


async def count_overdue(connection: Connection) -> list[Record]:
    """How many deadlines of each kind were missed and are still to be met."""
    return await connection.fetch("SELECT kind, count(*) AS number FROM deadline WHERE missed GROUP BY kind")


async def read_running(connection: Connection, until: datetime) -> list[Record]:
    """The deadlines that fall due until a moment, with the references of their cases; the first due first."""
    return await connection.fetch(
        """SELECT c.reference, d.kind, d.clock, d.number, d.due_at AS due, d.basis, d.missed
           FROM deadline d JOIN grievance_case c USING (case_id)
           WHERE d.due_at <= $1 ORDER BY d.due_at, c.reference, d.clock""",
        until,
    )


async def watch_clock(tx: Connection) -> ClockWatch:
    """The clock as it now is, read and not as of the transaction's beginning; the row is locked."""
    await tx.execute("INSERT INTO clock_watch (high_water) VALUES (clock_timestamp()) ON CONFLICT DO NOTHING")
    row = await tx.fetchrow(
        """WITH locked AS MATERIALIZED (SELECT * FROM clock_watch FOR UPDATE)
           SELECT clock_timestamp() AS now, high_water, held, held_at, released FROM locked"""
    )
    assert row is not None
    return ClockWatch(**row)


async def believe_clock(tx: Connection, at: datetime) -> None:
    """The clock is right at this moment: what was held goes on."""
    await tx.execute(
        "UPDATE clock_watch SET high_water = greatest(high_water, $1), held = NULL, held_at = NULL "
        "WHERE high_water < $1 OR held IS NOT NULL",
        at,
    )


async def hold_clock(tx: Connection, why: str) -> None:
    """The clock has jumped: nothing happens by it until it is right again or a person says so."""
    await tx.execute(
        "UPDATE clock_watch SET held = $1, held_at = clock_timestamp() WHERE held IS DISTINCT FROM $1", why
    )


async def release_clock(tx: Connection) -> None:
    """A person says that the clock is right as it is: from now on it is believed."""
    await tx.execute(
        "UPDATE clock_watch SET high_water = clock_timestamp(), held = NULL, held_at = NULL, released = released + 1"
    )
