"""The dialogue of a working group with a supplier. Subject: the engagement, else the supplier."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import Milestone, RightsholderKind
from shared.events.values import (
    Clause,
    Count,
    Evidence,
    Name,
    Paragraph,
    Quarter,
    Sentence,
    Slug,
)
from shared.events.vocabulary import Category, WithdrawalReason

GROUP = frozenset({Classification.GROUP})


class AskRecorded(EventData):
    """A member asked a supplier for something, on behalf of its working group."""

    type: ClassVar[str] = "ask.recorded.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    ask: UUID
    member: Slug
    supplier: UUID
    wording: Paragraph
    category: Category
    engagement: UUID | None = None
    clause: Clause | None = None
    sites: tuple[UUID, ...] = ()
    due: date | None = None


class CommitmentRecorded(EventData):
    """A supplier committed itself: who does what by when, and how one can tell."""

    type: ClassVar[str] = "commitment.recorded.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    commitment: UUID
    member: Slug
    supplier: UUID
    wording: Paragraph
    category: Category
    measure: Sentence
    engagement: UUID | None = None
    ask: UUID | None = None
    due: date | None = None


class EvidenceRecorded(EventData):
    """Evidence for a commitment, or for a milestone of an engagement."""

    type: ClassVar[str] = "evidence.recorded.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    entry: UUID
    member: Slug
    supplier: UUID
    evidence: tuple[Evidence, ...]
    engagement: UUID | None = None
    commitment: UUID | None = None
    milestone: Milestone | None = None


class ConsultationRecorded(EventData):
    """A working group spoke with rightsholders; the organisation is named only where it agreed to be."""

    type: ClassVar[str] = "consultation.recorded.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    entry: UUID
    member: Slug
    supplier: UUID
    rightsholders: RightsholderKind
    quarter: Quarter
    engagement: UUID | None = None
    organisation: Name | None = None
    participants: Count | None = None
    priorities: tuple[Category, ...] = ()


class DialogueWithdrawn(EventData):
    """A member took back an entry of the dialogue; `entry` is the id of the ask, commitment or other entry."""

    type: ClassVar[str] = "dialogue.withdrawn.v1"
    family: ClassVar[str] = "dialogue"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    entry: UUID
    member: Slug
    supplier: UUID
    reason: WithdrawalReason
    engagement: UUID | None = None
