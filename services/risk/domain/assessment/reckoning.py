"""Everything that an assessment of a site rests on: its numbers and its explanation are both taken from here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.risk.domain.assessment.contribution import Contribution, Gap, Lowering, Pointer, Reason, ReasonKind
from services.risk.domain.assessment.grading import graded
from services.risk.domain.assessment.inherent import Inherent, inherent
from services.risk.domain.assessment.known import known
from services.risk.domain.assessment.pointing import pointers_by_name
from services.risk.domain.assessment.result import Grades
from services.risk.domain.assessment.wording import quoted, says
from services.risk.domain.entities import EntityMatch, match_entities, said
from services.risk.domain.evidence import Evidence
from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.model import CATEGORIES, INSTRUMENTS, Model
from services.risk.domain.model.rules import Rule
from services.risk.domain.sites import Described
from shared.events.lifecycles import Finding
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, ForcedLabourIndicator, Instrument

FORCED_LABOUR = tuple(one for one in ForcedLabourIndicator if one is not ForcedLabourIndicator.OTHER)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the lists say of a site's profile, and beside it what is said of its names and of the site itself."""

    model: Model
    inherent: Inherent
    own: Mapping[Category, tuple[Contribution, ...]]
    lowerings: tuple[Lowering, ...]
    by_name: tuple[Pointer, ...]
    own_gaps: tuple[Gap, ...]

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """All that makes a risk indicator."""
        return (*self.inherent.pointers, *self.by_name)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not known, in a fixed order."""
        return (*self.inherent.gaps, *self.own_gaps)

    def contributions(self, category: Category) -> tuple[Contribution, ...]:
        """Every reason for a grade of a category, in a fixed order."""
        return (*self.inherent.contributions[category], *self.own.get(category, ()))

    def grades(self, category: Category) -> Grades:
        """The grades of a category."""
        if category not in self.own and not self.lowerings:
            return self.inherent.grades[category]
        return self.regraded(category, self.contributions(category), self.lowerings)

    def regraded(
        self, category: Category, contributions: Iterable[Contribution], lowerings: tuple[Lowering, ...]
    ) -> Grades:
        """The grades of a category if only these reasons were known, and these things lowered them."""
        return graded(contributions, lowerings, self.model.cap, listed=category in self.inherent.listed)

    def instruments(self) -> dict[Instrument, Finding]:
        """What is found of each instrument: what points at it, else "not listed" only where a loaded list covers it."""
        pointed = self.inherent.pointed.union(
            instrument for ones in self.own.values() for one in ones if one.points for instrument in one.instruments
        )
        listed = self.inherent.listed_instruments
        return {
            one: Finding.INDICATED if one in pointed else Finding.NOT_LISTED if one in listed else Finding.UNKNOWN
            for one in INSTRUMENTS
        }

    def forced_labour(self) -> tuple[ForcedLabourIndicator, ...]:
        """The indicators of forced labour of the ILO that something points at, in the order of the ILO."""
        found = self.inherent.forced_labour.union(
            indicator for ones in self.own.values() for one in ones if one.points for indicator in one.indicators
        )
        return tuple(one for one in FORCED_LABOUR if one in found) if found else ()


def reckon(site: Described, evidence: Evidence, catalogue: Catalogue, model: Model) -> Reckoning:
    """Reckon what the facts in force and what is known of a site give, whatever the order in which they were told."""
    told = known(site, evidence, model)
    matched = list(_matched(site, catalogue, model))
    own: dict[Category, list[Contribution]] = {}
    for one in (*(one for match, rule in matched for one in _of_match(match, rule)), *told.contributions):
        own.setdefault(one.category, []).append(one)
    return Reckoning(
        model=model,
        inherent=inherent(site, catalogue, model),
        own={
            category: tuple(sorted(own[category], key=lambda one: one.reason.order))
            for category in CATEGORIES
            if category in own
        },
        lowerings=told.lowerings,
        by_name=pointers_by_name(matched) if matched else (),
        own_gaps=told.gaps,
    )


def _matched(site: Described, catalogue: Catalogue, model: Model) -> Iterator[tuple[EntityMatch, Rule]]:
    if catalogue.entities:
        for match in match_entities(site.names, site.country, catalogue):
            fact = match.listed.fact
            for rule in model.rules_for(fact.about, fact.measure):
                if rule.grades(fact) is not None:
                    yield match, rule


def _of_match(match: EntityMatch, rule: Rule) -> Iterator[Contribution]:
    reason = Reason(
        kind=ReasonKind.ENTITY,
        says=f"{match.listed.source} {says(match.listed.fact, rule)}. It {said(match)}",
        facts=(quoted(match.listed),),
        confidence=match.confidence,
    )
    for category in rule.categories:
        yield Contribution(
            category=category,
            reason=reason,
            parts=rule.parts.with_likelihood(rule.confidence.get(match.confidence)),
            points=rule.points,
            instruments=tuple(one for one in rule.instruments if CATEGORY_OF_INSTRUMENT[one] is category),
            indicators=rule.indicators if category is Category.FORCED_LABOUR else (),
        )
