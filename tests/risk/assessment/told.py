"""Invented sites, facts and evidence for pure tests of an assessment."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from services.risk.domain.assessment import Assessment, Explanation, assess, explain
from services.risk.domain.evidence import Evidence, FlagKnown, ReportedRisk, StatementKnown
from services.risk.domain.facts.catalogue import Catalogue, catalogue
from services.risk.domain.facts.fact import Fact, FactAbout, Listed
from services.risk.domain.model import Model
from services.risk.domain.sites import Claim, Described, MineralUse
from services.risk.settings import current_model
from shared.events.lifecycles import FlagState
from shared.events.values import Clause, SeverityParts
from shared.events.vocabulary import (
    Actuality,
    Category,
    ForcedLabourIndicator,
    Instrument,
    Representation,
    SourceClass,
    WorkersBand,
)

EXAMPLE = UUID("8d9c1c5e-0000-4000-8000-000000000001")
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOTHING = Evidence()
GOODS, SERIES, ENTITIES = "Example list of goods", "Example series", "Example list of entities"


def named(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(EXAMPLE, name)


def site(
    country: str | None = "CN",
    *sectors: str,
    names: tuple[str, ...] = ("Example Plant", "Example Electronics"),
    claims: tuple[Claim, ...] = (),
    minerals: tuple[MineralUse, ...] = (),
) -> Described:
    """A site of Example Electronics."""
    return Described(
        site=named("site"),
        supplier=EXAMPLE,
        supplier_name="Example Electronics",
        suppliers=frozenset({EXAMPLE}),
        disclosures=1,
        site_name="Example Plant",
        country=country,
        sectors=sectors,
        names=names,
        claims=claims,
        minerals=minerals,
    )


def good(name: str, country: str | None, measure: str, source: str = GOODS, edition: str = "2022") -> Listed:
    """A list names a good of a country."""
    fact = Fact(FactAbout.GOOD, country, name, measure, f"{name}; {country}; {measure}: Yes")
    return Listed(fact, source, edition, "public domain", None)


def about(
    kind: FactAbout,
    country: str | None,
    name: str,
    measure: str,
    *,
    value: float | None = None,
    word: str | None = None,
) -> Listed:
    """A fact of any kind."""
    text = f"{name}; {country}; {measure}; {value}; {word}"
    return Listed(Fact(kind, country, name, measure, text, value, word), SERIES, "2025", "CC BY 4.0", None)


def series(country: str, measure: str, value: float) -> Listed:
    """A series has a value for a country."""
    return about(FactAbout.COUNTRY, country, "", measure, value=value)


def ratified(country: str, code: str, word: str) -> Listed:
    """A list says whether a country has ratified an instrument."""
    return about(FactAbout.COUNTRY, country, "", f"ratified_{code.lower()}", word=word)


def entity(name: str, country: str = "CN", measure: str = "cbp_wro") -> Listed:
    """An authority names a company."""
    return Listed(Fact(FactAbout.ENTITY, country, name, measure, f"{name}; {measure}"), ENTITIES, "2025", None, None)


def report(
    name: str = "report",
    *,
    source: SourceClass = SourceClass.MEDIA,
    parts: tuple[int, int, int, int | None] = (3, 2, 2, 2),
    actuality: Actuality = Actuality.POTENTIAL,
    at: int = 0,
    instruments: tuple[Instrument, ...] = (),
    indicators: tuple[ForcedLabourIndicator, ...] = (),
    clause: Clause | None = None,
) -> ReportedRisk:
    """One report of a flag."""
    scale, scope, irremediability, likelihood = parts
    return ReportedRisk(
        report=named(name),
        source_class=source,
        parts=SeverityParts(scale=scale, scope=scope, irremediability=irremediability, likelihood=likelihood),
        actuality=actuality,
        recorded_at=START + timedelta(seconds=at),
        instruments=instruments,
        indicators=indicators,
        clause=clause,
    )


def flag(
    *reports: ReportedRisk,
    category: Category = Category.SAFETY_AND_HEALTH,
    state: FlagState = FlagState.RAISED,
    name: str = "flag",
) -> FlagKnown:
    """A flag with these reports, or with one."""
    return FlagKnown(named(name), category, state, reports or (report(),))


def flags(*told: FlagKnown) -> Evidence:
    """These flags are known, and nothing else."""
    return Evidence(flags=told)


def statement(
    category: Category = Category.SAFETY_AND_HEALTH,
    workers: WorkersBand = WorkersBand.FROM_100,
    name: str = "statement",
) -> StatementKnown:
    """A statement that a case handler has released."""
    return StatementKnown(named(name), category, "2026-Q2", workers)


def claim(
    source: SourceClass,
    representation: Representation = Representation.INDEPENDENT,
    *,
    agreement: bool | None = None,
    mechanisms: tuple[str, ...] = (),
) -> Claim:
    """A source says how workers are represented and heard."""
    return Claim(source, representation, agreement, mechanisms)


def facts(*listed: Listed) -> Catalogue:
    """These facts are in force."""
    return catalogue(listed)


def assessed(
    place: Described, listed: Iterable[Listed] = (), evidence: Evidence = NOTHING, model: Model | None = None
) -> Assessment:
    """The assessment of a site by these facts."""
    return assess(place, evidence, facts(*listed), model or current_model())


def explained(place: Described, listed: Iterable[Listed] = (), evidence: Evidence = NOTHING) -> Explanation:
    """The explanation of the same."""
    return explain(place, evidence, facts(*listed), current_model())
