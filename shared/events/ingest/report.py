"""Flags and sealed testimony as they came in, and the answer to whoever sent something."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.remedy.words import TestimonyKind
from shared.events.values import (
    Clause,
    Country,
    Evidence,
    KeyId,
    Label,
    Name,
    Product,
    SealedBox,
    Sentence,
    SeverityParts,
    Slug,
    Value,
)
from shared.events.vocabulary import (
    Actuality,
    Category,
    Confidence,
    DueDiligenceStep,
    ForcedLabourIndicator,
    Instrument,
    MemberKind,
    Outcome,
    Relation,
    ReplySpeaker,
    ReplyStance,
    SourceClass,
    VulnerableGroup,
    WithdrawalReason,
    WorkersBand,
)

MEMBERS = frozenset({Classification.MEMBERS})
MEMBER = frozenset({Classification.MEMBER})
RESTRICTED = frozenset({Classification.RESTRICTED})


class FlagReported(EventData):
    """A public, media, audit or supplier source sees a risk to workers. Subject: the site, else the supplier."""

    type: ClassVar[str] = "flag.reported.v1"
    family: ClassVar[str] = "report"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    report: UUID
    contributor: MemberKind
    member: Slug | None = None
    supplier: UUID
    supplier_name: Name
    source_class: SourceClass
    category: Category
    severity: SeverityParts
    actuality: Actuality
    site: UUID | None = None
    site_name: Name | None = None
    country: Country | None = None
    product: Product | None = None
    instruments: tuple[Instrument, ...] = ()
    indicators: tuple[ForcedLabourIndicator, ...] = ()
    clause: Clause | None = None
    relation: Relation = Relation.UNKNOWN
    workers_affected: WorkersBand = WorkersBand.BELOW_10_OR_UNKNOWN
    vulnerable_groups: tuple[VulnerableGroup, ...] = ()
    corroborated: bool = False
    confidence: Confidence | None = None
    step: DueDiligenceStep | None = None
    evidence: tuple[Evidence, ...] = ()
    headline: Name | None = None


class FlagWithdrawn(EventData):
    """Its sender took back what it had reported. Subject: as of the report."""

    type: ClassVar[str] = "flag.withdrawn.v1"
    family: ClassVar[str] = "report"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    report: UUID
    supplier: UUID
    reason: WithdrawalReason
    site: UUID | None = None


class ReplyRecorded(EventData):
    """What a supplier or site says to a report of it, to be shown with the flag. Subject: as of the report."""

    type: ClassVar[str] = "reply.recorded.v1"
    family: ClassVar[str] = "report"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    reply: UUID
    report: UUID
    supplier: UUID
    speaker: ReplySpeaker
    stance: ReplyStance
    said_on: date
    site: UUID | None = None
    statement: Evidence | None = None


class ReplyWithdrawn(EventData):
    """A reply was passed on by mistake. Subject: as of the report."""

    type: ClassVar[str] = "reply.withdrawn.v1"
    family: ClassVar[str] = "report"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    reply: UUID
    report: UUID


class FollowUpRecorded(EventData):
    """A member took a step with the flag that holds this report. Subject: as of the report."""

    type: ClassVar[str] = "follow-up.recorded.v1"
    family: ClassVar[str] = "report"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    entry: UUID
    report: UUID
    contributor: MemberKind
    member: Slug | None = None
    supplier: UUID
    state: FlagState
    basis: SourceClass
    decided_on: date
    reason: FlagReason | None = None
    site: UUID | None = None
    evidence: tuple[Evidence, ...] = ()


class FollowUpWithdrawn(EventData):
    """Its sender took back a step that it had reported. Subject: as of the report."""

    type: ClassVar[str] = "follow-up.withdrawn.v1"
    family: ClassVar[str] = "report"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    entry: UUID
    report: UUID
    supplier: UUID
    site: UUID | None = None


class TestimonyReceived(EventData):
    """A sealed box came in from the workers' side; not even who sent it is said. Subject: the case, drawn at random.

    Recorded to the day: to the microsecond it would share its moment with what else its sender published.
    """

    type: ClassVar[str] = "testimony.received.v1"
    family: ClassVar[str] = "testimony"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED
    recorded_by_day: ClassVar[bool] = True

    case: UUID
    kind: TestimonyKind
    key: KeyId
    sealed: SealedBox


class Objection(Value):
    """Why a door refused something: a code, where it is and how to mend it, never what was sent."""

    code: Label
    pointer: Label | None = None
    remedy: Sentence | None = None


class IntakeRecord(Value):
    """Where a record lies on the member's own intake topic."""

    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]


class SubmissionAnswered(EventData):
    """What became of one event that a member sent by Kafka, on `outcome.<member>`; never what it said.

    `source` and `submission` are the event's own, where they could be read; `record` is always there. `entry` is the
    id by which others know what it became; of testimony there is none.
    Subject: one of 16 lanes.
    """

    type: ClassVar[str] = "submission.answered.v1"
    family: ClassVar[str] = "outcome"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    outcome: Outcome
    record: IntakeRecord
    source: Name | None = None
    submission: Name | None = None
    receipt: UUID | None = None
    entry: UUID | None = None
    objections: tuple[Objection, ...] = ()
