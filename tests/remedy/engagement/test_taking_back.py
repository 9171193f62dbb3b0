"""An entry is taken back only while nothing rests on it; what was taken back counts as never said."""

from uuid import UUID

import pytest

from services.remedy.domain.engagement.folding import fold
from shared.events.engagement_words import (
    AskState,
    CommitmentState,
    EngagementOutcome,
    EngagementState,
    EntryRefusal,
    Milestone,
)
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConsultationRecorded,
    DialogueWithdrawn,
    EscalationRecorded,
    EvidenceRecorded,
    MilestoneRecorded,
)
from shared.events.remedy import (
    AskMoved,
    CommitmentMoved,
    EngagementClosed,
    EngagementMilestoneReached,
    EngagementOpened,
)
from shared.events.vocabulary import GroupRole
from tests.remedy.engagement.dialogues import FILE, Told, day, opened, planned

R, M = EntryRefusal, Milestone


def take_back(course: Told, entry: UUID, **said: object) -> None:
    course.say(DialogueWithdrawn, entry=entry, **said)


def test_an_ask_that_nobody_answered_is_withdrawn_and_still_shown_as_such() -> None:
    course = opened()
    ask = course.say(AskRecorded, due=day(60))

    take_back(course, ask)

    assert course.engagement.asks[ask].state is AskState.WITHDRAWN
    assert course.told_of(AskMoved)[-1].after is AskState.WITHDRAWN
    assert course.why(CommitmentRecorded, ask=ask) == {R.ASK_SETTLED}


def test_a_commitment_that_is_taken_back_leaves_its_ask_as_it_was_before() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    promise = course.say(CommitmentRecorded, ask=ask)

    take_back(course, promise, role=GroupRole.SUPPORTING)

    assert course.engagement.commitments[promise].state is CommitmentState.WITHDRAWN
    assert course.engagement.asks[ask].state is AskState.OPEN
    assert {fact.after for fact in course.told_of(CommitmentMoved)} == {CommitmentState.MADE, CommitmentState.WITHDRAWN}


def test_nothing_is_taken_back_on_which_a_later_entry_rests() -> None:
    course, ask, promise = planned()
    course.say(AssessmentRecorded, commitment=promise, evidence=(FILE,))
    first = course.dialogue.entries[1].id

    for entry in (course.engagement.opening, first, ask, promise):
        refused = course.refusal(DialogueWithdrawn, entry=entry)
        assert refused.why == (R.RESTED_UPON,)
        assert "back to milestone M0 or M1 or M2 with a reason" in refused.legal


def test_the_present_milestone_is_taken_back_and_the_engagement_stands_where_it_was() -> None:
    course, _, _ = planned()
    third = course.engagement.stages[-1].entry

    take_back(course, third)

    assert course.engagement.milestone is M.M2_ISSUE_ACKNOWLEDGED
    assert course.engagement.stages[-1].until is None
    fact = course.told_of(EngagementMilestoneReached)[-1]
    assert (fact.before, fact.milestone, fact.days) == (M.M3_CREDIBLE_PLAN, M.M2_ISSUE_ACKNOWLEDGED, 0)
    course.reach(M.M3_CREDIBLE_PLAN, 35)


def test_an_opening_is_taken_back_while_nothing_else_stands_and_the_engagement_may_be_opened_anew() -> None:
    course = opened()
    opening = course.engagement.opening
    assert opening is not None
    ask = course.say(AskRecorded)
    assert course.why(DialogueWithdrawn, entry=opening) == {R.RESTED_UPON}

    take_back(course, ask)
    take_back(course, opening)

    assert course.engagement.state is EngagementState.PROPOSED
    (closed,) = course.told_of(EngagementClosed)
    assert (closed.outcome, closed.milestone) == (EngagementOutcome.DISCONTINUED, M.M0_OBJECTIVE_SET)
    assert course.why(AskRecorded) == {R.ENGAGEMENT_UNKNOWN}
    course.open(objective="Passports are given back.")
    assert course.engagement.objective == "Passports are given back."


def test_a_conclusion_that_is_taken_back_lets_the_engagement_go_on() -> None:
    course = opened()
    end = course.say(ConclusionRecorded, outcome=EngagementOutcome.STALLED)

    take_back(course, end)

    assert course.engagement.is_open
    assert (course.engagement.outcome, course.engagement.stages[-1].until) == (None, None)
    assert len(course.told_of(EngagementOpened)) == 2
    course.say(AskRecorded)


def test_joined_asks_are_parted_again_where_the_joining_is_taken_back() -> None:
    course = opened()
    into, other = course.say(AskRecorded, member="oslo"), course.say(AskRecorded, member="bergen")
    joining = course.say(AsksJoinedRecorded, into=into, asks=(other,))
    assert course.why(DialogueWithdrawn, entry=other) == {R.RESTED_UPON}

    take_back(course, joining)

    assert [ask.state for ask in course.engagement.asks.values()] == [AskState.OPEN, AskState.OPEN]
    assert course.engagement.asks[into].askers == ("oslo",)


@pytest.mark.parametrize("kind", [ConsultationRecorded, EvidenceRecorded])
def test_of_other_entries_that_are_taken_back_nothing_is_left(kind: type) -> None:
    course = opened()

    take_back(course, course.say(kind))

    assert not course.engagement.consultations
    assert not course.engagement.evidence


def test_a_step_of_the_ladder_is_taken_back_while_none_was_taken_above_it() -> None:
    course = opened()
    informal = course.say(EscalationRecorded, step="informal")
    letter = course.say(EscalationRecorded, step="formal_letter")
    assert course.why(DialogueWithdrawn, entry=informal) == {R.RESTED_UPON}

    take_back(course, letter)
    take_back(course, informal)

    assert course.engagement.escalations == ()


def test_evidence_without_which_nothing_would_have_been_found_met_is_not_taken_back() -> None:
    course = opened()
    promise = course.say(CommitmentRecorded)
    shown = course.say(EvidenceRecorded, commitment=promise, basis="audit")
    found = course.say(AssessmentRecorded, commitment=promise)
    assert course.why(DialogueWithdrawn, entry=shown) == {R.RESTED_UPON}

    take_back(course, found)
    take_back(course, shown)

    assert course.engagement.commitments[promise].state is CommitmentState.MADE


def test_what_was_refused_or_taken_back_before_is_not_taken_back() -> None:
    course = opened()
    course.refusal(MilestoneRecorded, milestone=M.M2_ISSUE_ACKNOWLEDGED, reached_on=day(1))
    refused = course.every[-1].id
    ask = course.say(AskRecorded)
    take_back(course, ask)

    assert course.why(DialogueWithdrawn, entry=refused) == {R.NOT_FROM_THIS_STATE}
    assert course.why(DialogueWithdrawn, entry=ask) == {R.NOT_FROM_THIS_STATE}


def test_the_fold_of_all_applied_entries_is_the_engagement() -> None:
    course, ask, promise = planned()
    take_back(course, course.engagement.stages[-1].entry)
    take_back(course, promise)
    take_back(course, course.say(EvidenceRecorded, ask=ask))

    assert fold(course.dialogue.entries) == course.engagement
