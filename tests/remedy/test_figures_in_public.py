"""Public figures: that no case shows in them, whatever is added up or compared."""

from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from services.remedy.domain import figures
from services.remedy.domain.figures import COUNTS, DAYS, SHARES
from services.remedy.domain.measuring import Measured
from shared.events.remedy.released import Figure

K = 10
NO_ANSWERS: Mapping[str, Mapping[int, int]] = {}

NAMES = st.sampled_from(COUNTS[:5])
CASES = st.lists(
    st.builds(
        Measured,
        st.frozensets(NAMES, max_size=2),
        st.dictionaries(st.sampled_from(SHARES), st.booleans()),
        st.dictionaries(st.sampled_from(DAYS[:4]), st.integers(0, 400), max_size=3),
    ),
    max_size=45,
)
ONE = st.builds(
    Measured,
    st.frozensets(NAMES, max_size=2),
    st.dictionaries(st.sampled_from(SHARES), st.booleans()),
    st.dictionaries(st.sampled_from(DAYS[:4]), st.integers(0, 400), max_size=3),
)


def told(cases: Sequence[Measured]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures.public(cases, NO_ANSWERS, K)}


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_every_figure_counts_ten_cases_and_is_rounded_and_none_is_ever_left_out(cases: list[Measured]) -> None:
    found = told(cases)

    assert list(found) == [*COUNTS, *SHARES, *DAYS]
    for name, figure in found.items():
        counted = sum(name in one.counts or name in one.shares or name in one.days for one in cases)
        assert (figure.value is None and figure.percent is None) or counted >= K
        assert (figure.value or 0) % 5 == 0 == (figure.percent or 0) % 5


def small(cases: Sequence[Measured], name: str) -> int:
    """How many cases are in a cell."""
    return sum(name in one.counts for one in cases)


@given(CASES, ONE)
@settings(max_examples=200, deadline=None)
def test_where_a_case_is_one_of_few_the_figures_are_the_same_without_it(cases: list[Measured], one: Measured) -> None:
    """Two worlds that differ in one case, as far as it stands in cells of fewer than ten: nothing is told apart.

    Left of the case is only what stands in smaller cells: counts below ten; the minority of a share that has twenty
    cases and a majority of ten either way; medians of fewer than ten.
    """
    few_counts = frozenset(name for name in one.counts if small(cases, name) + 1 < K)
    few_days = {name: days for name, days in one.days.items() if sum(name in c.days for c in cases) + 1 < K}
    few_shares = {name: good for name, good in one.shares.items() if sum(name in c.shares for c in cases) + 1 < 2 * K}
    hidden = Measured(few_counts, few_shares, few_days)

    assert told(cases) == told([*cases, hidden])


@given(st.integers(0, 60), st.integers(0, K - 1), st.integers(0, K - 1))
@settings(max_examples=300, deadline=None)
def test_how_many_of_fewer_than_ten_are_out_of_a_share_or_in_it_cannot_be_told(base: int, one: int, other: int) -> None:
    """Of so many cases, one or nine that were late give the same figure; and so do one or nine that were not."""
    one, other = min(one, base), min(other, base)

    assert figures.share(base - one, base, K) == figures.share(base - other, base, K)
    assert figures.share(one, base, K) is None is figures.share(other, base, K)


@given(st.integers(2 * K, 300), st.integers(2 * K, 300))
def test_the_bound_that_is_told_of_a_share_hardly_tells_of_how_many_cases_it_is(one: int, other: int) -> None:
    told = figures.share(one, one, K), figures.share(other, other, K)

    assert set(told) <= {50, 80, 90, 95}
    assert told[0] == told[1] or any((one < edge) != (other < edge) for edge in (50, 100, 200))


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_is_never_told_as_more_than_it_is(good: int, bad: int) -> None:
    found = figures.share(good, good + bad, K)

    assert found is None or found <= 100 * good / (good + bad)


def attack(published: Sequence[int | None], rounded_total: int | None) -> list[tuple[int, int]]:
    """What an attacker knows of each cell of a table, who knows the rules and gathers all sums and differences.

    Bounds are narrowed until nothing changes, as linear programming would on one sum.
    """
    bounds = [(0, K - 1) if cell is None else (max(K, cell - 2), cell + 2) for cell in published]
    if rounded_total is None:
        return bounds
    low, high = rounded_total - 2, rounded_total + 2
    for _ in range(len(bounds) * 4):
        for place, (least, most) in enumerate(bounds):
            others = bounds[:place] + bounds[place + 1 :]
            bounds[place] = (
                max(least, low - sum(upper for _, upper in others)),
                min(most, high - sum(lower for lower, _ in others)),
            )
    return bounds


def table(cells: Sequence[int]) -> list[Measured]:
    """Cases that ended for different reasons, so many each."""
    names = COUNTS[: len(cells)]
    return [Measured(frozenset({name})) for name, many in zip(names, cells, strict=True) for _ in range(many)]


@given(st.lists(st.integers(0, 40), min_size=2, max_size=6))
@settings(max_examples=300, deadline=None)
def test_an_attack_by_sums_and_differences_recovers_no_suppressed_cell(cells: list[int]) -> None:
    """Each number below ten stays possible in each cell that is not told, whatever else is published of the year."""
    found = told(table(cells))
    published = [found[name].value for name in COUNTS[: len(cells)]]

    bounds = attack(published, None)

    for cell, shown, known in zip(cells, published, bounds, strict=True):
        assert (shown is None) == (cell < K)
        assert shown is not None or known == (0, K - 1)


def test_the_attack_itself_finds_a_cell_where_a_total_is_told() -> None:
    """So that the test above could fail: with the total beside the table the attacker narrows the cell down."""
    assert attack([30, None], 40)[1] == (6, 9)


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3), st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_every_world_with_other_small_cells_publishes_the_same(cells: list[int], place: int) -> None:
    """The strongest form: a suppressed cell may have any other number below ten; nothing that is published changes."""
    if cells[place] >= K:
        return

    for other in range(K):
        assert told(table([*cells[:place], other, *cells[place + 1 :]])) == told(table(cells))


def test_how_many_cases_there_were_is_not_told_since_how_they_ended_would_add_up_to_it() -> None:
    found = told([Measured(frozenset({"cases_received", COUNTS[0]}))] * 30)

    assert "cases_received" not in found
    assert {figure.value for figure in found.values()} == {30, None}


def test_counts_and_days_are_rounded_to_the_nearest_five() -> None:
    assert [figures.counted(cases, K) for cases in (9, 10, 12, 13, 17, 18)] == [None, 10, 10, 15, 15, 20]
    assert figures.middle([7] * 9, K) is None
    assert [figures.middle([days] * 10, K) for days in (0, 2, 3, 7, 8)] == [0, 0, 5, 5, 10]
