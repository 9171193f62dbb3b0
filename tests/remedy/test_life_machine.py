"""Whatever is tried with a case, by whom and in whichever order: no guard is passed by.

Lives are drawn on the rules of all parts together: life, plan, watch, ladder and clocks. What must hold is looked up in
the facts themselves, apart from the dossier and its guards.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.remedy.domain import items, life, moves, watch
from services.remedy.domain.dossier import Dossier, fold
from services.remedy.domain.refusals import Refused
from services.remedy.domain.states import NOT_PROCESSED, ways
from shared.events.remedy.cases import (
    CaseFact,
    CaseMoved,
    ConsentGiven,
    DeadlineCancelled,
    DeadlineFact,
    DeadlineMet,
    DeadlineSet,
    EmployerContacted,
    ObjectionRaised,
    ObjectionSettled,
    ProtectionPlanned,
    RemedyItemMoved,
    RetaliationChecked,
    RetaliationFollowedUp,
    SafetyAssessed,
    WithdrawalAsked,
    WorkersConsulted,
)
from shared.events.remedy.words import (
    CaseReason,
    CaseState,
    DeadlineKind,
    EvidenceSource,
    ItemState,
    LinkKind,
    Party,
    Pressure,
    Referral,
    RetaliationResult,
    RetaliationStep,
    Rung,
    SafetyLevel,
)
from tests.remedy.courses import CASE, ITEM, OTHER, Course, found, plan, protected, resolved, step, taken_in, watched

S, R = CaseState, CaseReason
Fact = TypeVar("Fact", bound=CaseFact)


def referred(course: Course) -> Course:
    """A case that another body is to go on with, watched over by this one."""
    gone = moves.move(course.dossier, course.moment, S.REFERRED, R.ANOTHER_BODY_COMPETENT, Referral.COURT)
    return course.happens(gone).move(S.RETALIATION_WATCH, R.ANOTHER_BODY_COMPETENT)


STARTS: dict[str, Callable[[], Course]] = {
    "new": taken_in,
    "without receipt": lambda: taken_in(has_receipt=False),
    "protected": protected,
    "without consent": lambda: protected(consent=False),
    "without grounds or contact": lambda: found(R.NOT_GROUNDED, contacted=False),
    "with a plan": lambda: plan(found(R.GROUNDED)).move(S.REMEDY_AGREED),
    "with a plan, referred": lambda: watched(referred(plan(found(R.GROUNDED)).move(S.REMEDY_AGREED))),
    "resolved": resolved,
    "in the watch": lambda: resolved().move(S.RETALIATION_WATCH, R.REMEDY_VERIFIED),
    "watched": lambda: watched(resolved().move(S.RETALIATION_WATCH, R.REMEDY_VERIFIED)),
}
"""Lives that have come far already, so that the end is tried as often as the beginning."""
EFFECTIVE = {ItemState.VERIFIED_EFFECTIVE, ItemState.CLOSED}


def of(facts: Sequence[CaseFact], kind: type[Fact]) -> list[Fact]:
    return [fact for fact in facts if isinstance(fact, kind)]


# What the facts before a fact must tell.


def contact_was_allowed(before: Sequence[CaseFact]) -> None:
    """A contact: after an assessment, a plan that came after every rise of the danger, and with consent."""
    told = [fact.given for fact in of(before, ConsentGiven) if fact.rung is Rung.EMPLOYER]
    assert told
    assert told[-1]
    levels = [SafetyLevel.LOW, SafetyLevel.ELEVATED, SafetyLevel.HIGH]
    planned_for = danger = -1
    for fact in before:
        if isinstance(fact, SafetyAssessed):
            danger = levels.index(fact.level)
            planned_for = min(planned_for, 2) if danger <= planned_for else -1
        if isinstance(fact, ProtectionPlanned):
            assert danger >= 0
            planned_for = danger
    assert danger >= 0
    assert planned_for >= 0


def withdrawal_was_free(before: Sequence[CaseFact]) -> None:
    """A withdrawal: the reporter was asked, since the case was last reopened, and is not under pressure."""
    reopened = [place for place, fact in enumerate(before) if isinstance(fact, CaseMoved) and fact.after is S.REOPENED]
    asked = of(before[reopened[-1] :] if reopened else before, WithdrawalAsked)
    assert asked
    assert asked[-1].pressure in (Pressure.NO, Pressure.NOT_SAID)


def closure_was_allowed(before: Sequence[CaseFact], closing: CaseMoved) -> None:
    """A closure: over nobody's head, with nothing owed, nothing still to be checked, and no sign that has not ended."""
    objections = [fact for fact in before if isinstance(fact, ObjectionRaised | ObjectionSettled)]
    assert not objections or isinstance(objections[-1], ObjectionSettled)
    assert not open_checks(before)
    assert not standing_sign(before)
    if of(before, EmployerContacted):
        assert closing.before is S.RETALIATION_WATCH
    agreed = {fact.item for fact in of(before, RemedyItemMoved) if fact.after is ItemState.AGREED}
    last = {fact.item: fact for fact in of(before, RemedyItemMoved)}
    for item in agreed:
        assert (last[item].workers_paid or 0) >= (last[item].workers_entitled or 0)
        assert (last[item].amount_paid or 0) >= (last[item].amount_promised or 0)
    if closing.reason is R.REMEDY_VERIFIED:
        assert all(fact.after in EFFECTIVE for fact in last.values() if fact.after is not ItemState.DROPPED)
    assert closing.reason in {fact.reason for fact in of(before, CaseMoved)} | {
        R.NOT_GROUNDED,
        R.INCONCLUSIVE,
        R.JOINED,
    }
    assert closing.reason is not R.NEXT_STEP


def open_checks(before: Sequence[CaseFact]) -> set[tuple[str, int | None]]:
    """The checks for retaliation that were set and neither made nor cancelled."""
    checks: set[tuple[str, int | None]] = set()
    for fact in of(before, DeadlineFact):
        if fact.deadline is DeadlineKind.RETALIATION_CHECK:
            if isinstance(fact, DeadlineSet):
                checks.add((fact.clock, fact.number))
            if isinstance(fact, DeadlineMet | DeadlineCancelled):
                checks.discard((fact.clock, fact.number))
    return checks


def standing_sign(before: Sequence[CaseFact]) -> bool:
    """Whether a sign of retaliation was seen that was not found to have ended."""
    sign = False
    for fact in before:
        if isinstance(fact, RetaliationChecked):
            sign = sign or fact.result is not RetaliationResult.NONE_SEEN
        if isinstance(fact, RetaliationFollowedUp) and fact.step is RetaliationStep.ENDED:
            sign = False
    return sign


def move_was_allowed(before: Sequence[CaseFact], move: CaseMoved) -> None:
    """A move: what it needs by the state that it goes to."""
    returns = move.reason in (R.SAFETY_RESTORED, R.APPEAL_DISMISSED)
    if move.after is S.CLOSED:
        closure_was_allowed(before, move)
    if move.after is S.WITHDRAWN:
        withdrawal_was_free(before)
    if move.after is S.PARTIES_INFORMED:
        assert of(before, EmployerContacted)
    if move.after is S.REFERRED and not returns:
        assert move.reason in NOT_PROCESSED
        assert move.referral not in (None, Referral.OTHER)
    if move.after is S.INVESTIGATING:
        assert of(before, SafetyAssessed)
        assert of(before, ProtectionPlanned)
    if move.after is S.FINDING and not returns:
        assert move.reason in {R.GROUNDED, R.PARTLY_GROUNDED, R.NOT_GROUNDED, R.INCONCLUSIVE}
    if move.after is S.REMEDY_AGREED:
        assert of(before, WorkersConsulted)
    if move.after is S.RESOLVED and not returns:
        last = {fact.item: fact for fact in of(before, RemedyItemMoved) if fact.after is not ItemState.DROPPED}
        assert last
        assert all(fact.after in EFFECTIVE for fact in last.values())
        assert all(fact.verified_by is not EvidenceSource.SUPPLIER for fact in last.values())


class LifeMachine(RuleBasedStateMachine):
    """Reporter, handlers, coordinators and time do to one case what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.course = taken_in()

    @property
    def dossier(self) -> Dossier:
        return self.course.dossier

    def tries(self, rule: Callable[[], Sequence[CaseFact]], by: Party = Party.HANDLER) -> None:
        """What is refused leaves no trace; what is not is looked at fact by fact."""
        try:
            facts = rule()
        except Refused as refused:
            assert refused.why
            return
        known = list(self.course.facts)
        self.course.happens(facts, by)
        for fact in facts:
            if isinstance(fact, EmployerContacted):
                contact_was_allowed(known)
            if isinstance(fact, CaseMoved):
                move_was_allowed(known, fact)
            known.append(fact)

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def starts(self, start: str) -> None:
        self.course = STARTS[start]()

    # Handlers.

    @rule(data=st.data())
    def takes_a_step(self, data: st.DataObject) -> None:
        steps = [one for one in moves.steps(self.dossier) if one.to is not S.SUSPENDED_FOR_SAFETY]
        ready = [one for one in steps if not one.missing] or steps
        if not ready:
            return
        chosen = data.draw(st.sampled_from(ready))
        reason = data.draw(st.sampled_from(chosen.reasons))
        self.tries(lambda: moves.move(self.dossier, self.course.moment, chosen.to, reason, Referral.COURT))

    @rule(to=st.sampled_from(S), reason=st.sampled_from(R), referral=st.sampled_from([None, *Referral]))
    def leaps(self, to: CaseState, reason: CaseReason, referral: Referral | None) -> None:
        self.tries(lambda: moves.move(self.dossier, self.course.moment, to, reason, referral))

    @rule()
    def presses_to_close(self) -> None:
        self.presses(S.CLOSED)

    @rule(to=st.sampled_from([S.PARTIES_INFORMED, S.WITHDRAWN, S.RESOLVED, S.RETALIATION_WATCH]))
    def presses_on(self, to: CaseState) -> None:
        self.presses(to)

    def presses(self, to: CaseState) -> None:
        self.tries(lambda: moves.move(self.dossier, self.course.moment, to, moves.only_reason(self.dossier, to)))

    @rule(level=st.sampled_from([SafetyLevel.LOW, SafetyLevel.ELEVATED, SafetyLevel.HIGH]), plans=st.booleans())
    def assesses(self, level: SafetyLevel, plans: bool) -> None:
        self.tries(lambda: life.assess_safety(self.dossier, level))
        if plans:
            self.tries(lambda: life.plan_protection(self.dossier))

    @rule(plans=st.booleans())
    def contacts_the_employer(self, plans: bool) -> None:
        if plans:
            self.tries(lambda: life.plan_protection(self.dossier))
        self.tries(lambda: life.contact(self.dossier, self.course.moment, self.course.moment.today))

    @rule(kind=st.sampled_from(LinkKind))
    def links(self, kind: LinkKind) -> None:
        self.tries(lambda: life.link(self.dossier, OTHER, kind))

    # The workers' side.

    @rule(given=st.booleans(), rung=st.sampled_from([Rung.EMPLOYER, Rung.EMPLOYER, Rung.MEMBERS]))
    def consents(self, given: bool, rung: Rung) -> None:
        self.tries(lambda: life.consent(self.dossier, rung, given, Party.REPORTER), Party.REPORTER)

    @rule(pressure=st.sampled_from([None, *Pressure]), by=st.sampled_from([Party.REPORTER, Party.HANDLER]))
    def wants_to_withdraw(self, pressure: Pressure | None, by: Party) -> None:
        self.tries(lambda: life.ask_withdrawal(self.dossier, pressure, by), by)
        self.presses(S.WITHDRAWN)

    @rule()
    def objects(self) -> None:
        self.tries(lambda: life.object_to_closure(self.dossier), Party.REPORTER)

    @rule(by=st.sampled_from(Party))
    def no_longer_objects(self, by: Party) -> None:
        self.tries(lambda: life.settle_objection(self.dossier, by), by)

    @rule(upheld=st.none() | st.booleans())
    def appeals(self, upheld: bool | None) -> None:
        self.tries(lambda: moves.appeal(self.dossier), Party.REPORTER)
        if upheld is not None:
            self.tries(lambda: moves.decide_appeal(self.dossier, upheld))

    # Remedy.

    @rule()
    def agrees_on_a_plan(self) -> None:
        if not self.dossier.plan.items:
            try:
                plan(self.course)
            except Refused:
                return

    @rule(to=st.sampled_from(ItemState))
    def goes_on_with_the_item(self, to: ItemState) -> None:
        self.tries(lambda: items.advance(self.dossier, ITEM, step(to)))

    @rule(short=st.booleans())
    def pays(self, short: bool) -> None:
        self.tries(lambda: items.pay(self.dossier, ITEM, 9 if short else 10, Decimal(1000), "EUR"))

    @rule(again=st.booleans())
    def disputes_the_item(self, again: bool) -> None:
        self.tries(lambda: items.dispute(self.dossier, ITEM))
        if again:
            self.tries(lambda: items.reopen(self.dossier, ITEM))

    # The watch, and time.

    @rule(result=st.sampled_from([RetaliationResult.NONE_SEEN] * 3 + list(RetaliationResult)))
    def checks(self, result: RetaliationResult) -> None:
        self.tries(lambda: watch.check(self.dossier, self.course.moment, result))

    @rule()
    def makes_every_check_in_time(self) -> None:
        while running := self.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK):
            self.course.at = max(self.course.at, running[0].due)
            number, seen = running[0].key.number, RetaliationResult.NONE_SEEN
            self.tries(lambda: watch.check(self.dossier, self.course.moment, seen, number=number))  # noqa: B023

    @rule(steps=st.lists(st.sampled_from(RetaliationStep), min_size=1, max_size=3))
    def follows_up(self, steps: list[RetaliationStep]) -> None:
        for one in steps:
            self.tries(lambda: watch.follow_up(self.dossier, one))  # noqa: B023

    @rule(days=st.sampled_from([0, 1, 7, 90, 400]))
    def time_passes(self, days: int) -> None:
        self.course.passes(days)

    # What always holds.

    @invariant()
    def the_dossier_is_the_sum_of_the_facts(self) -> None:
        assert fold(CASE, self.course.history) == self.dossier

    @invariant()
    def every_state_but_closed_has_a_way_on(self) -> None:
        if self.course.state is not S.CLOSED:
            assert set(ways(self.dossier)) - {S.SUSPENDED_FOR_SAFETY}
        assert self.course.state is not S.OTHER

    @invariant()
    def a_step_is_possible_when_nothing_is_shown_as_missing_and_never_else(self) -> None:
        for one in moves.steps(self.dossier):
            try:
                moves.move(self.dossier, self.course.moment, one.to, one.reasons[0], Referral.COURT)
            except Refused as refused:
                assert set(refused.why) == set(one.missing)
            else:
                assert not one.missing

    @invariant()
    def nothing_ends_without_a_reason(self) -> None:
        ended = self.course.state in (S.CLOSED, S.RETALIATION_WATCH, S.RESOLVED, S.WITHDRAWN, S.REFERRED)
        assert not ended or self.dossier.life.outcome is not None


LifeMachine.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestWhateverIsTried = LifeMachine.TestCase
