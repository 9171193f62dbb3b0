"""Statements on their way to members, daily batches, and the figures of past years."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.remedy.domain.dossier import Happened
from services.remedy.store.cases import happened
from services.remedy.vault import Part, Sealed
from shared.events.remedy.released import StatementReversed
from shared.postgres import Connection


async def begin_batch(tx: Connection, name: str, day: date) -> bool:
    """Take the day's batch of this name; False where it went out, or another process is at it."""
    if not await tx.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended('remedy/batch/' || $1, 0))", name):
        return False
    row = await tx.fetchrow(
        """INSERT INTO daily_batch (name, day) VALUES ($1, $2)
           ON CONFLICT (name) DO UPDATE SET day = EXCLUDED.day WHERE daily_batch.day < EXCLUDED.day RETURNING day""",
        name,
        day,
    )
    return row is not None


async def wait(tx: Connection, content: UUID, case: UUID, due_on: date, cleared_at: datetime | None = None) -> None:
    """Let a statement wait for its day; `cleared_at` is when it was cleared for contact with the company, if it was."""
    await tx.execute(
        "INSERT INTO statement_waiting (content_id, case_id, due_on, cleared_at) VALUES ($1, $2, $3, $4)",
        content,
        case,
        due_on,
        cleared_at,
    )


async def cases_with_statements(tx: Connection) -> list[UUID]:
    """The cases that have a statement waiting or published, in an order that tells nothing."""
    rows = await tx.fetch("SELECT DISTINCT case_id FROM content WHERE part = $1 ORDER BY case_id", Part.STATEMENT)
    return [row["case_id"] for row in rows]


async def due(tx: Connection, case: UUID, today: date) -> set[UUID]:
    """The statements of a case whose day has come, by the ids of their sealed texts."""
    rows = await tx.fetch("SELECT content_id FROM statement_waiting WHERE case_id = $1 AND due_on <= $2", case, today)
    return {row["content_id"] for row in rows}


async def waiting(tx: Connection, case: UUID) -> dict[UUID, datetime | None]:
    """The statements of a case that are not published yet, by the ids of their sealed texts, in the order of these.

    With each: when it was cleared for contact with the company, None where it is not.
    """
    rows = await tx.fetch(
        "SELECT content_id, cleared_at FROM statement_waiting WHERE case_id = $1 ORDER BY content_id", case
    )
    return {row["content_id"]: row["cleared_at"] for row in rows}


async def clear(tx: Connection, content: UUID, cleared_at: datetime | None) -> None:
    """Clear a waiting statement for contact with the company since then, or (None) no longer."""
    await tx.execute("UPDATE statement_waiting SET cleared_at = $2 WHERE content_id = $1", content, cleared_at)


async def wait_no_longer(tx: Connection, contents: Sequence[UUID]) -> None:
    """Statements that have been published wait no longer; from here on only their sealed texts lead to them."""
    await tx.execute("DELETE FROM statement_waiting WHERE content_id = ANY($1::uuid[])", list(contents))


async def forget(tx: Connection, sealed: Sequence[Sealed]) -> None:
    """Delete sealed statements, and with them their places in the queue."""
    await tx.execute("DELETE FROM content WHERE content_id = ANY($1::uuid[])", [one.id for one in sealed])


async def reverse(tx: Connection, reversed_: Sequence[StatementReversed]) -> None:
    """Let statements be taken back with the next batch."""
    await tx.execute(
        """INSERT INTO statement_reversal SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING""",
        [one.statement for one in reversed_],
        [one.supplier for one in reversed_],
    )


async def take_reversals(tx: Connection) -> list[StatementReversed]:
    """The statements to take back, which are forgotten here."""
    rows = await tx.fetch("DELETE FROM statement_reversal RETURNING statement, supplier")
    return [StatementReversed(statement=row["statement"], supplier=row["supplier"]) for row in rows]


# Figures


async def read_facts_of_year(
    tx: Connection, types: Sequence[str], begins: datetime, ends: datetime
) -> list[tuple[UUID, Happened]]:
    """The facts of these types until the end of a year, of each case in which one happened in it; case by case."""
    rows = await tx.fetch(
        """SELECT case_id, at, by, type, data FROM case_fact f
           WHERE at < $3 AND type = ANY($1::text[])
             AND EXISTS (SELECT FROM case_fact g
                         WHERE g.case_id = f.case_id AND g.at >= $2 AND g.at < $3 AND g.type = ANY($1::text[]))
           ORDER BY case_id, position""",
        list(types),
        begins,
        ends,
    )
    return [(row["case_id"], happened(row)) for row in rows]


async def read_figures_of(tx: Connection, year: str) -> str | None:
    """The figures of a year as they were kept, if they were."""
    kept: str | None = await tx.fetchval("SELECT figures FROM figures_of_year WHERE year = $1", year)
    return kept


async def read_figures(tx: Connection) -> list[str]:
    """The figures of all past years that were kept, the newest first."""
    return [row["figures"] for row in await tx.fetch("SELECT figures FROM figures_of_year ORDER BY year DESC")]


async def keep_figures(tx: Connection, year: str, figures: str) -> None:
    """Keep the figures of a year, which has none."""
    await tx.execute("INSERT INTO figures_of_year VALUES ($1, $2)", year, figures)
