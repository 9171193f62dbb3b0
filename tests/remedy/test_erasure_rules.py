"""Who may have a case erased, and when: the reporter unless pressed, others only when nothing is left to be done."""

from collections.abc import Callable

import pytest

from services.remedy.domain import erasure, life, moves
from services.remedy.domain.refusals import Refused
from shared.events.remedy.cases import CaseErased
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    DeadlineKind,
    Erased,
    ErasureBasis,
    Party,
    Pressure,
    Referral,
)
from tests.remedy.courses import CASE, Course, found, plan, protected, taken_in, watched

S, R, X = CaseState, CaseReason, CaseRefusal
WHAT = [Erased.IDENTITY, Erased.CONTENT]


def by_two(course: Course, what: Erased = Erased.CONTENT) -> set[CaseRefusal]:
    """Why two persons may not have it erased; the same is said to who asks and to who decides."""
    asked = why(lambda: erasure.ask(course.dossier, what, copy_offered=True))
    assert why(lambda: erasure.grant(course.dossier, what)) == asked
    return asked


@pytest.mark.parametrize("what", WHAT)
def test_two_persons_erase_nothing_of_a_case_that_is_worked_on(what: Erased) -> None:
    for course in (taken_in(), protected(), found(R.GROUNDED, contacted=False)):
        assert by_two(course, what) == {X.NOT_FROM_THIS_STATE}


@pytest.mark.parametrize("what", WHAT)
def test_two_persons_erase_nothing_over_an_objection(what: Erased) -> None:
    course = taken_in().happens(life.object_to_closure(taken_in().dossier), Party.REPORTER)

    assert X.OBJECTION_OPEN in by_two(course, what)


def test_two_persons_erase_a_case_that_is_closed_withdrawn_or_referred() -> None:
    closed = found(R.NOT_GROUNDED, contacted=False).move(S.CLOSED, R.NOT_GROUNDED)
    withdrawn = taken_in()
    withdrawn.happens(life.ask_withdrawal(withdrawn.dossier, Pressure.NO), Party.REPORTER)
    withdrawn.move(S.WITHDRAWN, R.COMPLAINANT_WITHDREW)

    assert [by_two(course) for course in (closed, withdrawn, referred(protected()))] == [set(), set(), set()]


def test_two_persons_erase_nothing_while_a_payment_is_owed_or_retaliation_is_watched_for() -> None:
    course = referred(plan(found(R.GROUNDED)).move(S.REMEDY_AGREED))

    assert by_two(course) == {X.PAYMENT_SHORT, X.CHECK_OPEN}
    assert by_two(watched(course)) == {X.PAYMENT_SHORT}


@pytest.mark.parametrize("state", [S.RECEIVED, S.CLOSED])
def test_who_is_pressed_erases_nothing_in_whatever_state(state: CaseState) -> None:
    course = taken_in() if state is S.RECEIVED else found(R.NOT_GROUNDED, contacted=False).move(state, R.NOT_GROUNDED)

    assert by_reporter(course, Pressure.YES) == {X.UNDER_PRESSURE}
    assert by_reporter(course, None) == {X.PRESSURE_NOT_ASKED}
    assert by_reporter(course, Pressure.NOT_SAID) == by_reporter(course, Pressure.NO) == set()


def test_what_was_said_of_pressure_at_a_withdrawal_binds_until_it_is_answered_anew_or_the_case_is_closed() -> None:
    course = found(R.NOT_GROUNDED, contacted=False)
    course.happens(life.ask_withdrawal(course.dossier, Pressure.YES), Party.REPORTER)
    assert by_reporter(course, Pressure.NO) == {X.UNDER_PRESSURE}

    course.move(S.CLOSED, R.NOT_GROUNDED)

    assert by_reporter(course, Pressure.NO) == set()


def test_checks_for_retaliation_stay_due_without_the_identity_and_end_only_with_the_content() -> None:
    course = found(R.GROUNDED)
    due = course.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)
    for what in WHAT:
        asked = erasure.by_reporter(course.dossier, what, copy_offered=True, pressure=Pressure.NO)
        course.happens(asked, Party.REPORTER)
        assert course.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK) == due

        course.happens([CaseErased(case=CASE, basis=ErasureBasis.REPORTER_ASKED, what=what)], Party.CLOCK)

        left = course.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)
        assert left == (due if what is Erased.IDENTITY else [])


def referred(course: Course) -> Course:
    """The case, referred to the inspectorate."""
    to = Referral.LABOUR_INSPECTORATE
    return course.happens(moves.move(course.dossier, course.moment, S.REFERRED, R.ANOTHER_BODY_COMPETENT, to))


def by_reporter(course: Course, pressure: Pressure | None) -> set[CaseRefusal]:
    """Why the reporter may not have it erased."""
    return why(lambda: erasure.by_reporter(course.dossier, Erased.CONTENT, copy_offered=True, pressure=pressure))


def why(rule: Callable[[], object]) -> set[CaseRefusal]:
    """Why a rule refuses; nothing where it does not."""
    try:
        rule()
    except Refused as refused:
        return set(refused.why)
    return set()
