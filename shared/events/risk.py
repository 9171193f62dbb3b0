"""What `risk` publishes: indicators, assessments, flags and who is exposed to them."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import Exposure, Finding, FlagState, IndicatorEnd, IndicatorKind
from shared.events.values import Count, Country, Evidence, Grade, Label, Name, Sentence, SeverityParts, Slug, SourceFact
from shared.events.vocabulary import Category, Instrument, SourceClass, Tier

MEMBERS = frozenset({Classification.MEMBERS})


class IndicatorRaised(EventData):
    """A site or supplier matches a country, good or entity list. It says what the list says, and accuses nobody.

    Subject: the site, else the supplier. The facts are quoted with source and edition.
    """

    type: ClassVar[str] = "indicator.raised.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    indicator: UUID
    supplier: UUID
    supplier_name: Name
    kind: IndicatorKind
    category: Category
    statement: Sentence
    evidence: Annotated[tuple[SourceFact, ...], Field(min_length=1)]
    site: UUID | None = None
    site_name: Name | None = None
    country: Country | None = None


class IndicatorWithdrawn(EventData):
    """An indicator no longer holds: the list or the site has changed. Subject as of the indicator."""

    type: ClassVar[str] = "indicator.withdrawn.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    indicator: UUID
    supplier: UUID
    reason: IndicatorEnd
    site: UUID | None = None


class AssessmentMade(EventData):
    """What the lists say of a site, per category, and what is not known. Unknown never means no risk.

    Subject: the site, else the supplier.
    """

    type: ClassVar[str] = "assessment.made.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    supplier: UUID
    categories: dict[Category, Finding]
    gaps: tuple[Label, ...] = ()
    site: UUID | None = None


class FlagOpened(EventData):
    """A reported risk is now followed up as a flag. Subject: the site, else the supplier.

    `priority` orders flags, higher first: severity outranks likelihood (UNGP 24). `serious` asks for an immediate mail.
    """

    type: ClassVar[str] = "flag.opened.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    supplier: UUID
    supplier_name: Name
    category: Category
    source_class: SourceClass
    parts: SeverityParts
    severity: Grade
    priority: Count
    serious: bool
    site: UUID | None = None
    site_name: Name | None = None
    country: Country | None = None
    instruments: tuple[Instrument, ...] = ()
    headline: Name | None = None
    evidence: tuple[Evidence, ...] = ()


class FlagMoved(EventData):
    """A flag went from one state to another; `reason` is a code of the list in force, not a text."""

    type: ClassVar[str] = "flag.moved.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    supplier: UUID
    before: FlagState
    after: FlagState
    reason: Label | None = None
    site: UUID | None = None


class ExposureChanged(EventData):
    """A flag touches a member's contract, or no longer does; for that member alone. Subject: the flag."""

    type: ClassVar[str] = "exposure.changed.v1"
    family: ClassVar[str] = "exposure"
    classifications: ClassVar[frozenset[Classification]] = frozenset({Classification.MEMBER})

    flag: UUID
    member: Slug
    contract: UUID
    supplier: UUID
    category: Category
    exposure: Exposure
    site: UUID | None = None
    tier: Tier = Tier.UNKNOWN
