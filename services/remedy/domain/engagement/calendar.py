"""The routine follow-up of a contract: what of its conditions is due by itself, on which days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from services.remedy.domain.calendar import Span, later
from services.remedy.domain.engagement.libraries import Clauses, Routine
from shared.events.values import Conditions

CONDITIONS = UUID("5f4d2f0a-6f0b-4a55-8c39-0d4a2f6f9b11")
"""Names a condition of the routine by contract, clause and day, so that the same is made once."""
ACCOUNT_DAY = (6, 30)
"""The account of a year is due on 30 June of the year after (Transparency Act section 5)."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as its owner follows it up. Without a start, or before it is awarded, nothing is due by itself."""

    id: UUID
    member: str
    awarded: bool
    starts: date | None = None
    ends: date | None = None
    conditions: Conditions | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Something of a clause that is due by a day, by a rule."""

    id: UUID
    clause: str
    wanted: str
    due: date
    basis: str
    once: bool
    """It comes once in a contract's life, so that it is not asked for again when the contract is modified."""


@dataclass(frozen=True, slots=True)
class RoutineTerms:
    """Which routine is followed: the library, how many years ahead, and whether also without conditions."""

    clauses: Clauses
    years: int
    without_conditions: bool


def routine(contract: Contract, told_on: date, terms: RoutineTerms) -> list[Due]:
    """What becomes due by itself under a contract, from the day on which it was told; the first due first.

    Nothing that was due before, so that an old contract brings no flood; nothing after its end, and nothing more than
    `years` years ahead where the end is far or unknown. The rules and their sources are in the clause library.
    """
    binds = contract.conditions is not None or terms.without_conditions
    if contract.starts is None or contract.ended_on is not None or not contract.awarded or not binds:
        return []
    last = later(told_on, Span(months=12 * terms.years))
    last = min(last, contract.ends) if contract.ends else last
    found = [
        Due(condition_of(contract.id, clause.id, day), clause.id, one.wanted, day, one.basis, once=not one.yearly)
        for clause in terms.clauses.binding(contract.conditions)
        for one in clause.routine
        for day in days(one, contract.starts, last)
        if day >= told_on
    ]
    return sorted(found, key=lambda one: (one.due, one.clause))


def days(routine: Routine, starts: date, last: date) -> Iterator[date]:
    """The days of a routine, counted from the start, up to a last one."""
    if routine.within is not None:
        day = later(starts, routine.within)
        if day <= last:
            yield day
        return
    for year in range(1, last.year - starts.year + 1):
        day = later(starts, Span(months=12 * year))
        if day <= last:
            yield day


def condition_of(contract: UUID, clause: str, due: date) -> UUID:
    """The id of a condition of the routine."""
    return uuid5(CONDITIONS, f"{contract}/{clause}/{due}")


def account_due(year: int) -> date:
    """Until when the account of a year is published (Transparency Act section 5)."""
    return date(year + 1, *ACCOUNT_DAY)


def first_account(bound_on: date) -> int:
    """The year of the first account that is due of a member: that in which it became known as bound."""
    return bound_on.year


def day_after(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
