"""SQL on good practices, and the groups to which each was offered."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection


async def insert(tx: Connection, practices: Sequence[tuple[UUID, str, str]]) -> None:
    """Keep practices: the id of each, its group, and what others are told of it."""
    await tx.execute(
        """INSERT INTO practice (id, workinggroup, said)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])""",
        [id_ for id_, _, _ in practices],
        [group for _, group, _ in practices],
        [said for _, _, said in practices],
    )


async def read(tx: Connection, ids: Collection[UUID]) -> dict[UUID, Record]:
    """Practices that hold, each with its group and what others are told; none is taken back before `tx` ends."""
    rows = await tx.fetch(
        """SELECT id, workinggroup, said FROM practice WHERE id = ANY($1::uuid[]) AND NOT withdrawn
           ORDER BY id FOR SHARE""",
        list(ids),
    )
    return {row["id"]: row for row in rows}


async def offer(tx: Connection, offers: Sequence[tuple[UUID, str, UUID]]) -> set[tuple[UUID, str]]:
    """Keep offers: practice, group and receipt of each; those (practice, group) that were not offered before."""
    rows = await tx.fetch(
        """INSERT INTO practice_offer (practice, workinggroup, receipt)
           SELECT practice, workinggroup, receipt
           FROM unnest($1::uuid[], $2::text[], $3::uuid[]) WITH ORDINALITY AS u (practice, workinggroup, receipt, place)
           ORDER BY practice, workinggroup, place
           ON CONFLICT DO NOTHING RETURNING practice, workinggroup""",
        [practice for practice, _, _ in offers],
        [group for _, group, _ in offers],
        [receipt for _, _, receipt in offers],
    )
    return {(row["practice"], row["workinggroup"]) for row in rows}


async def withdraw(tx: Connection, ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """Take practices back; each with its own group, and with those to which it is offered."""
    await tx.execute("UPDATE practice SET withdrawn = true WHERE id = ANY($1::uuid[])", list(ids))
    rows = await tx.fetch(
        """WITH gone AS (DELETE FROM practice_offer WHERE practice = ANY($1::uuid[]) RETURNING practice, workinggroup)
           SELECT id, workinggroup FROM practice WHERE id = ANY($1::uuid[]) UNION SELECT * FROM gone ORDER BY 1, 2""",
        list(ids),
    )
    return [(row["id"], row["workinggroup"]) for row in rows]


async def withdraw_offers(tx: Connection, receipts: Collection[UUID]) -> list[tuple[UUID, str, UUID]]:
    """Take offers back by their receipts: practice, group and receipt of each that was first offered by it."""
    rows = await tx.fetch(
        """DELETE FROM practice_offer WHERE receipt = ANY($1::uuid[]) RETURNING practice, workinggroup, receipt""",
        list(receipts),
    )
    return sorted((row["practice"], row["workinggroup"], row["receipt"]) for row in rows)
