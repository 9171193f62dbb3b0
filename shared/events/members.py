"""What members' systems send to a door. Closed models: an unknown field or word is refused, and types are strict.

Read them from JSON with `decode_data`. From Python they take the exact types (an enum member, a date, a tuple).
"""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import FlagReason, FlagState, Milestone, RightsholderKind
from shared.events.remedy.words import TestimonyKind
from shared.events.submitted import (
    SubmittedClause,
    SubmittedConditions,
    SubmittedEvidence,
    SubmittedList,
    SubmittedMineral,
    SubmittedMoney,
    SubmittedNotDisclosed,
    SubmittedPlace,
    SubmittedProduct,
    SubmittedSeverity,
    SubmittedSite,
    SubmittedSupplier,
    SubmittedSupplyLink,
)
from shared.events.values import (
    Count,
    Day,
    KeyId,
    Label,
    Name,
    Paragraph,
    Percent,
    Quarter,
    SealedBox,
    Sentence,
    Slug,
    at_field,
)
from shared.events.vocabulary import (
    Actuality,
    Category,
    Confidence,
    ContractEnd,
    ContractLevel,
    DisclosureScope,
    DueDiligenceStep,
    ForcedLabourIndicator,
    Instrument,
    Known,
    Relation,
    ReplySpeaker,
    ReplyStance,
    SourceClass,
    Tier,
    VulnerableGroup,
    WithdrawalReason,
    WorkersBand,
)


class DoorData(EventData):
    """What a member sends. It is never published as it is: `ingest` checks it, resolves it and passes it on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    family: ClassVar[str] = "intake"
    classifications: ClassVar[frozenset[Classification]] = frozenset()


class DisclosureSubmitted(DoorData):
    """A source names one site of a supplier, or says that it asked and was not told.

    Vocabulary: Open Supply Hub (site), CMRT and EMRT (scope, mineral), Electronics Watch (product-specific disclosure).
    Exactly one of `site` and `not_disclosed` is given; a declaration about a product names its model.
    """

    type: ClassVar[str] = "disclosure.submitted.v1"

    supplier: SubmittedSupplier
    site: SubmittedSite | None = None
    not_disclosed: SubmittedNotDisclosed | None = None
    list: SubmittedList
    published: Annotated[bool, Field(description="The source has published this itself.")] = False
    request: Annotated[UUID | None, Field(description="The receipt of the request that this answers.")] = None
    contract: Annotated[Label | None, Field(description="The sender's own reference of a contract.")] = None
    scope: Known[DisclosureScope] = DisclosureScope.COMPANY
    period_start: Day | None = None
    period_end: Day | None = None
    effective: Day | None = None
    completeness_percent: Percent | None = None
    product: SubmittedProduct | None = None
    tier: Known[Tier] = Tier.UNKNOWN
    component: Label | None = None
    mineral: SubmittedMineral | None = None
    link: SubmittedSupplyLink | None = None
    confidence: Known[Confidence] | None = None
    evidence: tuple[SubmittedEvidence, ...] = ()

    @model_validator(mode="after")
    def complete(self) -> Self:
        if (self.site is None) == (self.not_disclosed is None):
            raise PydanticCustomError("site_or_not_disclosed", "either a site or what was not disclosed")
        if self.scope is DisclosureScope.PRODUCT and (self.product is None or self.product.model is None):
            raise at_field("product", "model", code="product_model_missing")
        return self


class DisclosureRequested(DoorData):
    """A buyer asked a supplier for a self-report or a list of sites; its clock starts on the day of the request.

    Without `due` the service's default holds (DFØ: six weeks after signature). The request is known by its receipt.
    """

    type: ClassVar[str] = "disclosure.requested.v1"

    supplier: SubmittedSupplier
    contract: Annotated[Label | None, Field(description="The sender's own reference of a contract.")] = None
    wanted: Label
    asked_on: Day
    due: Day | None = None
    template: Annotated[Label | None, Field(description="The form that was sent, with its version.")] = None

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.due is not None and self.due < self.asked_on:
            raise at_field("due", code="due_before_asked")
        return self


class SubmissionWithdrawn(DoorData):
    """The sender takes back one of its own events; `submission` is the CloudEvents id under which it was sent.

    Testimony is taken back by its reporter, not here: nothing leads from a sender to a case.
    """

    type: ClassVar[str] = "submission.withdrawn.v1"

    submission: Name
    reason: Known[WithdrawalReason]


class FlagRaised(DoorData):
    """Somebody sees a risk to workers at a site or supplier; coded, with no free text about persons.

    Only public, media, audit and supplier sources: what comes from the workers' side is sent sealed, as testimony.
    Vocabulary: ILO instruments and indicators, UNGP 14, 17, 19 and 24, OECD steps.
    """

    type: ClassVar[str] = "flag.raised.v1"

    supplier: SubmittedSupplier
    site: SubmittedPlace | None = None
    product: SubmittedProduct | None = None
    source_class: Known[SourceClass]
    category: Known[Category]
    instruments: tuple[Known[Instrument], ...] = ()
    indicators: tuple[Known[ForcedLabourIndicator], ...] = ()
    clause: SubmittedClause | None = None
    severity: SubmittedSeverity
    actuality: Known[Actuality]
    relation: Known[Relation] = Relation.UNKNOWN
    workers_affected: Known[WorkersBand] = WorkersBand.BELOW_10_OR_UNKNOWN
    vulnerable_groups: tuple[Known[VulnerableGroup], ...] = ()
    corroborated: bool = False
    confidence: Known[Confidence] | None = None
    step: Known[DueDiligenceStep] | None = None
    evidence: tuple[SubmittedEvidence, ...] = ()
    headline: Annotated[Name | None, Field(description="As published; public and media sources only.")] = None

    @model_validator(mode="after")
    def speakable(self) -> Self:
        if self.source_class in WORKER_SIDE:
            raise at_field("source_class", code="unsealed")
        if self.headline is not None and self.source_class not in PUBLISHED:
            raise at_field("headline", code="headline_not_allowed")
        return self


WORKER_SIDE = frozenset({SourceClass.WORKER, SourceClass.UNION, SourceClass.MONITORING_PARTNER})
PUBLISHED = frozenset({SourceClass.PUBLIC, SourceClass.MEDIA})


class TestimonySubmitted(DoorData):
    """A sealed box from the workers' side; all that is confidential is inside, and nothing else may be sent with it.

    Sealed by its sender with HPKE to the trustee's key `key` (`trustee.key-published.v1`).
    """

    type: ClassVar[str] = "testimony.submitted.v1"

    kind: Known[TestimonyKind]
    key: KeyId
    sealed: SealedBox


class ContractRegistered(DoorData):
    """A member has a contract, or announces one; under the same reference again it is modified.

    Level and parent follow framework, call-off and end user. Under another member's framework a call-off counts only if
    that framework names its buyer among `end_users`. Without a supplier the contract is not awarded yet.
    """

    type: ClassVar[str] = "contract.registered.v1"

    reference: Label
    supplier: SubmittedSupplier | None = None
    level: Known[ContractLevel]
    parent: Annotated[Label | None, Field(description="The reference of the framework or call-off above it.")] = None
    parent_member: Annotated[Slug | None, Field(description="Whose reference `parent` is, unless the sender's.")] = None
    end_users: Annotated[
        tuple[Slug, ...], Field(max_length=1000, description="Members that buy or use under this contract.")
    ] = ()
    ocid: Label | None = None
    notice: Annotated[Label | None, Field(description="The public notice that tells of it.")] = None
    title: Name | None = None
    starts: Day | None = None
    ends: Day | None = None
    value_band: Label | None = None
    value: Annotated[SubmittedMoney | None, Field(description="The estimated or awarded value.")] = None
    conditions: SubmittedConditions | None = None

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts:
            raise at_field("ends", code="ends_before_start")
        if self.parent_member is not None and self.parent is None:
            raise at_field("parent", code="parent_missing")
        return self


class ContractEnded(DoorData):
    """A contract no longer binds. What was disclosed for it is no longer shown to its buyers."""

    type: ClassVar[str] = "contract.ended.v1"

    reference: Label
    ended_on: Day
    reason: Known[ContractEnd]
    notice: Label | None = None


class ReplyGiven(DoorData):
    """A supplier or site replies to a flag that was reported of it; the member that was told passes it on.

    Coded, with its own statement as a link: it is shown with the flag to whoever sees the flag.
    """

    type: ClassVar[str] = "reply.given.v1"

    report: UUID
    speaker: Known[ReplySpeaker]
    stance: Known[ReplyStance]
    said_on: Day
    statement: SubmittedEvidence | None = None


class FlagFollowedUp(DoorData):
    """A member took a step with a flag: it was dismissed, corroborated, confirmed, and so on to its end.

    `report` is any of the reports that the flag holds. `basis` is whose word the step rests on; that of the workers'
    side is never sent in the open. Whether the flag may take the step is decided where flags are kept (`risk`): a
    serious one is dismissed with `evidence` only.
    """

    type: ClassVar[str] = "flag.followed-up.v1"

    report: UUID
    state: Known[FlagState]
    reason: Known[FlagReason] | None = None
    basis: Known[SourceClass]
    decided_on: Day
    evidence: tuple[SubmittedEvidence, ...] = ()

    @model_validator(mode="after")
    def a_step(self) -> Self:
        if self.basis in WORKER_SIDE:
            raise at_field("basis", code="unsealed")
        if self.state is FlagState.RAISED:
            raise at_field("state", code="state_not_reportable")
        if self.state in NEED_REASON and self.reason is None:
            raise at_field("reason", code="reason_required")
        return self


NEED_REASON = frozenset({FlagState.DISMISSED, FlagState.REOPENED})


class AskMade(DoorData):
    """A member asked a supplier for something, on behalf of a working group."""

    type: ClassVar[str] = "ask.made.v1"

    workinggroup: Slug
    supplier: UUID
    engagement: UUID | None = None
    ask: Paragraph
    category: Known[Category]
    clause: SubmittedClause | None = None
    sites: tuple[UUID, ...] = ()
    due: Day | None = None


class CommitmentMade(DoorData):
    """A supplier committed itself: who does what by when, and how one can tell."""

    type: ClassVar[str] = "commitment.made.v1"

    workinggroup: Slug
    supplier: UUID
    engagement: UUID | None = None
    ask: UUID | None = None
    commitment: Paragraph
    category: Known[Category]
    measure: Sentence
    due: Day | None = None


class EvidenceSubmitted(DoorData):
    """Evidence for a commitment, or for a milestone of an engagement."""

    type: ClassVar[str] = "evidence.submitted.v1"

    workinggroup: Slug
    supplier: UUID
    engagement: UUID | None = None
    commitment: UUID | None = None
    milestone: Known[Milestone] | None = None
    evidence: Annotated[tuple[SubmittedEvidence, ...], Field(min_length=1)]


class ConsultationHeld(DoorData):
    """A working group spoke with rightsholders: with whom by type, in which quarter, and what they want first.

    The organisation is named only where it agreed to be.
    """

    type: ClassVar[str] = "consultation.held.v1"

    workinggroup: Slug
    supplier: UUID
    engagement: UUID | None = None
    rightsholders: Known[RightsholderKind]
    organisation: Name | None = None
    quarter: Quarter
    participants: Annotated[Count | None, Field(ge=10, description="Left out below ten.")] = None
    priorities: tuple[Known[Category], ...] = ()
