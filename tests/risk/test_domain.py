"""What may be concluded from lists, and what may not: pure decisions."""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.risk.domain.assessment import Assessment, Listed, Lists, assess
from services.risk.domain.changes import Standing, change, events_of
from services.risk.domain.facts import (
    CountryGood,
    Edition,
    EditionRefused,
    Entity,
    FactKind,
    admit,
    digest_of,
    is_edition,
)
from services.risk.domain.flags import Ranking, open_flag
from services.risk.domain.model import parse_model, sectors_in, word_key
from services.risk.domain.names import entity_keys
from services.risk.domain.sites import Site, Told, site_of
from services.risk.settings import current_model
from shared.company_names import normalise_name
from shared.events.ingest import FlagReported
from shared.events.lifecycles import Finding, IndicatorEnd
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category
from tests.risk.builders import EXAMPLE, OTHER, START, entity, good, named, reported

CHINA = good("CN", child=True, forced=True)
MALAYSIA = good("MY", forced=True)
PAKISTAN = good("PK", child=True)
RANKING = Ranking(serious_from=4, likelihood_unknown=3)


def lists(
    *facts: CountryGood | Entity, loaded: frozenset[FactKind] = frozenset(FactKind), edition: str = "2022"
) -> Lists:
    """These facts in force."""
    goods, entities = {}, {}
    for fact in facts:
        listed = Listed(fact, "Example list of goods", edition, "public domain", None)
        if isinstance(fact, CountryGood):
            goods[fact.country, word_key(fact.good)] = (listed,)
        else:
            entities.update({(fact.country, key): (listed,) for key in entity_keys(fact.name)})
    return Lists(loaded, goods, entities)


def site(country: str | None = "CN", *sectors: str, supplier_name: str = "Example Electronics") -> Site:
    told = Told(named("site 1"), EXAMPLE, supplier_name, "Example Plant", country, "|".join(sectors), START, 1)
    return site_of([told])


def found(assessment: Assessment) -> dict[str, str]:
    return {category.value: finding.value for category, finding in assessment.categories.items()}


@pytest.mark.parametrize(
    ("country", "child", "forced"),
    [
        ("CN", Finding.INDICATED, Finding.INDICATED),
        ("MY", Finding.NOT_LISTED, Finding.INDICATED),
        ("PK", Finding.INDICATED, Finding.NOT_LISTED),
        ("NO", Finding.NOT_LISTED, Finding.NOT_LISTED),
        (None, Finding.UNKNOWN, Finding.UNKNOWN),
    ],
)
def test_a_site_is_indicated_where_the_list_names_its_good_and_country(
    country: str | None, child: Finding, forced: Finding
) -> None:
    assessment = assess(site(country, "Electronics"), lists(CHINA, MALAYSIA, PAKISTAN), current_model())

    assert assessment.categories[Category.CHILD_LABOUR] is child
    assert assessment.categories[Category.FORCED_LABOUR] is forced
    assert len(assessment.indicators) == [child, forced].count(Finding.INDICATED)


@pytest.mark.parametrize("sectors", [(), ("Shipbuilding",), ("Electronics", "Shipbuilding")])
def test_without_a_known_sector_what_is_not_indicated_is_unknown(sectors: tuple[str, ...]) -> None:
    assessment = assess(site("NO", *sectors), lists(CHINA), current_model())

    assert assessment.categories[Category.FORCED_LABOUR] is Finding.UNKNOWN
    assert assessment.categories[Category.CHILD_LABOUR] is Finding.UNKNOWN
    assert any(gap.startswith("sector not") for gap in assessment.gaps)


@pytest.mark.parametrize("loaded", [frozenset[FactKind](), frozenset({FactKind.ENTITIES})])
def test_without_a_list_of_goods_nothing_is_called_not_listed(loaded: frozenset[FactKind]) -> None:
    assessment = assess(site("NO", "Electronics"), lists(loaded=loaded), current_model())

    assert set(assessment.categories.values()) == {Finding.UNKNOWN}
    assert "goods by country: no list loaded" in assessment.gaps


def test_a_category_that_no_list_covers_is_unknown_whatever_is_loaded() -> None:
    assessment = assess(site("CN", "Electronics"), lists(CHINA, entity("Other Works")), current_model())

    for category in (Category.FREEDOM_OF_ASSOCIATION, Category.DISCRIMINATION, Category.SAFETY_AND_HEALTH):
        assert assessment.categories[category] is Finding.UNKNOWN
    assert "freedom of association: no list loaded" in assessment.gaps


def test_a_good_listed_for_its_input_is_neither_indicated_nor_called_not_listed() -> None:
    derived = good("CN", name="Lithium-Ion Batteries", derived=True, derived_country="Congo")

    assessment = assess(site("CN", "Batteries"), lists(derived), current_model())

    assert assessment.categories[Category.CHILD_LABOUR] is Finding.UNKNOWN
    assert assessment.indicators == ()
    assert "listed for an input made elsewhere: category not given" in assessment.gaps


@given(
    st.sampled_from([None, "CN", "NO"]),
    st.sets(st.sampled_from(["Electronics", "Shipbuilding"])),
    st.sets(st.sampled_from(FactKind)),
)
def test_every_category_has_a_finding_and_unknown_is_never_left_without_a_gap(
    country: str | None, sectors: set[str], loaded: set[FactKind]
) -> None:
    assessment = assess(site(country, *sectors), lists(CHINA, loaded=frozenset(loaded)), current_model())

    assert set(assessment.categories) == set(Category) - {Category.OTHER}
    assert Finding.UNKNOWN not in assessment.categories.values() or assessment.gaps


ACCUSING = re.compile(
    r"\b(uses?|used|employs?|exploits?|violat\w*|guilty|abus\w*|commits?|practi[sc]es?|found|confirmed|responsible)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("fact", [CHINA, MALAYSIA, PAKISTAN, entity("Example Electronics Co., Ltd.")])
def test_a_statement_speaks_of_the_list_and_accuses_nobody(fact: CountryGood | Entity) -> None:
    assessment = assess(site(fact.country, "Electronics"), lists(fact), current_model())

    assert assessment.indicators
    for indicator in assessment.indicators:
        assert indicator.statement.startswith("Example list of goods, edition 2022, ")
        assert not ACCUSING.search(indicator.statement)
        assert "Example Plant" not in indicator.statement
        assert (
            "says nothing about this site itself" in indicator.statement
            or "check that it is the same company" in indicator.statement
        )
        assert indicator.evidence[0].edition == "2022"


def test_the_longest_admissible_names_still_fit_into_a_statement() -> None:
    fact = good("GS", child=True, forced=True, name="G" * 100)
    listed = Listed(fact, "S" * 100, "2022-09-28", "L" * 100, None)
    model = parse_model(f'version = 1\n[[sector]]\nnames = ["Electronics"]\ngoods = ["{"G" * 100}"]')

    place = site("GS", "Electronics")
    assessment = assess(place, Lists(frozenset(FactKind), {("GS", "g" * 100): (listed,)}), model)

    assert len(list(events_of(change(Standing(place.site), place, assessment, IndicatorEnd.SITE_CORRECTED)))) == 3


# Entities


@pytest.mark.parametrize(
    "spelling",
    [
        "Hefei Bitland Information Technology Co., Ltd.",
        "HEFEI BITLAND INFORMATION TECHNOLOGY CO.,LTD",
        "Hefei Bitland Information Technology Company Limited",
        "Hefei  Bitland Information-Technology",
    ],
)
def test_spellings_of_one_name_meet(spelling: str) -> None:
    assert normalise_name(spelling) == "hefei bitland information technology"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Example S.p.A.", "Example SpA"),
        ("Example d.o.o.", "EXAMPLE D.O.O"),
        ("Exámple Elektronik GmbH", "Example Elektronik"),
        ("Example Sdn. Bhd.", "Example"),
        ("Example Ｃｏ．，　Ｌｔｄ．", "Example"),
    ],
)
def test_legal_forms_accents_and_widths_make_no_difference(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Example Electronics", "Example Electronics Shenzhen"),
        ("Example No. 4", "Example No. 5"),
        ("Company Example", "Example"),
        ("Co. Ltd.", "Inc."),
    ],
)
def test_different_names_do_not_meet(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


@given(st.text(max_size=40))
def test_normalising_a_name_again_changes_nothing(name: str) -> None:
    assert normalise_name(normalise_name(name)) == normalise_name(name)


def test_an_entity_is_known_by_each_alias_with_and_without_what_stands_in_brackets() -> None:
    keys = entity_keys("Example Machinery, a/k/a Golden Example (JinMa) Factory, a/k/a Example 1st Works")

    assert keys == {"example machinery", "golden example jinma factory", "golden example factory", "example 1st works"}


@pytest.mark.parametrize(
    ("supplier_name", "country", "matches"),
    [
        ("EXAMPLE LISTED WORKS CO LTD", "CN", True),
        ("Example Listed Works (Shenzhen)", "CN", False),
        ("Example Listed Works", "MY", False),
        ("Listed Works", "CN", False),
    ],
)
def test_an_entity_matches_only_by_its_whole_name_and_in_its_country(
    supplier_name: str, country: str, matches: bool
) -> None:
    place = site(country, "Electronics", supplier_name=supplier_name)

    assessment = assess(place, lists(entity("Example Listed Works Co., Ltd.")), current_model())

    assert (assessment.categories[Category.FORCED_LABOUR] is Finding.INDICATED) is matches


# Sites and changes


def told(supplier: object, since: int, **more: object) -> Told:
    given = {
        "supplier_name": "Example",
        "site_name": "Plant",
        "country": "CN",
        "sector": "Electronics",
        "disclosures": 1,
    } | more
    return Told(site=named("site 1"), supplier=supplier, since=START + timedelta(seconds=since), **given)  # type: ignore[arg-type] # given by name


def test_a_site_is_described_alike_whatever_the_order_of_its_disclosures() -> None:
    three = [
        told(OTHER, 2, sector="Solar"),
        told(EXAMPLE, 1, site_name=None),
        told(EXAMPLE, 3, supplier_name="Example Ltd"),
    ]

    described = {site_of(order) for order in permutations(three)}

    assert len(described) == 1
    assert described.pop().sectors == {"Electronics", "Solar"}


def test_only_what_changed_is_published() -> None:
    place, listed = site("CN", "Electronics"), lists(CHINA)
    assessment = assess(place, listed, current_model())
    first = change(Standing(place.site), place, assessment, IndicatorEnd.SITE_CORRECTED)
    standing = Standing(
        place.site, {one.indicator: EXAMPLE for one in first.raised}, assessment.categories, assessment.gaps
    )

    again = change(standing, place, assess(place, listed, current_model()), IndicatorEnd.SITE_CORRECTED)

    assert [data.type for data in events_of(first)] == [
        "indicator.raised.v1",
        "indicator.raised.v1",
        "assessment.made.v1",
    ]
    assert list(events_of(again)) == []


def test_a_fact_that_a_new_edition_repeats_is_the_same_indicator() -> None:
    place = site("CN", "Electronics")

    old = assess(place, lists(CHINA), current_model())
    new = assess(place, lists(CHINA, edition="2024"), current_model())

    assert [one.indicator for one in old.indicators] == [one.indicator for one in new.indicators]


def test_an_indicator_moves_to_another_supplier_when_its_own_no_longer_names_the_site() -> None:
    place = site("MY", "Electronics")
    assessment = assess(place, lists(MALAYSIA), current_model())
    indicator = assessment.indicators[0].indicator
    standing = Standing(place.site, {indicator: OTHER}, assessment.categories, assessment.gaps)

    moved = change(standing, place, assessment, IndicatorEnd.LIST_CHANGED)

    assert [(end.supplier, end.reason) for end in moved.withdrawn] == [(OTHER, IndicatorEnd.SITE_CORRECTED)]
    assert [one.indicator for one in moved.raised] == [indicator]


# Editions and the model


OLD = Edition("Example list", "2022", "a", in_force=True)


@pytest.mark.parametrize(
    ("edition", "digest", "is_new"), [("2022", "a", False), ("2022-01", "b", True), ("2024", "a", True)]
)
def test_a_newer_edition_is_new_and_the_same_is_not(edition: str, digest: str, is_new: bool) -> None:
    assert admit(edition, digest, [OLD]) is is_new


@pytest.mark.parametrize(
    ("edition", "code"), [("2022", "edition_differs"), ("2020", "edition_older"), ("2021-12-31", "edition_older")]
)
def test_other_facts_under_a_known_edition_and_older_editions_are_refused(edition: str, code: str) -> None:
    with pytest.raises(EditionRefused) as refused:
        admit(edition, "b", [OLD])

    assert refused.value.code == code
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("label", "is_one"),
    [
        ("2022", True),
        ("2022-09", True),
        ("2022-09-28", True),
        ("2022-13", False),
        ("spring", False),
        ("2022-9", False),
        ("", False),
    ],
)
def test_an_edition_is_a_year_a_month_or_a_day(label: str, is_one: bool) -> None:
    assert is_edition(label) is is_one


def test_the_order_of_rows_is_no_part_of_an_edition() -> None:
    assert digest_of([CHINA, MALAYSIA]) == digest_of([MALAYSIA, CHINA]) != digest_of([CHINA])


def test_the_model_refuses_a_sector_named_twice_and_unknown_words() -> None:
    sector = '[[sector]]\nnames = ["Solar"]\ngoods = ["Solar Cells"]\n'
    for text in (
        f"version = 1\n{sector}{sector}",
        f"version = 1\nowner = 1\n{sector}",
        sector,
        "version = 0\nsector = []",
    ):
        with pytest.raises(ValueError):
            parse_model(text)


def test_several_sectors_in_one_cell_are_several() -> None:
    assert sectors_in("Apparel|Mining; Solar") == {"Apparel", "Mining", "Solar"}
    assert sectors_in(None) == frozenset()


# Flags


@pytest.mark.parametrize(
    ("parts", "severity", "priority", "serious"),
    [
        ({"scale": 4, "scope": 1, "irremediability": 1, "likelihood": 1}, 4, 41, True),
        ({"scale": 1, "scope": 1, "irremediability": 5, "likelihood": 2}, 5, 52, True),
        ({"scale": 3, "scope": 3, "irremediability": 3, "likelihood": 5}, 3, 35, False),
        ({"scale": 3, "scope": 1, "irremediability": 1}, 3, 33, False),
    ],
)
def test_severity_is_the_greatest_part_and_outranks_likelihood(
    parts: Mapping[str, int], severity: int, priority: int, serious: bool
) -> None:
    report = reported().data
    assert isinstance(report, FlagReported)

    flag = open_flag(report.model_copy(update={"severity": SeverityParts(**parts)}), RANKING)

    assert (flag.severity, flag.priority, flag.serious) == (severity, priority, serious)


def test_a_graver_flag_always_comes_before_a_likelier_one() -> None:
    graver = SeverityParts(scale=4, scope=1, irremediability=1, likelihood=1)
    likelier = SeverityParts(scale=3, scope=3, irremediability=3, likelihood=5)

    assert RANKING.priority(graver) > RANKING.priority(likelier)
