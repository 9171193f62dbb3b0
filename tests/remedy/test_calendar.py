"""Days, months and holidays by which deadlines are counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.remedy.domain.calendar import Span, easter, end_of, holidays, is_worked, later, next_worked
from shared.events.values import quarter_of

OSLO = ZoneInfo("Europe/Oslo")
DAYS = st.dates(date(1900, 1, 1), date(2190, 1, 1))


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1818, date(1818, 3, 22)),  # the earliest that it can be
        (1943, date(1943, 4, 25)),  # the latest
        (1954, date(1954, 4, 18)),
        (1961, date(1961, 4, 2)),
        (1981, date(1981, 4, 19)),
        (2000, date(2000, 4, 23)),
        (2008, date(2008, 3, 23)),
        (2019, date(2019, 4, 21)),
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2038, date(2038, 4, 25)),
        (2100, date(2100, 3, 28)),
    ],
)
def test_easter_falls_on_the_sunday_that_almanacs_give(year: int, sunday: date) -> None:
    assert easter(year) == sunday


def test_the_public_holidays_of_2026_are_those_of_the_norwegian_calendar() -> None:
    assert sorted(holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 2),  # Maundy Thursday
        date(2026, 4, 3),
        date(2026, 4, 5),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 14),  # Ascension
        date(2026, 5, 17),
        date(2026, 5, 24),
        date(2026, 5, 25),  # Whit Monday
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


def test_what_would_end_on_maundy_thursday_ends_on_the_tuesday_after_easter() -> None:
    assert next_worked(date(2026, 4, 2)) == date(2026, 4, 7)


@given(DAYS)
def test_the_next_working_day_is_never_before_and_at_most_a_week_away(day: date) -> None:
    worked = next_worked(day)

    assert day <= worked <= day + timedelta(days=7)
    assert is_worked(worked)
    assert worked == day or not is_worked(day)


@pytest.mark.parametrize(
    ("day", "span", "last"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),  # a shorter month ends with its own last day
        (date(2028, 1, 31), "P1M", date(2028, 2, 29)),
        (date(2026, 11, 30), "P3M", date(2027, 2, 28)),
        (date(2026, 12, 1), "P1M", date(2027, 1, 1)),
        (date(2026, 3, 24), "P6M", date(2026, 9, 24)),
        (date(2026, 3, 24), "P7D", date(2026, 3, 31)),
        (date(2026, 3, 24), "P2W", date(2026, 4, 7)),
    ],
)
def test_a_span_ends_with_the_day_of_the_same_number_or_the_last_of_a_shorter_month(
    day: date, span: str, last: date
) -> None:
    assert later(day, Span.read(span)) == last


def test_working_days_leave_out_weekends_and_holidays() -> None:
    wednesday_before_easter = date(2026, 4, 1)

    assert later(wednesday_before_easter, Span.read("P3D"), working_days=True) == date(2026, 4, 9)


@given(DAYS)
def test_a_day_ends_where_the_next_begins_also_when_the_clocks_change(day: date) -> None:
    end = end_of(day, OSLO)
    before, after = ((end + timedelta(microseconds=step)).astimezone(OSLO).date() for step in (-1, 0))

    assert (before, after) == (day, day + timedelta(days=1))


def test_the_day_on_which_summer_time_begins_has_23_hours_and_the_other_25() -> None:
    def hours(day: date) -> float:
        return (end_of(day, OSLO) - end_of(day - timedelta(days=1), OSLO)) / timedelta(hours=1)

    assert [hours(date(2026, 3, 29)), hours(date(2026, 10, 25)), hours(date(2026, 6, 1))] == [23, 25, 24]


def test_where_midnight_itself_is_left_out_the_day_ends_with_the_change() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # 24 April 2026: the clocks go from 00:00 to 01:00

    assert end_of(date(2026, 4, 23), cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "P", "PT", "7D", "P1M7D", "P7DT1H", "P-1D", "P1Y", "P1.5D", "p7d", "P7D "])
def test_a_span_that_is_not_plainly_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a span is written as"):
        Span.read(text)


@pytest.mark.parametrize("text", ["P7D", "P3M", "PT48H", "PT12S", "P2W", "PT1H30M"])
def test_a_span_is_written_as_it_reads(text: str) -> None:
    span = Span.read(text)

    assert Span.read(str(span)) == span


@given(st.dates())
def test_a_quarter_has_three_months(day: date) -> None:
    year, number = quarter_of(day).split("-Q")

    assert int(year) == day.year and (int(number) - 1) * 3 < day.month <= int(number) * 3
