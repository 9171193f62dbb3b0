"""What an assessment finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.risk.domain.model.rules import PART_NAMES
from shared.events.lifecycles import Finding, IndicatorKind
from shared.events.risk import CategoryGrades
from shared.events.values import SourceFact
from shared.events.vocabulary import Category, Confidence, ForcedLabourIndicator, Instrument


def priority_of(severity: int | None, likelihood: int | None, unknown: int) -> int:
    """Higher comes first: severity before likelihood (UNGP 24); what is not known counts as `unknown` (1-5)."""
    return 10 * (severity or unknown) + (likelihood or unknown)


@dataclass(frozen=True, slots=True)
class Grades:
    """What is found of one category: each part 1 to 5, None where nothing is known of it (never zero)."""

    finding: Finding
    scale: int | None = None
    scope: int | None = None
    irremediability: int | None = None
    likelihood: int | None = None

    @property
    def severity(self) -> int | None:
        """The greatest of the known parts: scale, scope, irremediability (UNGP 14, commentary; the maximum is ours)."""
        return max((part for part in (self.scale, self.scope, self.irremediability) if part is not None), default=None)

    def priority(self, unknown: int) -> int:
        """Its place, as `priority_of` gives it."""
        return priority_of(self.severity, self.likelihood, unknown)

    def told(self, unknown: int) -> CategoryGrades:
        """As it is published."""
        return CategoryGrades(
            finding=self.finding,
            priority=self.priority(unknown),
            scale=self.scale,
            scope=self.scope,
            irremediability=self.irremediability,
            severity=self.severity,
            likelihood=self.likelihood,
        )


@dataclass(frozen=True, slots=True)
class Indicator:
    """A match of a site, its supplier or its mineral with a fact. What is found again has the same id."""

    indicator: UUID
    kind: IndicatorKind
    category: Category
    statement: str
    evidence: tuple[SourceFact, ...]
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """How a site stands: all five categories and all eleven instruments, the indicators, and what is not known."""

    categories: Mapping[Category, Grades]
    instruments: Mapping[Instrument, Finding]
    forced_labour: tuple[ForcedLabourIndicator, ...]
    indicators: tuple[Indicator, ...]
    gaps: tuple[str, ...]


def gravest(found: Iterable[Grades]) -> Grades:
    """The gravest grade of each part among several; unknown beside known stays out of sight, never lowers.

    Something indicated outranks all; of the rest one unknown makes the whole unknown. Needs at least one.
    """
    ones = list(found)
    findings = {one.finding for one in ones}
    finding = (
        Finding.INDICATED
        if Finding.INDICATED in findings
        else Finding.UNKNOWN
        if Finding.UNKNOWN in findings
        else Finding.NOT_LISTED
    )

    def greatest(part: str) -> int | None:
        return max((grade for one in ones if (grade := getattr(one, part)) is not None), default=None)

    return Grades(finding, *(greatest(part) for part in PART_NAMES))
