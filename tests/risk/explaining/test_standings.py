"""Several sites together: the gravest grade of each part counts, and the gravest site comes first."""

from services.risk.commands.wording import Line, difference, graded, wrapped
from services.risk.domain.assessment import Grades
from services.risk.domain.standings import Standing, leading, ranked, together
from shared.events.lifecycles import Finding
from shared.events.vocabulary import Category
from tests.risk.given import named

UNKNOWN = 3
FORCED, CHILD = Category.FORCED_LABOUR, Category.CHILD_LABOUR


def site(name: str, **grades: Grades) -> Standing:
    return Standing(
        site=named(name),
        name=name,
        supplier=named("supplier"),
        supplier_name="Example Electronics",
        country="CN",
        address=None,
        gaps=(),
        grades={Category(category): found for category, found in grades.items()},
    )


def grave(severity: int | None, likelihood: int | None = None) -> Grades:
    return Grades(Finding.INDICATED if severity else Finding.UNKNOWN, scale=severity, likelihood=likelihood)


def names(found: list[Standing]) -> list[str | None]:
    return [one.name for one in found]


def test_severity_comes_before_likelihood_and_the_unknown_in_the_middle() -> None:
    sites = [
        site("slight", forced_labour=grave(2, 5)),
        site("unknown", forced_labour=grave(None)),
        site("grave", forced_labour=grave(5, 1)),
        site("likely", forced_labour=grave(4, 5)),
    ]

    assert names(ranked(sites, UNKNOWN)) == ["grave", "likely", "unknown", "slight"]
    assert names(ranked(sites[::-1], UNKNOWN)) == ["grave", "likely", "unknown", "slight"]


def test_of_two_sites_alike_in_the_gravest_category_the_next_decides() -> None:
    sites = [
        site("a", forced_labour=grave(5, 1), child_labour=grave(1, 1)),
        site("b", forced_labour=grave(5, 1), child_labour=grave(4, 1)),
    ]

    assert names(ranked(sites, UNKNOWN)) == ["b", "a"]


def test_each_part_is_the_gravest_of_any_site_and_the_unknown_lowers_nothing() -> None:
    sites = [
        site("a", forced_labour=Grades(Finding.INDICATED, scale=4, likelihood=2)),
        site("b", forced_labour=Grades(Finding.UNKNOWN, scope=5)),
        site("c", child_labour=Grades(Finding.NOT_LISTED)),
    ]

    found = dict(together(sites, UNKNOWN))

    assert found[FORCED] == Grades(Finding.INDICATED, scale=4, scope=5, likelihood=2)
    assert found[CHILD] == Grades(Finding.NOT_LISTED)
    assert next(iter(found)) is FORCED


def test_the_reasons_are_those_of_the_gravest_site() -> None:
    order = ranked([site("a", forced_labour=grave(5)), site("b", child_labour=grave(4))], UNKNOWN)

    assert leading(order, FORCED, UNKNOWN).name == "a"
    assert leading(order, CHILD, UNKNOWN).name == "b"


def test_what_is_unknown_is_said_to_be_unknown_and_never_zero() -> None:
    assert graded({"finding": "unknown"}) == "unknown; severity unknown; likelihood unknown"
    assert graded({"finding": "indicated", "scale": 4, "severity": 4}) == (
        "indicated; severity 4 (scale 4, scope unknown, irremediability unknown); likelihood unknown"
    )


def test_a_change_names_what_is_otherwise_and_nothing_else() -> None:
    before = {"finding": "indicated", "scale": 5, "severity": 5, "likelihood": 3}
    after = {"finding": "unknown", "scale": None, "severity": None, "likelihood": 3}

    assert difference(before, after) == "indicated -> unknown, scale 5 -> unknown, severity 5 -> unknown"


def test_lines_fit_the_terminal_and_hang_under_their_mark() -> None:
    text = wrapped(Line("- " + "word " * 30, 4), 60)

    assert max(map(len, text.splitlines())) <= 60
    assert [line[:7] for line in text.splitlines()[:2]] == ["    - w", "      w"]
