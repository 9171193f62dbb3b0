"""What members send of an engagement: that it is opened, how it moves, what was asked, promised, shown and learnt.

Each entry names the working group, the engagement and the supplier. `ingest` checks that the sender is of the group;
whether the engagement may take the step is decided where engagements are kept (`remedy`), in the order of arrival.
"""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.events.engagement_words import (
    Assessment,
    EngagementOutcome,
    EscalationEffect,
    EscalationStep,
    Milestone,
    RightsholderKind,
)
from shared.events.members.door import WORKER_SIDE, DoorData
from shared.events.submitted import SubmittedClause, SubmittedEvidence
from shared.events.values import Count, Day, Label, Name, Paragraph, Quarter, Sentence, Slug, at_field
from shared.events.vocabulary import Category, Instrument, Known, SourceClass

Files = Annotated[tuple[SubmittedEvidence, ...], Field(max_length=100)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=100)]


class GroupEntry(DoorData):
    """What every entry names: `engagement` is the id that was proposed or, for one that nobody proposed, a new one."""

    workinggroup: Slug
    engagement: UUID
    supplier: UUID


class OpeningDecided(GroupEntry):
    """A person opens an engagement: its objective, coded by clause and instrument, and what gives reason for it.

    Reasons are flags, indicators, statements that were released of testimony, or a sentence; never a case. Where
    statements are among them, the company is approached only if each is cleared for it.
    """

    type: ClassVar[str] = "opening.decided.v1"

    objective: Sentence
    category: Known[Category]
    instruments: tuple[Known[Instrument], ...] = ()
    clause: SubmittedClause | None = None
    sites: Ids = ()
    flags: Ids = ()
    indicators: Ids = ()
    statements: Ids = ()
    reason: Sentence | None = None
    decided_on: Day

    @model_validator(mode="after")
    def reasoned(self) -> Self:
        if not (self.flags or self.indicators or self.statements or self.reason):
            raise at_field("reason", code="reason_required")
        return self


class MilestoneReported(GroupEntry):
    """An engagement reached the next milestone, with evidence; or fell back to an earlier one, with a reason.

    M5 is verified by rightsholders: `verified_by` says by whom, by type. It rests on consultations that are recorded,
    or on verifications that a case handler released; files of the workers' side are never sent in the open.
    """

    type: ClassVar[str] = "milestone.reported.v1"

    milestone: Known[Milestone]
    reached_on: Day
    evidence: Files = ()
    reason: Sentence | None = None
    verified_by: Known[RightsholderKind] | None = None
    consultations: Ids = ()
    verifications: Ids = ()

    @model_validator(mode="after")
    def in_the_open(self) -> Self:
        if self.milestone is Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS and self.evidence:
            raise at_field("evidence", code="unsealed")
        return self


class EngagementConcluded(GroupEntry):
    """A person ends an engagement: with which outcome and, unless all was achieved, why."""

    type: ClassVar[str] = "engagement.concluded.v1"

    outcome: Known[EngagementOutcome]
    concluded_on: Day
    reason: Sentence | None = None
    evidence: Files = ()

    @model_validator(mode="after")
    def reasoned(self) -> Self:
        if self.outcome is not EngagementOutcome.ACHIEVED and self.reason is None:
            raise at_field("reason", code="reason_required")
        return self


class AskMade(GroupEntry):
    """A member asked the supplier for something; `standard` names an ask of the library, if it is one."""

    type: ClassVar[str] = "ask.made.v1"

    ask: Paragraph
    category: Known[Category]
    instruments: tuple[Known[Instrument], ...] = ()
    clause: SubmittedClause | None = None
    sites: Ids = ()
    due: Day | None = None
    standard: Label | None = None


class AsksJoined(GroupEntry):
    """A person found that several asks are one need: `asks` are answered by what answers `into`, with all who asked."""

    type: ClassVar[str] = "asks.joined.v1"

    into: UUID
    asks: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def others(self) -> Self:
        if self.into in self.asks:
            raise at_field("asks", code="joined_into_itself")
        return self


class CommitmentMade(GroupEntry):
    """The supplier committed itself: who does what by when, and how one can tell."""

    type: ClassVar[str] = "commitment.made.v1"

    ask: UUID | None = None
    commitment: Paragraph
    category: Known[Category]
    responsible: Annotated[Label | None, Field(description="Which part of the company; no person's name.")] = None
    measure: Sentence
    due: Day | None = None


class EvidenceSubmitted(GroupEntry):
    """Evidence for a commitment or an ask, passed on by a member; `basis` is whose word it is."""

    type: ClassVar[str] = "evidence.submitted.v1"

    ask: UUID | None = None
    commitment: UUID | None = None
    basis: Known[SourceClass] = SourceClass.SUPPLIER
    evidence: Annotated[Files, Field(min_length=1)]

    @model_validator(mode="after")
    def in_the_open(self) -> Self:
        if self.basis in WORKER_SIDE:
            raise at_field("basis", code="unsealed")
        return self


class CommitmentAssessed(GroupEntry):
    """A member found whether a commitment was kept, or an ask that had none was met.

    `basis` is whose word that rests on: the supplier's alone never settles anything as met. That of the workers' side
    is never sent in the open.
    """

    type: ClassVar[str] = "commitment.assessed.v1"

    commitment: UUID | None = None
    ask: UUID | None = None
    found: Known[Assessment]
    basis: Known[SourceClass]
    assessed_on: Day
    evidence: Files = ()
    reason: Sentence | None = None

    @model_validator(mode="after")
    def of_one(self) -> Self:
        if (self.commitment is None) == (self.ask is None):
            raise at_field("commitment", code="commitment_or_ask")
        if self.basis in WORKER_SIDE:
            raise at_field("basis", code="unsealed")
        return self


class ConsultationHeld(GroupEntry):
    """A working group spoke with rightsholders: with whom by type, in which quarter, and what they want first.

    The organisation is named only where it agreed to be. `influence` says how it changed the asks in `asks`.
    """

    type: ClassVar[str] = "consultation.held.v1"

    rightsholders: Known[RightsholderKind]
    organisation: Name | None = None
    quarter: Quarter
    participants: Annotated[Count | None, Field(ge=10, description="Left out below ten.")] = None
    priorities: tuple[Known[Category], ...] = ()
    asks: Ids = ()
    influence: Sentence | None = None


class EscalationTaken(GroupEntry):
    """A person took a step of the escalation ladder; a notice says until when the supplier may cure."""

    type: ClassVar[str] = "escalation.taken.v1"

    step: Known[EscalationStep]
    taken_on: Day
    reason: Sentence
    cure_until: Day | None = None
    evidence: Files = ()

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.cure_until is not None and self.cure_until < self.taken_on:
            raise at_field("cure_until", code="due_before_asked")
        return self


class EscalationEffectObserved(GroupEntry):
    """What a step of the ladder brought about; `escalation` is the entry that took it."""

    type: ClassVar[str] = "escalation.effect-observed.v1"

    escalation: UUID
    effect: Known[EscalationEffect]
    observed_on: Day
    evidence: Files = ()


class PracticeDescribed(DoorData):
    """A good practice, linked to the evidence for it; the group's own until it is offered to others."""

    type: ClassVar[str] = "practice.described.v1"

    workinggroup: Slug
    supplier: UUID | None = None
    engagement: UUID | None = None
    title: Name
    description: Paragraph
    category: Known[Category]
    evidence: Annotated[Files, Field(min_length=1)]


class PracticeOfferedTo(DoorData):
    """A working group offers a practice that it recorded to other groups: they get it on their own topic."""

    type: ClassVar[str] = "practice.offered-to.v1"

    workinggroup: Slug
    practice: UUID
    groups: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=100)]
