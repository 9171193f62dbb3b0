"""What `ingest` publishes: the registry, and what members sent, checked and resolved to known ids."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import Milestone, RightsholderKind, TestimonyKind
from shared.events.values import (
    Clause,
    Conditions,
    Count,
    Country,
    Evidence,
    Identifiers,
    KeyId,
    Label,
    ListReference,
    MineralDeclaration,
    Name,
    Paragraph,
    Percent,
    Product,
    Quarter,
    SealedBox,
    Sentence,
    SeverityParts,
    SiteFacts,
    Slug,
    SupplyLink,
    Value,
)
from shared.events.vocabulary import (
    Actuality,
    Answer,
    Category,
    Confidence,
    ContractLevel,
    DisclosureScope,
    DueDiligenceStep,
    ForcedLabourIndicator,
    GroupRole,
    Instrument,
    MemberKind,
    NotDisclosedReason,
    Outcome,
    Relation,
    Retirement,
    SourceClass,
    Tier,
    VulnerableGroup,
    WorkersBand,
)

MEMBERS = frozenset({Classification.MEMBERS})
MEMBER = frozenset({Classification.MEMBER})
GROUP = frozenset({Classification.GROUP})
RESTRICTED = frozenset({Classification.RESTRICTED})


# The registry, on `members.registry`; the subject is the id of what was registered.


class MemberRegistered(EventData):
    """A public body, the secretariat or a partner has joined, or its entry has changed: the newest event holds."""

    type: ClassVar[str] = "member.registered.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    member: Slug
    name: Name
    kind: MemberKind
    country: Country | None = None


class GroupMember(Value):
    """A member of a working group and its part in it."""

    member: Slug
    role: GroupRole


class WorkingGroupEstablished(EventData):
    """A working group exists, or its entry has changed: the newest event holds."""

    type: ClassVar[str] = "workinggroup.established.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    workinggroup: Slug
    name: Name
    purpose: Sentence
    secretariat: Slug
    categories: tuple[Category, ...] = ()
    suppliers: tuple[UUID, ...] = ()
    members: tuple[GroupMember, ...] = ()


class SupplierRegistered(EventData):
    """A supplier is known for the first time, or more of it is known."""

    type: ClassVar[str] = "supplier.registered.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    supplier: UUID
    name: Name
    country: Country | None = None
    identifiers: Identifiers | None = None


class SiteRegistered(EventData):
    """A site is known for the first time, or more of it is known. `supplier` is the first that named it."""

    type: ClassVar[str] = "site.registered.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    site: UUID
    supplier: UUID
    name: Name
    address: Name
    country: Country
    sector: Label | None = None
    identifiers: Identifiers | None = None


class ContractRecorded(EventData):
    """A member's contract with a supplier, for that member alone. Subject: the contract."""

    type: ClassVar[str] = "contract.recorded.v1"
    family: ClassVar[str] = "contract"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    contract: UUID
    member: Slug
    reference: Label
    supplier: UUID
    supplier_name: Name
    level: ContractLevel
    parent: UUID | None = None
    ocid: Label | None = None
    title: Name | None = None
    starts: date | None = None
    ends: date | None = None
    value_band: Label | None = None
    conditions: Conditions | None = None


# Disclosures. Subject: the supplier.


class UpstreamRequest(Value):
    """The formal request that proves due diligence, as the source gave it."""

    asked_on: date
    asked_company: Name
    answer: Answer
    answered_on: date | None = None
    evidence: tuple[Evidence, ...] = ()


class NotDisclosed(Value):
    """What was not disclosed, why, and the proof that it was asked for."""

    missing: Label
    reason: NotDisclosedReason
    requests: tuple[UpstreamRequest, ...] = ()


class DisclosureAccepted(EventData):
    """A source says that a supplier works at a site, or that it would not say. It names no contract.

    To all members only what the source has published itself, otherwise to the member that sent it.
    `site` and its name, address and country are given together, or `not_disclosed` is.
    """

    type: ClassVar[str] = "disclosure.accepted.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS | MEMBER

    disclosure: UUID
    member: Slug
    supplier: UUID
    supplier_name: Name
    list: ListReference
    site: UUID | None = None
    site_name: Name | None = None
    address: Name | None = None
    country: Country | None = None
    facts: SiteFacts | None = None
    not_disclosed: NotDisclosed | None = None
    scope: DisclosureScope = DisclosureScope.COMPANY
    period_start: date | None = None
    period_end: date | None = None
    effective: date | None = None
    completeness_percent: Percent | None = None
    product: Product | None = None
    tier: Tier = Tier.UNKNOWN
    component: Label | None = None
    mineral: MineralDeclaration | None = None
    link: SupplyLink | None = None
    confidence: Confidence | None = None
    evidence: tuple[Evidence, ...] = ()


class DisclosureLinked(EventData):
    """A disclosure belongs to a member's contract; for that member alone, wherever the disclosure went."""

    type: ClassVar[str] = "disclosure.linked.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    disclosure: UUID
    contract: UUID
    supplier: UUID
    site: UUID | None = None


class DisclosureRetired(EventData):
    """A disclosure no longer holds: it is not in a newer edition of its list, or its sender took it back."""

    type: ClassVar[str] = "disclosure.retired.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS | MEMBER

    disclosure: UUID
    supplier: UUID
    reason: Retirement
    site: UUID | None = None
    edition: Label | None = None


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
    """A sealed box came in from the workers' side; not even who sent it is said. Subject: the case, drawn at random."""

    __test__: ClassVar[bool] = False
    type: ClassVar[str] = "testimony.received.v1"
    family: ClassVar[str] = "testimony"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    kind: TestimonyKind
    key: KeyId
    sealed: SealedBox


# The dialogue of a working group with a supplier. Subject: the engagement, else the supplier.


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

    member: Slug
    supplier: UUID
    rightsholders: RightsholderKind
    quarter: Quarter
    engagement: UUID | None = None
    organisation: Name | None = None
    participants: Count | None = None
    priorities: tuple[Category, ...] = ()


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
