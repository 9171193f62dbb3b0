"""The routine follow-up of a contract: which of its conditions are due by themselves, and on which days."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.remedy.domain.engagement.calendar import (
    Contract,
    RoutineTerms,
    account_due,
    condition_of,
    first_account,
    routine,
)
from services.remedy.libraries import read_libraries
from shared.events.values import Conditions
from tests.remedy.given import SETTINGS

TERMS = SETTINGS.follow_up_terms.routine
DFO = Conditions(name="DFØ contract terms", edition="2024")
STARTS = date(2026, 3, 2)
FOUR_YEARS = Contract(UUID(int=1), "oslo", awarded=True, starts=STARTS, ends=date(2030, 3, 1), conditions=DFO)


def due(contract: Contract, told_on: date = STARTS, terms: RoutineTerms = TERMS) -> list[tuple[str, date]]:
    return [(one.clause, one.due) for one in routine(contract, told_on, terms)]


def test_a_contract_has_a_self_report_after_six_weeks_and_a_follow_up_each_year_until_it_ends() -> None:
    assert due(FOUR_YEARS) == [
        ("dfo-2", date(2026, 4, 13)),
        ("dfo-2", date(2027, 3, 2)),
        ("dfo-2", date(2028, 3, 2)),
        ("dfo-2", date(2029, 3, 2)),
    ]


def test_an_old_contract_brings_no_flood_of_what_was_due_before_it_was_told() -> None:
    assert due(FOUR_YEARS, told_on=date(2028, 3, 2)) == [("dfo-2", date(2028, 3, 2)), ("dfo-2", date(2029, 3, 2))]


def test_a_contract_that_starts_on_a_leap_day_is_followed_up_on_the_last_of_february() -> None:
    leap = replace(FOUR_YEARS, starts=date(2028, 2, 29), ends=date(2030, 12, 31))

    assert [day for _, day in due(leap, told_on=date(2028, 2, 29))] == [
        date(2028, 4, 11),
        date(2029, 2, 28),
        date(2030, 2, 28),
    ]


@pytest.mark.parametrize(
    "changes",
    [{"starts": None}, {"awarded": False}, {"conditions": None}, {"ended_on": date(2026, 3, 3)}],
)
def test_nothing_is_due_by_itself_without_a_start_an_award_or_conditions_or_after_the_end(
    changes: dict[str, object],
) -> None:
    assert due(replace(FOUR_YEARS, **changes)) == []  # type: ignore[arg-type]  # the field's own type in each case


def test_a_setting_lets_contracts_without_conditions_be_followed_up_too() -> None:
    every = replace(TERMS, without_conditions=True)

    assert due(replace(FOUR_YEARS, conditions=None), terms=every) == due(FOUR_YEARS)


def test_a_setting_gives_one_month_for_the_self_report_as_an_older_page_has_it() -> None:
    month = type(SETTINGS).model_validate(SETTINGS.model_dump() | {"self_report_within": "P1M"})

    assert due(FOUR_YEARS, terms=month.follow_up_terms.routine)[0] == ("dfo-2", date(2026, 4, 2))


def test_a_contract_without_an_end_is_followed_up_for_so_many_years_ahead() -> None:
    endless = replace(FOUR_YEARS, ends=None)

    assert len(due(endless)) == 1 + TERMS.years
    assert len(due(endless, told_on=date(2050, 1, 1))) == TERMS.years  # nothing of what was before, and as far ahead


def test_conditions_of_electronics_watch_have_their_own_routine_and_name_their_clauses() -> None:
    watch = Conditions(name="Electronics Watch Contract Conditions for Supply", edition="2.1")
    named = watch.model_copy(update={"clauses": ("Remedy",)})

    found = due(replace(FOUR_YEARS, conditions=watch, ends=date(2027, 3, 2)))

    assert found == [("ew-due-diligence", date(2026, 4, 13)), ("ew-disclosure", date(2027, 3, 2))]
    assert due(replace(FOUR_YEARS, conditions=named)) == [("ew-due-diligence", date(2026, 4, 13))]


def test_conditions_of_any_other_name_follow_the_routine_of_the_default_set() -> None:
    philosophy = Conditions(name="A philosophy of our own", edition="1")

    assert due(replace(FOUR_YEARS, conditions=philosophy)) == due(FOUR_YEARS)


def test_a_condition_has_the_same_id_whenever_it_is_made() -> None:
    first, second = routine(FOUR_YEARS, STARTS, TERMS), routine(FOUR_YEARS, date(2027, 1, 1), TERMS)

    assert [one.id for one in first[1:]] == [one.id for one in second]
    assert first[0].id == condition_of(FOUR_YEARS.id, "dfo-2", date(2026, 4, 13))


DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))


@given(starts=DAYS, ends=st.none() | DAYS, told_on=DAYS)
def test_whatever_the_contract_its_routine_lies_between_its_telling_and_its_end(
    starts: date, ends: date | None, told_on: date
) -> None:
    found = routine(replace(FOUR_YEARS, starts=starts, ends=ends), told_on, TERMS)

    assert all(told_on <= one.due <= (ends or date.max) and one.due > starts for one in found)
    assert len({one.id for one in found}) == len(found) <= 1 + TERMS.years + 1
    assert [one.due for one in found] == sorted(one.due for one in found)


def test_the_first_account_of_a_member_is_due_on_30_june_of_the_year_after_it_became_bound() -> None:
    assert account_due(first_account(date(2026, 11, 23))) == date(2027, 6, 30)


def test_every_clause_and_ask_of_the_libraries_is_known_to_each_other() -> None:
    libraries = read_libraries()

    assert {one.clause for one in libraries.asks} <= {one.id for one in libraries.clauses.clauses}
