"""SQL that counts engagements for the metrics; no group, supplier or member is in what it answers."""

from asyncpg import Record

from shared.postgres import Connection


async def count_engagements(connection: Connection) -> list[Record]:
    """How many engagements stand in each state at each milestone, and since when the longest."""
    return await connection.fetch(
        """SELECT state, milestone, count(*) AS number, min(milestone_since) AS since, min(proposed_at) AS proposed
           FROM engagement GROUP BY state, milestone"""
    )


async def count_refused(connection: Connection) -> dict[str, int]:
    """How many entries that changed nothing are kept, by each of their reasons."""
    rows = await connection.fetch(
        """SELECT why, count(*) AS number FROM dialogue_entry, unnest(refusals) AS why
           WHERE standing = 'refused' GROUP BY why"""
    )
    return {row["why"]: row["number"] for row in rows}
