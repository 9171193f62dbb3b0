"""Which issues are salient, and where they go: pure decisions."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.risk.domain.flags.entries import Entry, FollowedUp, Reported
from services.risk.domain.flags.life import before, fold
from services.risk.domain.flags.ranking import Ranking
from services.risk.domain.salience import Issue, Stood, Trend, ranked, stood, trend, without_few
from shared.events.ingest import FlagReported, FollowUpRecorded
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import Category
from tests.risk.given import START, followed_up, named, reported

MIDDLE = 3
RANKING = Ranking(serious_from=4, unknown_grade=MIDDLE)
PLAIN = Issue(
    supplier=named("supplier 1"),
    supplier_name="Example Electronics",
    category=Category.FORCED_LABOUR,
    severity=3,
    likelihood=3,
    mitigated=False,
    flags=1,
    reports=1,
    statements=0,
    sites=1,
    indicators=0,
    members=0,
    contracts=0,
)


def issue(name: str, **changes: object) -> Issue:
    """An issue at the supplier of this name; otherwise as any other."""
    return replace(PLAIN, supplier=named(name), supplier_name=name, **changes)  # type: ignore[arg-type] # named fields


def names(issues: list[Issue]) -> list[str | None]:
    return [one.supplier_name for one in issues]


def test_the_most_severe_comes_first_however_likely_the_others_are() -> None:
    grave, likely = issue("grave", severity=5, likelihood=1), issue("likely", severity=4, likelihood=5)

    assert names(ranked([likely, grave], MIDDLE)) == ["grave", "likely"]


def test_of_equal_severity_the_likelier_then_the_open_then_the_more_exposed_comes_first() -> None:
    likelier = issue("likelier", likelihood=4, mitigated=True)
    exposed, open_ = issue("exposed", members=7), issue("open", members=1)
    mitigated = issue("mitigated", mitigated=True, members=9)

    assert names(ranked([mitigated, open_, exposed, likelier], MIDDLE)) == ["likelier", "exposed", "open", "mitigated"]


def test_indicators_reports_and_contracts_order_nothing() -> None:
    one = issue("one", indicators=90, reports=40, contracts=80)
    other = issue("other")

    assert names(ranked([one, other], MIDDLE)) == names(sorted([one, other], key=lambda found: found.id))


def test_few_members_are_told_as_none_and_their_number_orders_nothing() -> None:
    few, none = issue("few", members=2, contracts=9), issue("none", members=0)
    enough = issue("enough", members=3, contracts=4)

    told = without_few([few, none, enough], 3)

    assert [(one.members, one.contracts) for one in told] == [(None, None), (None, None), (3, 4)]
    by_id = [one.supplier_name for one in sorted([few, none], key=lambda one: one.id)]
    assert names(ranked(told, MIDDLE)) == ["enough", *by_id]


def test_what_is_unknown_counts_as_the_middle_and_never_as_zero() -> None:
    unknown = issue("unknown", severity=None, likelihood=None, flags=0, statements=2)
    lower, higher = issue("lower", severity=2, likelihood=5), issue("higher", severity=4, likelihood=1)

    assert names(ranked([lower, unknown, higher], MIDDLE)) == ["higher", "unknown", "lower"]


issues = st.builds(
    issue,
    name=st.text("abc", min_size=1, max_size=3),
    severity=st.none() | st.integers(1, 5),
    likelihood=st.none() | st.integers(1, 5),
    mitigated=st.booleans(),
    members=st.integers(0, 3),
)


@settings(max_examples=200)
@given(st.lists(issues, max_size=8, unique_by=lambda one: one.id), st.randoms())
def test_the_order_in_which_issues_are_found_makes_no_difference(found: list[Issue], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random

    assert ranked(shuffled, MIDDLE) == ranked(found, MIDDLE)


@settings(max_examples=200)
@given(st.lists(issues, min_size=1, max_size=8, unique_by=lambda one: one.id), st.integers(0, 7))
def test_an_issue_that_is_more_severe_never_comes_later(found: list[Issue], place: int) -> None:
    one = found[place % len(found)]
    graver = replace(one, severity=5)
    others = [other for other in found if other is not one]

    assert ranked([*others, graver], MIDDLE).index(graver) <= ranked(found, MIDDLE).index(one)


@pytest.mark.parametrize(
    ("then", "now", "word"),
    [
        (None, Stood(2, 1), Trend.NEW),
        (Stood(3, 2), Stood(3, 2), Trend.STEADY),
        (Stood(3, 2), Stood(4, 1), Trend.RISING),  # graver, though fewer tell of it
        (Stood(3, 2), Stood(3, 3), Trend.RISING),
        (Stood(4, 2), Stood(3, 5), Trend.FALLING),
        (Stood(3, 2), Stood(3, 1), Trend.FALLING),
        (Stood(None, 1), Stood(3, 1), Trend.STEADY),  # unknown is the middle
        (Stood(None, 1), Stood(2, 1), Trend.FALLING),
    ],
)
def test_the_trend_follows_severity_and_then_how_much_tells_of_it(then: Stood | None, now: Stood, word: Trend) -> None:
    assert trend(then, now, MIDDLE) is word


def report(name: str = "report 1", at: float = 0, scale: int = 4) -> Reported:
    """A report as a flag holds it."""
    told = reported(name, at=at, scale=scale)
    assert isinstance(told.data, FlagReported)
    said, moment = told.data, START + timedelta(seconds=at)
    return Reported(said.report, said.source_class, said.severity, said.model_dump_json(), moment, said.supplier)


def step(state: FlagState, at: float, reason: FlagReason | None = None) -> FollowedUp:
    """A step that a member reported."""
    told = followed_up(state, at=at, reason=reason)
    assert isinstance(told.data, FollowUpRecorded)
    return FollowedUp(told.data, START + timedelta(seconds=at))


def test_an_issue_stood_as_it_was_recorded_until_then() -> None:
    entries = [report(at=0, scale=2), report("report 2", at=50, scale=5)]

    then = fold(before(entries, START + timedelta(seconds=20)), RANKING)

    assert stood([then], statements=0) == Stood(3, 1)
    assert stood([fold(entries, RANKING)], statements=1) == Stood(5, 3)


def test_what_nobody_had_told_of_then_is_new() -> None:
    then = fold(before([report(at=30)], START), RANKING)

    assert stood([then], statements=0) is None


def test_a_flag_that_was_dismissed_then_did_not_count() -> None:
    dismissed: list[Entry] = [report(at=0), step(FlagState.DISMISSED, 10, FlagReason.NOT_CREDIBLE)]

    assert stood([fold(dismissed, RANKING)], statements=0) is None
    assert stood([fold(dismissed, RANKING)], statements=2) == Stood(None, 2)


def test_a_released_statement_is_an_issue_of_unknown_severity() -> None:
    assert stood([], statements=1) == Stood(None, 1)


def test_the_same_issue_has_the_same_id_in_every_group() -> None:
    assert issue("a").id == f"{named('a')}/forced_labour"
    assert UUID(issue("a").id.split("/")[0])
