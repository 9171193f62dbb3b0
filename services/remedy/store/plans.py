"""Remedy plans and the watch for retaliation, as far as the facts of a case do not tell them."""

from uuid import UUID

from asyncpg import Record

from services.remedy.store.contents import sealed_of
from services.remedy.vault import Part, Sealed
from shared.events.remedy.words import DeadlineKind, TestimonyKind
from shared.postgres import Connection


async def note_work(tx: Connection, case: UUID, item: UUID, person: UUID) -> None:
    """Keep that a person recorded the implementation of an item."""
    await tx.execute(
        "INSERT INTO item_work (case_id, item, person_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        case,
        item,
        person,
    )


async def has_worked(tx: Connection, case: UUID, item: UUID, person: UUID) -> bool:
    """Whether a person recorded the implementation of an item."""
    found: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM item_work WHERE case_id = $1 AND item = $2 AND person_id = $3)", case, item, person
    )
    return found


async def read_words(tx: Connection, case: UUID, item: UUID) -> Sealed | None:
    """The sealed words of an item, as last written."""
    row = await tx.fetchrow(
        "SELECT * FROM content WHERE case_id = $1 AND part = $2 AND item = $3 ORDER BY place DESC LIMIT 1",
        case,
        Part.ITEM,
        item,
    )
    return sealed_of(row) if row else None


async def insert_case(tx: Connection, case: UUID, kind: TestimonyKind, reference: str) -> Record:
    """Keep a case that a handler opens: it comes in no box. Its row."""
    row = await tx.fetchrow(
        """INSERT INTO grievance_case (case_id, kind, reference, key_id, state, openable, received_at)
           VALUES ($1, $2, $3, '', 'received', true, now()) RETURNING *""",
        case,
        kind,
        reference,
    )
    assert row is not None
    return row


async def has_open_reprisal(tx: Connection, case: UUID) -> bool:
    """Whether a case that tells of reprisal for this one is open, and can still be read."""
    found: bool = await tx.fetchval(
        """SELECT EXISTS (
               SELECT FROM case_fact f JOIN grievance_case c USING (case_id)
               WHERE f.type = 'case.linked.v1' AND f.data::json->>'kind' = 'reprisal' AND f.data::json->>'to' = $1
                   AND c.state <> 'closed'
                   AND NOT EXISTS (SELECT FROM case_fact e WHERE e.case_id = c.case_id AND e.type = 'case.erased.v1'
                                       AND e.data::json->>'what' = 'content'))""",
        str(case),
    )
    return found


async def read_checks_at_hand(connection: Connection) -> list[Record]:
    """The checks for retaliation of all cases whose time has come, the first due first: references, never ids."""
    return await connection.fetch(
        """SELECT reference, number, due_at AS due, basis, missed FROM deadline JOIN grievance_case USING (case_id)
           WHERE deadline.kind = $1 AND warn_at <= now() ORDER BY due_at, reference""",
        DeadlineKind.RETALIATION_CHECK,
    )
