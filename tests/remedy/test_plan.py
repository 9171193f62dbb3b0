"""The remedy plan: who is asked, what is promised, who verifies, and what must be paid before anything is closed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from services.remedy.domain import items
from services.remedy.domain.item_steps import Offer, Step
from services.remedy.domain.refusals import Refused
from shared.events.remedy.cases import CaseMoved
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseRefusal,
    CaseState,
    EvidenceSource,
    ItemState,
    RemedyForm,
)
from tests.remedy.plans import (
    NOW,
    OFFER,
    STRAIGHT,
    after,
    brought_to,
    consulted,
    proposed,
    step_to,
    taken_in,
)


def refusals(call: object, *arguments: object) -> set[CaseRefusal]:
    """Every reason for which a rule refuses."""
    assert callable(call)
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return set(refused.value.why)


def test_an_item_goes_from_proposal_to_closure_step_by_step() -> None:
    dossier, item = brought_to(ItemState.CLOSED)

    assert dossier.plan.items[item].state is ItemState.CLOSED
    assert dossier.plan.agreed
    assert dossier.plan.verified
    assert dossier.plan.paid


@pytest.mark.parametrize("to", [state for state in ItemState if state not in {STRAIGHT[0], ItemState.DROPPED}])
def test_no_step_is_left_out(to: ItemState) -> None:
    dossier, item = proposed(consulted())

    assert CaseRefusal.NOT_FROM_THIS_STATE in refusals(items.advance, dossier, item, step_to(to))


def test_a_plan_without_items_is_neither_agreed_nor_verified_and_owes_nothing() -> None:
    plan = consulted().plan

    assert (plan.agreed, plan.verified, plan.paid) == (False, False, True)


def test_a_plan_is_agreed_and_verified_only_with_its_last_item() -> None:
    dossier, _ = brought_to(ItemState.VERIFIED_EFFECTIVE)
    dossier, _ = proposed(dossier)

    assert not dossier.plan.agreed
    assert not dossier.plan.verified


# The workers are asked


def test_the_clock_of_the_plan_starts_with_the_first_consultation() -> None:
    dossier = consulted()
    again = items.consult(dossier, NOW, NOW.today - timedelta(days=1), EvidenceSource.WORKERS)

    assert after(dossier, again).plan.consulted_on == NOW.today


@pytest.mark.parametrize(
    "through", [EvidenceSource.SUPPLIER, EvidenceSource.AUDITOR, EvidenceSource.AUTHORITY, EvidenceSource.OTHER]
)
def test_nobody_but_the_workers_side_is_consulted_for_the_workers(through: EvidenceSource) -> None:
    assert refusals(items.consult, taken_in(), NOW, NOW.today, through) == {CaseRefusal.NOT_FOR_THIS_PARTY}


def test_a_consultation_has_taken_place_before_it_is_written_down() -> None:
    tomorrow = NOW.today + timedelta(days=1)

    assert refusals(items.consult, taken_in(), NOW, tomorrow, EvidenceSource.UNION) == {CaseRefusal.TOO_SOON}


def test_no_item_is_consulted_about_before_the_workers_were_asked() -> None:
    dossier, item = proposed(taken_in())

    found = refusals(items.advance, dossier, item, step_to(ItemState.CONSULTED))

    assert found == {CaseRefusal.WORKERS_NOT_CONSULTED}


def test_a_reopened_item_waits_until_the_workers_were_asked_again() -> None:
    dossier, item = brought_to(ItemState.IN_PROGRESS)
    dossier = after(dossier, items.reopen(dossier, item))

    found = refusals(items.advance, dossier, item, step_to(ItemState.CONSULTED))
    asked = after(dossier, items.consult(dossier, NOW, NOW.today, EvidenceSource.WORKERS))

    assert found == {CaseRefusal.WORKERS_NOT_CONSULTED}
    assert items.advance(asked, item, step_to(ItemState.CONSULTED))


def test_what_workers_do_not_want_is_dropped_and_holds_nothing_up() -> None:
    dossier, _ = brought_to(ItemState.VERIFIED_EFFECTIVE)
    dossier, unwanted = proposed(dossier)
    dossier = after(dossier, items.advance(dossier, unwanted, step_to(ItemState.DROPPED)))

    assert dossier.plan.verified


def test_what_was_once_promised_is_not_dropped() -> None:
    dossier, item = brought_to(ItemState.AGREED)
    dossier = after(dossier, items.reopen(dossier, item))
    dossier = after(dossier, items.consult(dossier, NOW, NOW.today, EvidenceSource.WORKERS))

    found = refusals(items.advance, dossier, item, step_to(ItemState.DROPPED))

    assert found == {CaseRefusal.NOT_FROM_THIS_STATE}
    assert not dossier.plan.paid


# What is agreed


@pytest.mark.parametrize("missing", ["due", "workers_entitled", "amount_promised", "currency"])
def test_compensation_is_agreed_only_with_day_workers_amount_and_currency(missing: str) -> None:
    dossier, item = proposed(consulted(), offer=replace(OFFER, **{missing: None}))
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.CONSULTED)))

    assert refusals(items.advance, dossier, item, step_to(ItemState.AGREED)) == {CaseRefusal.ITEM_INCOMPLETE}


def test_what_is_missing_can_be_given_with_the_agreement() -> None:
    dossier, item = proposed(consulted(), offer=Offer())
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.CONSULTED)))

    dossier = after(dossier, items.advance(dossier, item, replace(step_to(ItemState.AGREED), offer=OFFER)))

    assert dossier.plan.items[item].amount_promised == Decimal(12000)


def test_compensation_of_nothing_is_none() -> None:
    dossier, item = proposed(consulted(), offer=replace(OFFER, amount_promised=Decimal(0)))
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.CONSULTED)))

    assert refusals(items.advance, dossier, item, step_to(ItemState.AGREED)) == {CaseRefusal.ITEM_INCOMPLETE}


def test_an_apology_is_agreed_without_amounts() -> None:
    offer = Offer(due=OFFER.due)
    dossier, item = proposed(consulted(), RemedyForm.APOLOGY, offer=offer)
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.CONSULTED)))

    assert after(dossier, items.advance(dossier, item, step_to(ItemState.AGREED))).plan.agreed


def test_nothing_is_agreed_without_finding_cause_and_action_in_words() -> None:
    dossier, item = brought_to(ItemState.CONSULTED)

    assert refusals(items.advance, dossier, item, Step(ItemState.AGREED)) == {CaseRefusal.ITEM_INCOMPLETE}


@pytest.mark.parametrize("bearers", [(Bearer.SITE, Bearer.BUYER), (Bearer.BUYER, Bearer.BRAND)])
def test_nothing_is_agreed_with_a_company_that_nobody_has_spoken_to(bearers: tuple[Bearer, Bearer]) -> None:
    dossier = taken_in()
    dossier = after(dossier, items.consult(dossier, NOW, NOW.today, EvidenceSource.UNION))
    dossier, item = proposed(dossier, responsible=bearers[0], cost_bearer=bearers[1])
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.CONSULTED)))

    assert refusals(items.advance, dossier, item, step_to(ItemState.AGREED)) == {CaseRefusal.CONTACT_NOT_RECORDED}


def test_what_was_agreed_is_changed_only_by_a_new_agreement() -> None:
    dossier, item = brought_to(ItemState.AGREED)
    less = Step(ItemState.IN_PROGRESS, offer=Offer(workers_entitled=1, amount_promised=Decimal(1)))

    dossier = after(dossier, items.advance(dossier, item, less))

    assert dossier.plan.items[item].workers_entitled == 40
    assert dossier.plan.items[item].amount_promised == Decimal(12000)
    assert refusals(items.describe, dossier, item) == {CaseRefusal.NOT_FROM_THIS_STATE}


def test_the_currency_stays_the_same_once_something_was_paid() -> None:
    dossier, item = brought_to(ItemState.AGREED)
    dossier = after(dossier, items.pay(dossier, item, 1, Decimal(300), "EUR"))
    dossier = after(dossier, items.reopen(dossier, item))
    dossier = after(dossier, items.consult(dossier, NOW, NOW.today, EvidenceSource.WORKERS))
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.CONSULTED)))
    other = replace(step_to(ItemState.AGREED), offer=Offer(currency="USD"))

    assert refusals(items.advance, dossier, item, other) == {CaseRefusal.CURRENCY_DIFFERS}


# Who verifies


def test_a_suppliers_evidence_alone_never_verifies() -> None:
    dossier, item = brought_to(ItemState.IN_PROGRESS)
    shown = Step(ItemState.EVIDENCE_SUBMITTED, evidence_from=(EvidenceSource.SUPPLIER,))
    dossier = after(dossier, items.advance(dossier, item, shown))
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.VERIFYING)))
    by_auditor = Step(ItemState.VERIFIED_EFFECTIVE, verified_by=EvidenceSource.AUDITOR)

    assert refusals(items.advance, dossier, item, by_auditor) == {CaseRefusal.SUPPLIER_WORD_ALONE}


def test_evidence_of_workers_beside_the_suppliers_lets_it_be_verified() -> None:
    dossier, item = brought_to(ItemState.IN_PROGRESS)
    shown = Step(ItemState.EVIDENCE_SUBMITTED, evidence_from=(EvidenceSource.SUPPLIER,))
    dossier = after(dossier, items.advance(dossier, item, shown))
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.EVIDENCE_SUBMITTED)))
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.VERIFYING)))

    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.VERIFIED_EFFECTIVE)))

    assert dossier.plan.items[item].evidence_from == (EvidenceSource.SUPPLIER, EvidenceSource.WORKERS)


@pytest.mark.parametrize("state", [ItemState.VERIFIED_EFFECTIVE, ItemState.VERIFIED_INEFFECTIVE])
@pytest.mark.parametrize("by", [EvidenceSource.SUPPLIER, EvidenceSource.OTHER])
def test_the_company_does_not_verify_its_own_remedy(state: ItemState, by: EvidenceSource) -> None:
    dossier, item = brought_to(ItemState.VERIFYING)

    found = refusals(items.advance, dossier, item, Step(state, verified_by=by))

    assert found == {CaseRefusal.VERIFIER_IS_IMPLEMENTER}


def test_who_recorded_the_implementation_does_not_record_the_verification() -> None:
    dossier, item = brought_to(ItemState.VERIFYING)

    found = refusals(items.advance, dossier, item, step_to(ItemState.VERIFIED_EFFECTIVE, implementer=True))

    assert found == {CaseRefusal.VERIFIER_IS_IMPLEMENTER}


def test_whoever_verifies_is_named() -> None:
    dossier, item = brought_to(ItemState.VERIFYING)

    found = refusals(items.advance, dossier, item, Step(ItemState.VERIFIED_EFFECTIVE))

    assert found == {CaseRefusal.ITEM_INCOMPLETE}


def test_every_reason_is_told_at_once() -> None:
    dossier, item = brought_to(ItemState.IN_PROGRESS)
    shown = Step(ItemState.EVIDENCE_SUBMITTED, evidence_from=(EvidenceSource.SUPPLIER,))
    dossier = after(dossier, items.advance(dossier, item, shown))

    found = refusals(items.advance, dossier, item, Step(ItemState.VERIFIED_EFFECTIVE, implementer=True))

    assert found == {
        CaseRefusal.NOT_FROM_THIS_STATE,
        CaseRefusal.ITEM_INCOMPLETE,
        CaseRefusal.VERIFIER_IS_IMPLEMENTER,
        CaseRefusal.SUPPLIER_WORD_ALONE,
    }


def test_a_remedy_that_did_not_work_is_carried_out_and_shown_anew() -> None:
    dossier, item = brought_to(ItemState.VERIFYING)
    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.VERIFIED_INEFFECTIVE)))

    dossier = after(dossier, items.advance(dossier, item, step_to(ItemState.IN_PROGRESS)))

    assert dossier.plan.items[item].evidence_from == ()
    assert dossier.plan.items[item].verified_by is None


@pytest.mark.parametrize("state", [ItemState.VERIFIED_EFFECTIVE, ItemState.CLOSED])
def test_a_dispute_takes_verification_back(state: ItemState) -> None:
    dossier, item = brought_to(state)

    dossier = after(dossier, items.dispute(dossier, item))

    assert not dossier.plan.verified
    assert not dossier.plan.agreed
    assert refusals(items.advance, dossier, item, step_to(ItemState.CLOSED)) >= {CaseRefusal.NOT_FROM_THIS_STATE}


# What is paid


@pytest.mark.parametrize(("workers", "amount"), [(39, 12000), (40, 11999), (None, 12000), (40, None)])
def test_nothing_is_closed_while_a_payment_is_short(workers: int | None, amount: int | None) -> None:
    dossier, item = brought_to(ItemState.VERIFIED_EFFECTIVE)
    paid = items.pay(dossier, item, workers, None if amount is None else Decimal(amount), "EUR")
    dossier = after(dossier, paid)

    assert not dossier.plan.paid
    assert refusals(items.advance, dossier, item, step_to(ItemState.CLOSED)) == {CaseRefusal.PAYMENT_SHORT}


def test_what_is_promised_is_owed_from_the_agreement_on() -> None:
    offered, _ = brought_to(ItemState.CONSULTED)
    agreed, _ = brought_to(ItemState.AGREED)

    assert offered.plan.paid
    assert not agreed.plan.paid


def test_nobody_is_paid_less_than_before() -> None:
    dossier, item = brought_to(ItemState.AGREED)
    dossier = after(dossier, items.pay(dossier, item, 20, Decimal(6000), "EUR"))

    assert refusals(items.pay, dossier, item, 19, None) == {CaseRefusal.PAID_LESS_THAN_BEFORE}
    assert refusals(items.pay, dossier, item, None, Decimal("5999.99"), "EUR") == {CaseRefusal.PAID_LESS_THAN_BEFORE}
    assert after(dossier, items.pay(dossier, item, 40)).plan.items[item].amount_paid == Decimal(6000)


@pytest.mark.parametrize("currency", ["USD", None])
def test_payments_are_told_in_the_currency_of_the_promise(currency: str | None) -> None:
    dossier, item = brought_to(ItemState.AGREED)

    assert refusals(items.pay, dossier, item, 40, Decimal(12000), currency) == {CaseRefusal.CURRENCY_DIFFERS}


def test_what_was_never_agreed_is_not_paid() -> None:
    dossier, item = brought_to(ItemState.CONSULTED)

    assert refusals(items.pay, dossier, item, 40) == {CaseRefusal.NOT_FROM_THIS_STATE}


# The case around it


@pytest.mark.parametrize("state", [CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.REFERRED])
def test_the_plan_of_a_case_that_ended_stands_still(state: CaseState) -> None:
    dossier, item = brought_to(ItemState.AGREED)
    ended = CaseMoved(case=dossier.case, before=dossier.life.state, after=state, reason=CaseReason.NEXT_STEP)
    dossier = after(dossier, [ended])

    for rule in (items.reopen, items.dispute, items.pay):
        assert refusals(rule, dossier, item) == {CaseRefusal.NOT_FROM_THIS_STATE}
    assert refusals(items.advance, dossier, item, step_to(ItemState.IN_PROGRESS)) == {CaseRefusal.NOT_FROM_THIS_STATE}


def test_an_item_of_another_plan_is_unknown() -> None:
    assert refusals(items.advance, consulted(), uuid4(), step_to(ItemState.CONSULTED)) == {CaseRefusal.ITEM_UNKNOWN}
