"""What is told of an entry: the differences that it makes to the engagement, each as a fact."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.standing import Engagement, Entry
from shared.events.engagement_words import AskState, EngagementOutcome, EngagementState, Milestone, ReasonKind
from shared.events.remedy import (
    AskMoved,
    CommitmentMoved,
    EngagementClosed,
    EngagementFact,
    EngagementHeld,
    EngagementMilestoneReached,
    EngagementOpened,
    EscalationEffectTold,
    EscalationStepTaken,
)
from shared.events.vocabulary import Category

NAMED = 100
"""An event names at most so many reasons of an engagement: events are small."""
TAKEN_BACK = "What had been reported was taken back."


class Names(NamedTuple):
    """What every fact about an engagement names."""

    engagement: UUID
    workinggroup: str
    supplier: UUID


def differences(
    before: Engagement | None, after: Engagement | None, entry: Entry, known: Known
) -> list[EngagementFact]:
    """The facts that follow from an entry, which is legal. `before` is None where nothing was applied yet."""
    assert after is not None, "an entry that was applied leaves an engagement"
    names = Names(after.id, after.workinggroup, after.supplier)
    return [
        *life_facts(before, after, entry, known, names),
        *ask_facts(before, after, entry, names),
        *commitment_facts(before, after, entry, names),
        *escalation_facts(before, after, entry, known, names),
    ]


def life_facts(
    before: Engagement | None, after: Engagement, entry: Entry, known: Known, names: Names
) -> Iterator[EngagementFact]:
    """Opened, moved from milestone to milestone, closed; open, and held already by what became known meanwhile."""
    was = before.state if before else EngagementState.PROPOSED
    if after.is_open and was is not EngagementState.OPEN:
        yield opened(after, known, names)
    if before is not None and before.milestone and after.milestone and before.milestone is not after.milestone:
        yield reached(before, before.milestone, after, after.milestone, entry, names)
    if was is EngagementState.OPEN and not after.is_open:
        yield closed(before, after, entry, names)
    if after.is_open and after.held and not (before and before.is_open and before.held):
        yield EngagementHeld(**names._asdict())


def opened(after: Engagement, known: Known, names: Names) -> EngagementOpened:
    """It is open: by its opening, also where it goes on because its conclusion was taken back."""
    assert after.opening is not None and after.objective is not None
    return EngagementOpened(
        **names._asdict(),
        supplier_name=known.names.get(after.supplier) or str(after.supplier),
        category=after.category or Category.OTHER,
        objective=after.objective,
        opened_by=after.opened_by or "",
        entry=after.opening,
        instruments=after.instruments,
        sites=after.sites,
        reasons=after.reasons[:NAMED],
    )


def reached(
    before: Engagement, was: Milestone, after: Engagement, now: Milestone, entry: Entry, names: Names
) -> EngagementMilestoneReached:
    """It stands at another milestone; `days` are those at the one before, none where that was taken back."""
    moved = len(after.stages) > len(before.stages)
    return EngagementMilestoneReached(
        **names._asdict(),
        milestone=now,
        before=was,
        days=after.stages[-2].days(after.stages[-1].since) if moved else 0,
        entry=entry.told.entry,
        reason=after.stages[-1].reason if moved else TAKEN_BACK,
    )


def closed(before: Engagement | None, after: Engagement, entry: Entry, names: Names) -> EngagementClosed:
    """It has ended; one whose opening was taken back is discontinued where it began."""
    milestone = after.milestone or (before and before.milestone) or Milestone.M0_OBJECTIVE_SET
    return EngagementClosed(
        **names._asdict(),
        outcome=after.outcome or EngagementOutcome.DISCONTINUED,
        milestone=milestone,
        entry=entry.told.entry,
        reason=after.outcome_reason if after.outcome else TAKEN_BACK,
    )


def ask_facts(before: Engagement | None, after: Engagement, entry: Entry, names: Names) -> Iterator[AskMoved]:
    """Asks that are new, in another state, joined, or asked for by others as well."""
    known = before.asks if before else {}
    for ask in after.asks.values():
        old = known.get(ask.id)
        if old is ask:
            continue
        if old is None or (old.state, old.into, old.askers) != (ask.state, ask.into, ask.askers):
            yield AskMoved(
                **names._asdict(),
                ask=ask.id,
                before=old.state if old else None,
                after=ask.state,
                entry=entry.told.entry,
                into=ask.into if ask.state is AskState.JOINED else None,
                askers=ask.askers,
            )


def commitment_facts(
    before: Engagement | None, after: Engagement, entry: Entry, names: Names
) -> Iterator[CommitmentMoved]:
    """Commitments that are new or in another state."""
    known = before.commitments if before else {}
    for promise in after.commitments.values():
        old = known.get(promise.id)
        if old is promise:
            continue
        if old is None or old.state is not promise.state:
            yield CommitmentMoved(
                **names._asdict(),
                commitment=promise.id,
                before=old.state if old else None,
                after=promise.state,
                entry=entry.told.entry,
                ask=promise.ask,
            )


def escalation_facts(
    before: Engagement | None, after: Engagement, entry: Entry, known: Known, names: Names
) -> Iterator[EscalationStepTaken | EscalationEffectTold]:
    """Steps that were taken now, with the leverage; and what a step brought about."""
    steps = {one.id: one for one in before.escalations} if before else {}
    leverage = known.leverage_of(one.id for one in after.reasons if one.kind is ReasonKind.FLAG)
    for one in after.escalations:
        old = steps.get(one.id)
        if old is None:
            yield EscalationStepTaken(
                **names._asdict(),
                escalation=one.id,
                step=one.step,
                cure_until=one.cure_until,
                buyers=leverage and leverage.buyers,
                contracts=leverage and leverage.contracts,
            )
        elif one.effect is not None and (old.effect, old.effect_on) != (one.effect, one.effect_on):
            yield EscalationEffectTold(**names._asdict(), escalation=one.id, effect=one.effect, entry=entry.told.entry)
