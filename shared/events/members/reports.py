"""What members send of risks: flags and what was done about them, sealed testimony, replies of suppliers."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.events.lifecycles import FlagReason, FlagState
from shared.events.members.door import WORKER_SIDE, DoorData
from shared.events.remedy.words import TestimonyKind
from shared.events.submitted import (
    SubmittedClause,
    SubmittedEvidence,
    SubmittedPlace,
    SubmittedProduct,
    SubmittedSeverity,
    SubmittedSupplier,
)
from shared.events.values import (
    Day,
    KeyId,
    Name,
    SealedBox,
    at_field,
)
from shared.events.vocabulary import (
    Actuality,
    Category,
    Confidence,
    DueDiligenceStep,
    ForcedLabourIndicator,
    Instrument,
    Known,
    Relation,
    ReplySpeaker,
    ReplyStance,
    SourceClass,
    VulnerableGroup,
    WorkersBand,
)


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


PUBLISHED = frozenset({SourceClass.PUBLIC, SourceClass.MEDIA})


class TestimonySubmitted(DoorData):
    """A sealed box from the workers' side; all that is confidential is inside, and nothing else may be sent with it.

    Sealed by its sender with HPKE to the trustee's key `key` (`trustee.key-published.v1`).
    """

    type: ClassVar[str] = "testimony.submitted.v1"

    kind: Known[TestimonyKind]
    key: KeyId
    sealed: SealedBox


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
