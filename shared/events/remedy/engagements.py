"""Engagements of a working group with a supplier, on `group.<id>.engagement`. Subject: the engagement.

What was reported is in the group's dialogue; here is what it came to. `entry` names the entry that a fact follows from;
a fact without one follows from the clock, or from what gives reason for an engagement.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.engagement_words import (
    AskState,
    CommitmentState,
    EngagementOutcome,
    EntryRefusal,
    EscalationCause,
    EscalationEffect,
    EscalationStep,
    Milestone,
    ObligationKind,
    ReasonKind,
)
from shared.events.envelope import Classification, EventData
from shared.events.values import Label, Name, Sentence, Slug, Value
from shared.events.vocabulary import Category, Instrument

GROUP = frozenset({Classification.GROUP})


class Reason(Value):
    """What gives reason for an engagement: a flag, an indicator, or a statement released of testimony."""

    kind: ReasonKind
    id: UUID


class EngagementFact(EventData):
    """What every fact about an engagement names."""

    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID


class EngagementProposed(EngagementFact):
    """Something gives a working group reason to engage a supplier; a person decides whether it does.

    Proposed again with other `reasons` where those that it rested on are gone and others have come.
    """

    type: ClassVar[str] = "engagement.proposed.v1"

    supplier_name: Name
    category: Category
    reason: Sentence
    reasons: tuple[Reason, ...] = ()


class EngagementProposalLapsed(EngagementFact):
    """Nothing gives reason for this proposal any longer: flags were dismissed or withdrawn, statements reversed."""

    type: ClassVar[str] = "engagement.proposal-lapsed.v1"

    category: Category


class EngagementOpened(EngagementFact):
    """A person has opened an engagement: milestone M0, the objective is set. `opened_by` speaks only for itself."""

    type: ClassVar[str] = "engagement.opened.v1"

    supplier_name: Name
    category: Category
    objective: Sentence
    opened_by: Slug
    entry: UUID
    instruments: tuple[Instrument, ...] = ()
    sites: tuple[UUID, ...] = ()
    reasons: tuple[Reason, ...] = ()


class EngagementMilestoneReached(EngagementFact):
    """An engagement reached a milestone, or fell back to one (`reason` says why), after `days` at the one before."""

    type: ClassVar[str] = "engagement.milestone-reached.v1"

    milestone: Milestone
    before: Milestone
    days: int
    entry: UUID
    reason: Sentence | None = None


class EngagementClosed(EngagementFact):
    """An engagement has ended: with which outcome, and why."""

    type: ClassVar[str] = "engagement.closed.v1"

    outcome: EngagementOutcome
    milestone: Milestone
    entry: UUID
    reason: Sentence | None = None


class EngagementHeld(EngagementFact):
    """A statement on which an open engagement was opened is no longer told: nothing more is asked of the company on it.

    What its group reports of it goes on; who has other grounds opens another engagement on these.
    """

    type: ClassVar[str] = "engagement.held.v1"


class AskMoved(EngagementFact):
    """An ask went from one state to another; `into` is the one it was joined to, `askers` all who ask for it now."""

    type: ClassVar[str] = "ask.moved.v1"

    ask: UUID
    after: AskState
    before: AskState | None = None
    entry: UUID | None = None
    into: UUID | None = None
    askers: tuple[Slug, ...] = ()


class CommitmentMoved(EngagementFact):
    """A commitment went from one state to another."""

    type: ClassVar[str] = "commitment.moved.v1"

    commitment: UUID
    after: CommitmentState
    before: CommitmentState | None = None
    entry: UUID | None = None
    ask: UUID | None = None


class EscalationProposed(EngagementFact):
    """By rule, the next step of the ladder is open; a person decides whether to take it. `basis` names the rule."""

    type: ClassVar[str] = "escalation.proposed.v1"

    step: EscalationStep
    cause: EscalationCause
    basis: Name
    about: UUID | None = None


class EscalationStepTaken(EngagementFact):
    """A person took a step of the ladder. `buyers` and `contracts`, as far as they are told, are the leverage then."""

    type: ClassVar[str] = "escalation.step-taken.v1"

    escalation: UUID
    step: EscalationStep
    cure_until: date | None = None
    buyers: int | None = None
    contracts: int | None = None


class EscalationEffectTold(EngagementFact):
    """What a step of the ladder brought about."""

    type: ClassVar[str] = "escalation.effect-told.v1"

    escalation: UUID
    effect: EscalationEffect
    entry: UUID


class EntryRefused(EngagementFact):
    """An entry of the dialogue changed nothing: every reason, where the engagement stands, and what would be legal."""

    type: ClassVar[str] = "entry.refused.v1"

    entry: UUID
    entry_type: Label
    refusals: tuple[EntryRefusal, ...]
    standing: Label
    legal: tuple[Label, ...] = ()


class ObligationApproaching(EngagementFact):
    """What is due comes near; told once. `basis` names the day's source. `about` is the ask, commitment or step."""

    type: ClassVar[str] = "obligation.approaching.v1"

    kind: ObligationKind
    about: UUID
    due: date
    basis: Name


class ObligationMissed(EngagementFact):
    """What was due did not come by its day; told once."""

    type: ClassVar[str] = "obligation.missed.v1"

    kind: ObligationKind
    about: UUID
    due: date
    basis: Name
