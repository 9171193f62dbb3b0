"""SQL on good practices: of a group, and those that others offered to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from shared.events.envelope import Event, EventData
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice as a group was told of it."""

    practice: UUID
    workinggroup: str
    offered_by: str | None
    event: Event
    told: EventData


async def write(tx: Connection, practices: Sequence[Practice]) -> None:
    """Keep practices as they were told last; one that was taken back before is there again."""
    await tx.execute(
        """INSERT INTO practice (practice, workinggroup, offered_by, event, told, recorded_at)
           SELECT practice, workinggroup, offered_by, event, told::jsonb, recorded_at
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[])
               AS u (practice, workinggroup, offered_by, event, told, recorded_at)
           ON CONFLICT (practice, workinggroup) DO UPDATE SET offered_by = EXCLUDED.offered_by, event = EXCLUDED.event,
               told = EXCLUDED.told, recorded_at = EXCLUDED.recorded_at, withdrawn_at = NULL""",
        [one.practice for one in practices],
        [one.workinggroup for one in practices],
        [one.offered_by for one in practices],
        [one.event.id for one in practices],
        [one.told.encoded.decode() for one in practices],
        [one.event.recordedtime for one in practices],
    )


async def withdraw(tx: Connection, events: Sequence[Event]) -> None:
    """These practices were taken back, for the groups on whose topics that was told."""
    await tx.execute(
        """UPDATE practice p SET withdrawn_at = u.at
           FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS u (practice, workinggroup, at)
           WHERE p.practice = u.practice AND p.workinggroup = u.workinggroup AND p.withdrawn_at IS NULL""",
        [UUID(event.subject) for event in events],
        [event.workinggroup for event in events],
        [event.recordedtime for event in events],
    )


async def read(
    connection: Connection, groups: Collection[str] | None, after: tuple[UUID, str] | None, most: int
) -> list[Record]:
    """The practices that these groups may read (None: all groups), the newest first; none that were taken back.

    `after` is the one with which the page before ended: its id, and the group that it was told.
    """
    practice, group = after or (None, None)
    return await connection.fetch(
        """SELECT practice, workinggroup, offered_by, told, recorded_at FROM practice
           WHERE withdrawn_at IS NULL AND ($1::text[] IS NULL OR workinggroup = ANY($1::text[]))
             AND ($2::uuid IS NULL OR (recorded_at, practice, workinggroup) < (
                 SELECT recorded_at, practice, workinggroup FROM practice WHERE practice = $2 AND workinggroup = $3))
           ORDER BY recorded_at DESC, practice DESC, workinggroup DESC LIMIT $4""",
        None if groups is None else list(groups),
        practice,
        group,
        most,
    )
