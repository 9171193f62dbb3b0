"""SQL on what suppliers and sites reply to reports of them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection, Pool


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, with the supplier and site of the report. `statement` is a link with its digest."""

    id: UUID
    report: UUID
    supplier: UUID
    site: UUID | None
    speaker: str
    stance: str
    said_on: date
    statement: dict[str, str] | None


async def insert(tx: Connection, replies: Sequence[Reply]) -> None:
    """Keep replies."""
    await tx.execute(
        """INSERT INTO reply (id, report, supplier, site, speaker, stance, said_on, statement)
           SELECT id, report, supplier, site, speaker, stance, said_on, statement::jsonb
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::date[], $8::text[])
               AS u (id, report, supplier, site, speaker, stance, said_on, statement)""",
        [one.id for one in replies],
        [one.report for one in replies],
        [one.supplier for one in replies],
        [one.site for one in replies],
        [one.speaker for one in replies],
        [one.stance for one in replies],
        [one.said_on for one in replies],
        [None if one.statement is None else json.dumps(one.statement) for one in replies],
    )


async def withdraw(tx: Connection, replies: Collection[UUID]) -> None:
    """Show replies no longer."""
    await tx.execute("UPDATE reply SET withdrawn = true WHERE id = ANY($1::uuid[])", list(replies))


async def read_replies(pool: Pool, sites: Collection[UUID]) -> list[Record]:
    """What was replied to reports of these sites, whatever they were called when it was; by `root`, oldest first.

    Every member may read it, as every member may read the report. `statement` is JSON.
    """
    return await pool.fetch(
        """SELECT s.root, r.id AS reply, r.report, r.speaker, r.stance, r.said_on, r.statement
           FROM (SELECT DISTINCT root FROM site WHERE id = ANY($1::uuid[])) wanted
           JOIN site s USING (root) JOIN reply r ON r.site = s.id
           WHERE NOT r.withdrawn ORDER BY s.root, r.said_on, r.id""",
        list(sites),
    )
