"""What a working group has before it: its salient issues, for the operator and for members of the group."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from services.risk.api.access import reader_of, runtime_of
from services.risk.domain.flags import Ranking, life
from services.risk.domain.flags.standing import FlagStanding
from services.risk.domain.salience import Issue, Stood, Trend, ranked, stood, trend, without_few
from services.risk.flagging import ranking_of
from services.risk.settings import RiskSettings
from services.risk.store import groups, reports
from shared.events.values import Slug
from shared.events.vocabulary import Category
from shared.http import Problem
from shared.postgres import Connection, borrow, now

router = APIRouter()
Group = Annotated[Slug, Path(description="The working group.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Issues to show, the most salient first.")]


class GroupEntry(BaseModel):
    """A working group, and how many members and suppliers it has; without suppliers its categories are its scope."""

    workinggroup: str
    name: str
    categories: list[str]
    suppliers: int
    members: int


class Groups(BaseModel):
    """Working groups."""

    items: list[GroupEntry]


class TrendShown(BaseModel):
    """The way an issue goes, and what that rests on; a severity that is null is unknown."""

    word: Trend
    severity_then: int | None
    severity_now: int | None
    reports_then: int
    reports_now: int


class IssueShown(BaseModel):
    """A category of risk at a supplier; a grade that is null is unknown, and ordered as the middle.

    `flags` are open ones, `reports` tell of them; `statements` were released of testimony. `mitigated`: each open flag
    is said to be, which is not verified by that. `indicators`: what public lists point at, as background.
    `exposed_members` of the group, with `exposed_contracts`, are touched by an open flag; both are null where the
    members are fewer than `counted_from`.
    """

    rank: int
    issue: str
    supplier: UUID
    supplier_name: str | None
    category: Category
    severity: int | None
    likelihood: int | None
    mitigated: bool
    flags: int
    reports: int
    statements: int
    sites: int
    indicators: int
    exposed_members: int | None
    exposed_contracts: int | None
    trend: TrendShown


class Salient(BaseModel):
    """The salient issues of a working group as they stand, and since when their trend is told.

    `unknown_as` is the grade by which what is unknown is ordered. `counted_from` is the number of exposed members from
    which it is shown: with fewer, one would learn what another has. `only_indicated` counts issues of which nobody
    tells and at which public lists point: they are no salient issues by that, but what to ask about.
    """

    workinggroup: str
    name: str
    as_of: datetime
    since: datetime
    unknown_as: int
    counted_from: int
    total: int
    only_indicated: int
    issues: list[IssueShown]


@router.get("/groups")
async def list_groups(request: Request) -> Groups:
    """The working groups: all for the operator, its own for a member."""
    reader, runtime = await reader_of(request), runtime_of(request)
    async with borrow(runtime.pool) as connection:
        rows = await groups.read_groups(connection, reader)
    return Groups(items=[GroupEntry(**dict(row)) for row in rows])


@router.get("/groups/{group}/salient-issues")
async def list_salient_issues(request: Request, group: Group, limit: Limit = 50) -> Salient:
    """The issues of a group that are most severe for people (UNGP Reporting Framework), with the way each goes."""
    reader, runtime = await reader_of(request), runtime_of(request)
    settings = runtime.settings
    assert isinstance(settings, RiskSettings)
    async with borrow(runtime.pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = await groups.read_group(connection, group, reader)
        if found is None:
            raise Problem(404, "not_found", "There is no such working group, it is closed, or it is not one of yours.")
        at = await now(connection)
        since = at - timedelta(days=settings.trend_days)
        told = without_few(await groups.read_issues(connection, group), settings.leverage_buyers)
        issues = ranked(told, settings.unknown_grade)
        before = await stood_before(connection, issues[:limit], since, ranking_of(settings))
        only_indicated = await groups.count_indicated(connection, group)
    return Salient(
        workinggroup=group,
        name=found["name"],
        as_of=at,
        since=since,
        unknown_as=settings.unknown_grade,
        counted_from=settings.leverage_buyers,
        total=len(issues),
        only_indicated=only_indicated,
        issues=shown(issues[:limit], before, settings.unknown_grade),
    )


async def stood_before(
    tx: Connection, issues: Sequence[Issue], moment: datetime, ranking: Ranking
) -> dict[str, Stood | None]:
    """How each issue stood before a moment, by what had been recorded until then."""
    flags = await groups.read_flags(tx, issues)
    entries = await reports.read_entries(tx, [row["flag"] for row in flags])
    statements = await groups.count_statements(tx, issues, moment)
    folded: dict[tuple[UUID, str], list[FlagStanding | None]] = {}
    for row in flags:
        standing = life.fold(life.before(entries.get(row["flag"], ()), moment), ranking)
        folded.setdefault((row["supplier"], row["category"]), []).append(standing)
    return {
        issue.id: stood(
            folded.get((issue.supplier, issue.category.value), ()), statements.get((issue.supplier, issue.category), 0)
        )
        for issue in issues
    }


def shown(issues: Sequence[Issue], before: Mapping[str, Stood | None], unknown: int) -> list[IssueShown]:
    """The issues as they are answered, in their order."""
    return [
        IssueShown(
            rank=rank,
            issue=issue.id,
            supplier=issue.supplier,
            supplier_name=issue.supplier_name,
            category=issue.category,
            severity=issue.severity,
            likelihood=issue.likelihood,
            mitigated=issue.mitigated,
            flags=issue.flags,
            reports=issue.reports,
            statements=issue.statements,
            sites=issue.sites,
            indicators=issue.indicators,
            exposed_members=issue.members,
            exposed_contracts=issue.contracts,
            trend=way(before[issue.id], issue.stands, unknown),
        )
        for rank, issue in enumerate(issues, start=1)
    ]


def way(before: Stood | None, stands: Stood, unknown: int) -> TrendShown:
    """The trend of an issue with the numbers behind it."""
    return TrendShown(
        word=trend(before, stands, unknown),
        severity_then=before.severity if before else None,
        severity_now=stands.severity,
        reports_then=before.reports if before else 0,
        reports_now=stands.reports,
    )
