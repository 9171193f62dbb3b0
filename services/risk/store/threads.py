"""SQL that finds under which keys `risk` has told of a flag, an indicator, a site, a supplier or a contract."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from services.risk.store.registry import Kind
from shared.postgres import Connection

MOST = 200
"""Flags and reports that a thread takes in."""


async def ids_of(connection: Connection, kind: Kind, one: UUID) -> list[UUID]:
    """All ids under which a site or supplier is known that this id means; none where it is no such entry."""
    rows = await connection.fetch(
        f"SELECT o.{kind} AS id FROM {kind} s JOIN {kind} o ON o.root = s.root WHERE s.{kind} = $1",  # noqa: S608 - a table
        one,
    )
    return [row["id"] for row in rows]


async def read_flags(connection: Connection, flags: Collection[UUID]) -> list[Record]:
    """These flags and those that hold, or held, their reports: each with every key under which it may be told."""
    return await connection.fetch(
        """WITH RECURSIVE meant AS (
               SELECT flag, merged_into FROM flag WHERE flag = ANY($1::uuid[])
               UNION SELECT f.flag, f.merged_into FROM meant m JOIN flag f
                     ON f.flag = m.merged_into OR f.merged_into = m.flag)
           SELECT f.flag, f.category,
                  ARRAY(SELECT o.site FROM site s JOIN site o ON o.root = s.root WHERE s.site = f.site
                        UNION SELECT o.supplier FROM supplier s JOIN supplier o ON o.root = s.root
                              WHERE s.supplier = f.supplier
                        UNION SELECT f.site WHERE f.site IS NOT NULL UNION SELECT f.supplier) AS keys,
                  ARRAY(SELECT r.report FROM report r WHERE r.flag = f.flag ORDER BY r.recorded_at LIMIT $2) AS reports
           FROM meant JOIN flag f USING (flag) ORDER BY f.flag LIMIT $2""",
        list(flags),
        MOST,
    )


async def flags_at(connection: Connection, sites: Collection[UUID]) -> list[UUID]:
    """The flags about these sites."""
    rows = await connection.fetch(
        "SELECT flag FROM flag WHERE site = ANY($1::uuid[]) ORDER BY flag LIMIT $2", list(sites), MOST
    )
    return [row["flag"] for row in rows]


async def flags_of(connection: Connection, suppliers: Collection[UUID]) -> list[UUID]:
    """The flags about these suppliers, at a site of theirs or not."""
    rows = await connection.fetch(
        "SELECT flag FROM flag WHERE supplier = ANY($1::uuid[]) ORDER BY is_open DESC, priority DESC, flag LIMIT $2",
        list(suppliers),
        MOST,
    )
    return [row["flag"] for row in rows]


async def flags_touching(connection: Connection, contract: UUID, member: str | None) -> list[UUID]:
    """The flags of which a member was told that they touch a contract; of any member for the operator (None)."""
    rows = await connection.fetch(
        """SELECT DISTINCT flag FROM exposure WHERE contract = $1 AND ($2::text IS NULL OR member = $2)
           ORDER BY flag LIMIT $3""",
        contract,
        member,
        MOST,
    )
    return [row["flag"] for row in rows]


async def keys_of_indicator(connection: Connection, indicator: UUID) -> list[UUID]:
    """The keys under which an indicator may have been told: every id of its site, as far as it is in force."""
    rows = await connection.fetch(
        """SELECT DISTINCT o.site FROM indicator i JOIN site s ON s.site = i.site JOIN site o ON o.root = s.root
           WHERE i.indicator = $1 AND i.audience = ''""",
        indicator,
    )
    return [row["site"] for row in rows]


async def read_left(connection: Connection) -> dict[str, str]:
    """The members that have left; of which kind they were is not known here."""
    return {row["member"]: "member" for row in await connection.fetch("SELECT member FROM former_member")}
