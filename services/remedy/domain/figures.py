"""How the mechanism works, in figures (UNGP 31): from the facts of all cases, and public only so that no case shows.

What a year counts is what happened in it, as the database's clock dated it. Facts are never changed, so the figures of
a past year never change either: they are computed once, and there are no two editions to compare.

Three rules make a public figure:
1. *From ten cases up.* A count below ten, or a median of fewer, is not told; nor is none told from nine.
2. *Nothing left over* (secondary suppression). What is shown never adds up with what is not: a table has no total, a
   share no base, and how many cases there were in all is not told, for how they ended would add up to it. A share
   leaves something over by itself, the cases that are not in it; where these are fewer than ten it is told as one of
   four lower bounds. It takes twenty cases, therefore.
3. *Rounding* to base five: counts and days to the nearest, shares down.
So each figure depends on how many cases are in cells of ten or more, and on nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from services.remedy.domain.measuring import (
    ASKED,
    CALM,
    CLOSED,
    DAYS_IN,
    IN_TIME,
    PAID,
    RECEIVED,
    REFERRED,
    VERIFIED,
    Measured,
)
from shared.events.remedy.released import Figure
from shared.events.remedy.words import (
    CaseReason,
    CaseState,
)

BASE = 5
"""To which figures are rounded (reliability: R22)."""
COUNTS = (
    *(CLOSED + reason for reason in CaseReason if reason is not CaseReason.OTHER),
    *(REFERRED + reason for reason in CaseReason if reason is not CaseReason.OTHER),
)
SHARES = (*IN_TIME.values(), VERIFIED, PAID, CALM)
DAYS = tuple(DAYS_IN + state for state in CaseState if state is not CaseState.OTHER)
"""The names of all public figures; each is always told, if only as not told."""
AT_LEAST = ((20, 95), (10, 90), (5, 80), (2, 50))
"""Where fewer than the least number are out of a share: of so many times that number it is at least so many percent."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A figure as it is, for those who run the mechanism: `cases` is how many it counts."""

    name: str
    cases: int
    value: int | None = None
    percent: int | None = None


def public(cases: Sequence[Measured], answers: Mapping[str, Mapping[int, int]], least: int) -> tuple[Figure, ...]:
    """The figures of a year as everyone may read them. `answers` has, by question of the survey, how many gave which
    grade; `least` is how many cases each figure counts at least.
    """
    found = [Figure(name=name, value=counted(number(cases, name), least)) for name in COUNTS]
    found += [Figure(name=name, percent=share(*good_of(cases, name), least)) for name in SHARES]
    found += [Figure(name=name, value=middle(days_of(cases, name), least)) for name in DAYS]
    found += [
        Figure(name=ASKED + name, percent=share(*content_with(grades), least)) for name, grades in answers.items()
    ]
    return tuple(found)


def exact(cases: Sequence[Measured], answers: Mapping[str, Mapping[int, int]]) -> list[Exact]:
    """The figures of a year as they are; those that count nothing are left out."""
    found = [Exact(name, number(cases, name), value=number(cases, name)) for name in (RECEIVED, *COUNTS)]
    shares = {name: good_of(cases, name) for name in SHARES}
    shares |= {ASKED + name: content_with(grades) for name, grades in answers.items()}
    found += [Exact(name, base, percent=100 * good // base) for name, (good, base) in shares.items() if base]
    days = {name: days_of(cases, name) for name in DAYS}
    found += [Exact(name, len(spent), value=median_low(spent)) for name, spent in days.items() if spent]
    return [one for one in found if one.cases]


def number(cases: Sequence[Measured], name: str) -> int:
    """How many cases a cell counts."""
    return sum(name in one.counts for one in cases)


def good_of(cases: Sequence[Measured], name: str) -> tuple[int, int]:
    """Of how many cases something is true, and of how many it was asked."""
    told = [one.shares[name] for one in cases if name in one.shares]
    return sum(told), len(told)


def content_with(grades: Mapping[int, int]) -> tuple[int, int]:
    """How many of those who answered a question gave a 4 or 5, and how many answered."""
    return sum(given for grade, given in grades.items() if grade >= 4), sum(grades.values())


def days_of(cases: Sequence[Measured], name: str) -> list[int]:
    """The days that cases spent in a state."""
    return [one.days[name] for one in cases if name in one.days]


def counted(cases: int, least: int) -> int | None:
    """A count, to the nearest five; None below the least number of cases."""
    return nearest(cases) if cases >= least else None


def share(good: int, base: int, least: int) -> int | None:
    """A share in percent, rounded down: at least so many. None where too few are in it, or too few could be out of it.

    Where fewer are out of it than the least number, a lower bound is told that tells neither how many, nor of how many.
    """
    if good < least or base < 2 * least:
        return None
    if base - good >= least:
        return 100 * good // base // BASE * BASE
    return next(percent for times, percent in AT_LEAST if base >= times * least)


def middle(days: Sequence[int], least: int) -> int | None:
    """The median of days, to the nearest five; None of fewer cases than the least number."""
    return nearest(median_low(days)) if len(days) >= least else None


def nearest(exactly: int) -> int:
    """To the nearest multiple of five."""
    return (exactly + BASE // 2) // BASE * BASE
