"""Flags and sealed testimony as they came in, and the answer to whoever sent something."""

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import TestimonyKind
from shared.events.values import (
    Clause,
    Country,
    Evidence,
    KeyId,
    Label,
    Name,
    Product,
    SealedBox,
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
    Outcome,
    Relation,
    SourceClass,
    VulnerableGroup,
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
    member: Slug
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
    """Why a door refused something: a code and where it is, never what was sent."""

    code: Label
    pointer: Label | None = None


class SubmissionAnswered(EventData):
    """What became of one event that a member sent, on `outcome.<member>`; never what it said.

    Subject: one of 16 lanes.
    """

    type: ClassVar[str] = "submission.answered.v1"
    family: ClassVar[str] = "outcome"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    submission: Name
    outcome: Outcome
    receipt: UUID | None = None
    objections: tuple[Objection, ...] = ()
