"""The calendar by which deadlines are counted: when a day ends, how long a month is, which days are worked.

Periods are counted as in Regulation (EEC, Euratom) No 1182/71, Article 3: the day of the event does not count; a period
in days ends with the last hour of its last day, one in months with the last hour of the day of the same number, or of
the last day of a shorter month; working days leave out Saturdays, Sundays and public holidays. A day ends at the local
midnight, also where the clocks change in it. Periods in hours are counted from the moment itself.

The public holidays are Norway's. They change about once in a generation and follow from Easter, so they are written
down here and not taken from a package that carries those of the world.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
"""New Year and Christmas: lov om helligdager og helligdagsfred (1995); 1 and 17 May: lov om 1. og 17. mai (1947)."""
AFTER_EASTER = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, Easter, Easter Monday, Ascension, Whitsun, Whit Monday; the law of 1995 as well."""
WRITTEN = re.compile(
    r"P(?:(?P<weeks>\d{1,3})W|(?P<months>\d{1,3})M|(?P<days>\d{1,5})D)?(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,5})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the algorithm of "Nature", 20 April 1876 (Meeus, chapter 8)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    leap_years, further = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leap_years - epact - further) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The public holidays of Norway in a year."""
    sunday = easter(year)
    fixed = {date(year, month, day) for month, day in FIXED}
    return frozenset(fixed | {sunday + timedelta(days=days) for days in AFTER_EASTER})


def is_worked(day: date) -> bool:
    """Whether a day is a working day in Norway."""
    return day.weekday() < 5 and day not in holidays(day.year)


def next_worked(day: date) -> date:
    """The day itself, or the first working day after it (Regulation 1182/71, Article 3(4))."""
    while not is_worked(day):
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as ISO 8601 writes it: whole days, weeks or months, or a time by the clock (`PT48H`)."""

    days: int = 0
    months: int = 0
    clock: timedelta = timedelta()

    @classmethod
    def read(cls, text: str) -> Self:
        """A span from `P7D`, `P2W`, `P3M`, `PT48H` or `PT12S`. Raises ValueError for anything else."""
        found = WRITTEN.fullmatch(text)
        said = {name: int(value) for name, value in (found.groupdict() if found else {}).items() if value}
        by_day = said.keys() & {"days", "weeks", "months"}
        if not said or (by_day and len(said) > 1):
            raise ValueError("a span is written as P7D, P2W, P3M or PT48H")
        clock = timedelta(**{name: value for name, value in said.items() if name not in by_day})
        return cls(said.get("days", 0) + 7 * said.get("weeks", 0), said.get("months", 0), clock)

    def __str__(self) -> str:
        """The span as ISO 8601 writes it."""
        if self.clock:
            return f"PT{self.clock.total_seconds():.0f}S"
        return f"P{self.months}M" if self.months else f"P{self.days}D"

    @property
    def is_by_clock(self) -> bool:
        """Whether it is counted from the moment itself, not in days."""
        return bool(self.clock)


def later(day: date, span: Span, working_days: bool = False) -> date:
    """The last day of a span in days or months that is counted from the day of an event."""
    if span.months:
        year, month = divmod(day.year * 12 + day.month - 1 + span.months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    if not working_days:
        return day + timedelta(days=span.days)
    for _ in range(span.days):
        day = next_worked(day + timedelta(days=1))
    return day


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day ends: the local midnight after it, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
