"""SQL on what an assessment takes of flags and released statements."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from asyncpg import Record

from services.risk.domain.evidence import Evidence, FlagKnown, ReportedRisk, StatementKnown
from services.risk.domain.flags import Replied, Reported
from services.risk.store.reports import read_replies, read_reports
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category, WorkersBand
from shared.postgres import Connection


async def evidence_for(tx: Connection, suppliers_of: Mapping[UUID, Collection[UUID]]) -> dict[UUID, Evidence]:
    """What people have reported of sites (roots), and of the suppliers of each (by any id) where no site is named.

    Every site asked for is in the answer. Flags that hold no report any more are not.
    """
    pairs = [(site, supplier) for site, suppliers in suppliers_of.items() for supplier in suppliers]
    rows = await tx.fetch(
        """WITH held AS (SELECT DISTINCT u.site, coalesce(p.root, u.supplier) AS supplier
                         FROM unnest($2::uuid[], $3::uuid[]) AS u (site, supplier)
                         LEFT JOIN supplier p ON p.supplier = u.supplier)
           SELECT f.site AS about, f.flag, f.category, f.state FROM flag f
           WHERE f.site = ANY($1::uuid[]) AND f.merged_into IS NULL
           UNION SELECT h.site, f.flag, f.category, f.state FROM held h JOIN flag f ON f.supplier = h.supplier
           WHERE f.site IS NULL AND f.merged_into IS NULL ORDER BY 1, 2""",
        list(suppliers_of),
        [site for site, _ in pairs],
        [supplier for _, supplier in pairs],
    )
    statements = await statements_for(tx, pairs)
    return await gathered(tx, suppliers_of, rows, statements)


async def evidence_of_suppliers(tx: Connection, suppliers: Collection[UUID]) -> dict[UUID, Evidence]:
    """What people have reported of suppliers (roots) without naming a site, and what was released of testimony.

    Every supplier asked for is in the answer.
    """
    rows = await tx.fetch(
        """SELECT supplier AS about, flag, category, state FROM flag
           WHERE supplier = ANY($1::uuid[]) AND site IS NULL AND merged_into IS NULL ORDER BY 1, 2""",
        list(suppliers),
    )
    statements = await statements_for(tx, [(one, one) for one in suppliers])
    return await gathered(tx, suppliers, rows, statements)


async def statements_for(tx: Connection, pairs: Sequence[tuple[UUID, UUID]]) -> list[Record]:
    """The statements released of suppliers (by any id); each pair is what asks for it, and the supplier."""
    return await tx.fetch(
        """WITH held AS (SELECT DISTINCT u.about, coalesce(p.root, u.supplier) AS supplier
                         FROM unnest($1::uuid[], $2::uuid[]) AS u (about, supplier)
                         LEFT JOIN supplier p ON p.supplier = u.supplier)
           SELECT h.about, s.statement, s.category, s.quarter, s.workers
           FROM statement s JOIN supplier p USING (supplier) JOIN held h ON h.supplier = p.root
           ORDER BY h.about, s.quarter, s.statement""",
        [about for about, _ in pairs],
        [supplier for _, supplier in pairs],
    )


async def gathered(
    tx: Connection, asked: Collection[UUID], rows: Sequence[Record], statements: Sequence[Record]
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
