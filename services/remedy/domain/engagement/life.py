"""The life of an engagement: opened by a person, moved from milestone to milestone, ended with an outcome.

Milestones after the practice of investor stewardship (EOS), wording ours; the last, that rightsholders verified it, is
ours, as is what each rests on. Each guard yields every reason for which an entry is refused.
"""

from collections.abc import Iterator

from services.remedy.domain.engagement.folding_asks import RUNNING
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.standing import Engagement, Entry
from shared.events.engagement_words import (
    AskState,
    CommitmentState,
    EngagementOutcome,
    EngagementState,
    EntryRefusal,
    Milestone,
)
from shared.events.ingest import ConclusionRecorded, MilestoneRecorded, OpeningRecorded
from shared.events.values import quarter_of
from shared.events.vocabulary import SourceClass

R = EntryRefusal
STEPS = tuple(one for one in Milestone if one is not Milestone.OTHER)
"""The milestones in their order."""
IN_PART = frozenset({AskState.MET, AskState.PARTLY_MET})
INDEPENDENT = frozenset({SourceClass.AUDIT, SourceClass.MEDIA, SourceClass.PUBLIC})
"""Whose word stands beside the supplier's. That of the workers' side never travels in the open."""


def refuse_opening(
    engagement: Engagement | None, entry: Entry, told: OpeningRecorded, known: Known
) -> Iterator[EntryRefusal]:
    """Nobody opens what is open or has ended, nor on testimony of which a handler has not cleared the contact.

    A company is approached on testimony only after a safety assessment and with the workers' consent.
    """
    if engagement is not None and engagement.state is not EngagementState.PROPOSED:
        yield R.ALREADY_OPEN if engagement.is_open else R.ENGAGEMENT_NOT_OPEN
    if not (told.flags or told.indicators or told.statements or told.reason):
        yield R.REASON_MISSING
    if any(not known.cleared(one, told.supplier, entry.at) for one in told.statements):
        yield R.TESTIMONY_NOT_CLEARED


def is_held(engagement: Engagement, entry: Entry, known: Known) -> bool:
    """Whether the company was not to be approached any more when an entry was made, whatever else gave reason.

    A statement on which the engagement was opened was no longer told then.
    """
    since = known.held_since(engagement)
    return since is not None and since <= entry.at


def refuse_milestone(
    engagement: Engagement, entry: Entry, told: MilestoneRecorded, known: Known
) -> Iterator[EntryRefusal]:
    """One step forward at a time and with evidence; back as far as need be, with a reason; no day before the last."""
    present = engagement.stages[-1]
    if told.reached_on < present.since:
        yield R.DAY_TOO_EARLY
    if told.milestone is Milestone.OTHER:
        yield R.NOT_FROM_THIS_STATE
        return
    distance = STEPS.index(told.milestone) - STEPS.index(present.milestone)
    if distance == 0:
        yield R.SAME_STEP
    elif distance < 0:
        if told.reason is None:
            yield R.REASON_MISSING
    else:
        if distance > 1:
            yield R.STEP_SKIPPED
        if is_held(engagement, entry, known):
            yield R.NOTHING_LEFT_TO_GO_ON
        yield from refuse_step(engagement, entry, told, known)


def refuse_step(engagement: Engagement, entry: Entry, told: MilestoneRecorded, known: Known) -> Iterator[EntryRefusal]:
    """What a step forward rests on, beside that it is the next."""
    match told.milestone:
        case Milestone.M2_ISSUE_ACKNOWLEDGED:
            if not told.evidence and not engagement.answers:
                yield R.EVIDENCE_MISSING
        case Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS:
            yield from refuse_verification(engagement, entry, told, known)
        case _:
            if not told.evidence:
                yield R.EVIDENCE_MISSING
    if told.milestone is Milestone.M3_CREDIBLE_PLAN and not standing_commitments(engagement):
        yield R.COMMITMENT_MISSING
    if told.milestone is Milestone.M4_PLAN_IMPLEMENTED:
        yield from refuse_implementation(engagement)


def standing_commitments(engagement: Engagement) -> bool:
    """Whether there is a plan at all: a commitment that was neither taken back nor missed."""
    gone = (CommitmentState.WITHDRAWN, CommitmentState.MISSED)
    return any(one.state not in gone for one in engagement.commitments.values())


def refuse_implementation(engagement: Engagement) -> Iterator[EntryRefusal]:
    """M4: every commitment with a day is settled and kept, and somebody other than the supplier says so.

    One that was missed counts no more where its ask was met, at least in part, by another commitment.
    """
    dated = [one for one in engagement.commitments.values() if one.due is not None]
    if any(one.state in RUNNING for one in dated):
        yield R.COMMITMENT_OPEN
    for one in engagement.commitments.values():
        root = engagement.root(one.ask)
        if one.state is CommitmentState.MISSED and (root is None or root.state not in IN_PART):
            yield R.COMMITMENT_OPEN
    if not any(one.basis in INDEPENDENT for one in engagement.evidence) and not engagement.kept:
        yield R.SUPPLIER_WORD_ALONE


def refuse_verification(
    engagement: Engagement, entry: Entry, told: MilestoneRecorded, known: Known
) -> Iterator[EntryRefusal]:
    """M5: rightsholders verified it, in a consultation since the plan was implemented, or by released verification."""
    if told.verified_by is None:
        yield R.NOT_BY_RIGHTSHOLDERS
    held = [engagement.consultations.get(one) for one in told.consultations]
    verified = [known.verifies(one, engagement.supplier, entry.at) for one in told.verifications]
    if (not held and not verified) or None in held or not all(verified):
        yield R.NO_CONSULTATION
    since = quarter_of(engagement.stages[-1].since)
    by_them = any(one and one.rightsholders is told.verified_by and one.quarter >= since for one in held)
    if told.verified_by is not None and not verified and not by_them:
        yield R.NOT_BY_RIGHTSHOLDERS


def refuse_conclusion(engagement: Engagement, told: ConclusionRecorded) -> Iterator[EntryRefusal]:
    """Achieved is what rightsholders verified; partly achieved is a credible plan, or something met in part (ours)."""
    if told.concluded_on < engagement.stages[-1].since:
        yield R.DAY_TOO_EARLY
    if told.outcome is not EngagementOutcome.ACHIEVED and told.reason is None:
        yield R.REASON_MISSING
    if told.outcome not in outcomes_of(engagement):
        yield R.OUTCOME_NOT_REACHED


def outcomes_of(engagement: Engagement) -> tuple[EngagementOutcome, ...]:
    """The outcomes with which it may end now."""
    at = STEPS.index(engagement.stages[-1].milestone)
    in_part = at >= STEPS.index(Milestone.M3_CREDIBLE_PLAN) or any(
        one.state in IN_PART for one in engagement.asks.values()
    )
    achieved = (EngagementOutcome.ACHIEVED,) if at == len(STEPS) - 1 else ()
    partly = (EngagementOutcome.PARTLY_ACHIEVED,) if in_part or engagement.kept else ()
    return (*achieved, *partly, EngagementOutcome.STALLED, EngagementOutcome.DISCONTINUED)
