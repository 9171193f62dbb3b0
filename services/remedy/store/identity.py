"""Who asked to see who a reporter is, and what somebody else decided."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, with the words that say why."""

    id: UUID
    case: UUID
    by: UUID
    motivation: UUID


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on a request: who, whether granted, the words that say why, and until when it holds."""

    by: UUID
    granted: bool
    words: UUID
    until: datetime | None


async def insert(tx: Connection, asked: Asked) -> None:
    """Keep a request; of one person for one case a single one waits at a time."""
    await tx.execute(
        "INSERT INTO identity_request (request_id, case_id, asked_by, motivation) VALUES ($1, $2, $3, $4)",
        asked.id,
        asked.case,
        asked.by,
        asked.motivation,
    )


async def read_waiting(connection: Connection, custodian: UUID) -> list[Record]:
    """The requests that wait for a decision of somebody who does not work on the case; oldest first.

    Who asked works on it still.
    """
    return await connection.fetch(
        """SELECT r.request_id, r.asked_at, c.reference, p.name
           FROM identity_request r JOIN grievance_case c USING (case_id)
               JOIN assignment a ON (a.case_id, a.person_id) = (r.case_id, r.asked_by)
               JOIN person p ON p.person_id = r.asked_by
           WHERE r.decided_at IS NULL AND r.asked_by <> $1
               AND NOT EXISTS (SELECT FROM assignment o WHERE o.case_id = r.case_id AND o.person_id = $1)
           ORDER BY r.asked_at""",
        custodian,
    )


async def read_case_of(tx: Connection, request: UUID) -> UUID | None:
    """The case of a request by somebody who works on it."""
    case: UUID | None = await tx.fetchval(
        """SELECT r.case_id FROM identity_request r
               JOIN assignment a ON (a.case_id, a.person_id) = (r.case_id, r.asked_by)
           WHERE r.request_id = $1""",
        request,
    )
    return case


async def lock(tx: Connection, request: UUID, custodian: UUID) -> Record | None:
    """A request by somebody who works on the case, locked: with their name, and whether `custodian` works on it too."""
    return await tx.fetchrow(
        """SELECT r.*, c.reference, p.name,
               EXISTS (SELECT FROM assignment o WHERE o.case_id = r.case_id AND o.person_id = $2) AS works_on_it
           FROM identity_request r JOIN grievance_case c USING (case_id)
               JOIN assignment a ON (a.case_id, a.person_id) = (r.case_id, r.asked_by)
               JOIN person p ON p.person_id = r.asked_by
           WHERE r.request_id = $1 FOR UPDATE OF r FOR SHARE OF a""",
        request,
        custodian,
    )


async def decide(tx: Connection, request: UUID, decided: Decided) -> None:
    """Write down the decision on a locked request."""
    await tx.execute(
        """UPDATE identity_request SET decided_by = $2, decided_at = now(), granted = $3, decision = $4, until = $5
           WHERE request_id = $1""",
        request,
        decided.by,
        decided.granted,
        decided.words,
        decided.until,
    )


async def read_grant(tx: Connection, case: UUID, person: UUID) -> Record | None:
    """What was granted to this person for this case and still holds, by the database's clock."""
    return await tx.fetchrow(
        """SELECT * FROM identity_request
           WHERE case_id = $1 AND asked_by = $2 AND granted AND until > now() ORDER BY until DESC LIMIT 1""",
        case,
        person,
    )


async def is_waiting(connection: Connection, case: UUID, person: UUID) -> bool:
    """Whether a request of this person for this case waits for a decision."""
    found: bool = await connection.fetchval(
        """SELECT EXISTS (SELECT FROM identity_request
                          WHERE case_id = $1 AND asked_by = $2 AND decided_at IS NULL)""",
        case,
        person,
    )
    return found


async def end_grants(tx: Connection, person: UUID, case: UUID | None = None) -> None:
    """End what was granted to a person, and what they ask for, erasure as well: of one case, or of all."""
    await tx.execute(
        """WITH to_erase AS (
               DELETE FROM erasure
               WHERE asked_by = $1 AND ($2::uuid IS NULL OR case_id = $2) AND granted IS NULL),
           asked AS (
               DELETE FROM identity_request
               WHERE asked_by = $1 AND ($2::uuid IS NULL OR case_id = $2) AND decided_at IS NULL)
           UPDATE identity_request SET until = now()
           WHERE asked_by = $1 AND ($2::uuid IS NULL OR case_id = $2) AND until > now()""",
        person,
        case,
    )
