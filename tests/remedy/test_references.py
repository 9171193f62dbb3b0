"""References: what people read and type instead of a case."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.remedy.domain import references
from services.remedy.domain.references import CROCKFORD
from services.remedy.receiving import draw_reference
from shared import sealing

SHAPE = re.compile(r"R-[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")


def symbols(reference: str) -> str:
    return reference.removeprefix("R-").replace("-", "")


def valid(twelve: str) -> bool:
    """Whether twelve symbols are a number with its check symbol, calculated apart from the code under test."""
    number = 0
    for symbol in twelve[:-1]:
        number = number * 32 + CROCKFORD.index(symbol)
    return number % 37 == CROCKFORD.index(twelve[-1])


@given(st.integers(0, 2**55 - 1))
def test_a_reference_has_three_groups_of_four_symbols_and_its_check_symbol(number: int) -> None:
    reference = references.reference_of(number)

    assert reference is None or (SHAPE.fullmatch(reference) and valid(symbols(reference)))


@given(st.integers(0, 2**55 - 1), st.integers(0, 11), st.sampled_from(CROCKFORD))
def test_one_wrong_symbol_never_gives_another_valid_reference(number: int, place: int, other: str) -> None:
    reference = references.reference_of(number)
    if reference is None or symbols(reference)[place] == other:
        return
    twelve = symbols(reference)

    assert not valid(twelve[:place] + other + twelve[place + 1 :])


@given(st.integers(0, 2**55 - 1), st.integers(0, 10))
def test_two_exchanged_symbols_never_give_another_valid_reference(number: int, place: int) -> None:
    reference = references.reference_of(number)
    if reference is None or symbols(reference)[place] == symbols(reference)[place + 1]:
        return
    twelve = symbols(reference)

    assert not valid(twelve[:place] + twelve[place + 1] + twelve[place] + twelve[place + 2 :])


def test_references_are_drawn_from_the_whole_space_and_do_not_repeat() -> None:
    drawn = [draw_reference() for _ in range(5000)]

    assert len(set(drawn)) == len(drawn)
    for place in range(11):
        assert {symbols(reference)[place] for reference in drawn} == set(CROCKFORD)


@pytest.mark.parametrize("typed", ["r-01ab-cdef-ghjk", " R-O1AB-CDEF-GHJK ", "R-oLab-cdef-ghjk", "0IAB-CDEF-GHJK"])
def test_a_reference_is_known_as_people_type_it(typed: str) -> None:
    assert references.as_written(typed) == "R-01AB-CDEF-GHJK"


@pytest.mark.parametrize(
    "typed", ["", "R-", "R-01AB", "R-01AB-CDEF-GHJU", "R-01AB-CDEF-GHJ\x00", "R-01AB-CDEF-GHJK\n;"]
)
def test_what_cannot_be_a_reference_is_none(typed: str) -> None:
    assert references.as_written(typed) is None


def test_the_id_of_a_key_is_half_of_its_fingerprint() -> None:
    assert references.key_id_of(sealing.encode(bytes(32))) == "66687aadf862bd77"
