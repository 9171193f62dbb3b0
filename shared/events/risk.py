"""What `risk` publishes: indicators, assessments, flags and who is exposed to them."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import (
    CauseKind,
    Exposure,
    Finding,
    FlagClock,
    FlagReason,
    FlagState,
    FollowUpRefusal,
    IndicatorEnd,
    IndicatorKind,
    Reach,
)
from shared.events.values import (
    Clause,
    Count,
    Country,
    Evidence,
    Grade,
    Label,
    Money,
    Name,
    Sentence,
    SeverityParts,
    Slug,
    SourceFact,
    Value,
)
from shared.events.vocabulary import (
    Category,
    Confidence,
    ForcedLabourIndicator,
    Instrument,
    SourceClass,
    Tier,
    WorkersBand,
)

MEMBERS = frozenset({Classification.MEMBERS})
MEMBER = frozenset({Classification.MEMBER})


# Indicators and assessments.


class IndicatorRaised(EventData):
    """A site, its supplier or its mineral matches a fact of a public list. It says what the list says of the match.

    A pointer with its evidence, never confirmed by itself, and no accusation (flags are raised by people).
    `confidence` is how sure the match of the name is, where it is one by name. Subject: the site.
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
    confidence: Confidence | None = None
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


class CategoryGrades(Value):
    """What is found of one category: each part 1 to 5, left out where nothing is known of it.

    Scale, scope and irremediability: UNGP 14, commentary. `severity` is the greatest of those that are known, which is
    ours. `priority` orders: severity before likelihood (UNGP 24), the unknown taken as the middle, never as zero.
    """

    finding: Finding
    priority: Count
    scale: Grade | None = None
    scope: Grade | None = None
    irremediability: Grade | None = None
    severity: Grade | None = None
    likelihood: Grade | None = None


class AssessmentCause(Value):
    """What made an assessment change; for a list of facts, which source and edition."""

    kind: CauseKind
    source: Name | None = None
    edition: Label | None = None


class AssessmentMade(EventData):
    """How a site stands by all that every member may know, per category, and what is not known. Subject: the site.

    Published where it differs from the last. Unknown never means no risk. `engage risk explain` gives the reasons.
    """

    type: ClassVar[str] = "assessment.made.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    supplier: UUID
    model: Label
    cause: AssessmentCause
    categories: dict[Category, CategoryGrades]
    instruments: dict[Instrument, Finding]
    forced_labour: tuple[ForcedLabourIndicator, ...] = ()
    gaps: tuple[Label, ...] = ()
    site: UUID | None = None


class ContractAssessed(EventData):
    """How the sites and the supplier that a contract reaches stand, by what its reader may know; for that member alone.

    Each category has the gravest grades among them. Subject: the contract.
    """

    type: ClassVar[str] = "contract.assessed.v1"
    family: ClassVar[str] = "exposure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    contract: UUID
    member: Slug
    model: Label
    cause: AssessmentCause
    categories: dict[Category, CategoryGrades]
    sites: Count
    flags: Count
    indicators: Count
    supplier: UUID | None = None
    gaps: tuple[Label, ...] = ()


# Flags: one for each concern (a site or supplier, and a category), however many reports tell of it.


class FlagOpened(EventData):
    """A reported risk is now followed up as a flag. Subject: the site, else the supplier.

    `priority` orders flags, higher first: severity outranks likelihood (UNGP 24). `serious` asks for an immediate mail.
    """

    type: ClassVar[str] = "flag.opened.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    report: UUID
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
    indicators: tuple[ForcedLabourIndicator, ...] = ()
    clause: Clause | None = None
    workers_affected: WorkersBand = WorkersBand.BELOW_10_OR_UNKNOWN
    headline: Name | None = None
    evidence: tuple[Evidence, ...] = ()


class FlagEvidenceAdded(EventData):
    """A further report tells of the same concern. The grades are the flag's, with this report; subject as of the flag.

    `made_serious`: with this report the flag asks for an immediate mail, and did not before.
    """

    type: ClassVar[str] = "flag.evidence-added.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    report: UUID
    supplier: UUID
    supplier_name: Name
    category: Category
    source_class: SourceClass
    parts: SeverityParts
    severity: Grade
    priority: Count
    serious: bool
    made_serious: bool
    reports: Count
    site: UUID | None = None
    site_name: Name | None = None
    country: Country | None = None
    instruments: tuple[Instrument, ...] = ()
    headline: Name | None = None
    evidence: tuple[Evidence, ...] = ()


class FlagMoved(EventData):
    """A flag went from one state to another. `entry` is the follow-up of a member that moved it, if one did.

    `into` is the flag that holds its reports from now on, where two sites or suppliers turned out to be one.
    """

    type: ClassVar[str] = "flag.moved.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    supplier: UUID
    before: FlagState
    after: FlagState
    reason: FlagReason | None = None
    basis: SourceClass | None = None
    entry: UUID | None = None
    into: UUID | None = None
    site: UUID | None = None


class FollowUpRefused(EventData):
    """A flag did not take the step that a member reported; `standing` is where it stays. Subject as of the flag."""

    type: ClassVar[str] = "follow-up.refused.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    entry: UUID
    flag: UUID
    supplier: UUID
    wanted: FlagState
    standing: FlagState
    refusal: FollowUpRefusal
    site: UUID | None = None


class FlagOverdue(EventData):
    """What is awaited of a flag did not come by its day; `basis` names the benchmark. Subject as of the flag."""

    type: ClassVar[str] = "flag.overdue.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    supplier: UUID
    category: Category
    clock: FlagClock
    due: date
    basis: Name
    site: UUID | None = None


# Exposure: whose contracts a flag touches.


class ExposureChanged(EventData):
    """A flag touches a member's contract, or no longer does, or otherwise; for that member alone. Subject: the flag.

    Concluded only from what this member may read: its contracts, its disclosures and the published ones, and the flag.
    `workinggroups` are those of the member's groups that the flag concerns.
    """

    type: ClassVar[str] = "exposure.changed.v1"
    family: ClassVar[str] = "exposure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    flag: UUID
    member: Slug
    contract: UUID
    supplier: UUID
    category: Category
    exposure: Exposure
    reach: Reach
    site: UUID | None = None
    tier: Tier = Tier.UNKNOWN
    workinggroups: tuple[Slug, ...] = ()


class LeverageChanged(EventData):
    """How many buyers and contracts a flag touches together, and which working groups it concerns; no member is named.

    `contracts` is left out, and no values are told, of fewer than three buyers (more where so set). `values` are sums
    of contract values per currency: what each owner has at stake to one significant digit, and the sum again, none
    where one owner has most of it; of another's amount at most the first digit can be learnt. UNGP 19, commentary.
    Where not all members may know the cause, `time` is the day. Subject as of the flag.
    """

    type: ClassVar[str] = "leverage.changed.v1"
    family: ClassVar[str] = "risk"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    flag: UUID
    supplier: UUID
    category: Category
    buyers: Count
    contracts: Count | None = None
    workinggroups: tuple[Slug, ...] = ()
    values: tuple[Money, ...] = ()
    site: UUID | None = None
