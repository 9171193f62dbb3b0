"""What facts of lists give: goods, minerals, sectors and names point at something, countries are context."""

import re
from dataclasses import replace
from itertools import permutations

import pytest

from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.sites import MineralUse
from shared.events.lifecycles import Finding, IndicatorKind
from shared.events.vocabulary import Category, Confidence, Instrument
from tests.risk.assessment.told import (
    about,
    assessed,
    entity,
    explained,
    good,
    ratified,
    series,
    site,
)

ACCUSING = re.compile(
    r"\b(violat|guilty|breach|abus|exploit|offend|illegal|perpetrat|employ|uses (forced|child))", re.IGNORECASE
)
FORCED = good("Electronics", "CN", "forced_labour")
CHILD = good("Electronics", "CN", "child_labour")


def test_a_good_that_a_list_names_is_an_indicator_with_the_row_quoted_and_grades() -> None:
    found = assessed(site("CN", "Electronics"), [FORCED])

    grades = found.categories[Category.FORCED_LABOUR]
    assert (grades.finding, grades.scale, grades.scope, grades.irremediability, grades.likelihood) == (
        Finding.INDICATED,
        5,
        None,
        4,
        3,
    )
    (indicator,) = found.indicators
    assert (indicator.kind, indicator.category) == (IndicatorKind.COUNTRY_GOOD, Category.FORCED_LABOUR)
    assert indicator.evidence[0].text == "Electronics; CN; forced_labour: Yes"
    assert "says nothing about this site itself" in indicator.statement
    assert "2022" not in indicator.statement
    assert not ACCUSING.search(indicator.statement)


def test_a_category_that_a_loaded_list_covers_and_does_not_name_is_not_listed_and_has_no_grade() -> None:
    found = assessed(site("CN", "Electronics"), [FORCED, good("Electronics", "MY", "child_labour")])

    child = found.categories[Category.CHILD_LABOUR]
    assert (child.finding, child.severity, child.likelihood) == (Finding.NOT_LISTED, None, None)
    assert found.categories[Category.DISCRIMINATION].finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    ("country", "sectors", "gap"),
    [
        (None, ("Electronics",), "country not given"),
        ("NO", (), "sector not given"),
        ("NO", ("Electronics", "Something else"), "sector not in the model"),
    ],
)
def test_what_is_not_known_well_enough_to_be_found_in_a_list_is_unknown_and_a_gap(
    country: str | None, sectors: tuple[str, ...], gap: str
) -> None:
    found = assessed(site(country, *sectors), [FORCED, CHILD])

    assert found.categories[Category.FORCED_LABOUR].finding is Finding.UNKNOWN
    assert gap in found.gaps


def test_a_good_listed_for_its_input_is_a_gap_and_no_finding() -> None:
    found = assessed(site("CN", "Batteries"), [FORCED, CHILD, good("Lithium-Ion Batteries", "CN", "derived")])

    assert found.categories[Category.FORCED_LABOUR].finding is Finding.UNKNOWN
    assert "listed for an input made elsewhere: category not given" in found.gaps
    assert not found.indicators


def test_one_indicator_holds_every_fact_that_a_list_states_of_a_good_and_category() -> None:
    found = assessed(site("CN", "Electronics"), [FORCED, CHILD, good("Electronics", "CN", "forced_child_labour")])

    assert [(one.category, len(one.evidence)) for one in found.indicators] == [
        (Category.CHILD_LABOUR, 2),
        (Category.FORCED_LABOUR, 2),
    ]


def test_the_order_in_which_facts_are_loaded_makes_no_difference_to_an_indicator() -> None:
    listed = [
        FORCED,
        CHILD,
        good("Electronics", "CN", "forced_child_labour"),
        good("Electronics", None, "child_labour"),
    ]
    place = site("CN", "Electronics")

    assert {assessed(place, order).indicators for order in permutations(listed)} == {assessed(place, listed).indicators}


def test_the_same_fact_in_another_edition_or_text_is_the_same_indicator_and_another_list_is_another() -> None:
    older = assessed(site("CN", "Electronics"), [FORCED]).indicators[0]
    newer = assessed(site("CN", "Electronics"), [good("electronics", "CN", "forced_labour", edition="2024")])
    other = assessed(site("CN", "Electronics"), [good("Electronics", "CN", "forced_labour", source="Another list")])

    assert newer.indicators[0].indicator == older.indicator
    assert other.indicators[0].indicator != older.indicator


def test_a_mineral_points_where_it_is_mined_and_its_origin_stays_a_gap() -> None:
    tin = good("Tin ore (cassiterite)", "ID", "child_labour")
    smelter = site("ID", minerals=(MineralUse("tin"),))
    elsewhere = site("NO", minerals=(MineralUse("tin"),))

    assert [one.kind for one in assessed(smelter, [tin]).indicators] == [IndicatorKind.MINERAL]
    assert not assessed(elsewhere, [tin]).indicators
    assert "origin of minerals: not known" in assessed(smelter, [tin]).gaps


def test_a_list_that_names_a_mineral_of_no_country_concerns_every_country() -> None:
    cobalt = about(FactAbout.MINERAL, None, "Cobalt", "child_labour", word="yes")

    found = assessed(site("NO", minerals=(MineralUse("cobalt"),)), [cobalt])

    assert found.categories[Category.CHILD_LABOUR].scale == 4


def test_a_fact_that_says_no_is_no_reason() -> None:
    cobalt = about(FactAbout.MINERAL, None, "Cobalt", "child_labour", word="no")

    assert not assessed(site("NO", minerals=(MineralUse("cobalt"),)), [cobalt]).indicators


def test_a_mineral_declared_to_come_from_a_conflict_affected_area_makes_a_likelihood_and_no_indicator() -> None:
    found = assessed(site("NO", minerals=(MineralUse("gold", from_conflict_affected_area=True),)))

    assert found.categories[Category.FORCED_LABOUR].likelihood == 4
    assert found.categories[Category.FORCED_LABOUR].finding is Finding.UNKNOWN
    assert not found.indicators


def test_a_recycled_mineral_lowers_nothing() -> None:
    declared = MineralUse("gold", from_conflict_affected_area=True, recycled_only=True)

    assert assessed(site("NO", minerals=(declared,))).categories[Category.CHILD_LABOUR].likelihood == 4


def test_a_name_on_an_entity_list_is_an_indicator_that_asks_to_be_checked() -> None:
    listed = entity("Example Listed Works Co., Ltd.")

    found = assessed(site("CN", names=("Example Listed Works",)), [listed])

    (indicator,) = found.indicators
    assert (indicator.kind, indicator.confidence) == (IndicatorKind.ENTITY_LIST, Confidence.HIGH)
    assert "check that it is the same company" in indicator.statement
    assert not ACCUSING.search(indicator.statement)
    assert found.categories[Category.FORCED_LABOUR].likelihood == 5
    assert found.instruments[Instrument.C029] is Finding.INDICATED


def test_the_less_sure_a_match_by_name_is_the_lower_its_likelihood() -> None:
    listed = entity("Example Listed Works Co., Ltd.")

    here = assessed(site("CN", names=("Example Listed Works",)), [listed])
    elsewhere = assessed(site("VN", names=("Example Listed Works",)), [listed])

    assert elsewhere.indicators[0].confidence is Confidence.MEDIUM
    assert here.categories[Category.FORCED_LABOUR].likelihood == 5
    assert elsewhere.categories[Category.FORCED_LABOUR].likelihood == 4


def test_two_orders_against_one_entity_are_one_indicator_and_two_names_that_match_it_too() -> None:
    orders = [entity("Example Listed Works"), entity("Example Listed Works", measure="cbp_finding")]

    found = assessed(site("CN", names=("Example Listed Works", "Example Listed Works Ltd")), orders)

    (indicator,) = found.indicators
    assert len(indicator.evidence) == 2


def test_a_list_of_any_name_that_begins_with_listed_is_read() -> None:
    found = assessed(site("CN", names=("Example Listed Works",)), [entity("Example Listed Works", measure="listed_x")])

    assert found.categories[Category.FORCED_LABOUR].finding is Finding.INDICATED


def test_nothing_loaded_leaves_everything_unknown_and_says_so() -> None:
    found = assessed(site("CN", "Electronics"))

    assert {grades.finding for grades in found.categories.values()} == {Finding.UNKNOWN}
    assert {(grades.severity, grades.likelihood) for grades in found.categories.values()} == {(None, None)}
    assert set(found.instruments.values()) == {Finding.UNKNOWN}
    assert len(found.instruments) == 11
    assert found.gaps[:3] == (
        "goods by country: no list loaded",
        "entities: no list loaded",
        "country indicators: none loaded",
    )


def test_an_instrument_is_not_listed_only_where_a_loaded_list_covers_it() -> None:
    found = assessed(site("NO", "Electronics"), [FORCED, CHILD])

    assert found.instruments[Instrument.C029] is Finding.NOT_LISTED
    assert found.instruments[Instrument.C182] is Finding.NOT_LISTED
    assert found.instruments[Instrument.C105] is Finding.UNKNOWN
    assert found.instruments[Instrument.C155] is Finding.UNKNOWN


def test_other_facts_in_force_are_not_mixed_up_with_those_kept_of_before() -> None:
    place = site("CN", "Electronics")

    assert [assessed(place, [one]).indicators[0].category for one in (FORCED, CHILD, FORCED)] == [
        Category.FORCED_LABOUR,
        Category.CHILD_LABOUR,
        Category.FORCED_LABOUR,
    ]


def test_a_long_name_is_cut_so_that_a_statement_can_be_published() -> None:
    listed = entity("Example " + "Very Long Name " * 30)

    (indicator,) = assessed(site("CN", names=(listed.fact.name,)), [listed]).indicators

    assert len(indicator.statement) <= 500
    assert "withhold release order" in indicator.statement
    assert "check that it is the same company" in indicator.statement


def test_no_sentence_of_an_explanation_accuses() -> None:
    told = explained(
        site("CN", "Electronics", names=("Example Listed Works",), minerals=(MineralUse("gold", True),)),
        [FORCED, CHILD, entity("Example Listed Works"), series("CN", "v2x_rule", 0.9), ratified("CN", "C087", "no")],
    )

    for category in told.categories:
        for text in (*(one.says for one in category.reasons), *(one.what for one in category.changes)):
            assert not ACCUSING.search(text)


@pytest.mark.parametrize("listed", ["goods", "entities"])
def test_of_very_many_rows_some_are_quoted_and_the_others_counted_so_that_the_event_stays_small(listed: str) -> None:
    names = ["Electronics" if listed == "goods" else "Example Electronics"]
    start = good("Electronics", "CN", "forced_labour") if listed == "goods" else entity(*names)
    rows = [
        replace(start, fact=replace(start.fact, text=f"{number:03}" + "\U00020000" * 1990)) for number in range(200)
    ]

    found = [assessed(site("CN", "Electronics"), told).indicators for told in (rows, rows[::-1])]

    assert found[0] == found[1]
    assert found[0]
    for indicator in found[0]:
        assert [one.text[:3] for one in indicator.evidence] == [f"{number:03}" for number in range(20)]
        assert "It has 180 rows more than are quoted here." in indicator.statement
        assert len(indicator.statement) <= 500
        quoted = [one.model_dump_json() for one in indicator.evidence]
        assert len("".join(quoted).encode()) < 200 * 1024
