"""What a reporter is told of their case: how far it is, what comes next, by when, what they may do (UNGP 31(c), (e)).

Codes and days only; a day, not a moment, so that nothing read over a shoulder dates a talk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from services.remedy.domain import life, moves, states
from services.remedy.domain.deadlines import Deadline
from services.remedy.domain.dossier import Dossier, Happened
from services.remedy.domain.ladder import ORDER
from services.remedy.domain.plan import Item
from services.remedy.domain.refusals import Refused
from services.remedy.domain.terms import Terms
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseRefusal,
    CaseState,
    DeadlineKind,
    EvidenceSource,
    ItemState,
    Party,
    Pressure,
    RemedyForm,
    Rung,
    TestimonyKind,
)

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class NextStage:
    """A stage that may follow, and how long it usually takes there (ISO 8601); indicative, of the benchmark named."""

    stage: CaseState
    within: str | None
    basis: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """Something that must be done for the reporter, the last day for it, and the rule that it rests on."""

    what: DeadlineKind
    last_day: date
    basis: str
    missed: bool
    extended: bool


@dataclass(frozen=True, slots=True)
class RemedyItem:
    """An item of the remedy plan in codes; `number` is its place in the plan."""

    number: int
    state: ItemState
    form: RemedyForm
    responsible: Bearer
    due: date | None
    workers_entitled: int | None
    workers_paid: int | None
    amount_promised: Decimal | None
    amount_paid: Decimal | None
    currency: str | None
    verified_by: EvidenceSource | None


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A rung: whether the reporter agrees that it is told, and whether it was."""

    rung: Rung
    agreed: bool
    reached_on: date | None
    waived: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, for its reporter. `may` names what they can do, each with what stands against it now."""

    kind: TestimonyKind
    stage: CaseState
    since: date | None
    found: CaseReason | None
    outcome: CaseReason | None
    usually_done_by: date | None
    next: tuple[NextStage, ...]
    due: tuple[Due, ...]
    remedy: tuple[RemedyItem, ...]
    ladder: tuple[LadderStep, ...]
    objection: bool
    withdrawal: Pressure | None
    held: bool
    being_erased: bool
    may: Mapping[str, tuple[CaseRefusal, ...]]


def tell(dossier: Dossier, terms: Terms, further: Mapping[str, Callable[[], object]]) -> Standing:
    """How a case stands. `further` are rules of other parts that are tried for `may`, by what they allow."""
    now = dossier.life
    stage = dossier.clocks.of_stage(now.state)
    return Standing(
        kind=now.kind,
        stage=now.state,
        since=terms.today(now.since) if now.since else None,
        found=now.grounds,
        outcome=now.outcome,
        usually_done_by=last_day(stage.due, terms) if stage else None,
        next=tuple(next_stage(state, terms) for state in states.onward(dossier)),
        due=tuple(due(one, terms) for one in dossier.clocks.running()),
        remedy=tuple(item(number, one) for number, one in enumerate(dossier.plan.items.values(), 1)),
        ladder=tuple(rung(dossier, one) for one in ORDER),
        objection=now.objection,
        withdrawal=now.withdrawal,
        held=now.held,
        being_erased=now.erasing,
        may=possible(dossier, further),
    )


def possible(dossier: Dossier, further: Mapping[str, Callable[[], object]]) -> dict[str, tuple[CaseRefusal, ...]]:
    """What a reporter can do, each with every reason why not now."""
    rules: dict[str, Callable[[], object]] = {
        "write": lambda: life.write(dossier, Party.REPORTER),
        "object": lambda: life.object_to_closure(dossier),
        "withdraw": lambda: life.ask_withdrawal(dossier, Pressure.NO),
        "appeal": lambda: moves.appeal(dossier),
        **further,
    }
    return {name: against(rule) for name, rule in rules.items()}


def against(rule: Callable[[], object]) -> tuple[CaseRefusal, ...]:
    """Every reason why a rule refuses; none where it does not."""
    try:
        rule()
    except Refused as refused:
        return refused.why
    return ()


def next_stage(state: CaseState, terms: Terms) -> NextStage:
    """A stage that may follow, with its indicative time."""
    stages = [one for one in terms.benchmarks.started_in(state) if one.kind is DeadlineKind.STAGE]
    own = next((one for one in stages if one.id == f"stage-{state}"), None)
    return NextStage(state, str(own.within) if own and own.within else None, own.basis if own else None)


def due(deadline: Deadline, terms: Terms) -> Due:
    """A deadline as the reporter is told it."""
    on = last_day(deadline.due, terms)
    return Due(deadline.key.kind, on, deadline.basis, deadline.missed, deadline.extended)


def last_day(moment: datetime, terms: Terms) -> date:
    """The last day on which something is in time: deadlines of days end at the midnight after it."""
    return terms.today(moment - INSTANT)


def item(number: int, one: Item) -> RemedyItem:
    """An item of the plan in codes."""
    return RemedyItem(
        number=number,
        state=one.state,
        form=one.form,
        responsible=one.responsible,
        due=one.due,
        workers_entitled=one.workers_entitled,
        workers_paid=one.workers_paid,
        amount_promised=one.amount_promised,
        amount_paid=one.amount_paid,
        currency=one.currency,
        verified_by=one.verified_by,
    )


def rung(dossier: Dossier, one: Rung) -> LadderStep:
    """A rung of the ladder as it stands."""
    ladder = dossier.ladder
    return LadderStep(one, ladder.agrees(one), ladder.reached.get(one), one in ladder.waived)


# The record, for the copy that a reporter may take

NOT_TOLD = frozenset({"case", "to", "item"})
"""Ids: they are of no use to a reporter, and never leave the restricted topics."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that happened, by whom and on which day; `data` holds codes, days and counts."""

    on: date
    by: Party
    what: str
    data: dict[str, object]


def record_of(happened: Happened, terms: Terms) -> Recorded:
    """A fact as the reporter's copy has it."""
    fact: CaseFact = happened.fact
    data = fact.model_dump(mode="json", exclude=set(NOT_TOLD), exclude_none=True)
    return Recorded(terms.today(happened.at), happened.by, fact.type, data)
