"""A reason for grades: whose word or which fact it is, what it says, and what follows from it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.risk.domain.model import Parts
from shared.events.lifecycles import IndicatorKind
from shared.events.values import SourceFact
from shared.events.vocabulary import Category, Confidence, ForcedLabourIndicator, Instrument, SourceClass

LIST_WEIGHT = 0
"""A list, an index or a declaration of a country weighs nothing beside the word of somebody about the site."""

WORDS = {
    Category.FREEDOM_OF_ASSOCIATION: "freedom of association",
    Category.FORCED_LABOUR: "forced labour",
    Category.CHILD_LABOUR: "child labour",
    Category.DISCRIMINATION: "discrimination",
    Category.SAFETY_AND_HEALTH: "safety and health",
}
WORKER_SIDE = "a worker-side source"
SPEAKERS = {
    SourceClass.WORKER: WORKER_SIDE,
    SourceClass.UNION: WORKER_SIDE,
    SourceClass.MONITORING_PARTNER: WORKER_SIDE,
    SourceClass.MEDIA: "media",
    SourceClass.AUDIT: "an audit",
    SourceClass.SUPPLIER: "the supplier itself",
    SourceClass.PUBLIC: "a public source",
    SourceClass.OTHER: "another source",
}
"""Who says it, in words; the workers' side is never told apart."""


class ReasonKind(StrEnum):
    """What a reason is drawn from."""

    COUNTRY = "country"
    GOOD = "good"
    SECTOR = "sector"
    MINERAL = "mineral"
    ENTITY = "entity"
    REPORT = "report"
    STATEMENT = "statement"
    REPRESENTATION = "representation"
    DECLARATION = "declaration"


@dataclass(frozen=True, slots=True)
class Reason:
    """What a grade rests on: a fact of a list, or somebody's word. A statement of testimony has no id here."""

    kind: ReasonKind
    says: str
    weight: int = LIST_WEIGHT
    facts: tuple[SourceFact, ...] = ()
    source: SourceClass | None = None
    confidence: Confidence | None = None
    flag: UUID | None = None
    report: UUID | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """A fixed order among reasons, whatever the order in which they were told."""
        facts = "\n".join(f"{fact.source}\n{fact.edition}\n{fact.text}" for fact in self.facts)
        return self.kind, self.says, facts, self.source or "", str(self.flag or ""), str(self.report or "")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What follows from a reason for one category. `points`: something is said of the site, its goods or its names.

    `remedied` is by how much a verified remedy lowers its likelihood.
    """

    category: Category
    reason: Reason
    parts: Parts
    points: bool = False
    instruments: tuple[Instrument, ...] = ()
    indicators: tuple[ForcedLabourIndicator, ...] = ()
    remedied: int = 0


@dataclass(frozen=True, slots=True)
class Pointer:
    """An indicator without the site: `identity` tells it from every other of a site, whatever the edition."""

    kind: IndicatorKind
    category: Category
    identity: str
    statement: str
    evidence: tuple[SourceFact, ...]
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Lowering:
    """What lowers the likelihood of some categories, by how much, and what its source weighs."""

    says: str
    weight: int
    lowers: int
    categories: frozenset[Category]
    source: SourceClass


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not known: its label, why, and the greatest grades that knowing it could give, by category."""

    label: str
    why: str
    could: tuple[tuple[Category, Parts], ...] = ()


def clipped(text: str, most: int) -> str:
    """The text, at most so many characters long, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
