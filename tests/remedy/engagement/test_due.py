"""What of an engagement is due by a day, and from when on it no longer is."""

from services.remedy.domain.engagement.due import due_of
from shared.events.engagement_words import EscalationEffect, EscalationStep, Milestone, ObligationKind
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConsultationRecorded,
    EscalationEffectRecorded,
    EscalationRecorded,
)
from tests.remedy.engagement.dialogues import FILE, UP_TO_NOTICE, Told, day, implemented, opened

K = ObligationKind


def dues(course: Told, stages: bool = False) -> set[tuple[ObligationKind, int]]:
    """What is due: of which kind, on which day after the opening."""
    found = {(one.kind, (one.due - day(0)).days) for one in due_of(course.engagement, 180)}
    return {one for one in found if stages or one[0] is not K.STAGE}


def test_an_engagement_stands_at_a_milestone_for_so_many_days() -> None:
    course = opened()
    assert dues(course, stages=True) == {(K.STAGE, 180)}

    course.reach(Milestone.M1_CONCERN_RAISED, 10)
    assert dues(course, stages=True) == {(K.STAGE, 190)}


def test_what_rightsholders_verified_waits_for_nothing() -> None:
    course = implemented()
    union = course.say(ConsultationRecorded)
    course.reach(Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS, 280, evidence=(), verified_by="union", consultations=(union,))

    assert dues(course, stages=True) == set()


def test_the_day_of_an_ask_gives_way_to_that_of_a_commitment() -> None:
    course = opened()
    ask = course.say(AskRecorded, due=day(60))
    course.say(CommitmentRecorded, ask=ask)
    assert dues(course) == {(K.ASK, 60)}

    promise = course.say(CommitmentRecorded, ask=ask, due=day(90))
    assert dues(course) == {(K.COMMITMENT, 90)}

    course.say(AssessmentRecorded, commitment=promise, evidence=(FILE,))
    assert dues(course) == {(K.ASK, 60)}  # the other commitment, without a day, still runs


def test_a_settled_ask_is_due_no_more() -> None:
    course = opened()
    ask = course.say(AskRecorded, due=day(60))

    course.say(AssessmentRecorded, ask=ask, evidence=(FILE,))

    assert dues(course) == set()


def test_joined_asks_are_due_once_on_the_earliest_day() -> None:
    course = opened()
    into, other = course.say(AskRecorded, due=day(60)), course.say(AskRecorded, due=day(40))

    course.say(AsksJoinedRecorded, into=into, asks=(other,))

    assert [(one.about, one.due) for one in due_of(course.engagement, 180) if one.kind is K.ASK] == [(into, day(40))]


def test_a_cure_period_is_watched_until_remedy_or_the_next_step() -> None:
    for effect, step in ((EscalationEffect.REMEDIED, None), (None, EscalationStep.SANCTION)):
        course = opened()
        for mild in UP_TO_NOTICE:
            course.say(EscalationRecorded, step=mild)
        notice = course.say(
            EscalationRecorded, step=EscalationStep.NOTICE_WITH_CURE_PERIOD, taken_on=day(50), cure_until=day(80)
        )
        assert dues(course) == {(K.CURE_PERIOD, 80)}

        if effect:
            course.say(EscalationEffectRecorded, escalation=notice, effect=effect, observed_on=day(70))
        if step:
            course.say(EscalationRecorded, step=step, taken_on=day(90))
        assert dues(course) == set()


def test_of_an_engagement_that_has_ended_nothing_is_due() -> None:
    course = opened()
    course.say(AskRecorded, due=day(60))

    course.say(ConclusionRecorded, outcome="stalled")

    assert dues(course, stages=True) == set()
