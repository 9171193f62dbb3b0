"""SQL that reads what belongs to one engagement, beside its fold."""

from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection

MOST_EVIDENCE = 500
"""Entries with evidence that are shown of an engagement: the first ones."""
MOST = 100
"""Refused entries that are shown of an engagement: the last ones."""


async def read_reasons(connection: Connection, engagement: UUID) -> list[Record]:
    """What gives reason for an engagement, with what is known of it now, the oldest first."""
    return await connection.fetch(
        """SELECT x.kind, x.id, r.category, r.serious, r.contact, r.since, r.ended_at
           FROM engagement_reason x LEFT JOIN reason r USING (kind, id)
           WHERE x.engagement = $1 ORDER BY r.since NULLS LAST, x.kind, x.id""",
        engagement,
    )


async def read_evidence(connection: Connection, engagement: UUID) -> list[Record]:
    """The applied entries of an engagement that came with evidence, the oldest first."""
    return await connection.fetch(
        """SELECT d.entry, d.type, d.member, d.recorded_at, d.told->>'basis' AS basis,
                  d.told->>'milestone' AS milestone,
                  d.told->>'ask' AS ask, d.told->>'commitment' AS commitment, d.told->'evidence' AS evidence
           FROM dialogue_entry d
           WHERE d.engagement = $1 AND d.standing = 'applied' AND d.told ? 'evidence'
             AND d.told->'evidence' <> '[]' ORDER BY d.place LIMIT $2""",
        engagement,
        MOST_EVIDENCE,
    )


async def read_refused(connection: Connection, engagement: UUID) -> list[Record]:
    """The last entries of an engagement that changed nothing, each with why, the oldest first.

    What another group says under its id is not of it.
    """
    return await connection.fetch(
        """SELECT * FROM (
               SELECT d.entry, d.type, d.member, d.recorded_at, d.refusals, d.stood, d.legal, d.place
               FROM dialogue_entry d JOIN engagement USING (engagement, workinggroup)
               WHERE engagement = $1 AND d.standing = 'refused' ORDER BY d.place DESC LIMIT $2) AS last
           ORDER BY place""",
        engagement,
        MOST,
    )


async def read_due(connection: Connection, engagement: UUID) -> list[Record]:
    """What is still due of an engagement, the first day first."""
    return await connection.fetch(
        """SELECT about, kind, due, basis, missed_at FROM obligation
           WHERE engagement = $1 AND ended_at IS NULL ORDER BY due, kind, about""",
        engagement,
    )
