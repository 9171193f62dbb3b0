"""What holds for every site: order makes no difference, more never lowers, and the unknown is never a zero."""

from dataclasses import replace
from itertools import chain
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from services.risk.domain.assessment import Assessment, Grades, canonical
from services.risk.domain.evidence import Evidence, FlagKnown, ReportedRisk, StatementKnown
from services.risk.domain.facts.fact import FactAbout, Listed
from services.risk.domain.sites import Claim, Described, MineralUse
from shared.events.lifecycles import Finding, FlagState
from shared.events.vocabulary import (
    Actuality,
    Category,
    ForcedLabourIndicator,
    Instrument,
    Representation,
    SourceClass,
    WorkersBand,
)
from tests.risk.assessment.told import (
    about,
    assessed,
    claim,
    entity,
    explained,
    flag,
    good,
    ratified,
    report,
    series,
    site,
    statement,
)

Told = TypeVar("Told")
PARTS = ("scale", "scope", "irremediability", "likelihood")
CATEGORIES = st.sampled_from([one for one in Category if one is not Category.OTHER])
GRADES = st.integers(1, 5)
SOURCES = st.sampled_from(list(SourceClass))
COUNTRIES = st.sampled_from(["CN", "NO", "ID"])

LISTED = st.one_of(
    st.builds(
        good,
        st.sampled_from(["Electronics", "Tin", "Footwear", "Lithium-Ion Batteries"]),
        COUNTRIES,
        st.sampled_from(["child_labour", "forced_labour", "forced_child_labour", "derived"]),
    ),
    st.builds(series, COUNTRIES, st.sampled_from(["v2x_rule", "v2xcl_slave", "wb_gini"]), st.floats(0, 1)),
    st.builds(series, COUNTRIES, st.just("conflict_deaths"), st.floats(0, 10_000)),
    st.builds(ratified, COUNTRIES, st.sampled_from(["C087", "C182"]), st.sampled_from(["yes", "no", "denounced"])),
    st.builds(entity, st.sampled_from(["Example Plant", "Example Works"]), COUNTRIES),
    st.builds(
        lambda country, word: about(FactAbout.MINERAL, country, "tin", "child_labour", word=word),
        st.one_of(st.none(), COUNTRIES),
        st.sampled_from(["yes", "no"]),
    ),
)
REPORTS = st.builds(
    report,
    st.text("abcdefgh", min_size=1, max_size=3),
    source=SOURCES,
    parts=st.tuples(GRADES, GRADES, GRADES, st.one_of(st.none(), GRADES)),
    actuality=st.sampled_from([Actuality.ACTUAL, Actuality.POTENTIAL]),
    at=st.integers(0, 3),
    instruments=st.lists(st.sampled_from([Instrument.C087, Instrument.C155]), unique=True).map(tuple),
    indicators=st.lists(st.sampled_from(list(ForcedLabourIndicator)[:3]), unique=True).map(tuple),
)
STATES = st.sampled_from([one for one in FlagState if one is not FlagState.OTHER])
FLAGS = st.builds(
    lambda name, category, state, reports: flag(*reports, category=category, state=state, name=name),
    st.text("pqrstu", min_size=1, max_size=3),
    CATEGORIES,
    STATES,
    st.lists(REPORTS, min_size=1, max_size=3, unique_by=lambda one: one.report),
)
STATEMENTS = st.builds(statement, CATEGORIES, st.sampled_from(list(WorkersBand)), st.text("xyz", min_size=1))
EVIDENCE = st.builds(
    lambda told, statements: Evidence(tuple(told), tuple(statements)),
    st.lists(FLAGS, max_size=3, unique_by=lambda one: one.flag),
    st.lists(STATEMENTS, max_size=2),
)
CLAIMS = st.builds(
    claim,
    SOURCES,
    st.sampled_from(list(Representation)),
    agreement=st.one_of(st.none(), st.booleans()),
    mechanisms=st.lists(st.sampled_from(["hotline", "box"]), unique=True).map(tuple),
)
MINERALS = st.builds(MineralUse, st.sampled_from(["tin", "gold"]), st.one_of(st.none(), st.booleans()))
SITES = st.builds(
    lambda country, sectors, claims, minerals: site(country, *sectors, claims=tuple(claims), minerals=tuple(minerals)),
    st.one_of(st.none(), COUNTRIES),
    st.lists(st.sampled_from(["Electronics", "Footwear", "Batteries", "Else"]), max_size=2, unique=True),
    st.lists(CLAIMS, max_size=3),
    st.lists(MINERALS, max_size=2),
)
FACTS = st.lists(LISTED, max_size=8, unique_by=lambda one: (one.fact.about, one.fact.name, one.fact.text))


def no_lower(before: Assessment, after: Assessment) -> None:
    """No part, no severity and no finding of any category is lower than before, and nothing known became unknown."""
    for category, grades in before.categories.items():
        now = after.categories[category]
        for part in (*PARTS, "severity"):
            was, is_now = getattr(grades, part), getattr(now, part)
            assert was is None or (is_now is not None and is_now >= was), (category, part)
        assert grades.finding is not Finding.INDICATED or now.finding is Finding.INDICATED


@settings(max_examples=50)
@given(SITES, FACTS, EVIDENCE, st.integers())
def test_the_order_of_anything_told_makes_no_difference_to_a_byte(
    place: Described, listed: list[Listed], evidence: Evidence, seed: int
) -> None:
    random = Random(seed)

    def shuffled(ones: tuple[Told, ...]) -> tuple[Told, ...]:
        return tuple(random.sample(ones, len(ones)))

    other = replace(
        place,
        claims=shuffled(place.claims),
        minerals=shuffled(place.minerals),
        sectors=shuffled(place.sectors),
        names=shuffled(place.names),
    )
    flags = tuple(replace(one, reports=shuffled(one.reports)) for one in shuffled(evidence.flags))
    again = Evidence(flags, shuffled(evidence.statements))
    mixed = shuffled(tuple(listed))

    assert assessed(other, mixed, again) == assessed(place, listed, evidence)
    told = canonical(explained(place, listed, evidence).to_json())
    assert canonical(explained(other, mixed, again).to_json()) == told
    assert canonical(explained(place, listed, evidence).to_json()) == told


@given(SITES, FACTS, EVIDENCE, LISTED)
def test_a_further_fact_never_lowers_anything(
    place: Described, listed: list[Listed], evidence: Evidence, more: Listed
) -> None:
    no_lower(assessed(place, listed, evidence), assessed(place, [*listed, more], evidence))


@given(SITES, FACTS, EVIDENCE, FLAGS)
def test_a_further_flag_never_lowers_anything(
    place: Described, listed: list[Listed], evidence: Evidence, more: FlagKnown
) -> None:
    after = replace(evidence, flags=(*evidence.flags, more))

    no_lower(assessed(place, listed, evidence), assessed(place, listed, after))


@given(SITES, FACTS, FLAGS, REPORTS)
def test_a_further_report_of_a_flag_never_lowers_anything(
    place: Described, listed: list[Listed], told: FlagKnown, more: ReportedRisk
) -> None:
    longer = replace(told, reports=(*told.reports, more))

    no_lower(assessed(place, listed, Evidence((told,))), assessed(place, listed, Evidence((longer,))))


@given(SITES, FACTS, EVIDENCE, STATEMENTS)
def test_a_further_statement_never_lowers_anything(
    place: Described, listed: list[Listed], evidence: Evidence, more: StatementKnown
) -> None:
    after = replace(evidence, statements=(*evidence.statements, more))

    no_lower(assessed(place, listed, evidence), assessed(place, listed, after))


@given(SITES, FACTS, FLAGS, st.sampled_from(PARTS))
def test_a_graver_report_never_lowers_anything(
    place: Described, listed: list[Listed], told: FlagKnown, part: str
) -> None:
    reports = tuple(
        replace(one, parts=one.parts.model_copy(update={part: min(5, (getattr(one.parts, part) or 0) + 1)}))
        for one in told.reports
    )

    before = assessed(place, listed, Evidence((told,)))
    no_lower(before, assessed(place, listed, Evidence((replace(told, reports=reports),))))


@given(SITES, FACTS, st.sampled_from(["v2x_rule", "wb_gini", "conflict_deaths"]), st.floats(0, 1), st.floats(0, 1))
def test_a_worse_value_of_a_series_never_lowers_anything(
    place: Described, listed: list[Listed], measure: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    times = 10_000 if measure == "conflict_deaths" else 1

    def with_value(value: float) -> Assessment:
        return assessed(place, [*listed, series("CN", measure, value * times)])

    no_lower(with_value(low), with_value(high))


@given(SITES, FACTS, EVIDENCE, st.sampled_from(list(Representation)), st.booleans())
def test_the_suppliers_word_never_lowers_anything(
    place: Described, listed: list[Listed], evidence: Evidence, word: Representation, agreement: bool
) -> None:
    more = claim(SourceClass.SUPPLIER, word, agreement=agreement, mechanisms=("hotline",))
    recycled = MineralUse("tin", from_conflict_affected_area=False, recycled_only=True)
    after = replace(place, claims=(*place.claims, more), minerals=(*place.minerals, recycled))

    no_lower(assessed(place, listed, evidence), assessed(after, listed, evidence))


@given(SITES, FACTS, STATEMENTS, st.lists(CLAIMS, max_size=4))
def test_nothing_but_a_worker_side_word_lowers_what_testimony_says(
    place: Described, listed: list[Listed], told: StatementKnown, claims: list[Claim]
) -> None:
    workers = {SourceClass.WORKER, SourceClass.UNION, SourceClass.MONITORING_PARTNER}
    others = tuple(one for one in claims if one.source not in workers)
    testimony = Evidence(statements=(told,))

    bare = assessed(replace(place, claims=(), minerals=()), (), testimony)
    no_lower(bare, assessed(replace(place, claims=others, minerals=()), listed, testimony))


@given(SITES, FACTS, EVIDENCE)
def test_every_grade_lies_between_one_and_five_or_is_unknown(
    place: Described, listed: list[Listed], evidence: Evidence
) -> None:
    for grades in assessed(place, listed, evidence).categories.values():
        assert all(getattr(grades, part) in {None, 1, 2, 3, 4, 5} for part in PARTS)
        known = [grade for grade in (grades.scale, grades.scope, grades.irremediability) if grade is not None]
        assert grades.severity == (max(known) if known else None)


@settings(max_examples=50)
@given(SITES, FACTS, EVIDENCE)
def test_a_part_is_known_only_where_a_reason_gives_it(
    place: Described, listed: list[Listed], evidence: Evidence
) -> None:
    for category in explained(place, listed, evidence).categories:
        for part in PARTS:
            given_by = [getattr(one.grades, part) for one in category.reasons if getattr(one.grades, part)]
            assert bool(given_by) == (getattr(category.grades, part) is not None)


@given(SITES, FACTS, EVIDENCE, st.data())
def test_taking_a_fact_away_lowers_to_what_is_left_or_to_unknown_never_to_zero(
    place: Described, listed: list[Listed], evidence: Evidence, data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(listed), unique_by=id)) if listed else []

    less = assessed(place, kept, evidence)

    no_lower(less, assessed(place, listed, evidence))
    if not kept and not evidence.flags and not evidence.statements and not place.claims and not place.minerals:
        assert set(less.categories.values()) == {Grades(Finding.UNKNOWN)}


@given(SITES, FACTS, EVIDENCE)
def test_what_is_published_fits_the_contract(place: Described, listed: list[Listed], evidence: Evidence) -> None:
    found = assessed(place, listed, evidence)

    for grades in found.categories.values():
        assert grades.told(3).severity == grades.severity
    assert all(1 <= len(gap) <= 100 for gap in found.gaps)
    assert len(set(found.gaps)) == len(found.gaps)
    assert len({one.indicator for one in found.indicators}) == len(found.indicators)
    assert len(found.instruments) == 11 and len(found.categories) == 5
    assert all(one.evidence for one in found.indicators)
    assert len(list(chain.from_iterable(one.evidence for one in found.indicators))) >= len(found.indicators)
