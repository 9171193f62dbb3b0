"""SQL on which flags touched a member's contracts, and when: for that member's annual account."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.events.risk import ExposureChanged
from shared.postgres import Connection

Change = tuple[ExposureChanged, UUID, datetime]
"""What was told, by which event, and when."""


async def begin(tx: Connection, changes: Sequence[Change]) -> None:
    """Keep that flags touch contracts, each pair once in a batch; one that did before does so again, since then."""
    await tx.execute(
        """INSERT INTO exposure AS e (member, contract, flag, supplier, category, reach, event, since)
           SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[],
                                $8::timestamptz[])
           ON CONFLICT (member, contract, flag) DO UPDATE SET supplier = EXCLUDED.supplier,
               category = EXCLUDED.category, reach = EXCLUDED.reach, ended_at = NULL, ended_by = NULL""",
        [one.member for one, _, _ in changes],
        [one.contract for one, _, _ in changes],
        [one.flag for one, _, _ in changes],
        [one.supplier for one, _, _ in changes],
        [one.category for one, _, _ in changes],
        [one.reach for one, _, _ in changes],
        [event for _, event, _ in changes],
        [at for _, _, at in changes],
    )


async def end(tx: Connection, changes: Sequence[Change]) -> None:
    """Keep that flags touch contracts no longer, each pair once in a batch."""
    await tx.execute(
        """UPDATE exposure e SET ended_at = u.at, ended_by = u.event
           FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[])
               AS u (member, contract, flag, event, at)
           WHERE (e.member, e.contract, e.flag) = (u.member, u.contract, u.flag) AND e.ended_at IS NULL""",
        [one.member for one, _, _ in changes],
        [one.contract for one, _, _ in changes],
        [one.flag for one, _, _ in changes],
        [event for _, event, _ in changes],
        [at for _, _, at in changes],
    )


async def read(connection: Connection, member: str) -> list[Record]:
    """All flags that ever touched contracts of a member, the first first."""
    return await connection.fetch(
        """SELECT contract, flag, supplier, category, reach, event, since, ended_at, ended_by
           FROM exposure WHERE member = $1 ORDER BY since, flag, contract""",
        member,
    )
