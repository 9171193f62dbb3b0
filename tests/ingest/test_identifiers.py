"""Ids that others gave: one slip of the pen is found where the scheme has check characters."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.ingest.domain.events.remedies import REMEDIES
from services.ingest.domain.identity.identifiers import (
    CROCKFORD,
    is_lei,
    is_norwegian,
    is_os_id,
    problem_of,
    valid_identifiers,
)

ALPHANUMERIC = string.digits + string.ascii_uppercase


def lei_of(body: str) -> str:
    """ISO 17442: eighteen characters and the two that check them, counted in long division."""
    rest = 0
    for character in body + "00":
        for digit in str(ALPHANUMERIC.index(character)):
            rest = (rest * 10 + int(digit)) % 97
    return f"{body}{98 - rest:02d}"


def os_id_of(body: str) -> str:
    """Fourteen characters and the one that checks them."""
    letters = sum(64 + string.ascii_uppercase.index(letter) + 1 for letter in body[:2])
    return body + CROCKFORD[(letters + sum(CROCKFORD.index(one) for one in body[2:])) % 32]


LEIS = st.text(ALPHANUMERIC, min_size=18, max_size=18).map(lei_of)
OS_IDS = st.builds(
    lambda country, year, day, rest: os_id_of(f"{country}{year}{day:03d}{rest}"),
    st.text(string.ascii_uppercase, min_size=2, max_size=2),
    st.integers(2019, 2099),
    st.integers(1, 365),
    st.text(CROCKFORD, min_size=5, max_size=5),
)


@given(LEIS)
def test_an_lei_whose_check_digits_are_right_is_valid(lei: str) -> None:
    assert is_lei(lei)


@given(LEIS, st.integers(0, 19), st.sampled_from(ALPHANUMERIC))
def test_every_digit_for_a_digit_and_letter_for_a_letter_of_an_lei_is_found(lei: str, place: int, other: str) -> None:
    assume(lei[place] != other and lei[place].isdigit() is other.isdigit())

    assert not is_lei(lei[:place] + other + lei[place + 1 :])


@given(LEIS, st.integers(0, 17))
def test_two_swapped_digits_or_letters_of_an_lei_are_found(lei: str, place: int) -> None:
    assume(lei[place] != lei[place + 1] and lei[place].isdigit() is lei[place + 1].isdigit())

    assert not is_lei(lei[:place] + lei[place + 1] + lei[place] + lei[place + 2 :])


@given(OS_IDS)
def test_an_os_id_whose_check_character_is_right_is_valid(os_id: str) -> None:
    assert is_os_id(os_id)


@given(OS_IDS, st.integers(0, 14), st.sampled_from(ALPHANUMERIC))
def test_every_change_of_one_character_of_an_os_id_is_found(os_id: str, place: int, other: str) -> None:
    assume(os_id[place] != other)

    assert not is_os_id(os_id[:place] + other + os_id[place + 1 :])


@pytest.mark.parametrize("number", ["310000000", "NO 310 000 000 MVA", "310.000.000"])
def test_a_norwegian_number_counts_however_it_is_set(number: str) -> None:
    assert is_norwegian(number)


@pytest.mark.parametrize("number", ["310000001", "301000000", "000000000", "31000000", "3100000000", "abc"])
def test_a_norwegian_number_with_a_wrong_check_digit_or_form_is_none(number: str) -> None:
    assert not is_norwegian(number)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lei", "EXAMPLE0000000000086"),
        ("duns", "12345678"),
        ("os_id", "NO2020001EXAMP2"),
        ("rba_id", "?"),
        ("smelter_id", "CID12"),
        ("organisation_number", "none"),
    ],
)
def test_an_id_that_its_scheme_cannot_have_issued_is_named_with_a_code_that_has_a_remedy(
    field: str, value: str
) -> None:
    assert problem_of({"duns": "000000000", field: value}) == (field, f"{field}_invalid")
    assert f"{field}_invalid" in REMEDIES
    assert field not in valid_identifiers({field: value})


def test_a_national_number_is_checked_by_the_rule_of_its_country_where_that_is_known() -> None:
    assert problem_of({"organisation_number": "310000001"}, "NO") == (
        "organisation_number",
        "organisation_number_invalid",
    )
    assert problem_of({"organisation_number": "310000001"}, "SE") is None
    assert problem_of({"organisation_number": "310000001"}) is None


def test_ids_that_can_be_right_raise_no_objection() -> None:
    valid = {
        "organisation_number": "310000000",
        "lei": "EXAMPLE0000000000087",
        "duns": "000000000",
        "os_id": "NO2020001EXAMP1",
        "rba_id": "RBA-EXAMPLE-1",
        "smelter_id": "CID000000",
    }

    assert problem_of(valid, "NO") is None
    assert valid_identifiers(valid, "NO") == valid


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40)), st.none() | st.text(max_size=2))
def test_whatever_is_given_as_an_id_is_judged_and_never_raises(given_ids: dict[str, str], country: str | None) -> None:
    problem_of(given_ids, country)
    valid_identifiers(given_ids, country)
