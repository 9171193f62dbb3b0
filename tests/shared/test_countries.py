"""Countries are found by code and by the names that real lists use; what is not certain is not guessed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.countries import alpha2_codes, name_of, resolve


def test_the_table_has_all_249_entries_of_iso_3166() -> None:
    codes = alpha2_codes()

    assert len(codes) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in codes)


@pytest.mark.parametrize("code", sorted(alpha2_codes()))
def test_a_country_is_found_by_its_code_and_by_its_own_name(code: str) -> None:
    assert resolve(code) == code
    assert resolve(code.lower()) == code
    assert resolve(name_of(code)) == code
    assert resolve(f"  {name_of(code).upper()} ") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CHN", "CN"),
        ("Korea", "KR"),  # Apple
        ("Republic of Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("North Korea", "KP"),  # ILAB, CBP
        ("Korea, Democratic People's Republic of", "KP"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("the United States of America", "US"),
        ("UK", "GB"),
        ("Taiwan", "TW"),
        ("Hong Kong", "HK"),
        ("Macau", "MO"),
        ("Macao", "MO"),
        ("Viet Nam", "VN"),
        ("VIETNAM", "VN"),  # Open Supply Hub, list 2
        ("Burma", "MM"),  # ILAB
        ("Congo, Democratic Republic of the", "CD"),  # ILAB
        ("Democratic Republic of the Congo", "CD"),  # CBP
        ("Congo, Republic of the", "CG"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("Turkey (Türkiye)", "TR"),  # ILAB
        ("Kyrgyz Republic", "KG"),  # ILAB
        ("Slovak Republic", "SK"),  # Open Supply Hub, list 6
        ("Czech", "CZ"),  # Apple
        ("UAE", "AE"),  # Open Supply Hub, list 4
        ("São Tomé and Príncipe", "ST"),
        ("St. Lucia", "LC"),
        ("Trinidad & Tobago", "TT"),
    ],
)
def test_the_spellings_of_real_lists_are_known(text: str, code: str) -> None:
    assert resolve(text) == code


@pytest.mark.parametrize(
    "text", ["", " ", "-", "England", "Congo", "Virgin Islands", "Europe", "N/A", "XX", "Chinatown"]
)
def test_what_names_no_country_or_two_is_not_guessed(text: str) -> None:
    assert resolve(text) is None


def test_an_unknown_code_has_no_name() -> None:
    with pytest.raises(KeyError):
        name_of("XX")


@given(st.text())
def test_any_text_gives_a_known_code_or_nothing(text: str) -> None:
    assert resolve(text) in alpha2_codes() | {None}
