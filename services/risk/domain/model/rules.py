"""What a rule of the model says: which facts it reads, and which grades follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.fact import Fact, FactAbout
from shared.events.vocabulary import Category, Confidence, ForcedLabourIndicator, Instrument, SourceClass, WorkersBand

PART_NAMES = ("scale", "scope", "irremediability", "likelihood")
YES = "yes"


@dataclass(frozen=True, slots=True)
class Parts:
    """Grades from 1 to 5; None where nothing is known, never zero."""

    scale: int | None = None
    scope: int | None = None
    irremediability: int | None = None
    likelihood: int | None = None

    def with_likelihood(self, likelihood: int | None) -> "Parts":
        """The same with another likelihood."""
        return Parts(self.scale, self.scope, self.irremediability, likelihood)

    def joined(self, other: "Parts") -> "Parts":
        """The greater grade of each part; the unknown beside the known stays out of sight."""
        return Parts(*(greater(getattr(self, part), getattr(other, part)) for part in PART_NAMES))


def greater(one: int | None, other: int | None) -> int | None:
    """The greater of two grades; the unknown beside the known stays out of sight."""
    return other if one is None else one if other is None or one >= other else other


@dataclass(frozen=True, slots=True)
class Rule:
    """How facts of one kind are read. `points`: something is said of a good, mineral, sector or entity itself.

    `steps` grade a number (the greatest step that it reaches), `words` grade a word; both ascend, so that a graver
    fact never gives a lower grade. A rule with neither reads a fact that says yes. `covers`: where such a list is
    loaded and says nothing, the category is "not listed". `gap`: the fact tells only that something is not known.
    """

    about: FactAbout
    measures: tuple[str, ...]
    says: str
    categories: tuple[Category, ...]
    instruments: tuple[Instrument, ...] = ()
    indicators: tuple[ForcedLabourIndicator, ...] = ()
    points: bool = False
    covers: bool = False
    parts: Parts = Parts()
    steps: tuple[tuple[float, int], ...] = ()
    words: tuple[tuple[str, int], ...] = ()
    confidence: Mapping[Confidence, int] = field(default_factory=dict)
    gap: str | None = None

    def grades(self, fact: Fact) -> Parts | None:
        """The grades that follow from a fact; None where the rule says nothing of it."""
        if self.steps:
            reached = [grade for least, grade in self.steps if fact.value is not None and fact.value >= least]
            return self.parts.with_likelihood(reached[-1]) if reached else None
        word = word_key(fact.word or "")
        if self.words:
            found = [grade for said, grade in self.words if word == said]
            return self.parts.with_likelihood(max(found)) if found else None
        return self.parts if word in {"", YES} else None

    def could(self) -> Parts:
        """The greatest grades that a fact could give by this rule."""
        grades = [grade for _, grade in (*self.steps, *self.words)] + list(self.confidence.values())
        return self.parts.with_likelihood(max(grades)) if grades else self.parts


@dataclass(frozen=True, slots=True)
class Reporting:
    """How what people report is graded, beside the grades that they give themselves."""

    actual_at_least: int
    reopened_raises: int
    remedied_lowers: int


@dataclass(frozen=True, slots=True)
class Testimony:
    """How a released statement is graded: no more is known of it than its category and band."""

    likelihood: int
    scope: Mapping[WorkersBand, int]


@dataclass(frozen=True, slots=True)
class Claimed:
    """What follows from a word about a site itself: how its workers are represented, or where a mineral is from."""

    says: str
    categories: tuple[Category, ...]
    instruments: tuple[Instrument, ...]
    points: bool
    parts: Parts


@dataclass(frozen=True, slots=True)
class Relief:
    """What an independent representation lowers, and by whose word. The word of the supplier is never among them."""

    sources: frozenset[SourceClass]
    categories: frozenset[Category]
    lowers: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a clause of contract conditions is about, in the words of the ILO."""

    category: Category
    instruments: tuple[Instrument, ...]
