"""Cases: what happened to them, and how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.dossier import Dossier, Happened
from shared.events import EVENT_TYPES
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import Party, TestimonyKind
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Arrived:
    """Testimony as it arrives: a sealed box, and the reference under which people will speak of it."""

    case: UUID
    kind: TestimonyKind
    reference: str
    key_id: str
    sealed: str


async def insert(tx: Connection, arrived: Sequence[Arrived]) -> list[Record]:
    """Keep the cases that are not known yet; their rows."""
    return await tx.fetch(
        """INSERT INTO grievance_case (case_id, kind, reference, key_id, sealed, state, received_at)
           SELECT u.*, 'received', now()
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS u
           ON CONFLICT (case_id) DO NOTHING RETURNING case_id, kind, reference""",
        [one.case for one in arrived],
        [one.kind for one in arrived],
        [one.reference for one in arrived],
        [one.key_id for one in arrived],
        [one.sealed for one in arrived],
    )


async def lock(tx: Connection, reference: str) -> Record | None:
    """A case by its reference, locked until the transaction ends."""
    return await tx.fetchrow("SELECT * FROM grievance_case WHERE reference = $1 FOR UPDATE", reference)


async def lock_by_id(tx: Connection, case: UUID) -> Record | None:
    """A case by its id, locked until the transaction ends."""
    return await tx.fetchrow("SELECT * FROM grievance_case WHERE case_id = $1 FOR UPDATE", case)


async def read_facts(tx: Connection, case: UUID) -> list[Happened]:
    """All that happened to a case, in order."""
    rows = await tx.fetch("SELECT at, by, type, data FROM case_fact WHERE case_id = $1 ORDER BY position", case)
    return [happened(row) for row in rows]


def happened(row: Record) -> Happened:
    """What a row of `case_fact` tells."""
    fact = EVENT_TYPES[row["type"]].model_validate_json(row["data"])
    assert isinstance(fact, CaseFact)
    return Happened(row["at"], Party(row["by"]), fact)


async def append(tx: Connection, case: UUID, at: datetime, facts: Sequence[tuple[Party, CaseFact]]) -> None:
    """Add what happened to a locked case, in order."""
    await tx.execute(
        """INSERT INTO case_fact (case_id, position, at, by, type, data)
           SELECT $1, last + u.place, $2, u.by, u.type, u.data
           FROM unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS u (by, type, data, place),
                (SELECT coalesce(max(position), 0) AS last FROM case_fact WHERE case_id = $1) AS before""",
        case,
        at,
        [by for by, _ in facts],
        [fact.type for _, fact in facts],
        [fact.encoded.decode() for _, fact in facts],
    )


async def write_standing(tx: Connection, dossier: Dossier) -> None:
    """Write down how a case stands, for lists and for the clock: its state, and its deadlines that still run."""
    await tx.execute("UPDATE grievance_case SET state = $2 WHERE case_id = $1", dossier.case, dossier.life.state)
    running = dossier.clocks.running()
    await tx.execute(
        """WITH standing AS (
               SELECT * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::int[], $6::timestamptz[], $7::timestamptz[],
                                    $8::text[], $9::boolean[], $10::boolean[])
                   AS u (kind, clock, item, number, due_at, warn_at, basis, missed, warned)),
           gone AS (
               DELETE FROM deadline d WHERE case_id = $1 AND NOT EXISTS (
                   SELECT FROM standing s WHERE (s.kind, s.clock) = (d.kind, d.clock)
                       AND s.item IS NOT DISTINCT FROM d.item AND s.number IS NOT DISTINCT FROM d.number))
           INSERT INTO deadline (case_id, kind, clock, item, number, due_at, warn_at, basis, missed, warned)
           SELECT $1, * FROM standing
           ON CONFLICT (case_id, kind, clock, item, number) DO UPDATE
               SET due_at = EXCLUDED.due_at, warn_at = EXCLUDED.warn_at, basis = EXCLUDED.basis,
                   missed = EXCLUDED.missed, warned = EXCLUDED.warned""",
        dossier.case,
        [one.key.kind for one in running],
        [one.key.clock for one in running],
        [one.key.item for one in running],
        [one.key.number for one in running],
        [one.due for one in running],
        [one.warn for one in running],
        [one.basis for one in running],
        [one.missed for one in running],
        [one.warned for one in running],
    )
