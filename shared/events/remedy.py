"""What `remedy` publishes: the life of cases (restricted), engagements (their working group), and what was released."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import StringConstraints

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import (
    Bearer,
    CaseReason,
    CaseState,
    DeadlineKind,
    EngagementOutcome,
    FindingGrade,
    ItemState,
    MailKind,
    Milestone,
    ReleasedSource,
    RemedyForm,
    RetaliationForm,
    RetaliationResult,
    TestimonyKind,
)
from shared.events.values import Amount, Base64, Count, Currency, KeyId, Label, Moment, Name, Quarter, Sentence, Slug
from shared.events.vocabulary import Category, GroupRole, WorkersBand

RESTRICTED = frozenset({Classification.RESTRICTED})
GROUP = frozenset({Classification.GROUP})

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{6,40}$")]


# Cases, on `restricted.case`: codes and counts only. Subject: the case.


class CaseOpened(EventData):
    """Testimony became a case. No site, supplier, flag or sender is named, here or in any event."""

    type: ClassVar[str] = "case.opened.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    kind: TestimonyKind


class CaseMoved(EventData):
    """A case went from one state to another."""

    type: ClassVar[str] = "case.moved.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    before: CaseState
    after: CaseState
    reason: CaseReason


class DeadlineSet(EventData):
    """Something must be done for a case by a moment; `basis` names the benchmark it rests on, with its edition."""

    type: ClassVar[str] = "deadline.set.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    deadline: DeadlineKind
    due: Moment
    basis: Label


class DeadlineApproaching(EventData):
    """A deadline is near and not met."""

    type: ClassVar[str] = "deadline.approaching.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    deadline: DeadlineKind
    due: Moment
    basis: Label


class DeadlineMissed(EventData):
    """A deadline has passed and was not met."""

    type: ClassVar[str] = "deadline.missed.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    deadline: DeadlineKind
    due: Moment
    basis: Label


class RemedyItemMoved(EventData):
    """An item of a remedy plan changed: what is done in which form, for how many, and how much is paid (UNGP 25)."""

    type: ClassVar[str] = "remedy.item-moved.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    item: UUID
    before: ItemState | None = None
    after: ItemState
    form: RemedyForm
    grade: FindingGrade | None = None
    responsible: Bearer | None = None
    cost_bearer: Bearer | None = None
    due: date | None = None
    workers_entitled: Count | None = None
    workers_paid: Count | None = None
    amount_promised: Amount | None = None
    amount_paid: Amount | None = None
    currency: Currency | None = None


class RetaliationChecked(EventData):
    """Somebody the workers trust looked for retaliation; "unreachable" counts as a warning."""

    type: ClassVar[str] = "retaliation.checked.v1"
    family: ClassVar[str] = "case"
    classifications: ClassVar[frozenset[Classification]] = RESTRICTED

    case: UUID
    planned: Moment
    result: RetaliationResult
    forms: tuple[RetaliationForm, ...] = ()


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


# Engagements, on `group.<id>.engagement`. Subject: the engagement.


class EngagementProposed(EventData):
    """A flag gives a working group reason to engage a supplier; a person decides whether it does."""

    type: ClassVar[str] = "engagement.proposed.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    supplier_name: Name
    category: Category
    reason: Sentence
    flags: tuple[UUID, ...] = ()


class EngagementOpened(EventData):
    """A person has opened an engagement: milestone M0, the objective is set."""

    type: ClassVar[str] = "engagement.opened.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    supplier_name: Name
    category: Category
    objective: Sentence
    opened_by: GroupRole
    flags: tuple[UUID, ...] = ()


class EngagementMilestoneReached(EventData):
    """An engagement reached a milestone, or fell back to one; then `reason` says why."""

    type: ClassVar[str] = "engagement.milestone-reached.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    milestone: Milestone
    reason: Sentence | None = None


class EngagementClosed(EventData):
    """An engagement has ended: with which outcome, and why."""

    type: ClassVar[str] = "engagement.closed.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    outcome: EngagementOutcome
    reason: Sentence | None = None


class StatementReleased(EventData):
    """A case handler released what testimony may tell: coarsened to quarter, category and a band of ten or more.

    Subject: the statement. The source is always "a worker-side source"; no site, date or contributor is given.
    """

    type: ClassVar[str] = "statement.released.v1"
    family: ClassVar[str] = "remedy"
    classifications: ClassVar[frozenset[Classification]] = frozenset({Classification.MEMBERS})

    statement: UUID
    supplier: UUID
    quarter: Quarter
    category: Category
    workers: WorkersBand
    source_class: ReleasedSource = ReleasedSource.WORKER_SIDE


class TrusteeKeyPublished(EventData):
    """The key to which testimony is sealed, and from when to when. Subject: the key id."""

    type: ClassVar[str] = "trustee.key-published.v1"
    family: ClassVar[str] = "keys"
    classifications: ClassVar[frozenset[Classification]] = frozenset({Classification.PUBLIC})

    key: KeyId
    algorithm: Label
    public_key: Base64
    valid_from: Moment
    valid_to: Moment
