"""HTTP: the performance conditions of contracts and information requests, for their member and the operator."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel

from services.remedy.api.callers import Running
from services.remedy.api.readers import READERS, Reading, not_found, reading_all, require_own
from services.remedy.domain.engagement import conditions, requests
from services.remedy.store.engagement import conditions as store
from services.remedy.store.engagement import follow_up
from shared.events.engagement_words import ConditionState, RefusalGround, RequestState
from shared.events.reading import short_text
from shared.events.vocabulary import Known

router = APIRouter(dependencies=[READERS])

Limit = Annotated[int, Query(ge=1, le=1000, description="So many at most, the first due first.")]
Contract = Annotated[
    Annotated[str, AfterValidator(short_text)] | None,
    Query(min_length=1, max_length=100, description="A contract, by its id or the member's own reference."),
]


class ConditionRow(BaseModel):
    """A condition: of which clause, due when by which rule, and where it stands.

    `next_due` is the day that counts now: its own or the end of its cure period; `missed`: that day is over.
    """

    condition: UUID
    member: str
    contract: UUID
    reference: str | None
    contract_title: str | None
    supplier: UUID | None
    supplier_name: str | None
    clause: str
    wanted: str
    due: date
    basis: str
    state: ConditionState
    since: date
    cure_until: date | None
    next_due: date | None
    missed: bool


class ReportedStep(BaseModel):
    """An entry about a condition: what was told and by which event; `standing` says whether it was taken back."""

    entry: UUID
    event: UUID
    type: str
    recorded_at: datetime
    standing: str
    told: dict[str, Any]


class ConditionView(ConditionRow):
    """A condition with what was reported of it, and what may be reported next."""

    lifted: bool
    history: list[ReportedStep]
    legal: list[str]


class RequestRow(BaseModel):
    """An information request to a member: until when it is answered, by which rule, and where it stands."""

    request: UUID
    member: str
    reference: str
    contract: UUID | None
    contract_reference: str | None
    state: RequestState
    received_on: date
    due: date
    basis: str
    reasons: str | None
    ground: RefusalGround | None
    missed: bool
    legal: list[str]


@router.get("/conditions")
async def list_conditions(
    reader: Reading,
    runtime: Running,
    contract: Contract = None,
    state: Known[ConditionState] | None = None,
    limit: Limit = 200,
) -> list[ConditionRow]:
    """The conditions of a member's contracts, the first due first; of all members for an operator that names none."""
    async with reading_all(runtime) as connection:
        rows = await store.list_conditions(connection, reader.member, contract, state, limit)
    return [ConditionRow(**row) for row in rows]


@router.get("/conditions/{condition}")
async def show_condition(reader: Reading, runtime: Running, condition: UUID) -> ConditionView:
    """A condition with its history, and what may be reported of it next. 404 alike for another's and for none."""
    async with reading_all(runtime) as connection:
        row = await store.show_condition(connection, condition)
        if row is None:
            raise not_found()
        require_own(reader, row["member"])
        history = await store.read_history(connection, row["contract"], condition)
    legal = conditions.legal(store.condition_of(row))
    return ConditionView(**row, history=[ReportedStep(**one) for one in history], legal=list(legal))


@router.get("/information-requests")
async def list_requests(reader: Reading, runtime: Running, limit: Limit = 200) -> list[RequestRow]:
    """Information requests to a member under the Transparency Act, those that wait first."""
    async with reading_all(runtime) as connection:
        rows = await follow_up.list_requests(connection, reader.member, limit)
    return [request_row(row) for row in rows]


def request_row(row: Record) -> RequestRow:
    """An information request from its row."""
    return RequestRow(**row, legal=list(requests.legal(follow_up.request(row))))
