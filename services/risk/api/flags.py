"""Flags, for every member: the gravest first, each with its evidence, its history and what the company replied."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.risk.api.access import reader_of, runtime_of
from services.risk.api.flag_entries import FlagDetail, FlagPage, detail_of, entry_of
from services.risk.domain.flags import fold
from services.risk.flagging import ranking_of
from services.risk.settings import RiskSettings
from services.risk.store import flag_views, registry, reports
from services.risk.store.flag_views import Wanted
from shared.cursors import Cursor, page_after, place_of
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category, Known
from shared.http import Problem
from shared.postgres import borrow

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=200, description="Flags on a page.")]
FIRST = (1_000_000, UUID(int=0))
"""Before every flag."""


@router.get("/flags")
async def list_flags(
    request: Request,
    state: Known[FlagState] | None = None,
    category: Known[Category] | None = None,
    site: Annotated[UUID | None, Query(description="By any id of the site.")] = None,
    supplier: Annotated[UUID | None, Query(description="Named by a report of the flag; by any id.")] = None,
    is_open: Annotated[bool | None, Query(alias="open", description="Neither dismissed nor closed.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FlagPage:
    """Flags by priority: severity before likelihood (UNGP 24), page by page."""
    await reader_of(request)
    wanted = Wanted(state, category, site, supplier, is_open)
    async with borrow(runtime_of(request).pool) as connection:
        rows = await flag_views.list_flags(connection, wanted, after(cursor), limit + 1)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = page_after(request, f"{last['priority']}/{last['flag']}")
    return FlagPage(items=[entry_of(row) for row in rows[:limit]], next=following)


@router.get("/flags/{flag}")
async def show_flag(request: Request, flag: UUID) -> FlagDetail:
    """One flag: its reports with their evidence, each step taken or refused and why, and the company's replies."""
    await reader_of(request)
    settings = runtime_of(request).settings
    assert isinstance(settings, RiskSettings)
    async with borrow(runtime_of(request).pool) as connection, connection.transaction(isolation="repeatable_read"):
        row = await flag_views.read_flag(connection, flag)
        if row is None:
            raise Problem(404, "not_found", "No flag has this id.")
        entries = (await reports.read_entries(connection, [flag])).get(flag, [])
        left = await registry.read_left(connection)
    return detail_of(row, entries, fold(entries, ranking_of(settings)), left)


def after(cursor: str | None) -> tuple[int, UUID]:
    """The priority and flag after which a page begins. Raises Problem 422."""
    return FIRST if cursor is None else place_of(cursor, ranked)


def ranked(text: str) -> tuple[int, UUID]:
    """A priority and a flag. Raises ValueError."""
    priority, _, flag = text.partition("/")
    found = int(priority), UUID(flag)
    if not 0 <= found[0] <= FIRST[0]:
        raise ValueError
    return found
