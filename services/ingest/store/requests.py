"""SQL on what members asked of suppliers, and the clock of each request."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Request:
    """A request, known by its receipt. `said` is what was told of it, as JSON."""

    id: UUID
    supplier: UUID
    contract: UUID | None
    asked_on: date
    due: date
    said: str


async def insert(tx: Connection, member: str, requests: Sequence[Request]) -> None:
    """Keep requests of a member; their clocks run."""
    await tx.execute(
        """INSERT INTO request (id, member, supplier, contract, asked_on, due, said)
           SELECT id, $1, supplier, contract, asked_on, due, said
           FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::date[], $6::date[], $7::text[])
               AS u (id, supplier, contract, asked_on, due, said)""",
        member,
        [one.id for one in requests],
        [one.supplier for one in requests],
        [one.contract for one in requests],
        [one.asked_on for one in requests],
        [one.due for one in requests],
        [one.said for one in requests],
    )


async def own(tx: Connection, member: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are requests of a member, which it has not taken back."""
    rows = await tx.fetch(
        "SELECT id FROM request WHERE id = ANY($2::uuid[]) AND member = $1 AND NOT withdrawn", member, list(ids)
    )
    return {row["id"] for row in rows}


async def answer(tx: Connection, answers: Mapping[UUID, UUID], at: datetime) -> list[Record]:
    """Stop the clocks of requests, by the first disclosure that answers each; those that this has stopped.

    Where that one was taken back already, another that answers the request does.
    """
    ordered = sorted(answers.items())
    return await tx.fetch(
        """WITH open AS (SELECT id FROM request WHERE id = ANY($1::uuid[]) AND answered_by IS NULL AND NOT withdrawn
                         ORDER BY id FOR NO KEY UPDATE)
           UPDATE request r SET answered_by = d.id, answered_at = $3
           FROM open JOIN unnest($1::uuid[], $2::uuid[]) AS u (id, disclosure) USING (id)
           CROSS JOIN LATERAL (
               SELECT d.id FROM disclosure d WHERE (d.id = u.disclosure OR d.request = open.id) AND NOT d.retired
               ORDER BY d.id <> u.disclosure, d.id LIMIT 1) d
           WHERE r.id = open.id RETURNING r.id, r.supplier, r.due, r.answered_by""",
        [request for request, _ in ordered],
        [disclosure for _, disclosure in ordered],
        at,
    )


async def withdraw(tx: Connection, ids: Collection[UUID]) -> None:
    """Stop the clocks of requests that were recorded by mistake."""
    await tx.execute(
        """WITH ending AS (SELECT id FROM request WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)
           UPDATE request r SET withdrawn = true FROM ending e WHERE r.id = e.id""",
        list(ids),
    )


async def fire_overdue(tx: Connection, today: date, most: int) -> list[Record]:
    """Mark requests whose due day has passed without an answer, each once; those marked now.

    Leaves alone what somebody is answering at this moment, and what another process is marking.
    """
    return await tx.fetch(
        """WITH late AS (SELECT id FROM request
                         WHERE due < $1 AND answered_by IS NULL AND NOT overdue AND NOT withdrawn
                         ORDER BY due, id FOR NO KEY UPDATE SKIP LOCKED LIMIT $2)
           UPDATE request r SET overdue = true FROM late WHERE r.id = late.id
           RETURNING r.id, r.member, r.supplier, r.contract, r.due""",
        today,
        most,
    )


async def read(tx: Connection, member: str) -> list[Record]:
    """The requests of a member with their `state`: requested, overdue, accepted, superseded or withdrawn.

    An answer is accepted as soon as it is received; it is superseded when nothing that answers the request holds.
    """
    return await tx.fetch(
        """SELECT r.id, r.supplier, r.contract, r.asked_on, r.due, r.answered_at,
                  CASE WHEN r.withdrawn THEN 'withdrawn'
                       WHEN r.answered_by IS NULL THEN CASE WHEN r.overdue THEN 'overdue' ELSE 'requested' END
                       WHEN EXISTS (SELECT FROM disclosure d WHERE d.request = r.id AND NOT d.retired) THEN 'accepted'
                       WHEN EXISTS (SELECT FROM disclosure d WHERE d.id = r.answered_by AND NOT d.retired)
                           THEN 'accepted'
                       ELSE (SELECT CASE d.reason WHEN 'withdrawn' THEN 'withdrawn' ELSE 'superseded' END
                             FROM disclosure d WHERE d.id = r.answered_by) END AS state
           FROM request r WHERE r.member = $1 ORDER BY r.due, r.id""",
        member,
    )
