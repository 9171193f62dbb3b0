"""A case as the rules carry it, with the clocks and without a database: what happened to it, and what it now is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.remedy.domain import clocks, items, life, moves, watch
from services.remedy.domain.dossier import Dossier, Happened, Moment
from services.remedy.domain.item_steps import Offer, Step
from shared.events.remedy.cases import CaseFact, CaseOpened, CaseTakenIn
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseState,
    DeadlineKind,
    EvidenceSource,
    FindingGrade,
    ItemState,
    Party,
    RemedyForm,
    RetaliationResult,
    Rung,
    SafetyLevel,
    TestimonyKind,
)
from tests.remedy.given import SETTINGS

CASE = UUID("0b7f6c55-93c1-4f0e-8a53-5f1d0c7a9e21")
OTHER = UUID("4c1d8a70-2b6e-4d8f-b3a9-7e5f6a1b2c3d")
ITEM = UUID("9e2a7f14-6c3b-4b5d-8d1e-0f9a8b7c6d5e")
START = datetime(2026, 11, 22, 9, tzinfo=UTC)
TERMS = SETTINGS.terms
S, R = CaseState, CaseReason


@dataclass
class Course:
    """A case from its first day on. What the clocks conclude happens to it, too."""

    at: datetime = START
    dossier: Dossier = field(default_factory=lambda: Dossier(CASE))
    history: list[Happened] = field(default_factory=list)

    @property
    def moment(self) -> Moment:
        return TERMS.moment(self.at)

    @property
    def state(self) -> CaseState:
        return self.dossier.life.state

    @property
    def facts(self) -> list[CaseFact]:
        return [one.fact for one in self.history]

    def happens(self, facts: Sequence[CaseFact], by: Party = Party.HANDLER) -> "Course":
        """Let facts happen, as `casework.happen` does."""
        before = self.dossier
        for fact in facts:
            self.keep(by, fact)
        for fact in clocks.follow(before, self.dossier, facts, self.moment, TERMS):
            self.keep(Party.CLOCK, fact)
        return self

    def keep(self, by: Party, fact: CaseFact) -> None:
        happened = Happened(self.at, by, fact)
        self.history.append(happened)
        self.dossier = self.dossier.after(happened)

    def move(self, to: CaseState, reason: CaseReason = R.NEXT_STEP) -> "Course":
        return self.happens(moves.move(self.dossier, self.moment, to, reason))

    def passes(self, days: float) -> "Course":
        self.at += timedelta(days=days)
        return self


def taken_in(*, has_receipt: bool = True) -> Course:
    """A case that came and was taken out of its box."""
    opened = CaseOpened(case=CASE, kind=TestimonyKind.GRIEVANCE)
    box = CaseTakenIn(case=CASE, has_receipt=has_receipt)
    return Course().happens([opened]).happens([box], Party.CLOCK)


def protected(*, consent: bool = True, has_receipt: bool = True) -> Course:
    """A case of which nothing is missing to speak to the employer; without consent, nothing else."""
    course = taken_in(has_receipt=has_receipt)
    course.happens(moves.acknowledge(course.dossier))
    course.move(S.GENUINENESS_CHECK).move(S.ADMISSIBILITY).move(S.SAFETY_ASSESSMENT, R.ADMISSIBLE)
    course.happens(life.assess_safety(course.dossier, SafetyLevel.ELEVATED)).move(S.PROTECTION_PLAN)
    course.happens(life.plan_protection(course.dossier))
    if consent:
        course.happens(life.consent(course.dossier, Rung.EMPLOYER, True, Party.REPORTER), Party.REPORTER)
    return course


def found(grounds: CaseReason, *, contacted: bool = True) -> Course:
    """A case with its finding."""
    course = protected(consent=contacted)
    if contacted:
        course.move(S.PARTIES_INFORMED).move(S.INVESTIGATING)
    else:
        course.move(S.INVESTIGATING, R.CONSENT_WITHHELD)
    return course.move(S.FINDING, grounds)


def plan(course: Course) -> Course:
    """The workers are asked, and agree to the pay that is owed to ten of them."""
    consulted = items.consult(course.dossier, course.moment, course.moment.today, EvidenceSource.UNION)
    course.happens(consulted)
    terms = Offer(course.moment.today + timedelta(days=30), None, None, 10, Decimal(1000), "EUR")
    bearers = Bearer.SUPPLIER, Bearer.SUPPLIER
    proposed = items.propose(course.dossier, ITEM, RemedyForm.COMPENSATION, FindingGrade.MAJOR, *bearers, terms)
    course.happens(proposed)
    for state in (ItemState.CONSULTED, ItemState.AGREED):
        course.happens(items.advance(course.dossier, ITEM, step(state)))
    return course


def pay_and_verify(course: Course) -> Course:
    """What was agreed is paid, and the union finds it effective."""
    course.happens(items.pay(course.dossier, ITEM, 10, Decimal(1000), "EUR"))
    for state in (ItemState.IN_PROGRESS, ItemState.EVIDENCE_SUBMITTED, ItemState.VERIFYING):
        course.happens(items.advance(course.dossier, ITEM, step(state)))
    return course.happens(items.advance(course.dossier, ITEM, step(ItemState.VERIFIED_EFFECTIVE)))


def step(to: ItemState) -> Step:
    """A step of an item with all that it needs."""
    return Step(to, Offer(), (EvidenceSource.WORKERS,), EvidenceSource.UNION, described=True)


def watched(course: Course) -> Course:
    """Every check for retaliation was made when it was due, and nothing was seen."""
    while running := course.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK):
        course.at = max(course.at, running[0].due)
        number = running[0].key.number
        course.happens(watch.check(course.dossier, course.moment, RetaliationResult.NONE_SEEN, number=number))
    return course


def resolved() -> Course:
    """A grounded case with its remedy paid and verified."""
    course = plan(found(R.GROUNDED)).move(S.REMEDY_AGREED).move(S.IMPLEMENTING)
    return pay_and_verify(course).move(S.VERIFICATION).move(S.RESOLVED, R.REMEDY_VERIFIED)
