"""SQL that reads the board: engagements as lists show them, from the columns that their entries were concluded to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from asyncpg import Record

from services.remedy.store.engagement.registry import all_ids
from shared.events.engagement_words import EngagementState, Milestone
from shared.postgres import Connection


class Order(StrEnum):
    """By what the board is sorted: what is due next, what is oldest, or what stands longest at the lowest milestone."""

    DUE = "due"
    AGE = "age"
    MILESTONE = "milestone"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engagements: None, or False, asks for nothing.

    `groups` are those that the reader may read, `suppliers` all ids of the suppliers asked for, `prefix` the beginning
    of an id as it is written. `living`: not those of groups that were closed.
    """

    groups: Collection[str] | None = None
    group: str | None = None
    suppliers: Collection[UUID] | None = None
    states: Collection[EngagementState] = ()
    milestone: Milestone | None = None
    overdue: bool = False
    due_until: date | None = None
    standing_since: date | None = None
    prefix: str | None = None
    living: bool = False


PLACES = {
    Order.DUE: "CASE WHEN e.overdue > 0 THEN '0' ELSE '1' END || coalesce(to_char(e.next_due, 'YYYY-MM-DD'), '9999')",
    Order.AGE: """to_char(coalesce(e.opened_at, e.proposed_at, e.moved_at) AT TIME ZONE 'UTC',
                  'YYYY-MM-DD"T"HH24:MI:SS.US')""",
    Order.MILESTONE: "coalesce(e.milestone, 'M') || coalesce(to_char(e.milestone_since, 'YYYY-MM-DD'), '9999')",
}
"""An engagement's place as text: pages continue after the last place and id."""
FITS = """($1::text[] IS NULL OR e.workinggroup = ANY($1)) AND ($2::text IS NULL OR e.workinggroup = $2)
    AND ($3::uuid[] IS NULL OR e.supplier = ANY($3)) AND (e.state = ANY($4::text[]) OR $4::text[] = '{}')
    AND ($5::text IS NULL OR e.milestone = $5)
    AND (NOT $6::boolean OR e.overdue > 0 OR e.state = 'open' AND e.next_due < $10::date)
    AND ($7::date IS NULL OR e.next_due <= $7)
    AND ($8::date IS NULL OR e.state = 'open' AND e.milestone_since <= $8)
    AND ($9::text IS NULL OR starts_with(e.engagement::text, $9))
    AND (NOT $11::boolean OR NOT EXISTS (
        SELECT FROM working_group c WHERE c.slug = e.workinggroup AND c.closed_at IS NOT NULL))"""
PAGE = """WITH page AS MATERIALIZED (
    SELECT e.*, {place} COLLATE "C" AS place FROM engagement e
    WHERE {fits} AND ($12::text IS NULL OR ({place} COLLATE "C", e.engagement) > ($12::text, $13::uuid))
    ORDER BY place, e.engagement LIMIT $14)
SELECT p.*, g.name AS group_name, g.closed_at IS NOT NULL AS group_closed,
       r.supplier AS supplier_now, r.name AS supplier_name, r.country,
       q.left_at IS NOT NULL AS opener_left,
       ARRAY(SELECT m.member FROM group_member m WHERE m.workinggroup = p.workinggroup AND m.role = 'lead'
             AND m.left_at IS NULL AND NOT EXISTS (
                 SELECT FROM participant o WHERE o.member = m.member AND o.left_at IS NOT NULL) ORDER BY 1) AS leads,
       p.state = 'open' AND EXISTS (
           SELECT FROM engagement_reason x JOIN reason USING (kind, id)
           WHERE x.engagement = p.engagement AND x.kind = 'statement' AND reason.ended_at IS NOT NULL) AS held,
       l.buyers, l.contracts, l."values"
FROM page p
     LEFT JOIN working_group g ON g.slug = p.workinggroup
     LEFT JOIN participant q ON q.member = p.opened_by
     LEFT JOIN supplier s ON s.supplier = p.supplier
     LEFT JOIN supplier r ON r.supplier = coalesce(s.alias_of, s.supplier)
     LEFT JOIN LATERAL (
         SELECT v.buyers, v.contracts, v."values" FROM engagement_reason x JOIN leverage v ON v.flag = x.id
         WHERE x.engagement = p.engagement AND x.kind = 'flag' ORDER BY v.buyers DESC, v.flag LIMIT 1) l ON true
ORDER BY p.place, p.engagement"""


def arguments(wanted: Wanted, today: date) -> list[object]:
    """What the conditions of `FITS` are given, in their order."""
    return [
        None if wanted.groups is None else sorted(wanted.groups),
        wanted.group,
        None if wanted.suppliers is None else list(wanted.suppliers),
        [state.value for state in wanted.states],
        wanted.milestone,
        wanted.overdue,
        wanted.due_until,
        wanted.standing_since,
        wanted.prefix,
        today,
        wanted.living,
    ]


async def read_page(
    connection: Connection, wanted: Wanted, order: Order, after: tuple[str, UUID] | None, most: int, today: date
) -> list[Record]:
    """A page of engagements in order, after this place and id, with names and the greatest leverage of their flags."""
    query = PAGE.format(place=PLACES[order], fits=FITS)
    place, engagement = after or (None, None)
    return await connection.fetch(query, *arguments(wanted, today), place, engagement, most)


async def count(connection: Connection, wanted: Wanted, today: date) -> int:
    """How many engagements are wanted."""
    found: int = await connection.fetchval(
        f"SELECT count(*) FROM engagement e WHERE {FITS}",  # noqa: S608 - our own condition
        *arguments(wanted, today),
    )
    return found


async def ids_of_suppliers(connection: Connection, one: UUID | None, words: str | None) -> set[UUID]:
    """All ids under which the suppliers are known that this id means, or whose name has these words."""
    found, asked = ("supplier = $1", one) if one else ("strpos(lower(name), lower($1)) > 0", words)
    rows = await connection.fetch(
        f"SELECT coalesce(alias_of, supplier) AS root FROM supplier WHERE {found}",  # noqa: S608 - our own conditions
        asked,
    )
    return await all_ids(connection, {row["root"] for row in rows} | ({one} if one else set()))
