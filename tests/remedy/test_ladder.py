"""The ladder of publication: order, consent, and that it never stands in the way of protection."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.remedy.domain import clocks, ladder, life, watch
from services.remedy.domain.dossier import Dossier, Happened, fold
from services.remedy.domain.ladder import ALLOWED, ORDER, Ladder, Shown, take, visible
from services.remedy.domain.refusals import Refused
from shared.events.remedy.cases import (
    CaseFact,
    CaseOpened,
    CaseTakenIn,
    ConsentGiven,
    DeadlineSet,
    EmployerContacted,
    ProtectionPlanned,
    RungTaken,
    SafetyAssessed,
)
from shared.events.remedy.words import (
    CaseRefusal,
    Party,
    RetaliationResult,
    Rung,
    RungStep,
    SafetyLevel,
    TestimonyKind,
)
from tests.remedy.given import SETTINGS

CASE = UUID("5f0c2b6e-3a1d-4c8e-9f70-1b2a3c4d5e6f")
AT, DAY = datetime(2026, 11, 22, 12, tzinfo=UTC), date(2026, 11, 22)


def case(*facts: CaseFact) -> Dossier:
    return fold(CASE, [Happened(AT, Party.REPORTER, fact) for fact in facts])


def agreed(rung: Rung, given: bool = True) -> ConsentGiven:
    return ConsentGiven(case=CASE, rung=rung, given=given, by=Party.REPORTER)


def step(rung: Rung, step: RungStep, by: Party = Party.HANDLER) -> RungTaken:
    return RungTaken(case=CASE, rung=rung, step=step, on=DAY, by=by)


def reached(rung: Rung) -> RungTaken:
    return step(rung, RungStep.REACHED)


def refusals(dossier: Dossier, rung: Rung, step: RungStep, by: Party) -> set[CaseRefusal]:
    with pytest.raises(Refused) as refused:
        take(dossier, rung, step, DAY, by)
    return set(refused.value.why)


def test_the_workers_are_told_without_consent_and_nobody_else_is() -> None:
    assert take(case(), Rung.WORKERS, RungStep.REACHED, DAY, Party.HANDLER) == [reached(Rung.WORKERS)]
    for rung in ORDER[1:]:
        assert CaseRefusal.CONSENT_MISSING in refusals(case(), rung, RungStep.REACHED, Party.HANDLER)


def test_a_rung_waits_for_each_earlier_one_and_every_reason_is_named() -> None:
    told = case(reached(Rung.WORKERS), agreed(Rung.MEMBERS))

    assert refusals(told, Rung.MEMBERS, RungStep.REACHED, Party.HANDLER) == {CaseRefusal.EARLIER_RUNG_OPEN}
    assert refusals(told, Rung.PUBLIC, RungStep.REACHED, Party.HANDLER) == {
        CaseRefusal.CONSENT_MISSING,
        CaseRefusal.EARLIER_RUNG_OPEN,
    }


def test_the_reporter_may_have_the_employer_told_last() -> None:
    """Where the state imposes the labour, the employer is the last to know (Electronics Watch)."""
    waived = case(reached(Rung.WORKERS), step(Rung.EMPLOYER, RungStep.WAIVED, Party.REPORTER), agreed(Rung.BRAND))

    assert take(waived, Rung.BRAND, RungStep.REACHED, DAY, Party.HANDLER) == [reached(Rung.BRAND)]


def test_a_waiver_never_replaces_consent() -> None:
    waived = case(reached(Rung.WORKERS), *(step(one, RungStep.WAIVED, Party.REPORTER) for one in ORDER[1:]))

    for rung in ORDER[1:]:
        assert refusals(waived, rung, RungStep.REACHED, Party.HANDLER) == {CaseRefusal.CONSENT_MISSING}
        assert visible(waived, rung) == frozenset()


@pytest.mark.parametrize("wanted", [RungStep.WAIVED, RungStep.REVERSED, RungStep.OTHER])
@pytest.mark.parametrize("by", [Party.HANDLER, Party.CLOCK, Party.OTHER])
def test_nobody_but_the_reporter_waives_or_reverses(wanted: RungStep, by: Party) -> None:
    assert refusals(case(reached(Rung.WORKERS)), Rung.EMPLOYER, wanted, by) == {CaseRefusal.NOT_FOR_THIS_PARTY}


def test_contact_with_the_employer_is_the_employers_rung() -> None:
    told = case(reached(Rung.WORKERS), agreed(Rung.EMPLOYER), EmployerContacted(case=CASE, on=DAY))

    assert told.ladder.reached[Rung.EMPLOYER] == DAY


def test_contact_with_a_company_above_does_not_reach_an_employer_that_was_waived() -> None:
    told = case(
        agreed(Rung.BRAND), step(Rung.EMPLOYER, RungStep.WAIVED, Party.REPORTER), EmployerContacted(case=CASE, on=DAY)
    )

    assert Rung.EMPLOYER not in told.ladder.reached


@pytest.mark.parametrize(
    "ended", [agreed(Rung.EMPLOYER, False), step(Rung.EMPLOYER, RungStep.REVERSED, Party.REPORTER)]
)
def test_consent_that_ends_takes_the_rung_back_and_what_it_saw(ended: CaseFact) -> None:
    before = case(reached(Rung.WORKERS), agreed(Rung.EMPLOYER), reached(Rung.EMPLOYER), agreed(Rung.BRAND))
    after = before.after(Happened(AT, Party.REPORTER, ended))

    assert visible(before, Rung.EMPLOYER)
    assert visible(after, Rung.EMPLOYER) == frozenset()
    assert refusals(after, Rung.EMPLOYER, RungStep.REACHED, Party.HANDLER) == {CaseRefusal.CONSENT_MISSING}
    assert refusals(after, Rung.BRAND, RungStep.REACHED, Party.HANDLER) == {CaseRefusal.EARLIER_RUNG_OPEN}


def test_no_company_and_nobody_beyond_sees_how_a_case_stands() -> None:
    kept = {Shown.STATE, Shown.OUTCOME, Shown.CONSULTED_ON, Shown.RUNGS, Shown.ITEM_WORKERS, Shown.ITEM_AMOUNTS}

    assert ALLOWED.keys() == set(ORDER)
    for rung in ORDER[1:]:
        assert not ALLOWED[rung] & kept
    assert ALLOWED[Rung.PUBLIC] == {Shown.FIGURES}


RUNGS = st.frozensets(st.sampled_from(ORDER))


@given(RUNGS, RUNGS)
@settings(max_examples=100, deadline=None)
def test_protection_never_waits_for_a_rung(reached: frozenset[Rung], waived: frozenset[Rung]) -> None:
    """Wherever the ladder stands: the same contact is allowed, the same checks are set, the same sign is seen."""
    consents = frozenset({Rung.EMPLOYER})
    plain = case(
        CaseOpened(case=CASE, kind=TestimonyKind.GRIEVANCE),
        CaseTakenIn(case=CASE),
        SafetyAssessed(case=CASE, level=SafetyLevel.HIGH),
        ProtectionPlanned(case=CASE),
    )
    moment = SETTINGS.terms.moment(AT)

    outcomes = []
    for standing in (Ladder(consents), Ladder(consents, dict.fromkeys(reached, DAY), waived)):
        before = replace(plain, ladder=standing)
        contacted = life.contact(before, moment, DAY)
        after = before.after(Happened(AT, Party.HANDLER, contacted[0]))
        seen = watch.check(after, moment, RetaliationResult.SUSPECTED)
        outcomes.append((contacted, clocks.follow(before, after, contacted, moment, SETTINGS.terms), seen))

    assert outcomes[0] == outcomes[1]
    assert any(isinstance(one, DeadlineSet) for one in outcomes[0][1])


FACTS = st.lists(
    st.one_of(
        st.builds(agreed, st.sampled_from(ORDER), st.booleans()),
        st.builds(step, st.sampled_from(ORDER), st.sampled_from(list(RungStep)), st.just(Party.REPORTER)),
        st.just(EmployerContacted(case=CASE, on=DAY)),
    ),
    max_size=15,
)


@given(FACTS, st.sampled_from(ORDER))
@settings(max_examples=300, deadline=None)
def test_whatever_happened_nobody_is_told_without_consent_or_before_their_turn(
    facts: list[CaseFact], rung: Rung
) -> None:
    dossier = case(*facts)
    try:
        take(dossier, rung, RungStep.REACHED, DAY, Party.HANDLER)
    except Refused:
        return

    last = {fact.rung: fact.given for fact in facts if isinstance(fact, ConsentGiven)}
    assert rung is Rung.WORKERS or last.get(rung)
    assert all(one in dossier.ladder.reached or one in dossier.ladder.waived for one in ORDER[: ORDER.index(rung)])


@given(FACTS)
@settings(max_examples=200, deadline=None)
def test_whatever_happened_a_rung_sees_no_more_than_its_list(facts: list[CaseFact]) -> None:
    dossier = case(*facts)

    for rung in ORDER[1:]:
        assert visible(dossier, rung) <= ALLOWED[rung]
        assert not visible(dossier, rung) or rung in dossier.ladder.consents
    assert ladder.visible(dossier, Rung.OTHER) == frozenset()
