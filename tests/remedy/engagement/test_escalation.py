"""The ladder: one step up at a time, a cure period before a sanction, and the next step proposed by rule."""

from collections.abc import Collection
from uuid import UUID, uuid4

import pytest

from services.remedy.domain.engagement.escalation import LADDER, proposed
from services.remedy.domain.engagement.known import Known, Leverage
from services.remedy.domain.engagement.obligations import Obligation
from shared.events.engagement_words import (
    Assessment,
    EntryRefusal,
    EscalationCause,
    EscalationEffect,
    EscalationStep,
    ObligationKind,
)
from shared.events.ingest import (
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    EscalationEffectRecorded,
    EscalationRecorded,
)
from shared.events.remedy import EscalationEffectTold, EscalationStepTaken
from tests.remedy.engagement.dialogues import ENGAGEMENT, FLAG, UP_TO_NOTICE, Told, day, opened

R, S, E = EntryRefusal, EscalationStep, EscalationEffect
NOTICE = {"step": S.NOTICE_WITH_CURE_PERIOD, "taken_on": day(50), "cure_until": day(80)}


def at_notice() -> tuple[Told, UUID]:
    """An engagement whose supplier was given notice on day 50, to cure until day 80."""
    course = opened()
    for number, step in enumerate(UP_TO_NOTICE):
        course.say(EscalationRecorded, step=step, taken_on=day(10 * number))
    return course, course.say(EscalationRecorded, **NOTICE)


@pytest.mark.parametrize("step", LADDER[1:])
def test_the_ladder_begins_with_the_informal_step(step: EscalationStep) -> None:
    assert R.STEP_SKIPPED in opened().why(EscalationRecorded, step=step, cure_until=day(9))


def test_steps_are_taken_one_at_a_time_and_milder_ones_again() -> None:
    course = opened()
    course.say(EscalationRecorded, step=S.INFORMAL)
    assert course.why(EscalationRecorded, step=S.JOINT_LETTER) == {R.STEP_SKIPPED}

    for step in (S.FORMAL_LETTER, S.INFORMAL, S.FORMAL_LETTER, S.JOINT_LETTER):
        course.say(EscalationRecorded, step=step)

    assert "escalate contract_meeting" in course.refusal(EscalationRecorded, step=S.TERMINATION).legal


def test_a_notice_says_until_when_the_supplier_may_cure() -> None:
    course = opened()
    for step in UP_TO_NOTICE:
        course.say(EscalationRecorded, step=step)

    assert course.why(EscalationRecorded, step=S.NOTICE_WITH_CURE_PERIOD) == {R.CURE_PERIOD_MISSING}


def test_a_sanction_follows_only_after_the_last_day_of_the_cure_period() -> None:
    course, _ = at_notice()
    refused = course.refusal(EscalationRecorded, step=S.SANCTION, taken_on=day(80))
    assert refused.why == (R.CURE_PERIOD_RUNNING,)
    assert f"escalate sanction after {day(80)}, when the cure period is over" in refused.legal

    course.say(EscalationRecorded, step=S.SANCTION, taken_on=day(81))

    assert course.engagement.escalations[-1].step is S.SANCTION


def test_what_was_remedied_in_time_is_not_sanctioned() -> None:
    course, notice = at_notice()
    course.say(EscalationEffectRecorded, escalation=notice, effect=E.REMEDIED, observed_on=day(70))

    assert course.why(EscalationRecorded, step=S.SANCTION, taken_on=day(90)) == {R.NOT_FROM_THIS_STATE}


def test_termination_is_the_last_resort_after_a_sanction() -> None:
    course, _ = at_notice()
    assert R.STEP_SKIPPED in course.why(EscalationRecorded, step=S.TERMINATION, taken_on=day(90))

    course.say(EscalationRecorded, step=S.SANCTION, taken_on=day(90))
    course.say(EscalationRecorded, step=S.TERMINATION, taken_on=day(120))

    assert [one.step for one in course.engagement.escalations] == list(LADDER)


def test_an_effect_is_that_of_a_step_and_not_before_it() -> None:
    course, notice = at_notice()

    assert course.why(EscalationEffectRecorded, escalation=uuid4()) == {R.ESCALATION_UNKNOWN}
    assert course.why(EscalationEffectRecorded, escalation=notice, observed_on=day(49)) == {R.DAY_TOO_EARLY}

    course.say(EscalationEffectRecorded, escalation=notice, effect=E.ANSWERED, observed_on=day(55))
    course.say(EscalationEffectRecorded, escalation=notice, effect=E.COMMITTED, observed_on=day(60))
    assert course.engagement.escalations[-1].effect is E.COMMITTED
    assert [fact.effect for fact in course.told_of(EscalationEffectTold)] == [E.ANSWERED, E.COMMITTED]


def test_no_step_lies_before_the_opening() -> None:
    assert opened().why(EscalationRecorded, step=S.INFORMAL, taken_on=day(-1)) == {R.DAY_TOO_EARLY}


def test_a_step_is_told_with_the_leverage_of_the_flag_that_touches_most_buyers() -> None:
    other = uuid4()
    course = opened(Known(leverage={FLAG: Leverage(3), other: Leverage(12, 40)}), flags=(FLAG, other))
    course.say(EscalationRecorded, step=S.INFORMAL)

    (fact,) = course.told_of(EscalationStepTaken)
    assert (fact.step, fact.buyers, fact.contracts) == (S.INFORMAL, 12, 40)


# What rules propose


def missed(kind: ObligationKind, number: int, about: UUID = ENGAGEMENT) -> Obligation:
    return Obligation(about, kind, ENGAGEMENT, day(number), "a rule", engagement=ENGAGEMENT)


def next_of(course: Told, *late: Obligation) -> tuple[EscalationStep, EscalationCause] | None:
    found = proposed(course.engagement, late)
    return (found.step, found.cause) if found else None


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (ObligationKind.ASK, EscalationCause.ASK_OVERDUE),
        (ObligationKind.COMMITMENT, EscalationCause.COMMITMENT_MISSED),
        (ObligationKind.STAGE, EscalationCause.MILESTONE_STALLED),
    ],
)
def test_what_does_not_come_by_its_day_proposes_the_next_step(kind: ObligationKind, cause: EscalationCause) -> None:
    assert next_of(opened()) is None
    assert next_of(opened(), missed(kind, 60)) == (S.INFORMAL, cause)


def test_a_step_answers_what_was_missed_before_it_and_not_what_is_missed_after() -> None:
    course = opened()
    course.say(EscalationRecorded, step=S.INFORMAL, taken_on=day(70))

    assert next_of(course, missed(ObligationKind.ASK, 69)) is None
    assert next_of(course, missed(ObligationKind.ASK, 70)) == (S.FORMAL_LETTER, EscalationCause.ASK_OVERDUE)


def test_a_commitment_that_a_member_found_missed_proposes_the_next_step() -> None:
    course = opened()
    promise = course.say(CommitmentRecorded)
    course.say(AssessmentRecorded, commitment=promise, found=Assessment.MISSED, assessed_on=day(20))

    assert next_of(course) == (S.INFORMAL, EscalationCause.COMMITMENT_MISSED)


@pytest.mark.parametrize("effect", [E.NO_ANSWER, E.WORSENED])
def test_a_step_without_effect_proposes_the_next_one(effect: EscalationEffect) -> None:
    course = opened()
    taken = course.say(EscalationRecorded, step=S.INFORMAL)
    assert next_of(course) is None

    course.say(EscalationEffectRecorded, escalation=taken, effect=effect)

    assert next_of(course) == (S.FORMAL_LETTER, EscalationCause.NO_EFFECT)


def test_above_a_notice_nothing_is_proposed_until_its_cure_period_is_over() -> None:
    course, notice = at_notice()
    other: Collection[Obligation] = [missed(ObligationKind.ASK, 75), missed(ObligationKind.STAGE, 76)]

    assert next_of(course, *other) is None
    over = missed(ObligationKind.CURE_PERIOD, 80, notice)
    assert next_of(course, *other, over) == (S.SANCTION, EscalationCause.CURE_PERIOD_OVER)


def test_after_a_notice_that_brought_remedy_a_notice_again_is_what_is_proposed() -> None:
    course, notice = at_notice()
    course.say(EscalationEffectRecorded, escalation=notice, effect=E.REMEDIED, observed_on=day(70))

    assert next_of(course, missed(ObligationKind.ASK, 90)) == (S.NOTICE_WITH_CURE_PERIOD, EscalationCause.ASK_OVERDUE)


def test_of_an_engagement_that_has_ended_nothing_is_proposed() -> None:
    course = opened()
    course.say(ConclusionRecorded, outcome="stalled")

    assert next_of(course, missed(ObligationKind.ASK, 60)) is None
