"""An engagement is opened by a person, moves one milestone at a time and with evidence, and ends with an outcome."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.remedy.domain.engagement.known import Known, Statement
from services.remedy.domain.engagement.legal import legal_steps
from shared.events.engagement_words import (
    EngagementOutcome,
    EngagementState,
    EntryRefusal,
    Milestone,
    RightsholderKind,
)
from shared.events.ingest import (
    AskRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConsultationRecorded,
    DialogueEntry,
    DialogueWithdrawn,
    EscalationRecorded,
    EvidenceRecorded,
    MilestoneRecorded,
    OpeningRecorded,
    SupplierAnswered,
)
from shared.events.remedy import AskMoved, EngagementClosed, EngagementMilestoneReached, EngagementOpened
from shared.events.vocabulary import GroupRole, SourceClass
from tests.remedy.engagement.dialogues import (
    FILE,
    FLAG,
    START,
    STATEMENT,
    STEPS,
    SUPPLIER,
    VERIFICATION,
    Told,
    day,
    implemented,
    knowing,
    opened,
    planned,
    statement,
)

R, M, O = EntryRefusal, Milestone, EngagementOutcome  # noqa: E741 - as short as the two beside it


def test_opening_sets_the_objective_and_the_first_milestone() -> None:
    course = opened(Known(names={SUPPLIER: "Example Electronics"}))

    assert (course.engagement.state, course.engagement.milestone) == (EngagementState.OPEN, M.M0_OBJECTIVE_SET)
    (fact,) = course.told_of(EngagementOpened)
    assert (fact.supplier_name, fact.opened_by, [one.id for one in fact.reasons]) == (
        "Example Electronics",
        "oslo",
        [FLAG],
    )


def test_nothing_is_reported_of_an_engagement_that_nobody_opened() -> None:
    refused = Told().refusal(AskRecorded)

    assert refused.why == (R.ENGAGEMENT_UNKNOWN,)
    assert (refused.standing, refused.legal) == ("not opened", ("open it, with an objective and a reason",))


def test_an_open_engagement_is_not_opened_again() -> None:
    course = opened()

    assert course.why(OpeningRecorded) == {R.ALREADY_OPEN}


def test_whether_a_merge_of_suppliers_is_known_yet_or_was_undone_decides_nothing_of_ones_own_engagement() -> None:
    survivor = uuid4()
    course = opened()

    course.say(AskRecorded, supplier=survivor)

    assert len(course.engagement.asks) == 1
    assert course.told_of(AskMoved)[0].supplier == course.engagement.supplier


def test_another_groups_engagement_looks_as_if_it_were_not_there() -> None:
    course = opened()
    course.known = Known(owners={course.engagement.id: "another"})

    refused = course.refusal(OpeningRecorded)

    assert refused.standing == "not opened"
    assert refused.why == (R.ENGAGEMENT_UNKNOWN,)
    assert refused.legal == ("open an engagement of your own group, under an id of its own",)


@pytest.mark.parametrize("role", [GroupRole.SUPPORTING, GroupRole.OTHER, None])
def test_only_who_leads_or_collaborates_opens_moves_escalates_and_concludes(role: GroupRole | None) -> None:
    course = opened()

    assert Told().why(OpeningRecorded, role=role) == {R.ROLE_MAY_NOT}
    for kind, said in (
        (MilestoneRecorded, {"milestone": M.M1_CONCERN_RAISED, "reached_on": day(1)}),
        (ConclusionRecorded, {"outcome": O.STALLED}),
        (EscalationRecorded, {"step": "informal"}),
    ):
        assert course.why(kind, role=role, **said) == {R.ROLE_MAY_NOT}


def test_a_supporting_member_asks_and_passes_on_what_the_supplier_says() -> None:
    course = opened()
    ask = course.say(AskRecorded, role=GroupRole.SUPPORTING)
    promise = course.say(CommitmentRecorded, ask=ask, role=GroupRole.SUPPORTING)
    course.say(EvidenceRecorded, commitment=promise, role=GroupRole.SUPPORTING)
    course.say(ConsultationRecorded, asks=(ask,), role=GroupRole.SUPPORTING)

    assert course.why(AssessmentRecorded, commitment=promise, role=GroupRole.SUPPORTING) == {R.ROLE_MAY_NOT}


# Testimony


def test_an_engagement_is_opened_on_testimony_only_where_the_contact_is_cleared() -> None:
    for known in (Known(), knowing(statement(cleared=False)), knowing(statement(since=START + timedelta(days=1)))):
        assert Told(known).why(OpeningRecorded, statements=(STATEMENT,)) == {R.TESTIMONY_NOT_CLEARED}

    assert opened(knowing(statement()), flags=(), statements=(STATEMENT,)).engagement.is_open


def test_each_statement_among_the_reasons_must_be_cleared_whatever_else_is_named() -> None:
    course = Told(knowing(statement()))

    assert course.why(OpeningRecorded, statements=(STATEMENT, UUID(int=9))) == {R.TESTIMONY_NOT_CLEARED}


def test_a_statement_that_was_reversed_opens_nothing_from_that_moment_on() -> None:
    known = knowing(statement(ended_at=START + timedelta(hours=2)))

    assert opened(known, statements=(STATEMENT,), at=START + timedelta(hours=1)).engagement.is_open
    assert Told(known).why(OpeningRecorded, statements=(STATEMENT,), at=START + timedelta(hours=2)) == {
        R.TESTIMONY_NOT_CLEARED
    }


def test_a_statement_about_another_supplier_opens_nothing_unless_both_are_known_as_one() -> None:
    other = uuid4()
    merged = Known(statements=knowing(statement()).statements, suppliers={SUPPLIER: other})

    assert Told(knowing(statement())).why(OpeningRecorded, supplier=other, statements=(STATEMENT,)) == {
        R.TESTIMONY_NOT_CLEARED
    }
    assert opened(merged, supplier=other, statements=(STATEMENT,)).engagement.is_open


OTHER_REASONS = [{"flags": ()}, {"flags": (FLAG,)}, {"indicators": (FLAG,)}, {"reason": "A public report."}]


@pytest.mark.parametrize("other", OTHER_REASONS)
def test_once_a_statement_is_reversed_nobody_approaches_the_company_whatever_other_reasons_were_named(
    other: dict[str, object],
) -> None:
    known = knowing(statement(ended_at=START + timedelta(hours=3)))
    course = opened(known, **({"flags": ()} | other), statements=(STATEMENT,))
    ask = course.say(AskRecorded)

    later = START + timedelta(hours=4)
    outward: tuple[tuple[type[DialogueEntry], dict[str, object]], ...] = (
        (AskRecorded, {}),
        (EscalationRecorded, {"step": "informal"}),
        (MilestoneRecorded, {"milestone": M.M1_CONCERN_RAISED, "reached_on": day(1)}),
        (CommitmentRecorded, {"ask": ask}),
        (SupplierAnswered, {"ask": ask}),
    )
    for kind, said in outward:
        assert course.why(kind, at=later, **said) == {R.NOTHING_LEFT_TO_GO_ON}
    refused = course.refusal(AskRecorded, at=later)
    assert not any(one == "ask" or "milestone" in one or "escalate" in one for one in refused.legal)
    assert refused.legal == legal_steps(course.engagement)
    assert "held: a statement it rests on is no longer told" in refused.standing


def test_what_the_group_itself_sees_and_concludes_goes_on_in_an_engagement_that_is_held() -> None:
    course = opened(knowing(statement(ended_at=START + timedelta(hours=3))), statements=(STATEMENT,))
    course.reach(M.M1_CONCERN_RAISED, 0)
    later = START + timedelta(hours=4)

    course.say(EvidenceRecorded, at=later)
    course.say(ConsultationRecorded, at=later)
    course.say(MilestoneRecorded, milestone=M.M0_OBJECTIVE_SET, reached_on=day(1), reason="Back.", at=later)
    course.say(ConclusionRecorded, outcome=O.DISCONTINUED, at=later)

    assert course.engagement.state is EngagementState.CLOSED


def test_an_engagement_that_has_grown_too_long_takes_its_end_alone() -> None:
    course = opened()
    first = course.reach(M.M1_CONCERN_RAISED, 1)
    course.known = Known(most_entries=2)

    assert course.why(AskRecorded) == {R.TOO_MANY_ENTRIES}
    assert R.TOO_MANY_ENTRIES in course.why(
        MilestoneRecorded, milestone=M.M2_ISSUE_ACKNOWLEDGED, reached_on=day(2), reason="On."
    )
    course.say(DialogueWithdrawn, entry=first)
    course.say(ConclusionRecorded, outcome=O.DISCONTINUED)
    assert course.engagement.state is EngagementState.CLOSED


# Milestones


@pytest.mark.parametrize("milestone", STEPS[2:])
def test_no_step_is_skipped(milestone: Milestone) -> None:
    assert R.STEP_SKIPPED in opened().why(MilestoneRecorded, milestone=milestone, reached_on=day(1))


@pytest.mark.parametrize("milestone", STEPS[1:])
def test_no_step_is_taken_without_evidence(milestone: Milestone) -> None:
    course, _, _ = planned()
    at = STEPS.index(milestone) - 1
    if at < 3:
        course.reach(STEPS[at], 31, reason="It fell back.")

    assert R.EVIDENCE_MISSING in course.why(MilestoneRecorded, milestone=milestone, reached_on=day(40), evidence=())


def test_the_milestone_at_which_it_stands_is_not_reached_again() -> None:
    assert opened().why(MilestoneRecorded, milestone=M.M0_OBJECTIVE_SET, reached_on=day(1)) == {R.SAME_STEP}


def test_an_engagement_falls_back_as_far_as_need_be_with_a_reason() -> None:
    course, _, _ = planned()
    assert course.why(MilestoneRecorded, milestone=M.M1_CONCERN_RAISED, reached_on=day(40)) == {R.REASON_MISSING}

    course.reach(M.M1_CONCERN_RAISED, 40, reason="The plan was given up.", evidence=())

    assert course.engagement.milestone is M.M1_CONCERN_RAISED
    fact = course.told_of(EngagementMilestoneReached)[-1]
    assert (fact.before, fact.milestone, fact.days, fact.reason) == (
        M.M3_CREDIBLE_PLAN,
        M.M1_CONCERN_RAISED,
        10,
        "The plan was given up.",
    )


def test_days_in_each_stage_are_those_reported_and_never_negative() -> None:
    course, _, _ = planned()

    assert [stage.days(day(50)) for stage in course.engagement.stages] == [10, 10, 10, 20]
    assert [fact.days for fact in course.told_of(EngagementMilestoneReached)] == [10, 10, 10]
    assert R.DAY_TOO_EARLY in course.why(MilestoneRecorded, milestone=M.M4_PLAN_IMPLEMENTED, reached_on=day(29))


def test_an_acknowledgement_may_rest_on_the_suppliers_own_answer() -> None:
    course = opened()
    course.reach(M.M1_CONCERN_RAISED, 10)
    ask = course.say(AskRecorded)
    second = {"milestone": M.M2_ISSUE_ACKNOWLEDGED, "reached_on": day(20), "evidence": ()}
    assert course.why(MilestoneRecorded, **second) == {R.EVIDENCE_MISSING}

    course.say(SupplierAnswered, ask=ask)
    course.say(MilestoneRecorded, **second)

    assert course.engagement.milestone is M.M2_ISSUE_ACKNOWLEDGED


def test_a_plan_needs_a_commitment_that_was_not_missed() -> None:
    course = opened()
    course.reach(M.M1_CONCERN_RAISED, 10)
    course.reach(M.M2_ISSUE_ACKNOWLEDGED, 20)
    third = {"milestone": M.M3_CREDIBLE_PLAN, "reached_on": day(30)}
    assert course.why(MilestoneRecorded, **third) == {R.COMMITMENT_MISSING}

    promise = course.say(CommitmentRecorded)
    course.say(AssessmentRecorded, commitment=promise, found="missed")
    assert course.why(MilestoneRecorded, **third) == {R.COMMITMENT_MISSING}

    course.say(CommitmentRecorded)
    course.say(MilestoneRecorded, **third)
    assert course.engagement.milestone is M.M3_CREDIBLE_PLAN


FOURTH = {"milestone": M.M4_PLAN_IMPLEMENTED, "reached_on": day(110)}


def test_a_plan_is_implemented_when_each_commitment_with_a_day_is_settled() -> None:
    course, _, promise = planned()
    course.say(EvidenceRecorded, commitment=promise, basis=SourceClass.AUDIT)
    assert course.why(MilestoneRecorded, **FOURTH) == {R.COMMITMENT_OPEN}

    course.say(AssessmentRecorded, commitment=promise)
    course.say(MilestoneRecorded, **FOURTH)

    assert course.engagement.milestone is M.M4_PLAN_IMPLEMENTED


def test_a_missed_commitment_stands_against_it_until_its_ask_is_met_by_another() -> None:
    course, ask, promise = planned()
    course.say(AssessmentRecorded, commitment=promise, found="missed")
    assert R.COMMITMENT_OPEN in course.why(MilestoneRecorded, **FOURTH)

    second = course.say(CommitmentRecorded, ask=ask, due=day(105))
    course.say(AssessmentRecorded, commitment=second, evidence=(FILE,))
    course.say(MilestoneRecorded, **FOURTH)

    assert course.engagement.milestone is M.M4_PLAN_IMPLEMENTED


def test_a_plan_is_not_implemented_on_the_suppliers_word_alone() -> None:
    course = opened()
    for number, milestone in enumerate(STEPS[1:3]):
        course.reach(milestone, 10 * (number + 1))
    promise = course.say(CommitmentRecorded)  # without a day
    course.reach(M.M3_CREDIBLE_PLAN, 30)
    course.say(EvidenceRecorded, commitment=promise, basis=SourceClass.SUPPLIER)
    assert course.why(MilestoneRecorded, **FOURTH) == {R.SUPPLIER_WORD_ALONE}

    course.say(EvidenceRecorded, commitment=promise, basis=SourceClass.AUDIT)
    course.say(MilestoneRecorded, **FOURTH)

    assert course.engagement.milestone is M.M4_PLAN_IMPLEMENTED


def fifth(**said: object) -> dict[str, object]:
    return {
        "milestone": M.M5_VERIFIED_BY_RIGHTSHOLDERS,
        "reached_on": day(280),
        "evidence": (),
        "verified_by": RightsholderKind.UNION,
    } | said


def test_only_rightsholders_who_were_consulted_since_verify_the_last_milestone() -> None:
    course = implemented()
    early = course.say(ConsultationRecorded, quarter="2026-Q1")
    by_others = course.say(ConsultationRecorded, rightsholders=RightsholderKind.COMMUNITY)
    union = course.say(ConsultationRecorded)

    assert course.why(MilestoneRecorded, **fifth()) == {R.NO_CONSULTATION, R.NOT_BY_RIGHTSHOLDERS}
    assert course.why(MilestoneRecorded, **fifth(consultations=(uuid4(),))) >= {R.NO_CONSULTATION}
    for one in (early, by_others):
        assert course.why(MilestoneRecorded, **fifth(consultations=(one,))) == {R.NOT_BY_RIGHTSHOLDERS}
    assert course.why(MilestoneRecorded, **fifth(consultations=(union,), verified_by=None)) == {R.NOT_BY_RIGHTSHOLDERS}

    course.say(MilestoneRecorded, **fifth(consultations=(by_others, union)))
    assert course.engagement.milestone is M.M5_VERIFIED_BY_RIGHTSHOLDERS


def test_the_last_milestone_may_rest_on_a_verification_that_a_handler_released() -> None:
    found = Statement(VERIFICATION, SUPPLIER, False, START)
    for known, refused in (
        (Known(), True),
        (Known(verifications={VERIFICATION: Statement(VERIFICATION, uuid4(), False, START)}), True),
        (Known(verifications={VERIFICATION: found}), False),
    ):
        course = implemented()
        course.known = known
        said = fifth(verifications=(VERIFICATION,))
        if refused:
            assert course.why(MilestoneRecorded, **said) == {R.NO_CONSULTATION}
        else:
            course.say(MilestoneRecorded, **said)
            assert course.engagement.milestone is M.M5_VERIFIED_BY_RIGHTSHOLDERS


# Conclusion


def test_achieved_is_what_rightsholders_verified() -> None:
    course = implemented()
    assert course.why(ConclusionRecorded, outcome=O.ACHIEVED) == {R.OUTCOME_NOT_REACHED}
    union = course.say(ConsultationRecorded)
    course.say(MilestoneRecorded, **fifth(consultations=(union,)))

    course.say(ConclusionRecorded, outcome=O.ACHIEVED, reason=None)

    (fact,) = course.told_of(EngagementClosed)
    assert (fact.outcome, fact.milestone) == (O.ACHIEVED, M.M5_VERIFIED_BY_RIGHTSHOLDERS)
    assert (course.engagement.state, course.engagement.stages[-1].until) == (EngagementState.CLOSED, day(300))


def test_partly_achieved_needs_a_plan_or_something_met_in_part() -> None:
    course = opened()
    assert course.why(ConclusionRecorded, outcome=O.PARTLY_ACHIEVED) == {R.OUTCOME_NOT_REACHED}

    ask = course.say(AskRecorded)
    course.say(AssessmentRecorded, ask=ask, found="partly_met", evidence=(FILE,))
    course.say(ConclusionRecorded, outcome=O.PARTLY_ACHIEVED)

    assert course.engagement.outcome is O.PARTLY_ACHIEVED


def test_any_other_end_has_a_reason_and_a_day_that_is_not_too_early() -> None:
    course = opened()

    assert course.why(ConclusionRecorded, outcome=O.STALLED, reason=None) == {R.REASON_MISSING}
    assert course.why(ConclusionRecorded, outcome=O.STALLED, concluded_on=day(-1)) == {R.DAY_TOO_EARLY}


def test_an_engagement_that_has_ended_takes_nothing_more() -> None:
    course = opened()
    course.say(ConclusionRecorded, outcome=O.STALLED)

    refused = course.refusal(AskRecorded)

    assert refused.why == (R.ENGAGEMENT_NOT_OPEN,)
    assert refused.standing == "closed at M0: stalled"
    assert "open another engagement under a new id" in refused.legal
    assert course.why(OpeningRecorded) == {R.ENGAGEMENT_NOT_OPEN}


def test_a_refusal_has_every_reason_where_it_stands_and_what_would_be_legal() -> None:
    refused = opened().refusal(
        MilestoneRecorded,
        milestone=M.M3_CREDIBLE_PLAN,
        reached_on=day(-1),
        evidence=(),
        role=GroupRole.SUPPORTING,
    )

    assert set(refused.why) == {
        R.ROLE_MAY_NOT,
        R.DAY_TOO_EARLY,
        R.STEP_SKIPPED,
        R.EVIDENCE_MISSING,
        R.COMMITMENT_MISSING,
    }
    assert refused.standing == "open at M0 since 2026-01-05"
    assert refused.legal[:3] == ("milestone M1 with evidence", "ask", "escalate informal")
