"""The life of a case: which state follows which, and what is asked before."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from services.remedy.domain import items, ladder, life, moves, release, watch
from services.remedy.domain.refusals import REMEDIES, Refused
from services.remedy.domain.states import AFTER_FINDING, MAY_APPEAL, NOT_PROCESSED
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    CaseLinked,
    CaseMoved,
    CaseOpened,
    ConsentGiven,
    EmployerContacted,
    ErasureAsked,
    LegalHoldLifted,
    LegalHoldPlaced,
    MessageLeft,
    ObjectionRaised,
    ObjectionSettled,
)
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    Erased,
    ErasureBasis,
    LinkKind,
    Party,
    Pressure,
    Referral,
    RetaliationResult,
    Rung,
    RungStep,
    SafetyLevel,
    TestimonyKind,
)
from tests.remedy.courses import (
    CASE,
    ITEM,
    OTHER,
    Course,
    found,
    pay_and_verify,
    plan,
    protected,
    resolved,
    taken_in,
    watched,
)

S, R, X = CaseState, CaseReason, CaseRefusal
Rule = Callable[[Course], Sequence[CaseFact]]


def refusals(course: Course, rule: Rule) -> set[CaseRefusal]:
    """Why something may not be done to a case."""
    with pytest.raises(Refused) as refused:
        rule(course)
    return set(refused.value.why)


def moving(to: CaseState, reason: CaseReason, referral: Referral | None = None) -> Rule:
    return lambda course: moves.move(course.dossier, course.moment, to, reason, referral)


def contacting(course: Course) -> Sequence[CaseFact]:
    return life.contact(course.dossier, course.moment, course.moment.today)


def steps(course: Course) -> dict[CaseState, moves.Step]:
    return {step.to: step for step in moves.steps(course.dossier)}


def refer(course: Course, reason: CaseReason, to: Referral = Referral.LABOUR_INSPECTORATE) -> Course:
    return course.happens(moves.move(course.dossier, course.moment, S.REFERRED, reason, to))


def consented(course: Course, given: bool = True, rung: Rung = Rung.EMPLOYER) -> Course:
    return course.happens(life.consent(course.dossier, rung, given, Party.REPORTER), Party.REPORTER)


def withdraws(course: Course, pressure: Pressure) -> Course:
    return course.happens(life.ask_withdrawal(course.dossier, pressure), Party.REPORTER)


# The straight way.


def test_a_case_goes_from_receipt_through_remedy_and_watch_to_closure() -> None:
    course = watched(resolved().move(S.RETALIATION_WATCH, R.REMEDY_VERIFIED)).move(S.CLOSED, R.REMEDY_VERIFIED)

    assert [fact.after for fact in course.facts if isinstance(fact, CaseMoved)] == [
        S.ACKNOWLEDGED,
        S.GENUINENESS_CHECK,
        S.ADMISSIBILITY,
        S.SAFETY_ASSESSMENT,
        S.PROTECTION_PLAN,
        S.PARTIES_INFORMED,
        S.INVESTIGATING,
        S.FINDING,
        S.REMEDY_AGREED,
        S.IMPLEMENTING,
        S.VERIFICATION,
        S.RESOLVED,
        S.RETALIATION_WATCH,
        S.CLOSED,
    ]
    assert course.dossier.life.outcome is R.REMEDY_VERIFIED


def test_no_stage_is_skipped() -> None:
    for to in S:
        if to not in (S.ACKNOWLEDGED, S.SUSPENDED_FOR_SAFETY, S.WITHDRAWN):
            assert X.NOT_FROM_THIS_STATE in refusals(taken_in(), moving(to, R.NEXT_STEP))


def test_a_case_is_acknowledged_once_and_also_before_its_box_was_opened() -> None:
    course = Course()

    course.happens(moves.acknowledge(course.dossier))

    assert course.state is S.ACKNOWLEDGED
    assert refusals(course, lambda course: moves.acknowledge(course.dossier)) == {X.NOT_FROM_THIS_STATE}
    assert refusals(course, moving(S.GENUINENESS_CHECK, R.NEXT_STEP)) == {X.NOT_TAKEN_IN}


def test_a_reason_must_fit_the_step() -> None:
    assert refusals(protected(), moving(S.PARTIES_INFORMED, R.GROUNDED)) == {X.NOT_THIS_REASON}
    assert X.NOT_FROM_THIS_STATE in refusals(found(R.GROUNDED), moving(S.CLOSED, R.NOT_GROUNDED))


def test_a_step_that_has_one_reason_needs_none_named() -> None:
    course = protected()

    assert moves.only_reason(course.dossier, S.PARTIES_INFORMED) is R.NEXT_STEP
    course.move(S.PARTIES_INFORMED).move(S.INVESTIGATING)
    with pytest.raises(Refused) as refused:
        moves.only_reason(course.dossier, S.FINDING)
    assert refused.value.why == (X.NOT_THIS_REASON,)


# Before anybody speaks to the employer.


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize(("safe", "planned"), [(False, False), (True, False), (True, True)])
def test_the_employer_is_contacted_after_assessment_plan_and_consent_and_every_lack_is_named(
    safe: bool, planned: bool, agreed: bool
) -> None:
    course = taken_in()
    if safe:
        course.happens(life.assess_safety(course.dossier, SafetyLevel.LOW))
    if planned:
        course.happens(life.plan_protection(course.dossier))
    if agreed:
        consented(course)
    lacks = {X.SAFETY_NOT_ASSESSED: not safe, X.PROTECTION_PLAN_MISSING: not planned, X.CONSENT_MISSING: not agreed}

    if expected := {why for why, missing in lacks.items() if missing}:
        assert refusals(course, contacting) == expected
    else:
        assert contacting(course) == [EmployerContacted(case=CASE, on=course.moment.today)]


def test_the_parties_are_informed_with_consent_only_and_to_inform_them_is_to_contact_the_employer() -> None:
    course = protected(consent=False)
    assert refusals(course, moving(S.PARTIES_INFORMED, R.NEXT_STEP)) == {X.CONSENT_MISSING}

    consented(course).move(S.PARTIES_INFORMED)

    assert EmployerContacted(case=CASE, on=course.moment.today) in course.facts
    assert course.dossier.clocks.running()


def test_without_consent_it_is_investigated_without_the_employers_knowledge() -> None:
    course = protected(consent=False).move(S.INVESTIGATING, R.CONSENT_WITHHELD)

    assert course.dossier.life.contacted_on is None
    assert refusals(course, moving(S.PARTIES_INFORMED, R.NEXT_STEP)) == {X.CONSENT_MISSING}


def test_consent_that_was_taken_back_no_longer_counts() -> None:
    course = consented(protected(), given=False)

    assert refusals(course, contacting) == {X.CONSENT_MISSING}
    assert refusals(course, moving(S.PARTIES_INFORMED, R.NEXT_STEP)) == {X.CONSENT_MISSING}


def test_consent_for_another_rung_is_not_consent_for_the_employer() -> None:
    course = protected(consent=False)
    for rung in (Rung.WORKERS, Rung.BRAND, Rung.MEMBERS, Rung.PUBLIC):
        consented(course, rung=rung)

    assert refusals(course, contacting) == {X.CONSENT_MISSING}


def test_only_the_reporter_or_a_handler_for_them_consents() -> None:
    course = taken_in()

    told = life.consent(course.dossier, Rung.EMPLOYER, True, Party.HANDLER)

    assert told == [ConsentGiven(case=CASE, rung=Rung.EMPLOYER, given=True, by=Party.HANDLER)]
    for party in (Party.CLOCK, Party.OTHER):
        with pytest.raises(Refused):
            life.consent(course.dossier, Rung.EMPLOYER, True, party)


def test_a_contact_of_a_day_to_come_is_not_recorded() -> None:
    course = protected()
    tomorrow = course.moment.today + timedelta(days=1)

    assert refusals(course, lambda course: life.contact(course.dossier, course.moment, tomorrow)) == {X.TOO_SOON}


def test_what_the_reporter_refused_no_handler_gives_in_their_name() -> None:
    course = consented(taken_in(), given=False)
    for_them = partial(life.consent, rung=Rung.EMPLOYER, given=True, by=Party.HANDLER)
    assert refusals(course, lambda course: for_them(course.dossier)) == {X.NOT_FOR_THIS_PARTY}

    consented(course)

    assert for_them(course.dossier)


def test_a_rung_that_the_reporter_took_back_no_handler_gives_again() -> None:
    course = consented(taken_in())
    taken_back = ladder.take(course.dossier, Rung.EMPLOYER, RungStep.REVERSED, course.moment.today, Party.REPORTER)
    course.happens(taken_back, Party.REPORTER)

    for_them = partial(life.consent, rung=Rung.EMPLOYER, given=True, by=Party.HANDLER)
    assert refusals(course, lambda course: for_them(course.dossier)) == {X.NOT_FOR_THIS_PARTY}


def test_nobody_was_told_of_a_case_before_it_came() -> None:
    course = protected().passes(3)
    came = course.moment.today - timedelta(days=3)
    before = came - timedelta(days=1)

    assert refusals(course, lambda course: life.contact(course.dossier, course.moment, before)) == {X.TOO_SOON}
    assert X.TOO_SOON in refusals(
        course, lambda course: release.tell(course.dossier, course.moment, Rung.EMPLOYER, before)
    )
    assert life.contact(course.dossier, course.moment, came)


def test_the_day_on_which_a_case_came_is_the_day_at_the_mechanism() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # the 23rd in Oslo
    course = Course(at=late).happens([CaseOpened(case=CASE, kind=TestimonyKind.GRIEVANCE)]).passes(2)

    days = [date(2026, 11, 22), date(2026, 11, 23)]
    found = [all(holds for holds, _ in life.day_guards(course.dossier, course.moment, day)) for day in days]

    assert found == [False, True]


def test_the_first_contact_is_remembered_whichever_is_recorded_first() -> None:
    course = protected().passes(3)
    today = course.moment.today
    for day in (today, today - timedelta(days=3), today - timedelta(days=1)):
        course.happens(life.contact(course.dossier, course.moment, day))

    assert course.dossier.life.contacted_on == today - timedelta(days=3)


def test_protection_is_planned_after_the_assessment_and_anew_when_the_danger_rises() -> None:
    course = taken_in()
    assert refusals(course, lambda course: life.plan_protection(course.dossier)) == {X.SAFETY_NOT_ASSESSED}

    course = found(R.INCONCLUSIVE)
    course.happens(life.assess_safety(course.dossier, SafetyLevel.LOW))
    assert course.dossier.life.protection_planned
    course.happens(life.assess_safety(course.dossier, SafetyLevel.HIGH))

    assert refusals(course, moving(S.MEDIATION, R.INCONCLUSIVE)) == {X.PROTECTION_PLAN_MISSING}
    assert X.PROTECTION_PLAN_MISSING in refusals(course, contacting)
    course.happens(life.plan_protection(course.dossier)).move(S.MEDIATION, R.INCONCLUSIVE)


# From the finding on.


@pytest.mark.parametrize("grounds", sorted(AFTER_FINDING))
def test_where_a_case_goes_from_its_finding_depends_on_what_was_found(grounds: CaseReason) -> None:
    course = found(grounds)

    onward = set(steps(course)) - {S.SUSPENDED_FOR_SAFETY, S.WITHDRAWN, S.REFERRED}

    assert course.dossier.life.grounds is grounds
    assert (
        onward
        == {
            R.GROUNDED: {S.REMEDY_AGREED},
            R.PARTLY_GROUNDED: {S.REMEDY_AGREED},
            R.NOT_GROUNDED: {S.RETALIATION_WATCH},
            R.INCONCLUSIVE: {S.MEDIATION},
        }[grounds]
    )


def test_a_case_without_grounds_and_without_contact_may_be_closed() -> None:
    course = found(R.NOT_GROUNDED, contacted=False).move(S.CLOSED, R.NOT_GROUNDED)

    assert course.state is S.CLOSED


def test_remedy_is_agreed_with_the_workers_or_not_at_all() -> None:
    assert refusals(found(R.GROUNDED), moving(S.REMEDY_AGREED, R.NEXT_STEP)) == {
        X.WORKERS_NOT_CONSULTED,
        X.PLAN_MISSING,
    }


def test_mediation_ends_with_a_remedy_or_without() -> None:
    agreed = plan(found(R.INCONCLUSIVE).move(S.MEDIATION, R.INCONCLUSIVE)).move(S.REMEDY_AGREED, R.MEDIATED)
    failed = found(R.INCONCLUSIVE).move(S.MEDIATION, R.INCONCLUSIVE).move(S.RETALIATION_WATCH, R.INCONCLUSIVE)

    assert agreed.state is S.REMEDY_AGREED
    assert failed.dossier.life.outcome is R.INCONCLUSIVE


def test_a_case_is_resolved_when_every_item_is_verified() -> None:
    course = plan(found(R.GROUNDED)).move(S.REMEDY_AGREED).move(S.IMPLEMENTING).move(S.VERIFICATION)
    assert refusals(course, moving(S.RESOLVED, R.REMEDY_VERIFIED)) == {X.ITEM_OPEN}

    course.move(S.IMPLEMENTING, R.NEW_INFORMATION)
    pay_and_verify(course).move(S.VERIFICATION).move(S.RESOLVED, R.REMEDY_VERIFIED)

    assert course.state is S.RESOLVED


# Closure.


def test_after_a_contact_a_case_closes_from_the_watch_and_when_all_checks_were_made() -> None:
    course = resolved()
    assert refusals(course, moving(S.CLOSED, R.REMEDY_VERIFIED)) == {X.NOT_FROM_THIS_STATE, X.CHECK_OPEN}

    course.move(S.RETALIATION_WATCH, R.REMEDY_VERIFIED)
    assert refusals(course, moving(S.CLOSED, R.REMEDY_VERIFIED)) == {X.CHECK_OPEN}

    assert watched(course).move(S.CLOSED, R.REMEDY_VERIFIED).state is S.CLOSED


def test_no_case_closes_over_an_objection() -> None:
    course = found(R.NOT_GROUNDED, contacted=False)
    course.happens(life.object_to_closure(course.dossier), Party.REPORTER)
    assert refusals(course, moving(S.CLOSED, R.NOT_GROUNDED)) == {X.OBJECTION_OPEN}

    course.happens(life.settle_objection(course.dossier, Party.REPORTER), Party.REPORTER)

    assert course.move(S.CLOSED, R.NOT_GROUNDED).state is S.CLOSED


def test_no_case_closes_while_a_payment_is_short() -> None:
    course = plan(found(R.GROUNDED)).move(S.REMEDY_AGREED)
    refer(course, R.ANOTHER_BODY_COMPETENT).move(S.RETALIATION_WATCH, R.ANOTHER_BODY_COMPETENT)

    assert X.PAYMENT_SHORT in refusals(watched(course), moving(S.CLOSED, R.ANOTHER_BODY_COMPETENT))


def test_no_case_closes_while_what_was_promised_is_not_effective_whoever_else_is_competent() -> None:
    course = plan(found(R.GROUNDED)).move(S.REMEDY_AGREED)
    course.happens(items.pay(course.dossier, ITEM, 10, Decimal(1000), "EUR"))
    refer(course, R.ANOTHER_BODY_COMPETENT).move(S.RETALIATION_WATCH, R.ANOTHER_BODY_COMPETENT)

    assert refusals(watched(course), moving(S.CLOSED, R.ANOTHER_BODY_COMPETENT)) == {X.ITEM_OPEN}
    assert pay_and_verify(course).move(S.CLOSED, R.ANOTHER_BODY_COMPETENT).state is S.CLOSED


@pytest.mark.parametrize(
    "sign", [RetaliationResult.SUSPECTED, RetaliationResult.CONFIRMED, RetaliationResult.UNREACHABLE]
)
def test_no_case_closes_while_a_sign_of_retaliation_stands(sign: RetaliationResult) -> None:
    course = watched(resolved().move(S.RETALIATION_WATCH, R.REMEDY_VERIFIED))
    course.happens(watch.check(course.dossier, course.moment, sign))

    assert refusals(course, moving(S.CLOSED, R.REMEDY_VERIFIED)) == {X.RETALIATION_OPEN}


def test_a_remedy_that_is_disputed_after_all_keeps_the_case_open() -> None:
    course = watched(resolved().move(S.RETALIATION_WATCH, R.REMEDY_VERIFIED))
    course.happens(items.dispute(course.dossier, ITEM))

    assert refusals(course, moving(S.CLOSED, R.REMEDY_VERIFIED)) == {X.ITEM_OPEN}


def test_a_case_closes_for_the_reason_for_which_its_processing_ended_and_no_other() -> None:
    course = watched(found(R.NOT_GROUNDED).move(S.RETALIATION_WATCH, R.NOT_GROUNDED))

    for reason in set(R) - {R.NOT_GROUNDED}:
        assert refusals(course, moving(S.CLOSED, reason)) & {X.NOT_THIS_REASON, X.NOT_FOR_THIS_PARTY}
    assert course.move(S.CLOSED, R.NOT_GROUNDED).dossier.life.outcome is R.NOT_GROUNDED


def test_a_closed_case_is_reopened_for_new_information_and_then_has_no_outcome() -> None:
    course = found(R.NOT_GROUNDED, contacted=False).move(S.CLOSED, R.NOT_GROUNDED)

    course.move(S.REOPENED, R.NEW_INFORMATION)

    assert course.dossier.life.outcome is None
    assert course.move(S.INVESTIGATING).state is S.INVESTIGATING


# Objections.


def test_objecting_twice_or_settling_nothing_changes_nothing() -> None:
    course = taken_in()
    assert life.settle_objection(course.dossier, Party.REPORTER) == []

    course.happens(life.object_to_closure(course.dossier))

    assert ObjectionRaised(case=CASE) in course.facts
    assert life.object_to_closure(course.dossier) == []
    assert life.settle_objection(course.dossier, Party.HANDLER) == [ObjectionSettled(case=CASE, by=Party.HANDLER)]
    with pytest.raises(Refused):
        life.settle_objection(course.dossier, Party.CLOCK)


def test_an_objection_after_closure_reopens_the_case_and_it_stays_open_until_it_is_heard() -> None:
    course = found(R.NOT_GROUNDED, contacted=False).move(S.CLOSED, R.NOT_GROUNDED)

    course.happens(life.object_to_closure(course.dossier), Party.REPORTER)

    assert course.state is S.REOPENED
    course.move(S.INVESTIGATING).move(S.FINDING, R.NOT_GROUNDED)
    assert refusals(course, moving(S.CLOSED, R.NOT_GROUNDED)) == {X.OBJECTION_OPEN}
    course.happens(life.settle_objection(course.dossier, Party.HANDLER)).move(S.CLOSED, R.NOT_GROUNDED)


# Not processed, withdrawn, suspended, appealed, joined.


def test_what_is_not_processed_has_a_reason_and_a_referral() -> None:
    course = taken_in()
    course.happens(moves.acknowledge(course.dossier)).move(S.GENUINENESS_CHECK).move(S.ADMISSIBILITY)

    assert refusals(course, moving(S.REFERRED, R.NOT_ADMISSIBLE)) == {X.REFERRAL_MISSING}
    assert refusals(course, moving(S.REFERRED, R.NOT_ADMISSIBLE, Referral.OTHER)) == {X.REFERRAL_MISSING}
    assert refusals(course, moving(S.REFERRED, R.NEXT_STEP, Referral.COURT)) == {X.NOT_THIS_REASON}
    refer(course, R.NOT_ADMISSIBLE)

    (moved,) = [fact for fact in course.facts if isinstance(fact, CaseMoved) and fact.after is S.REFERRED]
    assert (moved.reason, moved.referral) == (R.NOT_ADMISSIBLE, Referral.LABOUR_INSPECTORATE)
    assert course.move(S.CLOSED, R.NOT_ADMISSIBLE).state is S.CLOSED


def test_a_referral_is_told_of_referred_cases_only() -> None:
    course = protected()

    (_, moved) = moves.move(course.dossier, course.moment, S.PARTIES_INFORMED, R.NEXT_STEP, Referral.COURT)

    assert isinstance(moved, CaseMoved)
    assert moved.referral is None


def test_an_unreachable_reporter_does_not_end_a_case_that_has_its_finding() -> None:
    assert S.FINDING not in NOT_PROCESSED[R.COMPLAINANT_UNREACHABLE]
    assert X.NOT_THIS_REASON in refusals(
        found(R.GROUNDED), moving(S.REFERRED, R.COMPLAINANT_UNREACHABLE, Referral.NONE_SAFE)
    )


def test_a_case_is_not_withdrawn_under_pressure_nor_without_asking() -> None:
    course = taken_in()
    withdrawing = moving(S.WITHDRAWN, R.COMPLAINANT_WITHDREW)
    assert refusals(course, withdrawing) == {X.PRESSURE_NOT_ASKED}
    assert refusals(course, lambda course: life.ask_withdrawal(course.dossier, None)) == {X.PRESSURE_NOT_ASKED}

    assert refusals(withdraws(course, Pressure.YES), withdrawing) == {X.UNDER_PRESSURE}

    withdraws(course, Pressure.NO).move(S.WITHDRAWN, R.COMPLAINANT_WITHDREW).move(S.CLOSED, R.COMPLAINANT_WITHDREW)
    assert course.state is S.CLOSED


def test_after_a_contact_a_withdrawn_case_is_watched_before_it_closes() -> None:
    course = withdraws(found(R.GROUNDED), Pressure.NO).move(S.WITHDRAWN, R.COMPLAINANT_WITHDREW)

    assert set(steps(course)) >= {S.RETALIATION_WATCH}
    assert S.CLOSED not in steps(course)
    course.move(S.RETALIATION_WATCH, R.COMPLAINANT_WITHDREW)
    assert refusals(course, moving(S.CLOSED, R.COMPLAINANT_WITHDREW)) == {X.CHECK_OPEN}
    assert watched(course).move(S.CLOSED, R.COMPLAINANT_WITHDREW).state is S.CLOSED


def test_a_handler_speaks_of_withdrawal_only_for_a_reporter_without_receipt() -> None:
    with_receipt, without = taken_in(), taken_in(has_receipt=False)

    assert refusals(with_receipt, lambda course: life.ask_withdrawal(course.dossier, Pressure.NO, Party.HANDLER)) == {
        X.NOT_FOR_THIS_PARTY
    }
    assert life.ask_withdrawal(without.dossier, Pressure.NO, Party.HANDLER)


def test_a_case_that_was_reopened_is_not_withdrawn_on_the_old_word() -> None:
    course = withdraws(taken_in(), Pressure.NO).move(S.WITHDRAWN, R.COMPLAINANT_WITHDREW)
    course.move(S.REOPENED, R.NEW_INFORMATION)

    assert refusals(course, moving(S.WITHDRAWN, R.COMPLAINANT_WITHDREW)) == {X.PRESSURE_NOT_ASKED}


def test_a_suspended_case_comes_back_to_where_it_was_and_nobody_speaks_to_the_employer_meanwhile() -> None:
    for course in (taken_in(), protected(), found(R.GROUNDED), resolved()):
        before = course.dossier.life
        course.move(S.SUSPENDED_FOR_SAFETY, R.SAFETY)
        assert X.NOT_FROM_THIS_STATE in refusals(course, contacting)
        assert set(steps(course)) <= {before.state, S.WITHDRAWN}

        course.move(before.state, R.SAFETY_RESTORED)

        assert (course.state, course.dossier.life.outcome) == (before.state, before.outcome)


def test_a_suspended_case_does_not_come_back_while_the_workers_are_not_protected() -> None:
    course = found(R.GROUNDED).move(S.SUSPENDED_FOR_SAFETY, R.SAFETY)
    course.happens(life.assess_safety(course.dossier, SafetyLevel.HIGH))
    assert refusals(course, moving(S.FINDING, R.SAFETY_RESTORED)) == {X.PROTECTION_PLAN_MISSING}

    course.happens(life.plan_protection(course.dossier)).move(S.FINDING, R.SAFETY_RESTORED)

    assert (course.state, course.dossier.life.grounds) == (S.FINDING, R.GROUNDED)


def test_the_reporter_appeals_from_the_finding_on_and_somebody_else_decides() -> None:
    early = protected()
    assert refusals(early, lambda course: moves.appeal(course.dossier)) == {X.NOT_FROM_THIS_STATE}
    course = found(R.NOT_GROUNDED)

    course.happens(moves.appeal(course.dossier), Party.REPORTER)

    for to, reason in ((S.FINDING, R.APPEAL_DISMISSED), (S.REOPENED, R.APPEAL_UPHELD)):
        assert refusals(course, moving(to, reason)) == {X.NOT_FOR_THIS_PARTY}
    dismissed = Course(course.at, course.dossier).happens(moves.decide_appeal(course.dossier, upheld=False))
    assert (dismissed.state, dismissed.dossier.life.grounds) == (S.FINDING, R.NOT_GROUNDED)
    assert course.happens(moves.decide_appeal(course.dossier, upheld=True)).state is S.REOPENED


def test_that_a_case_is_not_processed_can_be_appealed_and_a_closed_case_cannot() -> None:
    assert S.REFERRED in MAY_APPEAL
    closed = found(R.NOT_GROUNDED, contacted=False).move(S.CLOSED, R.NOT_GROUNDED)

    assert refusals(closed, lambda course: moves.appeal(course.dossier)) == {X.NOT_FROM_THIS_STATE}
    assert refusals(closed, lambda course: moves.decide_appeal(course.dossier, upheld=True)) == {X.NOT_FROM_THIS_STATE}


def test_a_case_is_joined_to_another_only_once_it_is_linked_to_it() -> None:
    course = taken_in()
    assert X.NOT_FROM_THIS_STATE in refusals(course, moving(S.CLOSED, R.JOINED))
    course.happens(moves.acknowledge(course.dossier))

    course.happens([CaseLinked(case=CASE, to=OTHER, kind=LinkKind.JOINED)]).move(S.CLOSED, R.JOINED)

    assert CaseLinked(case=CASE, to=OTHER, kind=LinkKind.JOINED) in course.facts
    assert course.dossier.life.outcome is R.JOINED


def test_linking_twice_changes_nothing_and_no_case_belongs_to_itself() -> None:
    course = taken_in()
    course.happens(life.link(course.dossier, OTHER, LinkKind.REPRISAL))

    assert course.dossier.life.reprisal
    assert life.link(course.dossier, OTHER, LinkKind.REPRISAL) == []
    with pytest.raises(Refused):
        life.link(course.dossier, CASE, LinkKind.REPRISAL)


def test_no_handler_joins_a_case_to_another_and_only_what_was_joined_by_receipt_is_followed() -> None:
    course = taken_in()
    assert refusals(course, lambda course: life.link(course.dossier, OTHER, LinkKind.JOINED)) == {X.NOT_FOR_THIS_PARTY}

    joined = [CaseLinked(case=CASE, to=OTHER, kind=LinkKind.JOINED)]
    assert taken_in().happens(joined).dossier.life.joined is None
    assert taken_in().happens(joined, Party.CLOCK).dossier.life.joined == OTHER


# Messages, holds and erasure.


def test_reporter_and_handlers_write_in_every_state_and_nobody_else() -> None:
    closed = found(R.NOT_GROUNDED, contacted=False).move(S.CLOSED, R.NOT_GROUNDED)

    assert life.write(closed.dossier, Party.REPORTER, 2) == [MessageLeft(case=CASE, by=Party.REPORTER, attachments=2)]
    assert life.write(closed.dossier, Party.HANDLER) == [MessageLeft(case=CASE, by=Party.HANDLER)]
    with pytest.raises(Refused):
        life.write(closed.dossier, Party.CLOCK)


def test_a_hold_stands_until_it_is_lifted_and_erased_content_takes_the_identity_with_it() -> None:
    course = taken_in().happens([LegalHoldPlaced(case=CASE)])
    assert course.dossier.life.held
    course.happens([LegalHoldLifted(case=CASE)])
    assert not course.dossier.life.held
    told = ErasureBasis.REPORTER_ASKED, Erased.CONTENT
    course.happens([ErasureAsked(case=CASE, basis=told[0], what=told[1])])
    assert course.dossier.life.erasing

    course.happens([CaseErased(case=CASE, basis=told[0], what=told[1])])

    assert course.dossier.life.erased == {Erased.CONTENT, Erased.IDENTITY}
    assert not course.dossier.life.erasing


# What a handler is shown.


def test_what_is_shown_as_possible_is_possible_and_what_is_shown_as_missing_is_what_refuses() -> None:
    courses = [taken_in(), protected(), protected(consent=False), resolved(), *map(found, sorted(AFTER_FINDING))]
    for course in courses:
        for step in moves.steps(course.dossier):
            for reason in step.reasons:
                rule = moving(step.to, reason, Referral.COURT)
                if step.missing:
                    assert refusals(course, rule) == set(step.missing)
                else:
                    assert rule(course)


def test_every_refusal_says_what_to_do_about_it() -> None:
    assert set(REMEDIES) == set(CaseRefusal)
    assert all(sentence.endswith((".", "?")) for sentence in REMEDIES.values())
