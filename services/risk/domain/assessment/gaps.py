"""What is not known of a site, and why. A gap is no absence of risk: it is shown, and ordered in the middle."""

from collections.abc import Collection, Iterable, Iterator

from services.risk.domain.assessment.contribution import WORDS, Gap
from services.risk.domain.assessment.profile import Profile
from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.model import CATEGORIES, Model, Parts
from services.risk.domain.model.model import RATIFIED
from services.risk.domain.model.rules import Rule
from shared.events.vocabulary import Category

THINGS = (FactAbout.GOOD, FactAbout.SECTOR, FactAbout.MINERAL)
PLACED = (FactAbout.COUNTRY, *THINGS)

NO_GOODS = "goods by country: no list loaded"
NO_ENTITIES = "entities: no list loaded"
NO_SERIES = "country indicators: none loaded"
COUNTRY_ABSENT = "country indicators: none for this country"
NO_MINERALS = "minerals: no list loaded"
NO_COUNTRY = "country not given"
NO_SECTOR = "sector not given"
SECTOR_UNKNOWN = "sector not in the model"
MINERAL_ORIGIN = "origin of minerals: not known"
CLAUSE_UNKNOWN = "clause not in the model"
NO_REPRESENTATION = "representation of workers: unknown"
OWN_WORD = "representation of workers: by the supplier's word only"
DIFFERING = "representation of workers: sources differ"
NO_MECHANISM = "grievance mechanisms: none known"
NO_AUDIT = "audits: none known"


def is_covered(
    category: Category, placed: Profile, catalogue: Catalogue, model: Model, unclear: Collection[Rule]
) -> bool:
    """Whether a loaded list covers the category for a site that is known well enough to be found in it."""
    covering = any(
        (about, measure) in catalogue.measures
        for (about, measure), rules in model.rules.items()
        for rule in rules
        if rule.covers and category in rule.categories
    )
    known = placed.country is not None and placed.sectors and all(map(model.knows, placed.sectors))
    return bool(covering and known and not any(category in rule.categories for rule in unclear))


def inherent_gaps(placed: Profile, catalogue: Catalogue, model: Model, unclear: Collection[Rule]) -> tuple[Gap, ...]:
    """Why something of a profile is unknown, in a fixed order."""
    return (
        *_of_goods(placed, catalogue, model, unclear),
        *_of_minerals(placed, catalogue, model),
        *_of_entities(catalogue, model),
        *_of_country(placed, catalogue, model),
    )


def could(model: Model, abouts: Collection[FactAbout]) -> tuple[tuple[Category, Parts], ...]:
    """The greatest grades that facts of these kinds could give, for each category that they concern."""
    found = ((category, model.could(abouts, category)) for category in CATEGORIES)
    return tuple((category, parts) for category, parts in found if parts != Parts())


def _of_goods(placed: Profile, catalogue: Catalogue, model: Model, unclear: Collection[Rule]) -> Iterator[Gap]:
    if not any(about is FactAbout.GOOD and model.uses(about, measure) for about, measure in catalogue.measures):
        yield Gap(NO_GOODS, "No list that names goods and countries is loaded.", could(model, (FactAbout.GOOD,)))
    if placed.country is None:
        yield Gap(NO_COUNTRY, "No disclosure gives the country of the site.", could(model, PLACED))
    if not placed.sectors:
        yield Gap(NO_SECTOR, "No disclosure says what the site makes.", could(model, THINGS))
    elif not all(map(model.knows, placed.sectors)):
        yield Gap(
            SECTOR_UNKNOWN, "The model does not say which goods a sector of the site makes.", could(model, THINGS)
        )
    for label in dict.fromkeys(rule.gap for rule in unclear if rule.gap):
        yield Gap(label, "The list names the good for one of its inputs.", could(model, (FactAbout.GOOD,)))


def _of_minerals(placed: Profile, catalogue: Catalogue, model: Model) -> Iterator[Gap]:
    if not placed.minerals:
        return
    possible = could(model, (FactAbout.MINERAL, FactAbout.GOOD))
    if not any(about in (FactAbout.MINERAL, FactAbout.GOOD) for about, _ in catalogue.measures):
        yield Gap(NO_MINERALS, "No list that names minerals is loaded.", possible)
    yield Gap(MINERAL_ORIGIN, "Where the minerals of the site were mined is not disclosed.", possible)


def _of_entities(catalogue: Catalogue, model: Model) -> Iterator[Gap]:
    if not catalogue.entities:
        yield Gap(NO_ENTITIES, "No list that names companies is loaded.", could(model, (FactAbout.ENTITY,)))


def _of_country(placed: Profile, catalogue: Catalogue, model: Model) -> Iterator[Gap]:
    if placed.country is None:
        return
    yield from _of_series(placed.country, catalogue, model)
    known = {one.fact.measure for one in catalogue.of(FactAbout.COUNTRY, placed.country)}
    if missing := [measure for measure in RATIFIED if measure not in known]:
        loaded = any((FactAbout.COUNTRY, measure) in catalogue.measures for measure in RATIFIED)
        why = "The lists loaded do not give it for this country." if loaded else "No list that gives it is loaded."
        possible = _joined(rule for one in missing for rule in model.rules_for(FactAbout.COUNTRY, one))
        yield Gap(f"ratification not known: {', '.join(RATIFIED[one].value for one in missing)}", why, possible)


def _joined(rules: Iterable[Rule]) -> tuple[tuple[Category, Parts], ...]:
    found: dict[Category, Parts] = {}
    for rule in rules:
        for category in rule.categories:
            found[category] = found.get(category, Parts()).joined(rule.could())
    return tuple((category, found[category]) for category in CATEGORIES if category in found)


def _of_series(country: str, catalogue: Catalogue, model: Model) -> Iterator[Gap]:
    """One gap where no series says anything of the country, else one for each category of which none does."""
    possible = could(model, (FactAbout.COUNTRY,))
    series = {measure for about, measure in model.rules if about is FactAbout.COUNTRY and measure not in RATIFIED}
    if not any((FactAbout.COUNTRY, measure) in catalogue.measures for measure in series):
        yield Gap(NO_SERIES, "No list of country indicators is loaded.", possible)
        return
    told = {
        category
        for one in catalogue.of(FactAbout.COUNTRY, country)
        if one.fact.measure in series
        for rule in model.rules_for(FactAbout.COUNTRY, one.fact.measure)
        if rule.grades(one.fact) is not None
        for category in rule.categories
    }
    if not told:
        yield Gap(COUNTRY_ABSENT, "The series loaded have no value for this country.", possible)
        return
    for category, parts in possible:
        if category not in told:
            label = f"{WORDS[category]}: no country indicator for this country"
            yield Gap(label, "The series loaded have no value for this country and category.", ((category, parts),))
