"""SQL on what an assessment takes of flags and released statements."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from services.risk.domain.evidence import Evidence, FlagKnown, ReportedRisk, StatementKnown
from services.risk.domain.flags import Replied, Reported
from services.risk.store.reports import read_replies, read_reports
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category, WorkersBand
from shared.postgres import Connection


async def evidence_of_sites(tx: Connection, sites: Collection[UUID]) -> dict[UUID, Evidence]:
    """What people have reported of sites (roots).

    Every site asked for is in the answer. Flags that hold no report any more are not.
    """
    rows = await tx.fetch(
        """SELECT site AS about, flag, category, state FROM flag
           WHERE site = ANY($1::uuid[]) AND merged_into IS NULL ORDER BY 1, 2""",
        list(sites),
    )
    return await gathered(tx, sites, rows)


async def evidence_of_suppliers(tx: Connection, suppliers: Collection[UUID]) -> dict[UUID, Evidence]:
    """What people have reported of suppliers (roots) without naming a site, and what was released of testimony.

    Every supplier asked for is in the answer.
    """
    rows = await tx.fetch(
        """SELECT supplier AS about, flag, category, state FROM flag
           WHERE supplier = ANY($1::uuid[]) AND site IS NULL AND merged_into IS NULL ORDER BY 1, 2""",
        list(suppliers),
    )
    return await gathered(tx, suppliers, rows, await statements_of(tx, suppliers))


async def statements_of(tx: Connection, suppliers: Collection[UUID]) -> list[Record]:
    """The statements released of suppliers (roots), under whichever id."""
    return await tx.fetch(
        """SELECT p.root AS about, s.statement, s.category, s.quarter, s.workers
           FROM supplier p JOIN statement s USING (supplier) WHERE p.root = ANY($1::uuid[])
           ORDER BY 1, s.quarter, s.statement""",
        list(suppliers),
    )


async def gathered(
    tx: Connection, asked: Collection[UUID], rows: Sequence[Record], statements: Sequence[Record] = ()
) -> dict[UUID, Evidence]:
    """The evidence of everything asked for."""
    reports = await known_reports(tx, {row["flag"] for row in rows}) if rows else {}
    flags: dict[UUID, list[FlagKnown]] = {}
    for about, flag, category, state in rows:
        if held := reports.get(flag):
            flags.setdefault(about, []).append(FlagKnown(flag, Category(category), FlagState(state), tuple(held)))
    released: dict[UUID, list[StatementKnown]] = {}
    for about, statement, category, quarter, workers in statements:
        known = StatementKnown(statement, Category(category), quarter, WorkersBand(workers))
        released.setdefault(about, []).append(known)
    return {one: Evidence(tuple(flags.get(one, ())), tuple(released.get(one, ()))) for one in asked}


async def known_reports(tx: Connection, flags: Collection[UUID]) -> dict[UUID, list[ReportedRisk]]:
    """The reports of flags that nobody took back, the oldest first, with the replies to each."""
    replies: dict[UUID, list[Replied]] = {}
    for _, reply in await read_replies(tx, flags):
        if reply.withdrawn_at is None:
            replies.setdefault(reply.said.report, []).append(reply)
    found: dict[UUID, list[ReportedRisk]] = {}
    for flag, report in await read_reports(tx, flags):
        if report.withdrawn_at is None:
            found.setdefault(flag, []).append(risk_of(report, replies.get(report.id, ())))
    return found


def risk_of(report: Reported, replies: Sequence[Replied]) -> ReportedRisk:
    """A report as an assessment takes it."""
    said = report.said
    return ReportedRisk(
        report=said.report,
        source_class=said.source_class,
        parts=said.severity,
        actuality=said.actuality,
        recorded_at=report.at,
        instruments=said.instruments,
        indicators=said.indicators,
        clause=said.clause,
        workers=said.workers_affected,
        confidence=said.confidence,
        headline=said.headline,
        evidence=tuple(one.uri for one in said.evidence),
        replies=tuple(reply.said.stance for reply in replies),
    )
