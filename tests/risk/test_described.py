"""What disclosures tell together of a site, since when, and which sites a fact bears on: pure decisions."""

from datetime import datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from services.risk.domain import spans
from services.risk.domain.bearing import bearing_of
from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.sites import Claim, MineralUse, Told, described
from services.risk.domain.spans import Span
from services.risk.settings import current_model
from shared.events.vocabulary import Representation, SourceClass
from tests.risk.given import START, named


def told(number: int, at: int = 0, **more: object) -> Told:
    """A disclosure, made `at` seconds after the start."""
    fields = {"audience": "", "site": named("site"), "supplier": named(f"supplier {number}")}
    since = {"supplier_name": f"Example {number}", "since": START + timedelta(seconds=at)}
    return Told(named(f"disclosure {number}"), **(fields | since | more))  # type: ignore[arg-type] # test data


INDEPENDENT = Claim(SourceClass.MONITORING_PARTNER, Representation.INDEPENDENT)
NO_UNION = Claim(SourceClass.SUPPLIER, Representation.NONE)


def test_a_site_is_described_alike_in_whatever_order_it_was_told_of() -> None:
    ones = [
        told(1, at=5, country="CN", sectors=("Electronics",), claim=INDEPENDENT),
        told(2, at=2, site_name="Example Plant", sectors=("electronics", "Solar"), claim=NO_UNION),
        told(3, at=2, country="MY", mineral=MineralUse("gold")),
    ]

    found = {described(order) for order in permutations(ones)}

    assert len(found) == 1
    (site,) = found
    assert site.supplier == min(ones[1].supplier, ones[2].supplier)
    assert (site.country, site.site_name, site.disclosures) == ("MY", "Example Plant", 3)
    assert len(site.sectors) == 2
    assert set(site.claims) == {INDEPENDENT, NO_UNION}
    assert site.names == ("Example 1", "Example 2", "Example 3", "Example Plant")


def test_a_disclosure_that_is_told_to_all_and_to_one_member_counts_once() -> None:
    assert described([told(1), told(1, audience="oslo")]).disclosures == 1


def moment(at: int) -> datetime:
    return START + timedelta(seconds=at)


def test_a_disclosure_that_came_back_is_told_since_its_return() -> None:
    span = spans.ended(spans.told(spans.told(None, moment(1)), moment(3)), moment(5))

    back = spans.told(span, moment(9))

    assert span == Span(moment(5), moment(1), retired=True)
    assert back == Span(moment(9), moment(9), returned_after=moment(5))


def test_what_was_never_told_cannot_end() -> None:
    assert spans.ended(None, moment(1)) is None


@given(st.data())
def test_words_under_two_keys_end_the_same_in_whatever_order_these_come(data: st.DataObject) -> None:
    """A disclosure is first one supplier's, then another's: words of the two come in any order, each in its own."""
    former = sorted(data.draw(st.sets(st.integers(1, 9), min_size=1, max_size=3)))
    later = sorted(data.draw(st.sets(st.integers(10, 30), min_size=1, max_size=5)))
    first = [(at, True) for at in former]
    second = [(at, place % 2 == 0) for place, at in enumerate(later)]
    expected = followed(first + second)
    mixed = list(second)
    for word in first:
        mixed.insert(data.draw(st.integers(mixed.index(word) if word in mixed else 0, len(mixed))), word)

    assert followed(mixed) == expected


def followed(words: list[tuple[int, bool]]) -> Span | None:
    span: Span | None = None
    for at, holds in words:
        span = spans.told(span, moment(at)) if holds else spans.ended(span, moment(at))
    return span


def test_a_fact_bears_on_its_country_on_makers_of_its_good_and_on_users_of_its_mineral() -> None:
    found = bearing_of(
        [
            (FactAbout.COUNTRY, "CN", ""),
            (FactAbout.GOOD, "MY", "electronics"),
            (FactAbout.MINERAL, "CD", "cobalt"),
            (FactAbout.SECTOR, "", "footwear"),
            (FactAbout.ENTITY, "CN", "example works"),
        ],
        current_model(),
    )

    assert found.countries == {"CN"}
    assert {("MY", "electronics"), ("", "footwear")} <= found.sectors
    assert ("CD", "cobalt") in found.minerals
    assert not any(country == "CN" for country, _ in found.sectors | found.minerals)
