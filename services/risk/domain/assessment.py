"""What the lists in force say of a site: indicators with their evidence, a finding per category, and what is not known.

An indicator quotes a list and accuses nobody. What no list covers is unknown: never zero, never "no risk".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from services.risk.domain.facts import CountryGood, Entity, FactKind
from services.risk.domain.model import Model, word_key
from services.risk.domain.sites import Site
from shared.countries import name_of
from shared.events.lifecycles import Finding, IndicatorKind
from shared.events.values import SourceFact
from shared.events.vocabulary import Category

NAMESPACE = UUID("5a0c2a4e-6f0b-5d0e-9d5c-0b1f5f6f7a31")
COVERED = (Category.CHILD_LABOUR, Category.FORCED_LABOUR)
"""The categories that lists of goods by country speak of."""
WORDS = {
    Category.CHILD_LABOUR: "child labour",
    Category.FORCED_LABOUR: "forced labour",
    Category.FREEDOM_OF_ASSOCIATION: "freedom of association",
    Category.DISCRIMINATION: "discrimination",
    Category.SAFETY_AND_HEALTH: "safety and health",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A fact and the edition of the list that it stands in."""

    fact: CountryGood | Entity
    source: str
    edition: str
    licence: str | None
    retrieved: date | None


@dataclass(frozen=True, slots=True)
class Lists:
    """The facts in force that can touch some sites, by country and key, and which kinds of list are loaded at all."""

    loaded: frozenset[FactKind] = frozenset()
    goods: Mapping[tuple[str, str], tuple[Listed, ...]] = field(default_factory=dict)
    entities: Mapping[tuple[str, str], tuple[Listed, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A match of a site with one fact, in one category. The id is the same whenever the same is found again."""

    indicator: UUID
    kind: IndicatorKind
    category: Category
    statement: str
    evidence: tuple[SourceFact, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the lists say of a site, and what is not known."""

    indicators: tuple[Indicator, ...]
    categories: Mapping[Category, Finding]
    gaps: tuple[str, ...]


def assess(site: Site, lists: Lists, model: Model) -> Assessment:
    """Assess a site by the lists in force. The same site and lists give the same assessment."""
    matches = [listed for key in goods_keys(site, model) for listed in lists.goods.get(key, ())]
    indicators = [*_by_goods(site, matches), *_by_entities(site, lists)]
    gaps = tuple(_gaps_of_goods(site, matches, lists, model))
    indicated = {indicator.category for indicator in indicators}
    uncovered = Finding.UNKNOWN if gaps else Finding.NOT_LISTED
    categories = {
        category: Finding.INDICATED if category in indicated else uncovered if category in COVERED else Finding.UNKNOWN
        for category in WORDS
    }
    return Assessment(tuple(indicators), categories, (*gaps, *_gaps_of_lists(lists)))


def goods_keys(site: Site, model: Model) -> list[tuple[str, str]]:
    """Country and good of each fact that could touch the site, in order."""
    return [(site.country, good) for good in sorted(model.goods_of(site.sectors)) if site.country]


def entity_lookups(site: Site) -> list[tuple[str, str]]:
    """Country and name key of each entity that could be the site or one of its suppliers, in order."""
    return [(site.country, key) for key in sorted(site.name_keys - {""}) if site.country]


def _by_goods(site: Site, matches: Iterable[Listed]) -> Iterable[Indicator]:
    for listed in matches:
        fact = listed.fact
        assert isinstance(fact, CountryGood)
        for category in COVERED:
            if fact.child_labour if category is Category.CHILD_LABOUR else fact.forced_labour:
                yield _indicator(
                    site,
                    listed,
                    IndicatorKind.COUNTRY_GOOD,
                    category,
                    identity=f"{word_key(fact.good)}/{fact.country}",
                    says=f"names {fact.good} from {name_of(fact.country)} as produced with {WORDS[category]}. "
                    "It speaks of a good and a country, and says nothing about this site itself.",
                )


def _by_entities(site: Site, lists: Lists) -> Iterable[Indicator]:
    found = {listed: None for lookup in entity_lookups(site) for listed in lists.entities.get(lookup, ())}
    for listed in found:
        fact = listed.fact
        assert isinstance(fact, Entity)
        yield _indicator(
            site,
            listed,
            IndicatorKind.ENTITY_LIST,
            Category.FORCED_LABOUR,
            identity=f"{fact.name}/{fact.country}/{fact.measure}/{fact.effective}",
            says=f"has an entry of this name in {name_of(fact.country)}: {fact.measure}, effective {fact.effective}. "
            "A match by name: check that it is the same company.",
        )


def _indicator(
    site: Site, listed: Listed, kind: IndicatorKind, category: Category, *, identity: str, says: str
) -> Indicator:
    """The edition is no part of the id: a fact that a new edition repeats is the same indicator."""
    quoted = SourceFact(
        source=listed.source,
        edition=listed.edition,
        text=_quote(listed.fact),
        licence=listed.licence,
        retrieved=listed.retrieved,
    )
    return Indicator(
        indicator=uuid5(NAMESPACE, f"{site.site}/{kind}/{category}/{listed.source}/{identity}"),
        kind=kind,
        category=category,
        statement=f"{listed.source}, edition {listed.edition}, {says}",
        evidence=(quoted,),
    )


def _quote(fact: CountryGood | Entity) -> str:
    """The row of the list, in its own words."""
    if isinstance(fact, Entity):
        return f"{fact.name}; {fact.country_name}; {fact.industry}; {fact.measure}; effective {fact.effective}"
    marks = {
        "child labor": fact.child_labour,
        "forced labor": fact.forced_labour,
        "forced child labor": fact.forced_child_labour,
    }
    marked = ", ".join(f"{name}: {'Yes' if mark else 'No'}" for name, mark in marks.items())
    return f"{fact.good} ({fact.sector}), {fact.country_name}: {marked}"


def _gaps_of_goods(site: Site, matches: Iterable[Listed], lists: Lists, model: Model) -> Iterable[str]:
    """Why a category that no indicator touches is unknown and not merely "not listed"."""
    if FactKind.COUNTRY_GOODS not in lists.loaded:
        yield "goods by country: no list loaded"
    if site.country is None:
        yield "country not given"
    if not site.sectors:
        yield "sector not given"
    elif not all(map(model.knows, site.sectors)):
        yield "sector not in the model"
    if any(isinstance(listed.fact, CountryGood) and listed.fact.derived for listed in matches):
        yield "listed for an input made elsewhere: category not given"


def _gaps_of_lists(lists: Lists) -> Iterable[str]:
    if FactKind.ENTITIES not in lists.loaded:
        yield "entities: no list loaded"
    yield from (f"{WORDS[category]}: no list loaded" for category in WORDS if category not in COVERED)
