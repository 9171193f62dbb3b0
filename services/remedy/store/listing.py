"""Cases as lists show them, and who may not judge one because they have worked on it."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection


async def read_cases(connection: Connection, person: UUID | None, state: str | None, limit: int) -> list[Record]:
    """The cases of one person, or all: what is due next comes first, then the newest; who works on each, by name."""
    return await connection.fetch(
        """SELECT c.case_id, c.reference, c.kind, c.state, c.openable, c.received_at, now() AS now,
                  (SELECT min(d.due_at) FROM deadline d WHERE d.case_id = c.case_id) AS next_due,
                  ARRAY(SELECT p.name FROM assignment a JOIN person p USING (person_id)
                        WHERE a.case_id = c.case_id ORDER BY p.name) AS handlers
           FROM grievance_case c
           WHERE ($1::uuid IS NULL OR EXISTS (
                 SELECT FROM assignment a WHERE a.case_id = c.case_id AND a.person_id = $1))
             AND ($2::text IS NULL OR c.state = $2)
           ORDER BY next_due NULLS LAST, c.received_at DESC, c.reference LIMIT $3""",
        person,
        state,
        limit,
    )


async def read_deadlines(connection: Connection, cases: Collection[UUID]) -> list[Record]:
    """The deadlines of these cases that still run, the first due first."""
    return await connection.fetch(
        "SELECT * FROM deadline WHERE case_id = ANY($1::uuid[]) ORDER BY due_at, kind, clock, number, item", list(cases)
    )


async def read_references(connection: Connection, cases: Collection[UUID]) -> dict[UUID, str]:
    """The references of cases."""
    rows = await connection.fetch(
        "SELECT case_id, reference FROM grievance_case WHERE case_id = ANY($1::uuid[])", list(cases)
    )
    return {row["case_id"]: row["reference"] for row in rows}


async def has_worked_on(connection: Connection, case: UUID, person: UUID, neutral: Collection[str]) -> bool:
    """Whether a person works on a case, has stepped back from it, or ever did anything to it but these actions."""
    found: bool = await connection.fetchval(
        """SELECT EXISTS (SELECT FROM assignment WHERE (case_id, person_id) = ($1, $2))
               OR EXISTS (SELECT FROM recusal WHERE (case_id, person_id) = ($1, $2))
               OR EXISTS (SELECT FROM audit_entry
                          WHERE case_id = $1 AND person_id = $2 AND NOT action = ANY($3::text[]))""",
        case,
        person,
        list(neutral),
    )
    return found
