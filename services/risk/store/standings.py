"""SQL on how flags stand, as last published, and on their clocks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson
from asyncpg import Record

from services.risk.domain.flags import Clock, FlagStanding, Ranking
from services.risk.domain.flags.changes import Place, Published
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Kept:
    """A flag as it is kept: what it is about, how it stands, and what is awaited."""

    place: Place
    standing: FlagStanding
    clock: Clock | None

    @property
    def told(self) -> str:
        """What was published of it, as JSON."""
        leading = self.standing.leading.said
        return orjson.dumps(
            {
                "reports": [str(one.id) for one in self.standing.reports],
                "steps": [step.key for step in self.standing.steps],
                "refused": [one.entry for one in self.standing.refused],
                "parts": self.standing.parts.model_dump(exclude_none=True),
                "supplier_name": leading.supplier_name,
                "site_name": leading.site_name,
                "country": leading.country,
            }
        ).decode()


async def read_published(tx: Connection, flags: Collection[UUID]) -> dict[UUID, tuple[Place, Published]]:
    """What was last published of these flags, where anything was."""
    rows = await tx.fetch(
        "SELECT flag, supplier, site, category, state, standing, merged_into FROM flag WHERE flag = ANY($1::uuid[])",
        list(flags),
    )
    return {row["flag"]: published_of(row) for row in rows}


def published_of(row: Record) -> tuple[Place, Published]:
    """What a row tells of a flag."""
    told = orjson.loads(row["standing"])
    return Place(row["flag"], row["supplier"], row["site"], Category(row["category"])), Published(
        FlagState(row["state"]),
        frozenset(UUID(report) for report in told["reports"]),
        tuple(told["steps"]),
        frozenset(UUID(entry) for entry in told["refused"]),
        row["merged_into"],
    )


async def write(tx: Connection, kept: Sequence[Kept], ranking: Ranking) -> None:
    """Keep how flags stand. A clock that starts anew is not overdue yet."""
    await tx.execute(
        """INSERT INTO flag AS f (flag, supplier, site, category, state, is_open, severity, likelihood, priority,
                                  serious, standing, opened_at, moved_at, clock, due)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bool[], $7::int[],
                                $8::int[], $9::int[], $10::bool[], $11::jsonb[], $12::timestamptz[],
                                $13::timestamptz[], $14::text[], $15::date[])
           ON CONFLICT (flag) DO UPDATE SET supplier = EXCLUDED.supplier, site = EXCLUDED.site, state = EXCLUDED.state,
               is_open = EXCLUDED.is_open, severity = EXCLUDED.severity, likelihood = EXCLUDED.likelihood,
               priority = EXCLUDED.priority, serious = EXCLUDED.serious, standing = EXCLUDED.standing,
               opened_at = EXCLUDED.opened_at, moved_at = EXCLUDED.moved_at, clock = EXCLUDED.clock,
               due = EXCLUDED.due, merged_into = NULL,
               overdue = f.overdue AND (f.clock, f.due) IS NOT DISTINCT FROM (EXCLUDED.clock, EXCLUDED.due)""",
        [one.place.flag for one in kept],
        [one.place.supplier for one in kept],
        [one.place.site for one in kept],
        [one.place.category for one in kept],
        [one.standing.state for one in kept],
        [one.standing.is_open for one in kept],
        [one.standing.severity for one in kept],
        [one.standing.likelihood for one in kept],
        [ranking.priority(one.standing.parts) for one in kept],
        [ranking.is_serious(one.standing.parts) for one in kept],
        [one.told for one in kept],
        [one.standing.opened_at for one in kept],
        [one.standing.moved_at for one in kept],
        [one.clock and one.clock.awaits for one in kept],
        [one.clock and one.clock.due for one in kept],
    )


async def mark_merged(tx: Connection, into: Mapping[UUID, UUID]) -> None:
    """Keep that all reports of these flags have gone to another one; what was told of each stays."""
    await tx.execute(
        """UPDATE flag f SET merged_into = u.held_by, state = $3, is_open = false, clock = NULL,
                             due = NULL, overdue = false
           FROM unnest($1::uuid[], $2::uuid[]) AS u (flag, held_by)
           WHERE f.flag = u.flag""",
        list(into),
        list(into.values()),
        FlagState.CLOSED,
    )


async def fire_overdue(tx: Connection, today: date, most: int) -> list[Record]:
    """Mark flags, each clock once, of which something was due before today; those that this has marked."""
    return await tx.fetch(
        """UPDATE flag f SET overdue = true
           FROM (SELECT flag FROM flag WHERE due < $1 AND NOT overdue ORDER BY due, flag LIMIT $2) late
           WHERE f.flag = late.flag RETURNING f.flag, f.supplier, f.site, f.category, f.clock, f.due""",
        today,
        most,
    )
