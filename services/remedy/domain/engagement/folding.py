"""The fold of an engagement: what the entries that were applied come to, taken in their order."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.remedy.domain.engagement import folding_asks as asks
from services.remedy.domain.engagement.standing import Consultation, Engagement, Entry, Escalation, Stage
from shared.events import ingest
from shared.events.engagement_words import EngagementState, Milestone, ReasonKind
from shared.events.remedy.engagements import Reason


def fold(entries: Sequence[Entry]) -> Engagement:
    """The engagement as these entries leave it: all that were applied, in order, with those that took others back.

    What was taken back counts as never said; asks and commitments that were stay visible as withdrawn. Raises
    ValueError without any entry.
    """
    if not entries:
        raise ValueError("an engagement is the sum of its entries: there are none")
    withdrawn = frozenset(entry.told.entry for entry in entries if isinstance(entry.told, ingest.DialogueWithdrawn))
    engagement = unopened(entries[0])
    for entry in entries:
        engagement = step(engagement, entry, withdrawn)
    return replace(engagement, withdrawn=withdrawn)


def unopened(entry: Entry) -> Engagement:
    """An engagement that nobody has opened yet, as an entry names it."""
    return Engagement(entry.told.engagement, entry.workinggroup, entry.told.supplier, EngagementState.PROPOSED)


def apply(engagement: Engagement, entry: Entry) -> Engagement:
    """The engagement with one further entry, which is legal. The one that is given stays as it is."""
    copied = replace(
        engagement,
        asks=dict(engagement.asks),
        commitments=dict(engagement.commitments),
        promised={ask: Counter(states) for ask, states in engagement.promised.items()},
        consultations=dict(engagement.consultations),
        evidence=list(engagement.evidence),
        answers=list(engagement.answers),
    )
    return step(copied, entry)


def step(engagement: Engagement, entry: Entry, withdrawn: Collection[UUID] = ()) -> Engagement:
    """The same, with what the given one holds: it is used up. That way many entries take as long as they are many.

    `withdrawn` are the entries that were taken back.
    """
    engagement = replace(engagement, moved_at=entry.at)
    if entry.id in withdrawn:
        return asks.taken_back(engagement, entry)
    changes = CHANGES.get(type(entry.told))
    return changes(engagement, entry, entry.told) if changes else engagement


def opened(engagement: Engagement, entry: Entry, told: ingest.OpeningRecorded) -> Engagement:
    """The objective is set: M0, from the day on which it was decided."""
    reasons = (
        *(Reason(kind=ReasonKind.FLAG, id=one) for one in told.flags),
        *(Reason(kind=ReasonKind.INDICATOR, id=one) for one in told.indicators),
        *(Reason(kind=ReasonKind.STATEMENT, id=one) for one in told.statements),
    )
    return replace(
        engagement,
        workinggroup=entry.workinggroup,
        supplier=told.supplier,
        state=EngagementState.OPEN,
        category=told.category,
        objective=told.objective,
        instruments=told.instruments,
        clause=told.clause,
        sites=told.sites,
        reasons=reasons,
        reason=told.reason,
        opening=entry.id,
        opened_by=told.member,
        opened_on=told.decided_on,
        opened_at=entry.at,
        stages=(Stage(Milestone.M0_OBJECTIVE_SET, told.decided_on, entry.id),),
    )


def moved(engagement: Engagement, entry: Entry, told: ingest.MilestoneRecorded) -> Engagement:
    """The present stage ends on the day on which the next one was reached."""
    *before, present = engagement.stages
    left = replace(present, until=told.reached_on)
    return replace(
        engagement, stages=(*before, left, Stage(told.milestone, told.reached_on, entry.id, reason=told.reason))
    )


def concluded(engagement: Engagement, entry: Entry, told: ingest.ConclusionRecorded) -> Engagement:
    """The engagement has ended, and with it the stage at which it stood."""
    *before, present = engagement.stages
    return replace(
        engagement,
        state=EngagementState.CLOSED,
        stages=(*before, replace(present, until=told.concluded_on)),
        outcome=told.outcome,
        outcome_reason=told.reason,
        conclusion=entry.id,
        closed_on=told.concluded_on,
        closed_at=entry.at,
    )


def consulted(engagement: Engagement, entry: Entry, told: ingest.ConsultationRecorded) -> Engagement:
    """Rightsholders were consulted."""
    held = Consultation(
        entry.id,
        told.rightsholders,
        told.quarter,
        told.member or "",
        told.organisation,
        told.participants,
        told.priorities,
        told.asks,
        told.influence,
    )
    engagement.consultations[entry.id] = held
    return engagement


def escalated(engagement: Engagement, entry: Entry, told: ingest.EscalationRecorded) -> Engagement:
    """A step of the ladder was taken."""
    step = Escalation(entry.id, told.step, told.taken_on, told.reason, told.member or "", told.cure_until)
    return replace(engagement, escalations=(*engagement.escalations, step))


def took_effect(engagement: Engagement, _entry: Entry, told: ingest.EscalationEffectRecorded) -> Engagement:
    """What a step brought about; the last that was observed holds."""
    steps = [
        replace(one, effect=told.effect, effect_on=told.observed_on) if one.id == told.escalation else one
        for one in engagement.escalations
    ]
    return replace(engagement, escalations=tuple(steps))


CHANGES: Mapping[type[ingest.DialogueEntry], Callable[[Engagement, Entry, Any], Engagement]] = {
    ingest.OpeningRecorded: opened,
    ingest.MilestoneRecorded: moved,
    ingest.ConclusionRecorded: concluded,
    ingest.AskRecorded: asks.asked,
    ingest.AsksJoinedRecorded: asks.joined,
    ingest.CommitmentRecorded: asks.committed,
    ingest.EvidenceRecorded: asks.shown,
    ingest.AssessmentRecorded: asks.assessed,
    ingest.SupplierAnswered: asks.answered,
    ingest.ConsultationRecorded: consulted,
    ingest.EscalationRecorded: escalated,
    ingest.EscalationEffectRecorded: took_effect,
}
