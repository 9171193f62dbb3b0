"""SQL on receipts: what the door has accepted, and how it is known again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection, Pool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an event was accepted. `content` is a digest of what was sent."""

    id: UUID
    source: str
    event_id: str
    content: bytes
    received_at: datetime


async def insert(tx: Connection, member: str, receipts: Sequence[Receipt]) -> set[UUID]:
    """Give receipts for events that were not sent before; the ids of those given.

    Waits for a transaction that has given one for the same event, until that has ended.
    """
    ordered = sorted(receipts, key=lambda receipt: (receipt.source, receipt.event_id))
    rows = await tx.fetch(
        """INSERT INTO receipt (id, member, source, event_id, content, received_at)
           SELECT id, $1, source, event_id, content, received_at
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[])
               WITH ORDINALITY AS u (id, source, event_id, content, received_at, place)
           ORDER BY place
           ON CONFLICT (member, source, event_id) DO NOTHING RETURNING id""",
        member,
        [receipt.id for receipt in ordered],
        [receipt.source for receipt in ordered],
        [receipt.event_id for receipt in ordered],
        [receipt.content for receipt in ordered],
        [receipt.received_at for receipt in ordered],
    )
    return {row["id"] for row in rows}


async def read_by_event(tx: Connection, member: str, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record]:
    """The receipts given for events of a member, by (source, event id)."""
    rows = await tx.fetch(
        """SELECT r.id, r.source, r.event_id, r.content
           FROM unnest($2::text[], $3::text[]) AS u (source, event_id)
           JOIN receipt r ON r.member = $1 AND r.source = u.source AND r.event_id = u.event_id""",
        member,
        [source for source, _ in names],
        [event_id for _, event_id in names],
    )
    return {(row["source"], row["event_id"]): row for row in rows}


async def take_back(tx: Connection, receipts: Sequence[UUID]) -> None:
    """Remove receipts of this very transaction: their events were refused after all, and may be sent again."""
    await tx.execute("DELETE FROM receipt WHERE id = ANY($1::uuid[])", list(receipts))


async def read_own(pool: Pool, member: str, receipt: UUID) -> Record | None:
    """A receipt of this member, with what it became (`entry`); another member's is not found."""
    return await pool.fetchrow(
        """SELECT r.*, c.id AS entry FROM receipt r LEFT JOIN consequence c ON c.receipt = r.id
           WHERE r.id = $1 AND r.member = $2""",
        receipt,
        member,
    )
