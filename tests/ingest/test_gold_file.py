"""The judged pairs themselves: real, many, mixed and consistent. How well matching does is measured elsewhere."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

GOLD = Path(__file__).parent / "gold"
LISTS = Path(__file__).parents[3] / "shared" / "data" / "suppliers"
EASY = {"unrelated", "other_premises", "similar_name", "punctuation", "legal_form", "city_differs"}
"""The kinds that a plain comparison of words decides; every other kind is a hard one."""


class Row(NamedTuple):
    """A supplier or site as a list names it; a supplier has no address here."""

    name: str
    address: str
    country: str


class Pair(NamedTuple):
    """Two rows and what a reader decided about them."""

    left: Row
    right: Row
    same: str
    half: str
    kind: str
    why: str


def row(line: dict[str, str], side: str) -> Row:
    return Row(line[f"{side}_name"], line.get(f"{side}_address", ""), line[f"{side}_country"])


def pairs(name: str) -> list[Pair]:
    with (GOLD / name).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return [
        Pair(row(one, "left"), row(one, "right"), one["same"], one["half"], one["kind"], one["why"]) for one in lines
    ]


SUPPLIERS, SITES = pairs("suppliers.csv"), pairs("sites.csv")
BOTH = pytest.mark.parametrize("judged", [SUPPLIERS, SITES], ids=["suppliers", "sites"])


def listed() -> Iterator[Row]:
    """Every row of the lists that the pairs were drawn from."""
    with (LISTS / "apple-supplier-list-2012-2022.csv").open(encoding="utf-8-sig", newline="") as file:
        for one in csv.DictReader(file):
            yield Row(one["supplier_name"], one["supplier_address"], one["country"])
    for path in sorted((LISTS / "oshub_lists").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for one in csv.DictReader(file):
                yield Row(one["name"], one["address"], one["country"])


def groups(judged: list[Pair]) -> dict[Row, Row]:
    """The chief row of each group that the pairs judged the same hold together, by row."""
    chief: dict[Row, Row] = {}

    def top(one: Row) -> Row:
        while chief.setdefault(one, one) != one:
            one = chief[one]
        return one

    for pair in judged:
        if pair.same == "yes":
            chief[top(pair.left)] = top(pair.right)
    return {one: top(one) for pair in judged for one in (pair.left, pair.right)}


def test_there_are_enough_pairs_and_enough_of_them_are_hard() -> None:
    everything = SUPPLIERS + SITES
    answers = Counter(pair.same for pair in everything)
    hard = [pair for pair in everything if pair.kind not in EASY]

    assert len(SUPPLIERS) >= 500
    assert len(SITES) >= 600
    assert set(answers) == {"yes", "no"}
    assert answers["no"] >= 0.4 * len(everything)
    assert len(hard) >= 300
    assert all(pair.kind and pair.why for pair in everything)


@BOTH
def test_both_halves_hold_pairs_of_both_answers(judged: list[Pair]) -> None:
    cells = Counter((pair.half, pair.same) for pair in judged)

    assert set(cells) == {(half, same) for half in ("dev", "test") for same in ("yes", "no")}
    assert min(cells.values()) >= 100


def test_a_company_of_one_half_is_never_seen_in_the_other() -> None:
    halves: dict[str, set[str]] = {}
    for pair in SUPPLIERS + SITES:
        for one in (pair.left, pair.right):
            halves.setdefault(one.name, set()).add(pair.half)

    assert [name for name, seen in halves.items() if len(seen) > 1] == []


@BOTH
def test_no_pair_stands_twice_or_mirrored(judged: list[Pair]) -> None:
    seen = Counter(frozenset((pair.left, pair.right)) for pair in judged)

    assert [sorted(two) for two, times in seen.items() if times > 1 or len(two) == 1] == []


@BOTH
def test_two_rows_that_are_one_through_others_are_never_judged_apart(judged: list[Pair]) -> None:
    chief = groups(judged)

    assert [pair for pair in judged if pair.same == "no" and chief[pair.left] == chief[pair.right]] == []


@pytest.mark.skipif(not LISTS.exists(), reason="the real lists are not on this machine: no pair was checked to be real")
def test_every_side_of_a_pair_stands_in_a_real_list() -> None:
    rows = set(listed())
    named = {(one.name, one.country) for one in rows}

    assert [one for pair in SITES for one in (pair.left, pair.right) if one not in rows] == []
    assert [one for pair in SUPPLIERS for one in (pair.left, pair.right) if (one.name, one.country) not in named] == []
