"""The life of cases, on `restricted.case`: codes, days and counts only. Subject: the case.

A case is the sum of these events: `remedy` keeps them, and concludes from them alone what may be done next. None names
a site, supplier, flag, engagement or sender.
"""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import StringConstraints

from shared.events.envelope import Classification, EventData
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseState,
    DeadlineKind,
    Erased,
    ErasureBasis,
    EvidenceSource,
    ExtensionReason,
    Filer,
    FindingGrade,
    ItemState,
    LinkKind,
    MailKind,
    Party,
    Pressure,
    Referral,
    RemedyForm,
    RetaliationForm,
    RetaliationResult,
    RetaliationStep,
    Rung,
    RungStep,
    SafetyLevel,
    TestimonyKind,
)
from shared.events.values import Amount, Count, Currency, Label, Moment

RESTRICTED = frozenset({Classification.RESTRICTED})

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{6,40}$")]


class CaseFact(EventData):
    """Something that happened to a case."""

    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID


# From sealed box to closure


class CaseOpened(CaseFact):
    """Testimony became a case. No site, supplier, flag or sender is named, here or in any event."""

    type: ClassVar[str] = "case.opened.v1"

    kind: TestimonyKind


class CaseTakenIn(CaseFact):
    """The box of a case was opened, what it holds was sealed anew under keys of the case, and the box destroyed.

    `named`: it tells who speaks. `has_confidant`: it tells whom the worker trusts, to be told first of retaliation.
    """

    type: ClassVar[str] = "case.taken-in.v1"

    filed_by: Filer = Filer.UNKNOWN
    reprisal: bool = False
    has_receipt: bool = False
    named: bool = False
    has_confidant: bool = False
    attachments: Count = 0


class CaseLinked(CaseFact):
    """A case belongs to another: it tells of reprisal for it, or is joined to it."""

    type: ClassVar[str] = "case.linked.v1"

    to: UUID
    kind: LinkKind


class CaseMoved(CaseFact):
    """A case went from one state to another; where it is not processed here, to which kind of body it was referred."""

    type: ClassVar[str] = "case.moved.v1"

    before: CaseState
    after: CaseState
    reason: CaseReason
    referral: Referral | None = None


class ConsentGiven(CaseFact):
    """The workers' side agrees, or no longer agrees, that this rung is told."""

    type: ClassVar[str] = "case.consent-given.v1"

    rung: Rung
    given: bool
    by: Party


class SafetyAssessed(CaseFact):
    """A handler assessed how dangerous it is for the workers that the case becomes known."""

    type: ClassVar[str] = "case.safety-assessed.v1"

    level: SafetyLevel


class ProtectionPlanned(CaseFact):
    """A plan stands that protects the workers; it comes before any contact."""

    type: ClassVar[str] = "case.protection-planned.v1"


class EmployerContacted(CaseFact):
    """The employer, or a company above it, was spoken to about a case: from this day on retaliation is watched for."""

    type: ClassVar[str] = "case.employer-contacted.v1"

    on: date


class MessageLeft(CaseFact):
    """Reporter and handlers write to each other; what they write is sealed under the case's key."""

    type: ClassVar[str] = "case.message-left.v1"

    by: Party
    attachments: Count = 0


class ObjectionRaised(CaseFact):
    """The reporter objects to the closure of the case; it stands until the reporter takes it back or it is heard."""

    type: ClassVar[str] = "case.objection-raised.v1"


class ObjectionSettled(CaseFact):
    """The reporter no longer objects, or somebody other than the case's handlers has heard the objection."""

    type: ClassVar[str] = "case.objection-settled.v1"

    by: Party


class WithdrawalAsked(CaseFact):
    """The reporter wants to withdraw the case, and said whether under pressure."""

    type: ClassVar[str] = "case.withdrawal-asked.v1"

    pressure: Pressure


# Deadlines


class DeadlineFact(CaseFact):
    """Something about one deadline: `clock` is the benchmark that set it, `item` the remedy item that it is about.

    Of several checks for retaliation after one contact `number` tells the days after it.
    """

    deadline: DeadlineKind
    clock: Label
    item: UUID | None = None
    number: Count | None = None


class DeadlineSet(DeadlineFact):
    """Something must be done for a case by a moment; `basis` names the benchmark it rests on, with its edition."""

    type: ClassVar[str] = "deadline.set.v1"

    due: Moment
    warn: Moment
    basis: Label


class DeadlineExtended(DeadlineFact):
    """A deadline was put off, which its benchmark allows, for a reason that the reporter is told."""

    type: ClassVar[str] = "deadline.extended.v1"

    due: Moment
    warn: Moment
    reason: ExtensionReason


class DeadlineMet(DeadlineFact):
    """What was due was done, in time or not."""

    type: ClassVar[str] = "deadline.met.v1"

    in_time: bool


class DeadlineCancelled(DeadlineFact):
    """What was due is no longer to be done."""

    type: ClassVar[str] = "deadline.cancelled.v1"


class DeadlineApproaching(DeadlineFact):
    """A deadline is near and not met."""

    type: ClassVar[str] = "deadline.approaching.v1"

    due: Moment


class DeadlineMissed(DeadlineFact):
    """A deadline has passed and was not met."""

    type: ClassVar[str] = "deadline.missed.v1"

    due: Moment


# Remedy


class WorkersConsulted(CaseFact):
    """The workers, or who speaks for them, were asked what would remedy the harm: the plan's clock starts."""

    type: ClassVar[str] = "remedy.workers-consulted.v1"

    on: date
    through: EvidenceSource


class RemedyItemMoved(CaseFact):
    """An item of a remedy plan changed: what is done in which form, for how many, and how much is paid (UNGP 25).

    Finding, root cause, corrective and preventive action are in words, which are sealed under the case's key.
    """

    type: ClassVar[str] = "remedy.item-moved.v1"

    item: UUID
    before: ItemState | None = None
    after: ItemState
    form: RemedyForm
    grade: FindingGrade
    responsible: Bearer
    cost_bearer: Bearer
    due: date | None = None
    workers_entitled: Count | None = None
    workers_paid: Count | None = None
    amount_promised: Amount | None = None
    amount_paid: Amount | None = None
    currency: Currency | None = None
    evidence_from: tuple[EvidenceSource, ...] = ()
    verified_by: EvidenceSource | None = None


# Retaliation


class RetaliationChecked(CaseFact):
    """Somebody the workers trust looked for retaliation; "unreachable" counts as a warning."""

    type: ClassVar[str] = "retaliation.checked.v1"

    planned: Moment | None = None
    result: RetaliationResult
    forms: tuple[RetaliationForm, ...] = ()


class RetaliationFollowedUp(CaseFact):
    """What was done about a sign of retaliation."""

    type: ClassVar[str] = "retaliation.followed-up.v1"

    step: RetaliationStep


# Publication


class RungTaken(CaseFact):
    """A rung of the ladder of publication was reached, waived or reversed, on a day."""

    type: ClassVar[str] = "case.rung-taken.v1"

    rung: Rung
    step: RungStep
    on: date
    by: Party


# Erasure


class LegalHoldPlaced(CaseFact):
    """A case must be kept for a proceeding: it cannot be erased until the hold is lifted."""

    type: ClassVar[str] = "case.legal-hold-placed.v1"


class LegalHoldLifted(CaseFact):
    """A case need no longer be kept for a proceeding."""

    type: ClassVar[str] = "case.legal-hold-lifted.v1"


class ErasureAsked(CaseFact):
    """Erasure was asked for; a copy was offered to the reporter first."""

    type: ClassVar[str] = "case.erasure-asked.v1"

    basis: ErasureBasis
    what: Erased


class CaseErased(CaseFact):
    """Keys of a case were destroyed: what they sealed can be read by nobody any more, wherever it lies."""

    type: ClassVar[str] = "case.erased.v1"

    basis: ErasureBasis
    what: Erased


# Mail


class MailRequested(EventData):
    """A mail about restricted matter is asked for. These three fields are all that leaves `restricted.*`.

    Subject: the reference, which is drawn at random and leads to the case only inside `remedy`.
    """

    type: ClassVar[str] = "mail.requested.v1"
    family: ClassVar[str] = "request"
    classifications: ClassVar[frozenset[Classification]] = frozenset({Classification.OPERATORS})

    reference: Reference
    kind: MailKind
    due: Moment
