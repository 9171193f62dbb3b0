"""The model as an assessment asks it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.model.rules import Claimed, Mapped, Parts, Relief, Reporting, Rule, Testimony
from shared.events.values import Clause
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, Instrument, Representation, SourceClass

CATEGORIES: tuple[Category, ...] = tuple(one for one in Category if one is not Category.OTHER)
INSTRUMENTS: tuple[Instrument, ...] = tuple(CATEGORY_OF_INSTRUMENT)
RATIFIED = {f"ratified_{one.value.lower()}": one for one in INSTRUMENTS}
"""The measure that says whether a country has ratified an instrument."""
LISTED = "listed"
_SEVERAL = re.compile(r"[|;,]")


@dataclass(frozen=True, slots=True)
class Makers:
    """Who a good concerns: sectors that make it and minerals that are won from it, made comparable."""

    sectors: frozenset[str]
    minerals: frozenset[str]


@dataclass(frozen=True, eq=False)
class Model:
    """How facts and reports become grades. Compared by identity: a process has one, and keeps what it reckoned by it.

    `goods` and `minerals` give the goods of lists that a sector makes and that a mineral is won from, all as
    comparable keys. `cap` is the most by which all reliefs together lower a likelihood.
    """

    version: str
    goods: Mapping[str, frozenset[str]]
    minerals: Mapping[str, frozenset[str]]
    rules: Mapping[tuple[FactAbout, str], tuple[Rule, ...]]
    weights: Mapping[SourceClass, int]
    cap: int
    reporting: Reporting
    testimony: Testimony
    representation: Mapping[Representation, Claimed]
    relief: Relief
    conflict_area: Claimed
    clauses: Mapping[tuple[str, str, str], Mapped]

    def rules_for(self, about: FactAbout, measure: str) -> tuple[Rule, ...]:
        """The rules that read facts of this measure; `listed` reads every measure that begins so (`listed_uflpa`)."""
        return self.rules.get((about, LISTED if measure.startswith(LISTED) else measure), ())

    def uses(self, about: FactAbout, measure: str) -> bool:
        """Whether an assessment reads facts of this measure; others are kept and not used."""
        return bool(self.rules_for(about, measure))

    def knows(self, sector: str) -> bool:
        """Whether the model says which goods a sector makes."""
        return word_key(sector) in self.goods

    def goods_of(self, sectors: Iterable[str]) -> frozenset[str]:
        """The keys of the goods that sites of these sectors make; none for a sector that the model does not know."""
        return frozenset[str]().union(*(self.goods.get(word_key(sector), ()) for sector in sectors))

    def makers_of(self, good: str) -> Makers:
        """The sectors and minerals that a fact about this good concerns."""
        key = word_key(good)
        return Makers(
            frozenset(sector for sector, goods in self.goods.items() if key in goods),
            frozenset(mineral for mineral, goods in self.minerals.items() if key in goods),
        )

    def weight(self, source: SourceClass) -> int:
        """What the word of a source weighs, 0 to 3; a source that this release does not know weighs nothing."""
        return self.weights.get(source, 0)

    def mapped(self, clause: Clause) -> Mapped | None:
        """What a clause is about; None where the model does not map it."""
        return self.clauses.get((word_key(clause.conditions), word_key(clause.edition), word_key(clause.clause)))

    def could(self, abouts: Collection[FactAbout], category: Category) -> Parts:
        """The greatest grades of a category that facts of these kinds could give."""
        found = Parts()
        for (about, _), rules in self.rules.items():
            if about in abouts:
                for rule in rules:
                    found = found.joined(rule.could()) if category in rule.categories else found
        return found


def sectors_in(text: str | None) -> frozenset[str]:
    """The sectors that a disclosure names; lists separate several with `|`, `;` or `,`."""
    return frozenset(part.strip() for part in _SEVERAL.split(text or "") if part.strip())
