"""SQL on flags as people read them: lists by priority, and one flag by any id that it ever had."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection

SHOWN = """SELECT f.flag, f.category, f.state, f.is_open, f.severity, f.likelihood, f.priority, f.serious, f.opened_at,
       f.moved_at, f.clock, f.due, f.merged_into, f.standing, f.supplier, f.site, p.name AS supplier_name,
       s.name AS site_name, s.country, now() AS asked_at, held.reports, held.sources,
       coalesce(l.buyers, 0) AS buyers, l.contracts
FROM flag f LEFT JOIN supplier p ON p.supplier = f.supplier LEFT JOIN site s ON s.site = f.site
LEFT JOIN leverage l ON l.flag = f.flag
CROSS JOIN LATERAL (
    SELECT count(*) AS reports, coalesce(array_agg(DISTINCT r.said ->> 'source_class'), '{}') AS sources
    FROM report r WHERE r.flag = f.flag AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.what = r.report)) held"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flags are looked for; None asks nothing. Sites and suppliers by any id of theirs."""

    state: str | None = None
    category: str | None = None
    site: UUID | None = None
    supplier: UUID | None = None
    is_open: bool | None = None


async def list_flags(tx: Connection, wanted: Wanted, after: tuple[int, UUID], limit: int) -> list[Record]:
    """Flags that hold reports, the highest priority first, after a priority and id."""
    return await tx.fetch(
        f"""{SHOWN}
           WHERE f.merged_into IS NULL AND (f.priority < $1 OR f.priority = $1 AND f.flag > $2)
             AND ($3::text IS NULL OR f.state = $3) AND ($4::text IS NULL OR f.category = $4)
             AND ($5::uuid IS NULL OR f.site = coalesce((SELECT root FROM site WHERE site = $5), $5))
             AND ($6::uuid IS NULL OR EXISTS (
                 SELECT FROM report r
                 WHERE r.flag = f.flag AND r.holder = coalesce((SELECT root FROM supplier WHERE supplier = $6), $6)))
             AND ($7::bool IS NULL OR f.is_open = $7)
           ORDER BY f.priority DESC, f.flag LIMIT $8""",  # noqa: S608 - our own text
        *after,
        wanted.state,
        wanted.category,
        wanted.site,
        wanted.supplier,
        wanted.is_open,
        limit,
    )


async def read_flag(tx: Connection, flag: UUID) -> Record | None:
    """A flag, also one whose reports another one holds now; None where it is not known."""
    return await tx.fetchrow(f"{SHOWN} WHERE f.flag = $1", flag)
