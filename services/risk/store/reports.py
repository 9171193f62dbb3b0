"""SQL on what people told of risks: reports, what members did about them, replies, and what of it was taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.risk.domain.flags import Entry, FollowedUp, Replied, Reported, parts_of
from shared.events.ingest import FlagReported, FollowUpRecorded, ReplyRecorded
from shared.events.vocabulary import SourceClass
from shared.postgres import Connection

Recorded = Sequence[tuple[FlagReported, datetime]]
"""Reports, each with the moment of its recording."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a report belongs: its flag, and the roots by which that was chosen."""

    report: UUID
    flag: UUID
    place: UUID
    holder: UUID


async def write_reports(tx: Connection, told: Recorded) -> None:
    """Keep reports; one that is known stays as it is."""
    await tx.execute(
        """INSERT INTO report (report, supplier, site, category, said, recorded_at)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::jsonb[], $6::timestamptz[])
           ON CONFLICT DO NOTHING""",
        [said.report for said, _ in told],
        [said.supplier for said, _ in told],
        [said.site for said, _ in told],
        [said.category for said, _ in told],
        [said.model_dump_json(exclude_none=True) for said, _ in told],
        [at for _, at in told],
    )


async def write_follow_ups(tx: Connection, told: Sequence[tuple[FollowUpRecorded, datetime]]) -> None:
    """Keep the steps that members reported; one that is known stays as it is."""
    await tx.execute(
        """INSERT INTO follow_up (entry, report, said, recorded_at)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[]) ON CONFLICT DO NOTHING""",
        [said.entry for said, _ in told],
        [said.report for said, _ in told],
        [said.model_dump_json(exclude_none=True) for said, _ in told],
        [at for _, at in told],
    )


async def write_replies(tx: Connection, told: Sequence[tuple[ReplyRecorded, datetime]]) -> None:
    """Keep replies; one that is known stays as it is."""
    await tx.execute(
        """INSERT INTO reply (reply, report, said, recorded_at)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[]) ON CONFLICT DO NOTHING""",
        [said.reply for said, _ in told],
        [said.report for said, _ in told],
        [said.model_dump_json(exclude_none=True) for said, _ in told],
        [at for _, at in told],
    )


async def write_withdrawals(tx: Connection, told: Sequence[tuple[UUID, datetime]]) -> None:
    """Keep that these were taken back; the first time counts."""
    await tx.execute(
        """INSERT INTO withdrawal AS w (what, recorded_at)
           SELECT what, min(at) FROM unnest($1::uuid[], $2::timestamptz[]) AS u (what, at) GROUP BY what
           ON CONFLICT (what) DO UPDATE SET recorded_at = least(w.recorded_at, EXCLUDED.recorded_at)""",
        [what for what, _ in told],
        [at for _, at in told],
    )


async def to_be_placed(
    tx: Connection, reports: Collection[UUID], sites: Collection[UUID], suppliers: Collection[UUID]
) -> list[Record]:
    """These reports, and those of these sites and suppliers that are known by another root now; the oldest first.

    A site or supplier is given as reported, or by the root by which its reports were last placed.
    Each with the roots of today (`place_now`, `holder_now`) and with what it was last placed by.
    """
    return await tx.fetch(
        """WITH met AS (
               SELECT report FROM report WHERE report = ANY($1::uuid[])
               UNION SELECT report FROM report WHERE site = ANY($2::uuid[])
               UNION SELECT report FROM report WHERE place = ANY($2::uuid[])
               UNION SELECT report FROM report WHERE supplier = ANY($3::uuid[])
               UNION SELECT report FROM report WHERE holder = ANY($3::uuid[]))
           SELECT report, r.supplier, r.site, r.category, r.flag, r.place, r.holder, now.holder AS holder_now,
                  coalesce(now.site, r.site, now.holder) AS place_now
           FROM met JOIN report r USING (report)
           CROSS JOIN LATERAL (
               SELECT (SELECT root FROM site s WHERE s.site = r.site) AS site,
                      coalesce((SELECT root FROM supplier p WHERE p.supplier = r.supplier), r.supplier) AS holder) now
           WHERE report = ANY($1::uuid[])
              OR (r.place, r.holder) IS DISTINCT FROM (coalesce(now.site, r.site, now.holder), now.holder)
           ORDER BY r.recorded_at, report""",
        list(reports),
        list(sites),
        list(suppliers),
    )


async def place(tx: Connection, placings: Sequence[Placing]) -> None:
    """Keep which flag holds each report now."""
    await tx.execute(
        """UPDATE report r SET flag = u.flag, place = u.place, holder = u.holder
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS u (report, flag, place, holder)
           WHERE r.report = u.report
             AND (r.flag, r.place, r.holder) IS DISTINCT FROM (u.flag, u.place, u.holder)""",
        [one.report for one in placings],
        [one.flag for one in placings],
        [one.place for one in placings],
        [one.holder for one in placings],
    )


async def read_entries(tx: Connection, flags: Collection[UUID]) -> dict[UUID, list[Entry]]:
    """All that these flags follow from; a flag that holds no report is left out."""
    found: dict[UUID, list[Entry]] = {}
    for flag, entry in await read_reports(tx, flags):
        found.setdefault(flag, []).append(entry)
    if found:
        for flag, follow_up in await read_follow_ups(tx, found):
            found[flag].append(follow_up)
        for flag, reply in await read_replies(tx, found):
            found[flag].append(reply)
    return found


async def read_reports(tx: Connection, flags: Iterable[UUID]) -> list[tuple[UUID, Reported]]:
    """The reports that these flags hold, the oldest first."""
    rows = await tx.fetch(
        """SELECT r.flag, r.report, r.source_class, r.scale, r.scope, r.irremediability, r.likelihood, r.said,
                  r.recorded_at, r.holder, CASE WHEN r.site IS NOT NULL THEN r.place END, w.recorded_at
           FROM report r LEFT JOIN withdrawal w ON w.what = r.report
           WHERE r.flag = ANY($1::uuid[]) ORDER BY r.recorded_at, r.report""",
        list(flags),
    )
    return [
        (flag, Reported(report, SourceClass(source), parts_of(*parts), text, at, holder, site, withdrawn_at))
        for flag, report, source, *parts, text, at, holder, site, withdrawn_at in rows
    ]


async def read_follow_ups(tx: Connection, flags: Iterable[UUID]) -> list[tuple[UUID, FollowedUp]]:
    """The steps that members reported of reports that these flags hold."""
    rows = await tx.fetch(
        """SELECT r.flag, f.said, f.recorded_at, w.recorded_at AS withdrawn_at
           FROM report r JOIN follow_up f USING (report) LEFT JOIN withdrawal w ON w.what = f.entry
           WHERE r.flag = ANY($1::uuid[]) ORDER BY f.recorded_at, f.entry""",
        list(flags),
    )
    return [
        (flag, FollowedUp(FollowUpRecorded.model_validate_json(said), at, withdrawn_at))
        for flag, said, at, withdrawn_at in rows
    ]


async def read_replies(tx: Connection, flags: Iterable[UUID]) -> list[tuple[UUID, Replied]]:
    """The replies to reports that these flags hold."""
    rows = await tx.fetch(
        """SELECT r.flag, p.said, p.recorded_at, w.recorded_at AS withdrawn_at
           FROM report r JOIN reply p USING (report) LEFT JOIN withdrawal w ON w.what = p.reply
           WHERE r.flag = ANY($1::uuid[]) ORDER BY p.recorded_at, p.reply""",
        list(flags),
    )
    return [
        (flag, Replied(ReplyRecorded.model_validate_json(said), at, withdrawn_at))
        for flag, said, at, withdrawn_at in rows
    ]
