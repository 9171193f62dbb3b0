"""What the lists say of a country, its goods, sectors and minerals: the same for every site of such a profile."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from services.risk.domain.assessment.contribution import (
    Contribution,
    Gap,
    Pointer,
    Reason,
    ReasonKind,
)
from services.risk.domain.assessment.gaps import inherent_gaps, is_covered
from services.risk.domain.assessment.grading import graded
from services.risk.domain.assessment.pointing import pointers
from services.risk.domain.assessment.profile import Profile, profile_of
from services.risk.domain.assessment.result import Grades
from services.risk.domain.assessment.wording import quoted, says
from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.facts.fact import FactAbout, Listed
from services.risk.domain.model import CATEGORIES, INSTRUMENTS, Model
from services.risk.domain.model.rules import Rule
from services.risk.domain.sites import Described
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, ForcedLabourIndicator, Instrument

KEPT_PROFILES = 10_000
KEPT_BASES = 2


@dataclass(frozen=True, slots=True)
class Inherent:
    """What the lists say of a profile. `listed`: what a loaded list covers and says nothing of."""

    contributions: Mapping[Category, tuple[Contribution, ...]]
    grades: Mapping[Category, Grades]
    pointed: frozenset[Instrument]
    forced_labour: frozenset[ForcedLabourIndicator]
    pointers: tuple[Pointer, ...]
    listed: frozenset[Category]
    listed_instruments: frozenset[Instrument]
    gaps: tuple[Gap, ...]


def inherent(site: Described, catalogue: Catalogue, model: Model) -> Inherent:
    """What the lists say of a site's profile; reckoned once for each profile while facts and model stay the same."""
    return _kept(_Basis(catalogue, model)).of(profile_of(site))


class _Basis:
    """Facts and model by identity: both are immutable, and neither can be hashed by what is in it."""

    def __init__(self, catalogue: Catalogue, model: Model) -> None:
        self.catalogue, self.model = catalogue, model

    def __hash__(self) -> int:
        return hash((id(self.catalogue), id(self.model)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Basis) and self.catalogue is other.catalogue and self.model is other.model


class _Profiles:
    """The profiles reckoned by one basis; the one used longest ago goes where there are too many."""

    def __init__(self, basis: _Basis) -> None:
        self.basis = basis
        self.kept: OrderedDict[Profile, Inherent] = OrderedDict()

    def of(self, profile: Profile) -> Inherent:
        found = self.kept.get(profile)
        if found is None:
            found = self.kept[profile] = reckoned(profile, self.basis.catalogue, self.basis.model)
            if len(self.kept) > KEPT_PROFILES:
                self.kept.popitem(last=False)
        return found


@lru_cache(maxsize=KEPT_BASES)
def _kept(basis: _Basis) -> _Profiles:
    return _Profiles(basis)


def reckoned(profile: Profile, catalogue: Catalogue, model: Model) -> Inherent:
    """What the lists say of a profile."""
    read = list(_read(profile, catalogue, model))
    unclear = [rule for _, _, rule in read if rule.gap]
    found = [one for kind, listed, rule in read for one in _contributions(kind, listed, rule)]
    by_category = {category: tuple(one for one in found if one.category is category) for category in CATEGORIES}
    listed = frozenset(category for category in CATEGORIES if is_covered(category, profile, catalogue, model, unclear))
    return Inherent(
        contributions=by_category,
        grades={
            category: graded(ones, (), model.cap, listed=category in listed) for category, ones in by_category.items()
        },
        pointed=frozenset(instrument for one in found if one.points for instrument in one.instruments),
        forced_labour=frozenset(indicator for one in found if one.points for indicator in one.indicators),
        pointers=pointers((kind, fact, rule) for kind, fact, rule in read if rule.points),
        listed=listed,
        listed_instruments=frozenset(one for one in INSTRUMENTS if CATEGORY_OF_INSTRUMENT[one] in listed)
        & _covering(model),
        gaps=inherent_gaps(profile, catalogue, model, unclear),
    )


def _covering(model: Model) -> frozenset[Instrument]:
    return frozenset(one for rules in model.rules.values() for rule in rules if rule.covers for one in rule.instruments)


def _read(profile: Profile, catalogue: Catalogue, model: Model) -> Iterator[tuple[ReasonKind, Listed, Rule]]:
    """Each fact that concerns the profile, once, with each rule that reads it."""
    seen: set[Listed] = set()
    for kind, facts in _facts(profile, catalogue, model):
        for listed in facts:
            if listed not in seen:
                seen.add(listed)
                for rule in model.rules_for(listed.fact.about, listed.fact.measure):
                    if rule.grades(listed.fact) is not None:
                        yield kind, listed, rule


def _facts(profile: Profile, catalogue: Catalogue, model: Model) -> Iterator[tuple[ReasonKind, Iterable[Listed]]]:
    goods = sorted(model.goods_of(profile.sectors))
    won = sorted(frozenset[str]().union(*(model.minerals.get(one, ()) for one in profile.minerals)))
    if profile.country:
        yield ReasonKind.COUNTRY, catalogue.of(FactAbout.COUNTRY, profile.country)
    for place in dict.fromkeys((None, profile.country)):
        yield from ((ReasonKind.GOOD, catalogue.of(FactAbout.GOOD, place, one)) for one in goods)
        yield from ((ReasonKind.SECTOR, catalogue.of(FactAbout.SECTOR, place, one)) for one in sorted(profile.sectors))
        yield from ((ReasonKind.MINERAL, catalogue.of(FactAbout.GOOD, place, one)) for one in won)
        minerals = sorted(profile.minerals)
        yield from ((ReasonKind.MINERAL, catalogue.of(FactAbout.MINERAL, place, one)) for one in minerals)


def _contributions(kind: ReasonKind, listed: Listed, rule: Rule) -> Iterator[Contribution]:
    parts = rule.grades(listed.fact)
    if parts is None or rule.gap:
        return
    reason = Reason(kind, f"{listed.source} {says(listed.fact, rule)}.", facts=(quoted(listed),))
    for category in rule.categories:
        yield Contribution(
            category=category,
            reason=reason,
            parts=parts,
            points=rule.points,
            instruments=tuple(one for one in rule.instruments if CATEGORY_OF_INSTRUMENT[one] is category),
            indicators=rule.indicators if category is Category.FORCED_LABOUR else (),
        )
