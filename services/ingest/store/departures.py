"""SQL on members that leave: what is theirs, what ends with them, and what of it is still on its way to Kafka."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.ingest.store.directory import SAID
from shared.postgres import Connection, Pool

RECORDS = 500
"""Rows that are fetched at a time."""

SECTIONS = (
    """SELECT 'member' AS kind, slug, name, kind AS member_kind, country, organisation_number, bound_by, registered_at,
              left_at
       FROM member WHERE slug = $1""",
    """SELECT 'key' AS kind, kid, purposes, label, made_at, used_on, expires_at, revoked_at
       FROM member_key WHERE member = $1 ORDER BY made_at, kid""",
    """SELECT 'workinggroup' AS kind, g.slug, g.name, g.purpose, g.secretariat, m.role, m.joined_at, g.closed_at
       FROM workinggroup g LEFT JOIN workinggroup_member m ON m.workinggroup = g.slug AND m.member = $1
       WHERE g.secretariat = $1 OR m.member IS NOT NULL ORDER BY g.slug""",
    """SELECT 'contract' AS kind, c.id, c.member, c.reference, ({said})::jsonb AS said,
               c.closed, c.ended_on, c.end_reason
       FROM contract c WHERE c.member = $1
           OR c.said IS NOT NULL AND EXISTS (
               SELECT FROM contract_reader r WHERE r.contract = c.id AND r.reader = $1) ORDER BY c.id""".replace(
        "{said}", SAID
    ),
    """SELECT 'list' AS kind, l.name, l.edition,
           ARRAY(SELECT e.edition FROM list_edition e WHERE e.member = $1 AND e.list = l.name ORDER BY 1) AS editions
       FROM supplier_list l WHERE l.member = $1 ORDER BY l.name""",
    """SELECT 'mention' AS kind, source, edition, item, supplier_said, site_said, heard_at
       FROM mention WHERE member = $1 ORDER BY source, edition, item""",
    """SELECT 'disclosure' AS kind, id, list, edition, "row", supplier, site, published, contract, request,
              said::jsonb AS said, said_at, source, submission, retired, reason
       FROM disclosure WHERE member = $1 ORDER BY id""",
    """SELECT 'disclosure_told' AS kind, d.id, d.supplier, d.site, d.said::jsonb AS said, d.said_at, r.about
       FROM disclosure_reader r JOIN disclosure d ON d.id = r.disclosure
       WHERE r.reader = $1 AND d.member <> $1 ORDER BY d.id, r.about""",
    """SELECT 'request' AS kind, id, supplier, contract, asked_on, due, said::jsonb AS said, answered_by, answered_at,
              overdue, withdrawn
       FROM request WHERE member = $1 ORDER BY id""",
    """SELECT 'practice' AS kind, p.id, p.workinggroup, p.said::jsonb AS said, p.withdrawn,
              ARRAY(SELECT o.workinggroup FROM practice_offer o WHERE o.practice = p.id ORDER BY 1) AS offered_to
       FROM practice p JOIN consequence c ON c.id = p.id AND c.kind = 'practice' JOIN receipt r ON r.id = c.receipt
       WHERE r.member = $1 ORDER BY p.id""",
    """SELECT 'supplier_contact' AS kind, kid, workinggroup, supplier, ask, label, issued_at, used_on,
              expires_at, revoked_at
       FROM supplier_contact WHERE issued_by = $1 ORDER BY issued_at, kid""",
    """SELECT 'receipt' AS kind, r.id, r.source, r.event_id, r.received_at, c.kind AS became, c.id AS became_id,
              coalesce(c.withdrawn, false) AS withdrawn
       FROM receipt r LEFT JOIN consequence c ON c.receipt = r.id
       WHERE r.member = $1 AND r.received_at <> date_trunc('day', r.received_at, 'UTC')
       ORDER BY r.source, r.event_id""",
)
"""What is kept of a member. Receipts of testimony are those of which only the day is kept: they are left out."""


async def export(tx: Connection, member: str) -> AsyncIterator[str]:
    """What a member sent, and what it was told, as JSON objects, each with its `kind`; nothing of testimony."""
    for section in SECTIONS:
        query = f"SELECT to_jsonb(x)::text AS line FROM ({section}) x"  # noqa: S608 - our own sections
        async for row in tx.cursor(query, member, prefetch=RECORDS):
            yield row["line"]


async def close_contracts(tx: Connection, member: str, today: date) -> list[UUID]:
    """Close the contracts of a member that still bind; their ids."""
    rows = await tx.fetch(
        """UPDATE contract SET closed = true, ended_on = $2, end_reason = 'other', closes_on = $2
           WHERE member = $1 AND said IS NOT NULL AND NOT closed RETURNING id""",
        member,
        today,
    )
    return [row["id"] for row in rows]


async def stop_clocks(tx: Connection, member: str) -> int:
    """Let no clock run for a member's requests any more; how many did."""
    rows = await tx.fetch(
        """UPDATE request SET withdrawn = true
           WHERE member = $1 AND answered_by IS NULL AND NOT withdrawn RETURNING id""",
        member,
    )
    return len(rows)


async def secretariats(tx: Connection, member: str) -> list[str]:
    """The working groups that are not closed whose secretariat a member keeps."""
    rows = await tx.fetch(
        "SELECT slug FROM workinggroup WHERE secretariat = $1 AND closed_at IS NULL ORDER BY slug", member
    )
    return [row["slug"] for row in rows]


class Effects(NamedTuple):
    """How much of a member's ends when it leaves, and how many of its disclosures stay because they are published."""

    keys: int
    contracts: int
    workinggroups: int
    requests: int
    disclosures_kept: int


async def count_effects(tx: Connection, member: str) -> Effects:
    """What would end if the member left now."""
    row = await tx.fetchrow(
        """SELECT (SELECT count(*) FROM member_key WHERE member = $1 AND revoked_at IS NULL),
                  (SELECT count(*) FROM contract WHERE member = $1 AND said IS NOT NULL AND NOT closed),
                  (SELECT count(*) FROM workinggroup_member WHERE member = $1),
                  (SELECT count(*) FROM request WHERE member = $1 AND answered_by IS NULL AND NOT withdrawn),
                  (SELECT count(*) FROM disclosure WHERE member = $1 AND published AND NOT retired)""",
        member,
    )
    assert row is not None  # a query without FROM has one row
    return Effects(*row)


async def drop_undelivered(tx: Connection, topics: Sequence[str]) -> None:
    """Take off the relay's queue what it cannot publish any more, because the topics are deleted."""
    await tx.execute(
        "DELETE FROM outbox_todo t USING outbox o WHERE o.id = t.id AND o.topic = ANY($1::text[])", list(topics)
    )


async def count_undelivered(pool: Pool, topics: Sequence[str]) -> int:
    """How many events of these topics the relay has still to publish."""
    count: int = await pool.fetchval(
        "SELECT count(*) FROM outbox_todo t JOIN outbox o USING (id) WHERE o.topic = ANY($1::text[])", list(topics)
    )
    return count
