"""The dialogue of a working group with a supplier, entry by entry. Subject: the engagement.

An entry is what somebody reported. Whether it moves the engagement is told on `group.<id>.engagement`. `entry` is also
the id that an ask, commitment, step of escalation or practice is known by from then on.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.engagement_words import (
    Assessment,
    EngagementOutcome,
    EscalationEffect,
    EscalationStep,
    Milestone,
    RightsholderKind,
    SupplierAnswer,
)
from shared.events.envelope import Classification, EventData
from shared.events.values import Clause, Count, Evidence, Label, Name, Paragraph, Quarter, Sentence, Slug
from shared.events.vocabulary import Category, GroupRole, Instrument, SourceClass, WithdrawalReason

GROUP = frozenset({Classification.GROUP})


class DialogueEntry(EventData):
    """What every entry says: who reported it, in which part in the group at that moment, of which engagement.

    `member` and `role` are absent where the supplier itself speaks.
    """

    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    entry: UUID
    engagement: UUID
    supplier: UUID
    member: Slug | None = None
    role: GroupRole | None = None


class OpeningRecorded(DialogueEntry):
    """A member decided to open an engagement."""

    type: ClassVar[str] = "opening.recorded.v1"

    objective: Sentence
    category: Category
    decided_on: date
    instruments: tuple[Instrument, ...] = ()
    clause: Clause | None = None
    sites: tuple[UUID, ...] = ()
    flags: tuple[UUID, ...] = ()
    indicators: tuple[UUID, ...] = ()
    statements: tuple[UUID, ...] = ()
    reason: Sentence | None = None


class MilestoneRecorded(DialogueEntry):
    """A member reported that a milestone was reached, or that the engagement fell back to one."""

    type: ClassVar[str] = "milestone.recorded.v1"

    milestone: Milestone
    reached_on: date
    evidence: tuple[Evidence, ...] = ()
    reason: Sentence | None = None
    verified_by: RightsholderKind | None = None
    consultations: tuple[UUID, ...] = ()
    verifications: tuple[UUID, ...] = ()


class ConclusionRecorded(DialogueEntry):
    """A member decided to end an engagement."""

    type: ClassVar[str] = "conclusion.recorded.v1"

    outcome: EngagementOutcome
    concluded_on: date
    reason: Sentence | None = None
    evidence: tuple[Evidence, ...] = ()


class AskRecorded(DialogueEntry):
    """A member asked a supplier for something, on behalf of its working group. `entry` is the ask."""

    type: ClassVar[str] = "ask.recorded.v1"

    wording: Paragraph
    category: Category
    instruments: tuple[Instrument, ...] = ()
    clause: Clause | None = None
    sites: tuple[UUID, ...] = ()
    due: date | None = None
    standard: Label | None = None


class AsksJoinedRecorded(DialogueEntry):
    """A member found that several asks are one need."""

    type: ClassVar[str] = "asks.joined-recorded.v1"

    into: UUID
    asks: tuple[UUID, ...]


class CommitmentRecorded(DialogueEntry):
    """A supplier committed itself: who does what by when, and how one can tell. `entry` is the commitment."""

    type: ClassVar[str] = "commitment.recorded.v1"

    wording: Paragraph
    category: Category
    measure: Sentence
    responsible: Label | None = None
    ask: UUID | None = None
    due: date | None = None


class EvidenceRecorded(DialogueEntry):
    """Evidence for a commitment or an ask, and whose word it is."""

    type: ClassVar[str] = "evidence.recorded.v1"

    evidence: tuple[Evidence, ...]
    basis: SourceClass
    ask: UUID | None = None
    commitment: UUID | None = None


class AssessmentRecorded(DialogueEntry):
    """A member found whether a commitment was kept, or an ask met."""

    type: ClassVar[str] = "commitment.assessment-recorded.v1"

    found: Assessment
    basis: SourceClass
    assessed_on: date
    commitment: UUID | None = None
    ask: UUID | None = None
    evidence: tuple[Evidence, ...] = ()
    reason: Sentence | None = None


class SupplierAnswered(DialogueEntry):
    """A supplier answered an ask by itself, with a key or link of its own. Its word verifies nothing.

    A commitment says what is done by when and how one can tell; evidence is a link with its hash.
    """

    type: ClassVar[str] = "supplier.answered.v1"

    ask: UUID
    answer: SupplierAnswer
    wording: Paragraph | None = None
    measure: Sentence | None = None
    responsible: Label | None = None
    due: date | None = None
    commitment: UUID | None = None
    evidence: tuple[Evidence, ...] = ()


class ConsultationRecorded(DialogueEntry):
    """A working group spoke with rightsholders; the organisation is named only where it agreed to be."""

    type: ClassVar[str] = "consultation.recorded.v1"

    rightsholders: RightsholderKind
    quarter: Quarter
    organisation: Name | None = None
    participants: Count | None = None
    priorities: tuple[Category, ...] = ()
    asks: tuple[UUID, ...] = ()
    influence: Sentence | None = None


class EscalationRecorded(DialogueEntry):
    """A member took a step of the escalation ladder."""

    type: ClassVar[str] = "escalation.recorded.v1"

    step: EscalationStep
    taken_on: date
    reason: Sentence
    cure_until: date | None = None
    evidence: tuple[Evidence, ...] = ()


class EscalationEffectRecorded(DialogueEntry):
    """What a step of the ladder brought about."""

    type: ClassVar[str] = "escalation.effect-recorded.v1"

    escalation: UUID
    effect: EscalationEffect
    observed_on: date
    evidence: tuple[Evidence, ...] = ()


class DialogueWithdrawn(DialogueEntry):
    """A member took back what it had reported; `entry` is the id of what was reported."""

    type: ClassVar[str] = "dialogue.withdrawn.v1"

    reason: WithdrawalReason


class PracticeRecorded(EventData):
    """A member described a good practice that its group saw. Subject: the practice."""

    type: ClassVar[str] = "practice.recorded.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    practice: UUID
    member: Slug
    title: Name
    description: Paragraph
    category: Category
    evidence: tuple[Evidence, ...]
    supplier: UUID | None = None
    engagement: UUID | None = None


class PracticeOffered(EventData):
    """Another working group offers a practice; on the topic of the group to which it is offered. Subject: the practice.

    Neither supplier nor engagement nor member of the group that offers it is told.
    """

    type: ClassVar[str] = "practice.offered.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    practice: UUID
    offered_by: Slug
    title: Name
    description: Paragraph
    category: Category
    evidence: tuple[Evidence, ...]


class PracticeWithdrawn(EventData):
    """A practice was taken back, here and by all groups to which it was offered. Subject: the practice."""

    type: ClassVar[str] = "practice.withdrawn.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    practice: UUID
    reason: WithdrawalReason
