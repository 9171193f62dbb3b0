"""SQL on decisions about who is who, the questions that wait for one, and the merges that follow from them.

Statements that change an entry expect that its caller is the only one who decides (`registry.lock_decisions`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Kind
from shared.postgres import Connection, Pool


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it was taken; `action` says what `entry`, `other` and `spelling` mean."""

    id: UUID
    kind: Kind
    action: str
    entry: UUID
    other: UUID | None
    decided_by: str
    reasons: tuple[str, ...] = ()
    score: float | None = None
    spelling: int | None = None
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Two entries that may be one."""

    id: UUID
    entry: UUID
    other: UUID
    score: float
    reasons: tuple[str, ...]


async def insert_decisions(tx: Connection, decisions: Sequence[Decision]) -> None:
    """Keep decisions."""
    await tx.execute(
        """INSERT INTO decision (id, kind, action, entry, other, spelling, decided_by, score, undoes, reasons)
           SELECT id, kind, action, entry, other, spelling, decided_by, score, undoes, string_to_array(reasons, ',')
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::bigint[], $7::text[],
                       $8::real[], $9::uuid[], $10::text[]) WITH ORDINALITY
               AS u (id, kind, action, entry, other, spelling, decided_by, score, undoes, reasons, place)
           ORDER BY place""",
        [one.id for one in decisions],
        [one.kind.value for one in decisions],
        [one.action for one in decisions],
        [one.entry for one in decisions],
        [one.other for one in decisions],
        [one.spelling for one in decisions],
        [one.decided_by for one in decisions],
        [one.score for one in decisions],
        [one.undoes for one in decisions],
        [",".join(one.reasons) for one in decisions],
    )


async def insert_questions(tx: Connection, kind: Kind, questions: Sequence[Question]) -> None:
    """Ask whether two entries are one, unless this was asked before."""
    await tx.execute(
        """INSERT INTO review (id, kind, entry, other, score, reasons)
           SELECT id, $1, entry, other, score, string_to_array(reasons, ',')
           FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::real[], $6::text[])
               AS u (id, entry, other, score, reasons)
           ON CONFLICT DO NOTHING""",
        kind.value,
        [one.id for one in questions],
        [one.entry for one in questions],
        [one.other for one in questions],
        [one.score for one in questions],
        [",".join(one.reasons) for one in questions],
    )


async def read_entries(tx: Connection | Pool, ids: Collection[UUID]) -> dict[UUID, Record]:
    """The suppliers and sites with these ids; `name_of_root` is that of the entry as which each is known now."""
    rows = await tx.fetch(
        """SELECT 'supplier' AS kind, e.id, e.root, e.name, NULL AS address, e.country, e.identifiers::text,
                  e.registered_at, r.name AS name_of_root
           FROM supplier e JOIN supplier r ON r.id = e.root WHERE e.id = ANY($1::uuid[])
           UNION ALL
           SELECT 'site', e.id, e.root, e.name, e.address, e.country, e.identifiers::text, e.registered_at, r.name
           FROM site e JOIN site r ON r.id = e.root WHERE e.id = ANY($1::uuid[])""",
        list(ids),
    )
    return {row["id"]: row for row in rows}


async def join(tx: Connection, kind: Kind, entry: UUID, root: UUID) -> None:
    """Let an entry, and all that are known as it, be known as another one, which is itself known under its own id."""
    await tx.execute(
        "UPDATE kind_of_entry SET root = $2 WHERE root = $1".replace("kind_of_entry", kind.value), entry, root
    )


async def release(tx: Connection, kind: Kind, entry: UUID) -> None:
    """Let an entry stand for itself again, with all that were merged into it, directly or through others."""
    await tx.execute(
        """WITH RECURSIVE below (id) AS (
               SELECT $1::uuid
               UNION ALL
               SELECT d.entry FROM decision d JOIN below b ON d.other = b.id
               WHERE d.action = 'merge' AND d.undone_by IS NULL)
           UPDATE kind_of_entry e SET root = $1 FROM below b WHERE e.id = b.id""".replace("kind_of_entry", kind.value),
        entry,
    )


async def read_decision(tx: Connection, decision: UUID) -> Record | None:
    """A decision."""
    return await tx.fetchrow("SELECT * FROM decision WHERE id = $1", decision)


async def mark_undone(tx: Connection, undone: UUID, by: UUID) -> None:
    """Remember by which decision another one was undone."""
    await tx.execute("UPDATE decision SET undone_by = $2 WHERE id = $1", undone, by)


async def mark_standing(tx: Connection, undoing: UUID) -> None:
    """Let what a decision had undone stand again; a merge is made anew instead."""
    await tx.execute("UPDATE decision SET undone_by = NULL WHERE undone_by = $1 AND action <> 'merge'", undoing)


async def read_question(tx: Connection, question: UUID) -> Record | None:
    """A question and its answer, if it has one; locked, so that it is answered once."""
    return await tx.fetchrow("SELECT id, kind, entry, other, decision FROM review WHERE id = $1 FOR UPDATE", question)


async def answer_question(tx: Connection, question: UUID, decision: UUID) -> None:
    """Keep the decision that answers a question."""
    await tx.execute("UPDATE review SET decision = $2 WHERE id = $1", question, decision)


async def reopen_questions(tx: Connection, decision: UUID) -> None:
    """Ask again what a decision had answered."""
    await tx.execute("UPDATE review SET decision = NULL WHERE decision = $1", decision)


OPEN = """
    WITH apart AS (
        SELECT least(a.root, b.root) AS one, greatest(a.root, b.root) AS two
        FROM decision d JOIN kind_of_entry a ON a.id = d.entry JOIN kind_of_entry b ON b.id = d.other
        WHERE d.kind = $1 AND d.action IN ('different', 'split') AND d.undone_by IS NULL),
    open AS (
        SELECT DISTINCT ON (least(a.root, b.root), greatest(a.root, b.root))
               r.id, a.root AS entry, b.root AS other, r.score, r.reasons, r.asked_at
        FROM review r JOIN kind_of_entry a ON a.id = r.entry JOIN kind_of_entry b ON b.id = r.other
        WHERE r.kind = $1 AND r.decision IS NULL AND a.root <> b.root
          AND (least(a.root, b.root), greatest(a.root, b.root)) NOT IN (SELECT one, two FROM apart)
        ORDER BY least(a.root, b.root), greatest(a.root, b.root), r.score DESC, r.id)
    SELECT *, count(*) OVER () AS waiting FROM open WHERE $2::uuid IS NULL OR id > $2 ORDER BY id LIMIT $3"""


async def read_open_questions(pool: Pool, kind: Kind, after: UUID | None, limit: int) -> list[Record]:
    """The questions that wait for an answer, oldest first, each about two entries as they are known now.

    Left out is what other decisions have answered: entries that are one meanwhile, or that a person has told apart.
    """
    return await pool.fetch(OPEN.replace("kind_of_entry", kind.value), kind.value, after, limit)


async def read_decisions_of(pool: Pool, entry: UUID) -> list[Record]:
    """The decisions that name an entry, in the order in which they were taken."""
    return await pool.fetch("SELECT * FROM decision WHERE entry = $1 OR other = $1 ORDER BY number", entry)


async def read_group(pool: Pool, kind: Kind, root: UUID) -> list[Record]:
    """All entries that are known as one, in the order in which they were registered."""
    return await pool.fetch(
        "SELECT id, name FROM kind_of_entry WHERE root = $1 ORDER BY registered_at, id".replace(
            "kind_of_entry", kind.value
        ),
        root,
    )
