"""SQL that finds which engagements, conditions and statements belong to the thread of a subject, for one reader."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection

MOST = 200
"""Engagements and statements that a thread takes in."""


async def read_reasons(
    connection: Connection, engagements: Collection[UUID], groups: Collection[str] | None
) -> list[Record]:
    """What gives reason for these engagements, as far as they are of these groups; None: of any."""
    return await connection.fetch(
        """SELECT x.kind, x.id FROM engagement e JOIN engagement_reason x USING (engagement)
           WHERE e.engagement = ANY($1::uuid[]) AND ($2::text[] IS NULL OR e.workinggroup = ANY($2))
           ORDER BY x.kind, x.id LIMIT $3""",
        list(engagements),
        None if groups is None else sorted(groups),
        MOST,
    )


async def known(connection: Connection, ids: Collection[UUID], groups: Collection[str] | None) -> list[UUID]:
    """Those of these ids that are engagements of these groups; None: of any."""
    rows = await connection.fetch(
        """SELECT engagement FROM engagement
           WHERE engagement = ANY($1::uuid[]) AND ($2::text[] IS NULL OR workinggroup = ANY($2)) ORDER BY 1""",
        list(ids),
        None if groups is None else sorted(groups),
    )
    return [row["engagement"] for row in rows]


async def engagements_for(connection: Connection, reason: UUID, groups: Collection[str] | None) -> list[UUID]:
    """The engagements of these groups for which something gives reason."""
    rows = await connection.fetch(
        """SELECT DISTINCT e.engagement FROM engagement_reason x JOIN engagement e USING (engagement)
           WHERE x.id = $1 AND ($2::text[] IS NULL OR e.workinggroup = ANY($2)) ORDER BY e.engagement LIMIT $3""",
        reason,
        None if groups is None else sorted(groups),
        MOST,
    )
    return [row["engagement"] for row in rows]


async def engagements_with(
    connection: Connection, suppliers: Collection[UUID], groups: Collection[str] | None
) -> list[UUID]:
    """The engagements of these groups with a supplier, by all of its ids."""
    rows = await connection.fetch(
        """SELECT engagement FROM engagement
           WHERE supplier = ANY($1::uuid[]) AND ($2::text[] IS NULL OR workinggroup = ANY($2))
           ORDER BY engagement LIMIT $3""",
        list(suppliers),
        None if groups is None else sorted(groups),
        MOST,
    )
    return [row["engagement"] for row in rows]


async def statements_on(connection: Connection, suppliers: Collection[UUID]) -> list[UUID]:
    """The statements released on a supplier, by all of its ids; also those that were reversed."""
    rows = await connection.fetch(
        """SELECT id FROM reason WHERE kind IN ('statement', 'verification') AND supplier = ANY($1::uuid[])
           ORDER BY since, id LIMIT $2""",
        list(suppliers),
        MOST,
    )
    return [row["id"] for row in rows]


async def is_supplier(connection: Connection, one: UUID) -> bool:
    """Whether this is an id of a supplier."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM supplier WHERE supplier = $1)", one)
    return found


async def read_left(connection: Connection) -> dict[str, str]:
    """The members that have left, by kind."""
    rows = await connection.fetch("SELECT member, kind FROM participant WHERE left_at IS NOT NULL")
    return {row["member"]: row["kind"] for row in rows}
