"""Severity is the greatest of its parts, comes before likelihood, and the unknown is ordered in the middle."""

import pytest

from services.risk.domain.assessment import Grades, gravest
from services.risk.domain.model import CATEGORIES
from shared.events.lifecycles import Finding
from shared.events.vocabulary import Category
from tests.risk.assessment.told import assessed, flag, flags, good, report, series, site


def grades(scale: int | None = None, scope: int | None = None, likelihood: int | None = None) -> Grades:
    return Grades(Finding.UNKNOWN, scale, scope, None, likelihood)


def test_severity_is_the_greatest_of_the_known_parts_and_unknown_where_none_is_known() -> None:
    assert Grades(Finding.INDICATED, 1, 5, 2).severity == 5
    assert grades(scale=2).severity == 2
    assert grades(likelihood=5).severity is None


def test_severity_comes_before_likelihood_and_the_unknown_lies_in_the_middle() -> None:
    order = [grades(scale=5, likelihood=1), grades(scale=4, likelihood=5), grades(), grades(scale=2, likelihood=5)]

    assert sorted(order, key=lambda one: -one.priority(3)) == order
    assert grades().priority(3) == 33


@pytest.mark.parametrize(
    ("findings", "together"),
    [
        ((Finding.NOT_LISTED, Finding.INDICATED, Finding.UNKNOWN), Finding.INDICATED),
        ((Finding.NOT_LISTED, Finding.UNKNOWN), Finding.UNKNOWN),
        ((Finding.NOT_LISTED, Finding.NOT_LISTED), Finding.NOT_LISTED),
    ],
)
def test_one_indicated_outranks_all_and_one_unknown_outranks_not_listed(
    findings: tuple[Finding, ...], together: Finding
) -> None:
    assert gravest(map(Grades, findings)).finding is together


def test_a_supplier_stands_as_the_gravest_of_its_sites_in_each_part() -> None:
    listed = [good("Electronics", "CN", "forced_labour"), series("NO", "v2x_rule", 0.1)]
    one = assessed(site("CN", "Electronics"), listed)
    other = assessed(site("NO"), listed, flags(flag(report(parts=(2, 5, 1, 1)))))

    together, turned = (
        {category: gravest([each.categories[category] for each in sites]) for category in CATEGORIES}
        for sites in ((one, other), (other, one))
    )

    assert together == turned
    assert together[Category.FORCED_LABOUR].severity == 5
    assert together[Category.FORCED_LABOUR].finding is Finding.INDICATED
    assert together[Category.SAFETY_AND_HEALTH].scope == 5
