"""What is to be erased, by whose decision, and its erasure from the tables."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.remedy.vault import Part
from shared.events.remedy.words import Erased, ErasureBasis
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for erasure, with the words that say why, where a person asks who is not the reporter."""

    id: UUID
    case: UUID
    what: Erased
    basis: ErasureBasis
    by: UUID | None = None
    motivation: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A second person's decision, with the words that say why."""

    by: UUID
    granted: bool
    words: UUID


async def insert(tx: Connection, asked: Asked, granted: bool | None = None) -> bool:
    """Keep a request, granted or waiting for a decision; False where one for the case waits already."""
    status = await tx.execute(
        """INSERT INTO erasure (erasure_id, case_id, what, basis, asked_by, motivation, granted)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (case_id) WHERE granted IS NULL DO NOTHING""",
        asked.id,
        asked.case,
        asked.what,
        asked.basis,
        asked.by,
        asked.motivation,
        granted,
    )
    return status != "INSERT 0 0"


async def read_waiting(connection: Connection, custodian: UUID) -> list[Record]:
    """The requests that wait for a decision of somebody who neither asked nor works on the case, the oldest first."""
    return await connection.fetch(
        """SELECT e.erasure_id, e.what, e.asked_at, c.reference, p.name
           FROM erasure e JOIN grievance_case c USING (case_id) JOIN person p ON p.person_id = e.asked_by
           WHERE e.granted IS NULL AND e.asked_by <> $1
               AND NOT EXISTS (SELECT FROM assignment a WHERE a.case_id = e.case_id AND a.person_id = $1)
           ORDER BY e.asked_at, e.erasure_id""",
        custodian,
    )


async def read(connection: Connection, erasure: UUID, custodian: UUID) -> Record | None:
    """A request with the reference of its case, the name of who asked, and whether `custodian` works on the case."""
    return await connection.fetchrow(
        """SELECT e.*, c.reference, p.name,
               EXISTS (SELECT FROM assignment a WHERE a.case_id = e.case_id AND a.person_id = $2) AS works_on_it
           FROM erasure e JOIN grievance_case c USING (case_id) JOIN person p ON p.person_id = e.asked_by
           WHERE e.erasure_id = $1""",
        erasure,
        custodian,
    )


async def decide(tx: Connection, erasure: UUID, decided: Decided) -> bool:
    """Write down the decision on a request; False where it has just been withdrawn."""
    status = await tx.execute(
        """UPDATE erasure SET decided_by = $2, decided_at = now(), granted = $3, decision = $4
           WHERE erasure_id = $1""",
        erasure,
        decided.by,
        decided.granted,
        decided.words,
    )
    return status != "UPDATE 0"


async def is_waiting(connection: Connection, case: UUID) -> bool:
    """Whether a request for a case waits for a decision."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM erasure WHERE case_id = $1 AND granted IS NULL)", case
    )
    return found


async def read_to_do(connection: Connection, limit: int) -> list[Record]:
    """Erasures that were decided and are not done, the oldest first."""
    return await connection.fetch(
        "SELECT * FROM erasure WHERE granted AND done_at IS NULL ORDER BY asked_at, erasure_id LIMIT $1", limit
    )


async def finish(tx: Connection, erasure: UUID) -> None:
    """An erasure is done."""
    await tx.execute("UPDATE erasure SET done_at = now() WHERE erasure_id = $1", erasure)


async def lock_retained(
    tx: Connection, clocks: Collection[str], limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Record]:
    """Cases of which something has been kept for long enough by these clocks, locked; not those that others have.

    They come in the order of `received_at` and `case_id`, those after `after`. Left out is what a hold or a check for
    retaliation still keeps.
    """
    return await tx.fetch(
        """SELECT c.* FROM grievance_case c
           WHERE EXISTS (SELECT FROM deadline d WHERE d.case_id = c.case_id AND d.kind = 'retention'
                             AND d.clock = ANY($1::text[]) AND d.due_at <= now())
               AND ($3::timestamptz IS NULL OR (c.received_at, c.case_id) > ($3, $4))
               AND NOT EXISTS (SELECT FROM deadline d WHERE d.case_id = c.case_id AND d.kind = 'retaliation_check')
               AND NOT EXISTS (SELECT FROM erasure e WHERE e.case_id = c.case_id AND e.granted AND e.done_at IS NULL)
               AND (SELECT coalesce(max(f.position) FILTER (WHERE f.type = 'case.legal-hold-placed.v1'), 0)
                           <= coalesce(max(f.position) FILTER (WHERE f.type = 'case.legal-hold-lifted.v1'), 0)
                    FROM case_fact f WHERE f.case_id = c.case_id)
           ORDER BY c.received_at, c.case_id LIMIT $2 FOR UPDATE OF c SKIP LOCKED""",
        list(clocks),
        limit,
        *(after or (None, None)),
    )


async def read_to_erase(tx: Connection, case: UUID, parts: Iterable[Part]) -> tuple[UUID, ...]:
    """The ids of the words of these parts."""
    rows = await tx.fetch(
        "SELECT content_id FROM content WHERE case_id = $1 AND part = ANY($2::text[]) ORDER BY place", case, list(parts)
    )
    return tuple(row["content_id"] for row in rows)


async def erase_identity(tx: Connection, case: UUID, parts: Collection[Part]) -> None:
    """Remove the words of these parts, and what was asked and granted to see them."""
    await tx.execute("DELETE FROM content WHERE case_id = $1 AND part = ANY($2::text[])", case, list(parts))
    await tx.execute("UPDATE identity_request SET until = now() WHERE case_id = $1 AND until > now()", case)


async def forget_joined(tx: Connection, case: UUID) -> None:
    """Forget the receipts of cases that were joined to one; before that is locked, for its reporters lock in order."""
    await tx.execute(
        """UPDATE grievance_case SET receipt_hash = NULL
           WHERE receipt_hash IS NOT NULL AND case_id IN (
               SELECT case_id FROM case_fact
               WHERE type = 'case.linked.v1' AND by = 'clock' AND data::json->>'kind' = 'joined'
                   AND data::json->>'to' = $1)""",
        str(case),
    )


async def erase_content(tx: Connection, case: UUID) -> None:
    """Remove all words of a case, its box and its receipt. What is left are codes, days and counts."""
    await tx.execute("DELETE FROM content WHERE case_id = $1", case)
    await tx.execute("UPDATE identity_request SET until = now() WHERE case_id = $1 AND until > now()", case)
    await tx.execute("UPDATE grievance_case SET sealed = NULL, receipt_hash = NULL WHERE case_id = $1", case)


OF_A_CASE = (
    "statement_waiting",
    "content",
    "deadline",
    "item_work",
    "identity_request",
    "erasure",
    "assignment",
    "recusal",
    "case_fact",
)
"""Every table that names a case, but the audit, which stays; those that name others first."""


async def drop_record(tx: Connection, case: UUID) -> None:
    """Remove the last of a case: afterwards only the audit knows that there was one."""
    for table in (*OF_A_CASE, "grievance_case"):
        await tx.execute(f"DELETE FROM {table} WHERE case_id = $1", case)  # noqa: S608 - the names stand above
