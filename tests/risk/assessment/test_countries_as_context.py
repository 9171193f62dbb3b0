"""Facts about a country are context: they give likelihoods, no indicator, and what is missing is a gap."""

import pytest

from services.risk.domain.facts.fact import FactAbout
from shared.events.lifecycles import Finding
from shared.events.vocabulary import Category
from tests.risk.assessment.told import about, assessed, ratified, series, site


def test_a_country_is_context_it_gives_a_likelihood_and_never_an_indicator() -> None:
    found = assessed(site("VN", "Electronics"), [series("VN", "v2xcl_slave", 0.6)])

    forced = found.categories[Category.FORCED_LABOUR]
    assert (forced.finding, forced.severity, forced.likelihood) == (Finding.UNKNOWN, None, 4)
    assert not found.indicators
    assert not any(finding is Finding.INDICATED for finding in found.instruments.values())


def test_the_gravest_of_several_country_facts_counts() -> None:
    low, high = series("VN", "v2x_rule", 0.1), series("VN", "wb_wgi_rule_of_law", 0.9)

    assert assessed(site("VN"), [low, high]).categories[Category.DISCRIMINATION].likelihood == 4
    assert assessed(site("VN"), [low]).categories[Category.DISCRIMINATION].likelihood == 1


def test_a_country_without_a_value_is_a_gap_and_gets_no_grade() -> None:
    found = assessed(site("TW"), [series("VN", "v2x_rule", 0.1)])

    assert all(grades.likelihood is None for grades in found.categories.values())
    assert "country indicators: none for this country" in found.gaps


def test_a_category_of_which_no_series_tells_is_a_gap_of_its_own() -> None:
    found = assessed(site("VN"), [series("VN", "ilr_tumt_noc_rt_a", 0.5)])

    assert "safety and health: no country indicator for this country" in found.gaps
    assert "freedom of association: no country indicator for this country" not in found.gaps


@pytest.mark.parametrize(("word", "likelihood"), [("yes", None), ("no", 3), ("denounced", 4)])
def test_a_ratification_lowers_nothing_and_a_missing_one_may_raise(word: str, likelihood: int | None) -> None:
    found = assessed(site("VN"), [ratified("VN", "C087", word)])

    assert found.categories[Category.FREEDOM_OF_ASSOCIATION].likelihood == likelihood


def test_a_ratification_that_no_list_tells_is_a_gap() -> None:
    gaps = assessed(site("VN"), [ratified("VN", "C087", "yes"), ratified("VN", "C182", "no")]).gaps

    assert "ratification not known: C098, C029, P029, C105, C138, C100, C111, C155, C187" in gaps


@pytest.mark.parametrize(
    ("word", "likelihood"), [("significant_advancement", 2), ("moderate_advancement", 3), ("no_advancement", 4)]
)
def test_the_efforts_of_a_government_against_child_labour_are_graded_by_the_word_of_the_source(
    word: str, likelihood: int
) -> None:
    advancement = about(FactAbout.COUNTRY, "VN", "", "advancement", word=word)

    assert assessed(site("VN"), [advancement]).categories[Category.CHILD_LABOUR].likelihood == likelihood


def test_deaths_in_conflict_below_the_first_step_give_no_grade() -> None:
    assert (
        assessed(site("VN"), [series("VN", "conflict_deaths", 3)]).categories[Category.SAFETY_AND_HEALTH].likelihood
        is None
    )
    assert (
        assessed(site("VN"), [series("VN", "conflict_deaths", 30)]).categories[Category.SAFETY_AND_HEALTH].likelihood
        == 2
    )


def test_a_fact_that_the_model_does_not_use_changes_nothing() -> None:
    assert assessed(site("VN"), [series("VN", "v2xnp_client", 0.9)]).categories == assessed(site("VN")).categories
