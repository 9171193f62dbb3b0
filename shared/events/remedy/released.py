"""What leaves the case store: statements that a handler released, figures, the trustee's keys, the audit's heads."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.engagement_words import CompanyContact
from shared.events.envelope import Classification, EventData
from shared.events.remedy.words import ReleasedSource, RemedyForm
from shared.events.values import Base64, KeyId, Label, Moment, Percent, Quarter, Sha256, Value
from shared.events.vocabulary import Category, WorkersBand

PUBLIC = frozenset({Classification.PUBLIC})
MEMBERS = frozenset({Classification.MEMBERS})


class StatementReleased(EventData):
    """A case handler released what testimony may tell: coarsened to quarter, category and a band of ten or more.

    Subject: the statement. The source is always "a worker-side source"; no site, date or contributor is given.
    `approach` says whether the company may be approached on it.
    """

    type: ClassVar[str] = "statement.released.v1"
    family: ClassVar[str] = "remedy"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    statement: UUID
    supplier: UUID
    quarter: Quarter
    category: Category
    workers: WorkersBand
    source_class: ReleasedSource = ReleasedSource.WORKER_SIDE
    approach: CompanyContact = CompanyContact.NOT_CLEARED


class StatementReversed(EventData):
    """A statement is no longer told: who reads it goes by it no more. Why is not told."""

    type: ClassVar[str] = "statement.reversed.v1"
    family: ClassVar[str] = "remedy"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    statement: UUID
    supplier: UUID


class RemedyVerified(EventData):
    """A handler released that workers, or who speaks for them, found a remedy effective: coarsened as a statement is.

    Subject: the statement.
    """

    type: ClassVar[str] = "remedy.verified.v1"
    family: ClassVar[str] = "remedy"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    statement: UUID
    supplier: UUID
    quarter: Quarter
    category: Category
    form: RemedyForm
    workers: WorkersBand


class Figure(Value):
    """One figure: its name, and the value rounded; None where it was suppressed."""

    name: Label
    value: Annotated[int | None, Field(ge=0)] = None
    percent: Percent | None = None


class FiguresPublished(EventData):
    """How the grievance mechanism works, in figures (UNGP 31): from ten cases up, rounded, once a day for a past year.

    Subject: the period. No figure dates or places a single case.
    """

    type: ClassVar[str] = "figures.published.v1"
    family: ClassVar[str] = "figures"
    classifications: ClassVar[frozenset[Classification]] = PUBLIC

    period: Label
    figures: tuple[Figure, ...]


class AuditHeadPublished(EventData):
    """The head of the audit chain at the end of a day, every day: with it a later change of the chain shows.

    Subject: the day.
    """

    type: ClassVar[str] = "audit.head-published.v1"
    family: ClassVar[str] = "audit"
    classifications: ClassVar[frozenset[Classification]] = PUBLIC

    day: date
    head: Sha256


class TrusteeKeyPublished(EventData):
    """The key to which testimony is sealed, and from when to when. Subject: the key id."""

    type: ClassVar[str] = "trustee.key-published.v1"
    family: ClassVar[str] = "keys"
    classifications: ClassVar[frozenset[Classification]] = PUBLIC

    key: KeyId
    algorithm: Label
    public_key: Base64
    valid_from: Moment
    valid_to: Moment
