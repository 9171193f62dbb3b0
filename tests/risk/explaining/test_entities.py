"""A name is matched with an entity list where it is surely or very likely the same, and never by ordinary words."""

import csv
import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.risk.domain.entities import CHECK, EntityMatch, match_entities, said
from services.risk.domain.entity_names import spellings
from services.risk.domain.facts.catalogue import Catalogue, catalogue
from services.risk.domain.facts.fact import Fact, FactAbout, Listed
from shared.countries import resolve
from shared.events.vocabulary import Confidence

DATA = Path(__file__).parents[4] / "shared" / "data"
BITLAND = "Hefei Bitland Information Technology Co., Ltd."
"""As a list of US Customs and Border Protection has it: China, Electronics, 9/8/2020, WRO."""


def listed(name: str, country: str | None = "CN", source: str = "Example list of entities") -> Listed:
    fact = Fact(FactAbout.ENTITY, country, name, "cbp_wro", f"{name}; {country}", valid_from=date(2020, 9, 8))
    return Listed(fact, source, "2025", "public domain", None)


def lists(*entries: str, country: str | None = "CN") -> Catalogue:
    return catalogue([listed(entry, country) for entry in entries])


def how(matches: Iterable[EntityMatch]) -> list[tuple[str, str, Confidence]]:
    return [(one.how, one.place, one.confidence) for one in matches]


def test_an_alias_is_quoted_as_the_list_has_it() -> None:
    entry = "Example Works, a/k/a Golden Example (JinExa) Diesel Factory"

    (found,) = match_entities(["Golden Example Diesel Factory"], "CN", lists(entry))

    assert (found.how, found.entry) == ("alias", "Golden Example (JinExa) Diesel Factory")


@pytest.mark.parametrize(
    "name",
    [
        BITLAND,
        "HEFEI BITLAND INFORMATION TECHNOLOGY COMPANY LIMITED",
        "Hefei Bitland Information Technology",
        "Hefei Bitland Information Technology (Bitland) Co., Ltd.",
        "He Fei Bitland Information Technology Co Ltd",
    ],
)
def test_the_same_name_in_the_same_country_is_a_sure_match(name: str) -> None:
    assert how(match_entities([name], "CN", lists(BITLAND))) == [("name", "same", Confidence.HIGH)]


@pytest.mark.parametrize(("country", "place"), [("TW", "other"), (None, "unknown")])
def test_the_same_name_elsewhere_or_nobody_knows_where_is_less_sure(country: str | None, place: str) -> None:
    assert how(match_entities([BITLAND], country, lists(BITLAND))) == [("name", place, Confidence.MEDIUM)]


def test_a_list_that_names_no_country_is_compared_by_the_name_alone() -> None:
    assert how(match_entities([BITLAND], "CN", lists(BITLAND, country=None))) == [
        ("name", "unknown", Confidence.MEDIUM)
    ]


def test_ordinary_words_alone_say_little_in_another_country() -> None:
    entry = lists("Precision Machinery Factory")

    assert how(match_entities(["Precision Machinery Factory Ltd."], "MY", entry)) == [("name", "other", Confidence.LOW)]
    assert how(match_entities(["Precision Machinery Factory Ltd."], "CN", entry)) == [("name", "same", Confidence.HIGH)]


@pytest.mark.parametrize(
    "entry",
    [
        "Example Works, a/k/a Sample Samplers, a/k/a Other Name",
        "Example Works (f/k/a Sample Samplers)",
        "Example Works d/b/a Sample Samplers",
        "Example Works (and two aliases: Sample Samplers Co. Ltd.; and Other Name)",
        "Example Works (formerly known as Sample Samplers)",
    ],
)
def test_an_alias_counts_as_a_name(entry: str) -> None:
    assert how(match_entities(["Sample Samplers"], "CN", lists(entry))) == [("alias", "same", Confidence.HIGH)]
    assert how(match_entities(["Example Works"], "CN", lists(entry))) == [("name", "same", Confidence.HIGH)]


def test_brackets_in_a_name_may_be_left_out() -> None:
    entry = lists("Golden Example (JinExa) Diesel Factory")

    assert how(match_entities(["Golden Example Diesel Factory"], "CN", entry)) == [("name", "same", Confidence.HIGH)]
    assert [one.text for one in spellings("Example (JinExa) Plant")] == ["Example (JinExa) Plant", "Example   Plant"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hefei Bitlland Information Technology Co., Ltd.", Confidence.MEDIUM),
        ("Hefei Bitland Information", Confidence.LOW),
        ("Bitland Information Technology", Confidence.MEDIUM),
    ],
)
def test_a_similar_name_in_the_same_country_is_a_pointer_of_less_sureness(name: str, expected: Confidence) -> None:
    assert how(match_entities([name], "CN", lists(BITLAND))) == [("similar", "same", expected)]


@pytest.mark.parametrize("country", ["TW", None])
def test_a_similar_name_elsewhere_is_no_match(country: str | None) -> None:
    assert match_entities(["Bitland Information Technology"], country, lists(BITLAND)) == ()


@pytest.mark.parametrize(
    "name",
    [
        "Hefei Information Technology Co., Ltd.",
        "Hefei Electronics",
        "Hefei Bitlend Information Technology Co., Ltd.",  # another syllable is another company
        "Bitland Machinery",  # another trade
        "Bitland Sample Information Technology",
        "Information Technology",
        "",
        "Co., Ltd.",
    ],
)
def test_ordinary_words_and_other_syllables_match_nobody(name: str) -> None:
    assert match_entities([name], "CN", lists(BITLAND)) == ()


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Examplera Glove Works", "Examplora Glove Works"),
        ("Examplerissimo Bitlander Works", "Examplerissimo Bitlandar Works"),
    ],
)
def test_another_letter_is_a_slip_only_where_it_makes_no_other_syllable(name: str, entry: str) -> None:
    assert how(match_entities([name], "MY", lists(entry, country="MY"))) == [("similar", "same", Confidence.MEDIUM)]
    assert match_entities([name], "CN", lists(entry)) == ()


def test_of_two_entries_of_one_sureness_the_liker_comes_first() -> None:
    entries = lists("Bitland Advanced Information Technology", "Bitland Information Technology System")

    found = match_entities(["Bitland Information Technology Systems Trading", "Bitland Information"], "CN", entries)

    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)
    assert len({one.likeness for one in found}) == 2


def test_a_short_telling_word_needs_the_rest_of_the_name() -> None:
    assert match_entities(["Giant Interconnect", "Giant"], "TW", lists("Giant Works Co., Ltd.", country="TW")) == ()


def test_numbers_tell_plants_apart() -> None:
    assert match_entities(["Examplar No. 3 Plant"], "CN", lists("Examplar No. 2 Plant")) == ()


def test_a_row_that_is_no_company_matches_nobody() -> None:
    row = "All gold mined, produced, or manufactured in the Artisanal mining sites in the eastern Example Republic"

    assert match_entities(["Gold Mining", "Artisanal Gold", "Example Republic Mining"], "CN", lists(row)) == ()


def test_each_entry_comes_once_the_surest_first() -> None:
    entries = lists("Bitland Information Technology", BITLAND)

    found = match_entities(["Hefei Bitland Information", BITLAND], "CN", entries)

    assert [(one.entry, one.confidence) for one in found] == [
        (BITLAND, Confidence.HIGH),
        ("Bitland Information Technology", Confidence.MEDIUM),
    ]


def test_the_wording_accuses_nobody_and_asks_to_check() -> None:
    found = match_entities([BITLAND], "CN", lists(BITLAND))

    assert said(found[0]) == f"has an entry of this name in the same country. {CHECK}"


CONFIDENCES = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
ENTRIES = (BITLAND, "Bitland Technology", "Example Works, a/k/a Hefei Bitland", "Sample Textile", "Sampel Textile")


@given(names=st.lists(st.sampled_from([*ENTRIES, "Bitland", "Sample Textiles"]), max_size=5), seed=st.randoms())
def test_the_order_of_names_and_entries_makes_no_difference(names: list[str], seed: random.Random) -> None:
    facts = [listed(entry) for entry in ENTRIES]
    ordered = match_entities(names, "CN", catalogue(facts))
    seed.shuffle(facts)
    seed.shuffle(names)

    assert match_entities(names, "CN", catalogue(facts)) == ordered


@given(name=st.text(max_size=60), country=st.sampled_from(["CN", "NO", None]))
def test_any_text_is_taken_as_a_name(name: str, country: str | None) -> None:
    found = match_entities([name, BITLAND], country, lists(BITLAND, "Bitland Technology", name))

    assert found and all(0 <= one.likeness <= 100 for one in found)
    order = [(CONFIDENCES.index(one.confidence), -one.likeness) for one in found]
    assert order == sorted(order)


@pytest.mark.skipif(not DATA.exists(), reason="the real lists are not beside the project")
def test_of_954_spellings_on_a_real_supplier_list_none_is_taken_for_one_of_19_listed_entities() -> None:
    """None of those companies is on the list, so that each match would be a false one."""
    with (DATA / "risk" / "extract_us_cbp_wro_findings_industrial.csv").open(encoding="utf-8") as file:
        entries = catalogue([listed(row["entity"], resolve(row["country"])) for row in csv.DictReader(file)])
    with (DATA / "suppliers" / "apple-supplier-list-2012-2022.csv").open(encoding="utf-8") as file:
        names = {(row["supplier_name"], resolve(row["country"])) for row in csv.DictReader(file)}

    assert len({name for name, _ in names}) == 954
    assert len(entries.entities) == 19
    assert [name for name in sorted(names, key=repr) if match_entities([name[0]], name[1], entries)] == []
