"""Whatever is tried with a remedy plan, in whichever order: nothing is verified or closed without its guards.

The machine keeps an account of its own, from what was asked for and not refused, and compares the plan with it.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.remedy.domain import items
from services.remedy.domain.dossier import Dossier
from services.remedy.domain.item_steps import Offer, Step
from services.remedy.domain.plan import EFFECTIVE, Item
from services.remedy.domain.refusals import Refused
from shared.events.remedy.cases import CaseFact, EmployerContacted
from shared.events.remedy.words import Bearer, EvidenceSource, FindingGrade, ItemState, RemedyForm
from tests.remedy.plans import NOW, STRAIGHT, after, taken_in

KNOWN_ITEM_STATES = [state for state in ItemState if state is not ItemState.OTHER]
SUPPLIER = EvidenceSource.SUPPLIER
FULL = Offer(date(2027, 1, 31), None, None, 40, Decimal(100), "EUR")
OFFERS = st.sampled_from([FULL, FULL, Offer(), replace(FULL, workers_entitled=1), replace(FULL, currency="USD")])
WITNESSES = st.lists(st.sampled_from([SUPPLIER, EvidenceSource.WORKERS]), max_size=2).map(tuple)
VERIFIERS = st.sampled_from([EvidenceSource.UNION, EvidenceSource.UNION, SUPPLIER, EvidenceSource.OTHER, None])
ONWARD = dict(pairwise((ItemState.PROPOSED, *STRAIGHT))) | {
    ItemState.REOPENED: ItemState.CONSULTED,
    ItemState.VERIFIED_INEFFECTIVE: ItemState.IN_PROGRESS,
}
MOSTLY = st.sampled_from([True, True, True, False])


@dataclass
class Account:
    """What was written down of an item, apart from the plan."""

    asked: bool = False
    """Whether the workers were asked since it was proposed or reopened; a consultation before the proposal counts."""
    agreed: bool = False
    promised: tuple[int, Decimal] = (0, Decimal())
    paid: tuple[int, Decimal] = (0, Decimal())
    currencies: set[str] = field(default_factory=set)
    evidence: set[EvidenceSource] = field(default_factory=set)
    verified_by: EvidenceSource | None = None
    by_implementer: bool = False

    @property
    def short(self) -> bool:
        return self.paid[0] < self.promised[0] or self.paid[1] < self.promised[1]


class PlanMachine(RuleBasedStateMachine):
    """Presses one item on and on, in good order and in none, with what is needed and without."""

    def __init__(self) -> None:
        super().__init__()
        self.dossier: Dossier = taken_in()
        self.item = uuid4()
        self.account = Account()

    @property
    def found(self) -> Item:
        return self.dossier.plan.items[self.item]

    def happens(self, facts: list[CaseFact]) -> None:
        self.dossier = after(self.dossier, facts)

    @initialize(form=st.sampled_from([RemedyForm.COMPENSATION, RemedyForm.APOLOGY]), offer=OFFERS, contacted=MOSTLY)
    def propose(self, form: RemedyForm, offer: Offer, contacted: bool) -> None:
        bearers = Bearer.SUPPLIER, Bearer.BRAND
        self.happens(items.propose(self.dossier, self.item, form, FindingGrade.MAJOR, *bearers, offer))
        if contacted:
            self.happens([EmployerContacted(case=self.dossier.case, on=NOW.today)])

    @rule(through=st.sampled_from(EvidenceSource))
    def consult(self, through: EvidenceSource) -> None:
        try:
            self.happens(items.consult(self.dossier, NOW, NOW.today, through))
        except Refused:
            return
        assert through in {EvidenceSource.WORKERS, EvidenceSource.UNION, EvidenceSource.PARTNER}
        self.account.asked = True

    @rule(offer=OFFERS, evidence=WITNESSES, by=VERIFIERS, described=MOSTLY, independent=MOSTLY)
    def press_on(
        self,
        offer: Offer,
        evidence: tuple[EvidenceSource, ...],
        by: EvidenceSource | None,
        described: bool,
        independent: bool,
    ) -> None:
        to = ONWARD.get(self.found.state)
        if to is not None:
            self.advance(Step(to, offer, evidence, by, described, not independent))

    @rule(to=st.sampled_from(KNOWN_ITEM_STATES), evidence=WITNESSES, by=VERIFIERS)
    def leap(self, to: ItemState, evidence: tuple[EvidenceSource, ...], by: EvidenceSource | None) -> None:
        self.advance(Step(to, FULL, evidence, by, described=True))

    def advance(self, step: Step) -> None:
        try:
            self.happens(items.advance(self.dossier, self.item, step))
        except Refused:
            return
        account, found = self.account, self.found
        if step.to is ItemState.AGREED:
            account.agreed = True
            account.promised = found.workers_entitled or 0, found.amount_promised or Decimal()
        if step.to is ItemState.IN_PROGRESS:
            account.evidence = set()
        account.evidence |= set(step.evidence_from)
        if step.to in {ItemState.VERIFIED_EFFECTIVE, ItemState.VERIFIED_INEFFECTIVE}:
            account.verified_by, account.by_implementer = step.verified_by, step.implementer

    @rule(
        workers=st.sampled_from([None, 0, 1, 40]),
        amount=st.sampled_from([None, Decimal(50), Decimal(100)]),
        currency=st.sampled_from([None, "EUR", "USD"]),
    )
    def pay(self, workers: int | None, amount: Decimal | None, currency: str | None) -> None:
        try:
            self.happens(items.pay(self.dossier, self.item, workers, amount, currency))
        except Refused:
            return
        account = self.account
        before = account.paid
        account.paid = before[0] if workers is None else workers, before[1] if amount is None else amount
        assert account.paid[0] >= before[0]
        assert account.paid[1] >= before[1]
        if amount is not None and currency is not None:
            account.currencies.add(currency)

    @precondition(lambda machine: machine.account.agreed)
    @rule(again=MOSTLY)
    def dispute(self, again: bool) -> None:
        try:
            self.happens(items.dispute(self.dossier, self.item))
        except Refused:
            return
        if again:
            self.reopen()

    @precondition(lambda machine: machine.account.agreed)
    @rule()
    def reopen(self) -> None:
        try:
            self.happens(items.reopen(self.dossier, self.item))
        except Refused:
            return
        account = self.account
        account.asked, account.evidence, account.verified_by = False, set(), None

    @invariant()
    def nothing_is_verified_without_its_guards(self) -> None:
        if self.item in self.dossier.plan.items and self.found.state in EFFECTIVE:
            assert self.account.asked
            assert self.account.agreed
            assert self.account.evidence - {SUPPLIER, EvidenceSource.OTHER}
            assert self.account.verified_by not in {None, SUPPLIER, EvidenceSource.OTHER}
            assert not self.account.by_implementer

    @invariant()
    def nothing_is_closed_while_a_payment_is_short(self) -> None:
        if self.item in self.dossier.plan.items and self.found.state is ItemState.CLOSED:
            assert not self.account.short

    @invariant()
    def the_plan_is_paid_when_nothing_is_owed_and_not_before(self) -> None:
        assert self.dossier.plan.paid is not (self.account.agreed and self.account.short)

    @invariant()
    def an_item_is_paid_in_one_currency(self) -> None:
        assert len(self.account.currencies) <= 1

    @invariant()
    def a_plan_is_verified_only_with_its_item(self) -> None:
        plan = self.dossier.plan
        assert plan.verified is (self.item in plan.items and self.found.state in EFFECTIVE)
        assert plan.agreed or not plan.verified

    @invariant()
    def what_was_promised_is_never_dropped(self) -> None:
        if self.item in self.dossier.plan.items and self.found.state is ItemState.DROPPED:
            assert not self.account.agreed


PlanMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestWhateverIsTried = PlanMachine.TestCase
