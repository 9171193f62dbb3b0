"""The watch for retaliation: no sign is lost, the trusted contact hears first, and no check is made too soon."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.remedy.domain import clocks, watch
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.refusals import Refused
from services.remedy.domain.watch import GRAVITY, Watch
from shared.events.remedy.cases import CaseFact, EmployerContacted, RetaliationChecked
from shared.events.remedy.words import (
    CaseRefusal,
    DeadlineKind,
    Party,
    RetaliationForm,
    RetaliationResult,
    RetaliationStep,
)
from tests.remedy.given import SETTINGS
from tests.remedy.plans import NOW, after, taken_in

NONE_SEEN, SUSPECTED = RetaliationResult.NONE_SEEN, RetaliationResult.SUSPECTED
CONFIRMED, UNREACHABLE = RetaliationResult.CONFIRMED, RetaliationResult.UNREACHABLE
TOLD, ESCALATED, ENDED = RetaliationStep.TRUSTED_CONTACT_TOLD, RetaliationStep.ESCALATED, RetaliationStep.ENDED


def checked(dossier: Dossier, *results: RetaliationResult) -> Dossier:
    """The case after unplanned checks."""
    for result in results:
        dossier = after(dossier, watch.check(dossier, NOW, result))
    return dossier


def followed_up(dossier: Dossier, *steps: RetaliationStep) -> Dossier:
    """The case after these steps."""
    for step in steps:
        dossier = after(dossier, watch.follow_up(dossier, step))
    return dossier


def refused(dossier: Dossier, step: RetaliationStep) -> set[CaseRefusal]:
    """Why a step may not be taken."""
    with pytest.raises(Refused) as found:
        watch.follow_up(dossier, step)
    return set(found.value.why)


def contacted() -> Dossier:
    """A case whose employer was spoken to just now, with its planned checks."""
    before = taken_in()
    facts: list[CaseFact] = [EmployerContacted(case=before.case, on=NOW.today)]
    then = after(before, facts)
    return after(then, clocks.follow(before, then, facts, NOW, SETTINGS.terms), Party.CLOCK)


# Signs


def test_a_case_without_a_check_is_calm() -> None:
    assert taken_in().watch.calm


@pytest.mark.parametrize("result", [SUSPECTED, CONFIRMED, UNREACHABLE, RetaliationResult.OTHER])
def test_every_result_but_none_seen_is_a_sign(result: RetaliationResult) -> None:
    assert not checked(taken_in(), result).watch.calm


@pytest.mark.parametrize("later", [NONE_SEEN, UNREACHABLE, SUSPECTED])
def test_a_confirmed_sign_is_not_lost_by_a_lesser_result(later: RetaliationResult) -> None:
    assert checked(taken_in(), CONFIRMED, later).watch.sign is CONFIRMED


def test_forms_are_kept_as_long_as_the_sign_stands() -> None:
    dossier = taken_in()
    for form in (RetaliationForm.THREATS, RetaliationForm.DISMISSAL):
        dossier = after(dossier, watch.check(dossier, NOW, SUSPECTED, [form, form]))

    seen = dossier.watch.forms
    dossier = followed_up(checked(dossier, NONE_SEEN), ENDED)

    assert seen == (RetaliationForm.THREATS, RetaliationForm.DISMISSAL)
    assert dossier.watch.forms == ()


# What follows a sign


def test_the_trusted_contact_hears_before_anything_is_escalated() -> None:
    dossier = checked(taken_in(), CONFIRMED)

    assert refused(dossier, ESCALATED) == {CaseRefusal.TRUSTED_CONTACT_FIRST}
    assert followed_up(dossier, TOLD, ESCALATED).watch.escalated


def test_a_confirmed_sign_ends_after_it_was_told_escalated_and_seen_no_more() -> None:
    dossier = checked(taken_in(), CONFIRMED)
    found = refused(dossier, ENDED)
    told = followed_up(dossier, TOLD)
    seen_no_more = checked(told, NONE_SEEN)
    escalated = followed_up(told, ESCALATED)

    assert found == {CaseRefusal.TRUSTED_CONTACT_FIRST, CaseRefusal.RETALIATION_OPEN}
    assert refused(seen_no_more, ENDED) == {CaseRefusal.RETALIATION_OPEN}
    assert refused(escalated, ENDED) == {CaseRefusal.RETALIATION_OPEN}
    assert followed_up(checked(escalated, NONE_SEEN), ENDED).watch.calm


def test_whoever_could_not_be_reached_is_well_only_after_a_check_that_reached_them() -> None:
    dossier = checked(taken_in(), UNREACHABLE)

    assert refused(dossier, ENDED) == {CaseRefusal.RETALIATION_OPEN}
    assert followed_up(checked(dossier, NONE_SEEN), ENDED).watch.calm


def test_what_is_confirmed_again_is_told_and_escalated_again() -> None:
    dossier = checked(followed_up(checked(taken_in(), CONFIRMED), TOLD, ESCALATED), CONFIRMED)

    assert refused(dossier, ESCALATED) == {CaseRefusal.TRUSTED_CONTACT_FIRST}


def test_without_a_sign_there_is_nothing_to_follow_up() -> None:
    assert refused(taken_in(), TOLD) == {CaseRefusal.NOT_FROM_THIS_STATE}


# Planned checks


def test_a_planned_check_tells_which_it_was() -> None:
    dossier = contacted()
    (first, *_) = dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)

    (fact,) = watch.check(dossier, Moment(first.warn, NOW.today), NONE_SEEN, (), 2)

    assert isinstance(fact, RetaliationChecked)
    assert fact.planned == first.due


@pytest.mark.parametrize("number", SETTINGS.check_days)
def test_no_planned_check_is_made_before_its_time(number: int) -> None:
    dossier = contacted()
    planned = watch.first_planned(dossier, number)
    assert planned is not None

    with pytest.raises(Refused) as found:
        watch.check(dossier, Moment(planned.warn - timedelta(seconds=1), NOW.today), NONE_SEEN, (), number)

    assert found.value.why == (CaseRefusal.TOO_SOON,)


def test_a_check_that_was_not_planned_for_that_day_is_unknown() -> None:
    with pytest.raises(Refused) as found:
        watch.check(contacted(), NOW, NONE_SEEN, (), 3)

    assert found.value.why == (CaseRefusal.CHECK_UNKNOWN,)


def test_whoever_hears_of_reprisal_need_not_wait_for_a_planned_check() -> None:
    (fact,) = watch.check(taken_in(), NOW, SUSPECTED)

    assert isinstance(fact, RetaliationChecked)
    assert fact.planned is None


def test_an_unplanned_check_replaces_none_that_is_planned() -> None:
    before = contacted()
    facts = list(watch.check(before, NOW, NONE_SEEN))
    then = after(before, facts)

    assert clocks.follow(before, then, facts, NOW, SETTINGS.terms) == []


def test_the_day_of_the_last_contact_is_kept_in_whichever_order_contacts_are_recorded() -> None:
    dossier = taken_in()
    for days in (3, 1, 2):
        dossier = after(dossier, [EmployerContacted(case=dossier.case, on=NOW.today - timedelta(days=days))])

    assert dossier.watch.contacted_on == NOW.today - timedelta(days=1)


# Whatever happens


WHATEVER = st.lists(
    st.one_of(st.sampled_from(RetaliationResult), st.sampled_from([TOLD, ESCALATED, ENDED])), max_size=30
)


@settings(max_examples=500, deadline=None)
@given(WHATEVER)
def test_whatever_is_tried_no_sign_is_lost_and_nobody_hears_before_the_trusted_contact(
    tried: list[RetaliationResult | RetaliationStep],
) -> None:
    dossier = taken_in()
    worst, told, escalated, last = 0, False, False, 0
    for one in tried:
        if isinstance(one, RetaliationResult):
            dossier = checked(dossier, one)
            last = GRAVITY[one]
            worst = max(worst, last)
            told, escalated = (False, False) if one is CONFIRMED else (told, escalated)
        else:
            try:
                dossier = followed_up(dossier, one)
            except Refused:
                continue
            assert worst > 0
            if one is ENDED:
                assert last == 0
                assert worst < GRAVITY[CONFIRMED] or (told and escalated)
                worst, told, escalated = 0, False, False
            assert one is not ESCALATED or told
            told, escalated = told or one is TOLD, escalated or one is ESCALATED
        assert dossier.watch.calm is (worst == 0)
        assert worst == 0 or GRAVITY[sign_of(dossier.watch)] == worst


def sign_of(found: Watch) -> RetaliationResult:
    """The sign, where there is one."""
    assert found.sign is not None
    return found.sign
