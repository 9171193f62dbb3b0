"""How a case stands, as its handlers and coordinators are shown it: codes, days and counts, and no word of anybody."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel

from services.remedy.domain import life, moves
from services.remedy.domain.deadlines import Deadline
from services.remedy.domain.dossier import Dossier
from services.remedy.domain.ladder import ORDER
from services.remedy.domain.refusals import REMEDIES
from services.remedy.store import listing
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    DeadlineKind,
    Erased,
    Filer,
    LinkKind,
    Pressure,
    RetaliationResult,
    Rung,
    SafetyLevel,
    TestimonyKind,
)
from shared.postgres import Connection, now


class DeadlineState(StrEnum):
    """How a deadline stands."""

    RUNNING = "running"
    NEAR = "near"
    MISSED = "missed"
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"


class DeadlineView(BaseModel):
    """One deadline, with the benchmark that it rests on; `item` is the remedy item that it is about."""

    kind: DeadlineKind
    clock: str
    basis: str
    due: datetime
    state: DeadlineState
    item: UUID | None = None
    number: int | None = None
    extended: bool = False


class CaseLine(BaseModel):
    """A case as lists show it. `openable` is false where no key of the trustee opens its box, null before one tried."""

    reference: str
    kind: TestimonyKind
    state: CaseState
    openable: bool | None
    received_at: datetime
    handlers: list[str]
    deadlines: list[DeadlineView]


class Missing(BaseModel):
    """What a step still lacks, and what to do about it."""

    code: CaseRefusal
    remedy: str


class StepView(BaseModel):
    """A state to which the case may go next, for one of these reasons, once nothing is missing."""

    to: CaseState
    reasons: list[CaseReason]
    missing: list[Missing]


class LinkView(BaseModel):
    """Another case to which this one belongs, and how."""

    reference: str
    kind: LinkKind


class PlanView(BaseModel):
    """How far the remedy plan is; its items are shown by themselves."""

    consulted_on: date | None
    items: int
    agreed: bool
    verified: bool
    paid: bool


class Standing(BaseModel):
    """A case as it stands. `indicative_until` is when its present stage should be over (UNGP 31(c))."""

    reference: str
    kind: TestimonyKind
    state: CaseState
    since: datetime | None
    indicative_until: datetime | None
    taken_in: bool
    has_receipt: bool
    filed_by: Filer
    reprisal: bool
    safety: SafetyLevel | None
    protection_planned: bool
    contacted_on: date | None
    consents: list[Rung]
    grounds: CaseReason | None
    outcome: CaseReason | None
    objection: bool
    withdrawal: Pressure | None
    sign_of_retaliation: RetaliationResult | None
    held: bool
    erasing: bool
    erased: list[Erased]
    plan: PlanView
    links: list[LinkView]
    deadlines: list[DeadlineView]
    next: list[StepView]
    missing_for_contact: list[Missing]


async def standing(tx: Connection, reference: str, dossier: Dossier) -> Standing:
    """How a case stands at this moment, what may be done next, and what is missing for it."""
    found, at = dossier.life, await now(tx)
    links = found.links or {}
    references = await listing.read_references(tx, links)
    stages = dossier.clocks.running(DeadlineKind.STAGE)
    return Standing(
        reference=reference,
        kind=found.kind,
        state=found.state,
        since=found.since,
        indicative_until=stages[0].due if stages else None,
        taken_in=found.taken_in,
        has_receipt=found.has_receipt,
        filed_by=found.filed_by,
        reprisal=found.reprisal,
        safety=found.safety,
        protection_planned=found.protection_planned,
        contacted_on=found.contacted_on,
        consents=[rung for rung in ORDER if rung in dossier.ladder.consents],
        grounds=found.grounds,
        outcome=found.outcome,
        objection=found.objection,
        withdrawal=found.withdrawal,
        sign_of_retaliation=dossier.watch.sign,
        held=found.held,
        erasing=found.erasing,
        erased=sorted(found.erased),
        plan=plan_of(dossier),
        links=[LinkView(reference=references[one], kind=kind) for one, kind in links.items() if one in references],
        deadlines=[shown(one, at) for one in sorted(dossier.clocks.deadlines.values(), key=lambda one: one.due)],
        next=[step_view(step) for step in moves.steps(dossier)],
        missing_for_contact=missing(why for holds, why in life.contact_guards(dossier) if not holds),
    )


def plan_of(dossier: Dossier) -> PlanView:
    """How far the remedy plan is."""
    plan = dossier.plan
    return PlanView(
        consulted_on=plan.consulted_on,
        items=len(plan.wanted),
        agreed=plan.agreed,
        verified=plan.verified,
        paid=plan.paid,
    )


def step_view(step: moves.Step) -> StepView:
    """A step as it is shown."""
    return StepView(to=step.to, reasons=list(step.reasons), missing=missing(step.missing))


def missing(refusals: Iterable[CaseRefusal]) -> list[Missing]:
    """What is missing, each with what to do about it."""
    return [Missing(code=why, remedy=REMEDIES[why]) for why in refusals]


def shown(deadline: Deadline, at: datetime) -> DeadlineView:
    """A deadline as it stands at a moment. Meeting it late does not undo that it was missed."""
    if deadline.cancelled:
        state = DeadlineState.CANCELLED
    elif deadline.met_at is not None:
        state = DeadlineState.MET if deadline.met_at < deadline.due else DeadlineState.MET_LATE
    else:
        state = unmet(deadline.due, deadline.warn, at)
    return DeadlineView(
        kind=deadline.key.kind,
        clock=deadline.key.clock,
        basis=deadline.basis,
        due=deadline.due,
        state=state,
        item=deadline.key.item,
        number=deadline.key.number,
        extended=deadline.extended,
    )


def unmet(due: datetime, warn: datetime, at: datetime) -> DeadlineState:
    """How a deadline stands that was not met yet."""
    if at >= due:
        return DeadlineState.MISSED
    return DeadlineState.NEAR if at >= warn else DeadlineState.RUNNING


def lines(cases: Sequence[Record], deadlines: Sequence[Record]) -> list[CaseLine]:
    """Cases as lists show them, from their rows and those of their deadlines that still run."""
    found = {row["case_id"]: CaseLine(**dict(row), deadlines=[]) for row in cases}
    at = {row["case_id"]: row["now"] for row in cases}
    for row in deadlines:
        state = unmet(row["due_at"], row["warn_at"], at[row["case_id"]])
        view = DeadlineView(**{**dict(row), "due": row["due_at"], "state": state})
        found[row["case_id"]].deadlines.append(view)
    return list(found.values())
