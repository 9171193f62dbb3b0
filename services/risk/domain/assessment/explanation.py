"""The tree of reasons behind an assessment."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.risk.domain.assessment.canonical import Plain, plain
from services.risk.domain.assessment.contribution import ReasonKind
from services.risk.domain.model import Parts
from shared.events.lifecycles import Finding, FlagState
from shared.events.values import Clause, SeverityParts, SourceFact
from shared.events.vocabulary import (
    Actuality,
    Category,
    Confidence,
    ForcedLabourIndicator,
    Instrument,
    ReplyStance,
    Representation,
    SourceClass,
    WorkersBand,
)


@dataclass(frozen=True, slots=True)
class ExplainedGrades:
    """What is found of one category, with its severity; None is unknown."""

    finding: Finding
    scale: int | None
    scope: int | None
    irremediability: int | None
    severity: int | None
    likelihood: int | None


@dataclass(frozen=True, slots=True)
class ExplainedReason:
    """One reason for grades: what it says and gives, and the parts that it decides.

    `likelihood_counted` is its likelihood after what lowers it. `source` is in words; the workers' side is never told
    apart. `facts` are the rows of lists. A released statement has no id and no more than its sentence.
    """

    kind: ReasonKind
    says: str
    source: str
    weight: int
    grades: Parts
    likelihood_counted: int | None
    decides: tuple[str, ...]
    points: bool
    instruments: tuple[Instrument, ...]
    indicators: tuple[ForcedLabourIndicator, ...]
    facts: tuple[SourceFact, ...]
    confidence: Confidence | None
    flag: UUID | None
    report: UUID | None


class ChangeKind(StrEnum):
    """How something would change: without a reason, with something more, or if a gap were filled."""

    WITHOUT = "without"
    WITH = "with"
    IF_KNOWN = "if_known"


@dataclass(frozen=True, slots=True)
class Change:
    """What would change the grades of a category: reckoned anew with it. For a gap, `after` is the most it could be."""

    how: ChangeKind
    what: str
    before: ExplainedGrades
    after: ExplainedGrades
    flag: UUID | None = None


@dataclass(frozen=True, slots=True)
class ExplainedCategory:
    """A category: its grades, why the finding, every reason (the deciding first), what would change it."""

    category: Category
    grades: ExplainedGrades
    finding_because: str
    reasons: tuple[ExplainedReason, ...]
    lowered_by: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ExplainedInstrument:
    """An instrument, what is found of it, and what points at it."""

    instrument: Instrument
    finding: Finding
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedIndicator:
    """An indicator of forced labour of the ILO that something points at."""

    indicator: ForcedLabourIndicator
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedClause:
    """The clause by which a report is coded, and what the model maps it to, beside the category of the flag."""

    clause: Clause
    mapped_to: Category | None
    instruments: tuple[Instrument, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class ExplainedReport:
    """One report of a flag as its reporter coded it, with what the company replied."""

    report: UUID
    source_class: SourceClass
    parts: SeverityParts
    actuality: Actuality
    workers: WorkersBand
    confidence: Confidence | None
    headline: str | None
    clause: ExplainedClause | None
    evidence: tuple[str, ...]
    replies: tuple[ReplyStance, ...]


@dataclass(frozen=True, slots=True)
class ExplainedFlag:
    """A flag, its state, and what part it has in the grades."""

    flag: UUID
    category: Category
    state: FlagState
    counts: str
    reports: tuple[ExplainedReport, ...]


@dataclass(frozen=True, slots=True)
class ExplainedClaim:
    """What a source says of how workers are represented and heard, and what follows from it."""

    source: str
    representation: Representation
    collective_agreement: bool | None
    grievance_mechanisms: tuple[str, ...]
    counts: str


@dataclass(frozen=True, slots=True)
class ExplainedMineral:
    """A mineral of the site, as declared."""

    mineral: str
    from_conflict_affected_area: bool | None
    recycled_only: bool | None


@dataclass(frozen=True, slots=True)
class ExplainedGap:
    """Something that is not known, and why."""

    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a site stands as it does. The same input gives the same tree, whatever its order; it holds no time."""

    site: UUID
    site_name: str | None
    supplier: UUID
    supplier_name: str
    country: str | None
    sectors: tuple[str, ...]
    minerals: tuple[ExplainedMineral, ...]
    model: str
    categories: tuple[ExplainedCategory, ...]
    instruments: tuple[ExplainedInstrument, ...]
    forced_labour: tuple[ExplainedIndicator, ...]
    flags: tuple[ExplainedFlag, ...]
    statements: tuple[str, ...]
    claims: tuple[ExplainedClaim, ...]
    gaps: tuple[ExplainedGap, ...]

    def to_json(self) -> dict[str, Plain]:
        """The tree as plain objects, lists, texts and numbers; what is unknown is null."""
        told = plain(self)
        assert isinstance(told, dict)
        return told
