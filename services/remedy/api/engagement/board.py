"""HTTP: the board of engagements, for members of the groups and the operator."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, BaseModel

from services.remedy.api.callers import AtOffice, Running
from services.remedy.api.engagement.entries_of_board import BoardRow, row_of
from services.remedy.api.readers import READERS, Reader, Reading, groups_of, reading_all, require_group
from services.remedy.office import Office
from services.remedy.store.engagement import board
from services.remedy.store.engagement.board import Order, Wanted
from shared.cursors import Cursor, page_after, place_of
from shared.events.engagement_words import EngagementState, Milestone
from shared.events.reading import as_id, short_text
from shared.events.values import Slug
from shared.events.vocabulary import Known
from shared.postgres import Connection, now

router = APIRouter(dependencies=[READERS])

MOST_DAYS = 3660
Days = Annotated[int | None, Query(ge=0, le=MOST_DAYS)]
Limit = Annotated[int, Query(ge=1, le=200, description="Engagements on a page.")]
Whom = Annotated[
    Annotated[str, AfterValidator(short_text)] | None,
    Query(min_length=1, max_length=400, description="A supplier, by any id that it ever had or by words of its name."),
]
Prefix = Annotated[str | None, Query(pattern=r"^[0-9a-f-]{1,36}$", description="How the engagement's id begins.")]
LIVE = (EngagementState.OPEN, EngagementState.PROPOSED)


class BoardPage(BaseModel):
    """A page of the board; `total` counts all that fit the question, `next` leads to the following page."""

    items: list[BoardRow]
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as far as both lists take it."""

    request: Request
    reader: Reader
    office: Office
    group: str | None
    supplier: str | None
    limit: int
    cursor: str | None


def question(
    request: Request,
    reader: Reading,
    office: AtOffice,
    workinggroup: Slug | None = None,
    supplier: Whom = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Question:
    """The question of a request."""
    return Question(request, reader, office, workinggroup, supplier, limit, cursor)


Asked = Annotated[Question, Depends(question)]


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the board is shown."""

    state: Annotated[Known[EngagementState] | None, Query(description="Else those open and proposed.")] = None
    every: Annotated[bool, Query(alias="all", description="In whatever state.")] = False
    milestone: Known[Milestone] | None = None
    overdue: Annotated[bool, Query(description="Only with something that did not come by its day.")] = False
    due_within: Annotated[Days, Query(description="With something due within so many days.")] = None
    stalled: Annotated[Days, Query(description="Open, and at one milestone for so many days or longer.")] = None

    def wanted(self, today: date) -> Wanted:
        """The same as conditions, on the day that it is."""
        return Wanted(
            states=() if self.every else (self.state,) if self.state else LIVE,
            milestone=self.milestone,
            overdue=self.overdue,
            due_until=None if self.due_within is None else today + timedelta(days=self.due_within),
            standing_since=None if self.stalled is None else today - timedelta(days=self.stalled),
            living=not self.every and self.state is not EngagementState.CLOSED,
        )


@router.get("/board")
async def show_board(
    asked: Asked, filters: Annotated[Filters, Depends(Filters)], runtime: Running, sort: Order = Order.DUE
) -> BoardPage:
    """Engagements as they stand: by default those open and proposed, what is overdue and due next first.

    Those of a group that was closed are shown only where all or closed ones are asked for, or the group by name.
    """
    async with reading_all(runtime) as connection:
        today = asked.office.terms.today(await now(connection))
        return await page_of(connection, asked, filters.wanted(today), sort)


@router.get("/engagements")
async def list_engagements(
    asked: Asked,
    runtime: Running,
    state: Annotated[Known[EngagementState] | None, Query(description="Else in whatever state.")] = None,
    prefix: Prefix = None,
) -> BoardPage:
    """Engagements in whatever state, the oldest first."""
    async with reading_all(runtime) as connection:
        return await page_of(connection, asked, Wanted(states=(state,) if state else (), prefix=prefix), Order.AGE)


async def page_of(connection: Connection, asked: Question, wanted: Wanted, order: Order) -> BoardPage:
    """A page of what is wanted, as far as the reader may read it. Raises Problem 404 for another's group."""
    wanted = await narrowed(connection, asked, wanted)
    at = await now(connection)
    today = asked.office.terms.today(at)
    after = None if asked.cursor is None else place_of(asked.cursor, placed)
    rows = await board.read_page(connection, wanted, order, after, asked.limit + 1, today)
    following = None
    if len(rows) > asked.limit:
        last = rows[asked.limit - 1]
        following = page_after(asked.request, f"{last['place']}/{last['engagement']}")
    items = [row_of(row, asked.office.terms, at) for row in rows[: asked.limit]]
    return BoardPage(items=items, total=await board.count(connection, wanted, today), next=following)


async def narrowed(connection: Connection, asked: Question, wanted: Wanted) -> Wanted:
    """What is wanted, of the groups that the reader may read, and of the supplier that is meant."""
    if asked.group is not None:
        await require_group(connection, asked.reader, asked.group)
    suppliers = None
    if asked.supplier is not None:
        one = as_id(asked.supplier)
        suppliers = await board.ids_of_suppliers(connection, one, None if one else asked.supplier.strip())
    groups = await groups_of(connection, asked.reader)
    living = wanted.living and asked.group is None
    return replace(wanted, groups=groups, group=asked.group, suppliers=suppliers, living=living)


def placed(text: str) -> tuple[str, UUID]:
    """A place and an engagement. Raises ValueError."""
    place, _, engagement = text.rpartition("/")
    return place, UUID(engagement)
