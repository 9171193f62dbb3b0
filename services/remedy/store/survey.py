"""What reporters answered about the mechanism: sums only, and marks by which each answers once."""

from collections.abc import Collection

from asyncpg import Record

from services.remedy.domain.survey import Answers
from shared.postgres import Connection


async def mark_answered(tx: Connection, token: bytes) -> bool:
    """Note that a receipt has answered; False where it had."""
    query = "INSERT INTO survey_answered (token) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"
    return await tx.fetchval(query, token) is not None


async def add(tx: Connection, quarter: str, edition: str, answers: Answers) -> None:
    """Count answers in: always in the same order, so that two reporters never wait for each other in a circle."""
    await tx.execute(
        """INSERT INTO survey_answer (quarter, edition, question, grade, number)
           SELECT $1, $2, u.question, u.grade, 1
           FROM unnest($3::text[], $4::smallint[]) AS u (question, grade) ORDER BY u.question
           ON CONFLICT (quarter, edition, question, grade) DO UPDATE SET number = survey_answer.number + 1""",
        quarter,
        edition,
        list(answers.keys()),
        list(answers.values()),
    )


async def read_answers(tx: Connection, quarters: Collection[str]) -> list[Record]:
    """How many gave which grade to which question in these quarters together: edition, question, grade, number.

    These are exact: who publishes them suppresses and rounds first.
    """
    return await tx.fetch(
        """SELECT edition, question, grade, sum(number)::int AS number FROM survey_answer
           WHERE quarter = ANY($1::text[]) GROUP BY edition, question, grade ORDER BY edition, question, grade""",
        list(quarters),
    )
