"""Editions: what one is called, which may be loaded, and what one changes against the one before."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.risk.domain.facts.catalogue import catalogue
from services.risk.domain.facts.editions import (
    Edition,
    EditionRefused,
    admit,
    changes_between,
    digest_of,
    is_edition,
)
from services.risk.domain.facts.fact import Fact, FactAbout, Listed
from tests.risk.facts.files import about_country, good

FACTS = st.builds(
    Fact,
    st.sampled_from(FactAbout),
    st.sampled_from(["CN", "MY", None]),
    st.sampled_from(["", "Electronics", "electronics ", "Solar"]),
    st.sampled_from(["forced_labour", "example_index"]),
    st.sampled_from(["as listed", "otherwise worded"]),
    st.sampled_from([None, 0.0, 0.5]),
    st.sampled_from([None, "yes", "no"]),
)


@pytest.mark.parametrize("label", ["2022", "2022-09", "2022-09-28"])
def test_an_edition_is_a_year_a_month_or_a_day(label: str) -> None:
    assert is_edition(label)


@pytest.mark.parametrize("label", ["latest", "22", "2022-13", "2022-09-32", "2022 ", "2022-9", "٢٠٢٢", ""])
def test_an_edition_is_nothing_else(label: str) -> None:
    assert not is_edition(label)


def test_the_same_edition_with_the_same_facts_is_no_news() -> None:
    assert admit("2022", "a", [Edition("2022", "a", True)]) is False
    assert admit("2020", "b", [Edition("2020", "b", False), Edition("2022", "a", True)]) is False


def test_a_newer_edition_is_news_and_so_is_the_first() -> None:
    assert admit("2022-09", "b", [Edition("2022", "a", True)])
    assert admit("2022", "a", [])


@pytest.mark.parametrize(
    ("edition", "digest", "code"), [("2022", "b", "edition_differs"), ("2021-12-31", "b", "edition_older")]
)
def test_an_edition_that_cannot_come_next_is_refused_with_a_remedy(edition: str, digest: str, code: str) -> None:
    with pytest.raises(EditionRefused) as refused:
        admit(edition, digest, [Edition("2022", "a", True)])

    assert refused.value.code == code
    assert refused.value.remedy
    assert code != "edition_older" or "Edition 2022," in refused.value.remedy


@given(st.lists(FACTS), st.randoms())
def test_the_order_of_rows_makes_no_difference(facts: list[Fact], random: Random) -> None:
    shuffled = facts.copy()
    random.shuffle(shuffled)

    assert digest_of(shuffled) == digest_of(facts)
    assert changes_between(facts, shuffled) == []
    listed = [Listed(fact, "Example list", "2026", None, None) for fact in facts]
    assert catalogue(Listed(fact, "Example list", "2026", None, None) for fact in shuffled) == catalogue(listed)


@given(st.lists(FACTS), st.lists(FACTS))
def test_what_changes_one_way_changes_back_the_other_way(one: list[Fact], other: list[Fact]) -> None:
    there, back = changes_between(one, other), changes_between(other, one)

    assert [(change.statement, change.before) for change in there] == [(c.statement, c.after) for c in back]
    assert changes_between(one, one) == []


def test_changes_are_told_by_what_is_said_and_not_by_how_it_is_worded() -> None:
    before = [good("CN"), good("MY"), about_country("NO", "example_index", 0.1)]
    after = [
        replace(good("CN"), text="otherwise worded"),
        good("PK"),
        about_country("NO", "example_index", 0.2),
    ]

    changes = changes_between(before, after)

    assert [(one.key, one.kind, len(one.before), len(one.after)) for one in changes] == [
        ((FactAbout.COUNTRY, "NO", ""), (FactAbout.COUNTRY, "example_index"), 1, 1),
        ((FactAbout.GOOD, "MY", "electronics"), (FactAbout.GOOD, "forced_labour"), 1, 0),
        ((FactAbout.GOOD, "PK", "electronics"), (FactAbout.GOOD, "forced_labour"), 0, 1),
    ]


def test_capitals_and_blanks_are_no_change() -> None:
    assert changes_between([good("CN", name="Solar Cells")], [good("CN", name=" solar  CELLS")]) == []
