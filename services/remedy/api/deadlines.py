"""HTTP about time: how long things may take and by whose rule, what is due, what is put off, and the clock itself."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.remedy import casework
from services.remedy.api.callers import (
    AtOffice,
    Coordinator,
    Handler,
    Running,
    acting,
    lock_assigned,
    refusals_answered,
    require_operator,
)
from services.remedy.api.writing import BrieflyMotivated, noted
from services.remedy.audit import Action
from services.remedy.casework import Work
from services.remedy.domain import clocks
from services.remedy.domain.benchmarks import Benchmark
from services.remedy.domain.clocks import Deadline, DeadlineKey
from services.remedy.store import deadlines as store
from shared.events.remedy.words import DeadlineKind, ExtensionReason
from shared.events.values import Count, Label
from shared.events.vocabulary import Known
from shared.postgres import borrow

router = APIRouter()
for_operators = [Depends(require_operator)]


class BenchmarkView(BaseModel):
    """A clock: how long something may take, by whose rule, for whom."""

    id: str
    kind: DeadlineKind
    within: str | None
    extendable_to: str | None
    enabled: bool
    source: str
    edition: str
    jurisdiction: str
    applies_to: str
    note: str


class DeadlineView(BaseModel):
    """A deadline of a case. It is due when the local day before `due` ends, unless its clock counts hours."""

    kind: DeadlineKind
    clock: str
    item: UUID | None
    number: int | None
    due: datetime
    basis: str
    missed: bool
    extended: bool = False
    met: datetime | None = None


class DueView(BaseModel):
    """What is due, by reference."""

    reference: str
    kind: DeadlineKind
    clock: str
    number: int | None
    due: datetime
    basis: str
    missed: bool


class Extension(BrieflyMotivated):
    """Which deadline is put off and why. The reason is told to the reporter; the motivation is sealed with the case."""

    deadline: Known[DeadlineKind]
    clock: Label
    item: UUID | None = None
    number: Count | None = None
    reason: Known[ExtensionReason]


class ClockView(BaseModel):
    """The database's clock, and whether nothing happens by it because it jumped ahead or back."""

    now: datetime
    believed_until: datetime
    held: str | None
    held_at: datetime | None


@router.get("/benchmarks")
async def list_benchmarks(office: AtOffice) -> list[BenchmarkView]:
    """How long each thing may take here, and by whose rule: for everybody to know beforehand (UNGP 31(c))."""
    return [described(one) for one in office.terms.benchmarks.all]


def described(one: Benchmark) -> BenchmarkView:
    """A benchmark as it is shown."""
    spans = {"within": one.within, "extendable_to": one.extendable_to}
    told = one.model_dump(include=set(BenchmarkView.model_fields) - spans.keys())
    return BenchmarkView(**told, **{name: str(span) if span else None for name, span in spans.items()})


@router.get("/deadlines")
async def list_due(
    runtime: Running, _coordinator: Coordinator, until: Annotated[datetime, Query(description="Up to this moment.")]
) -> list[DueView]:
    """What is due or overdue in all cases until a moment, by reference; retention as well."""
    async with borrow(runtime.pool) as connection:
        rows = await store.read_running(connection, until)
    return [DueView.model_validate(dict(row)) for row in rows]


@router.get("/cases/{reference}/deadlines")
async def list_of_case(runtime: Running, handler: Handler, reference: str) -> list[DeadlineView]:
    """Every deadline that an assigned case has or had, with the rule that it rests on."""
    async with runtime.transaction() as tx:
        case = await lock_assigned(tx, handler, reference)
        found = (await casework.read_dossier(tx, case["case_id"])).clocks.deadlines.values()
    return [shown(one) for one in sorted(found, key=lambda one: (one.due, str(one.key))) if not one.cancelled]


def shown(one: Deadline) -> DeadlineView:
    """A deadline as it is shown."""
    return DeadlineView(
        **one.key._asdict(), due=one.due, basis=one.basis, missed=one.missed, extended=one.extended, met=one.met_at
    )


@router.post("/cases/{reference}/deadlines/extend")
async def extend(office: AtOffice, handler: Handler, reference: str, body: Extension) -> DeadlineView:
    """Put off a deadline, where its benchmark allows it: once, before it has passed, for a reason."""
    key = DeadlineKey(body.deadline, body.clock, body.item, body.number)
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, handler, reference)
        work = Work(
            acting(handler),
            Action.EXTENDED,
            lambda dossier, moment: clocks.extend(dossier, moment, office.terms, key, body.reason),
            noted(body.motivation),
        )
        done = await casework.act(office, tx, case, work)
    return shown(done.dossier.clocks.deadlines[key])


@router.get("/clock", dependencies=for_operators)
async def read_clock(runtime: Running) -> ClockView:
    """The clock by which deadlines fall due, and whether it is believed."""
    async with runtime.transaction() as tx:
        seen = await store.watch_clock(tx)
    return ClockView(now=seen.now, believed_until=seen.high_water, held=seen.held, held_at=seen.held_at)


@router.post("/clock/release", dependencies=for_operators)
async def release_clock(runtime: Running) -> ClockView:
    """Say that the database's clock is right as it is: deadlines fall due again, those of the jump at once."""
    async with runtime.transaction() as tx:
        await store.watch_clock(tx)
        await store.release_clock(tx)
        seen = await store.watch_clock(tx)
    return ClockView(now=seen.now, believed_until=seen.high_water, held=seen.held, held_at=seen.held_at)
