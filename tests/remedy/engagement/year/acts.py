"""What happens in a year, as plain facts: who sends what on which day, and what of it is to be refused."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

FIRST = date(2031, 8, 1)
"""The first day of the year that is played: a fixed one, so that every run plays the same, with a 30 June in it."""
LAST = date(2032, 7, 31)
EVERY = 4
"""Members send on every fourth day, so that a year is played in seconds; deadlines fall on any day."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that gets its id only when it is sent, or that the servers name: by its kind and a name of our own."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Act:
    """An event that a member sends. `name` is what it becomes, by which later acts refer to it.

    `legal`: whether it is applied; `about` is the engagement or the contract, request or account.
    """

    day: date
    member: str
    type: str
    data: dict[str, Any]
    about: str
    name: str = ""
    legal: bool = True


@dataclass(slots=True)
class Acts:
    """Acts as they are thought of; in the end by day."""

    found: list[Act] = field(default_factory=list)

    def send(
        self, day: date, member: str, kind: str, about: str, name: str = "", legal: bool = True, **data: Any
    ) -> date:
        """Let a member send an event on this day, or on the first day after it on which members send; that day.

        Nothing is sent after the year. What is None is left out.
        """
        day = sending(day)
        if day <= LAST:
            given = {key: value for key, value in data.items() if value is not None}
            self.found.append(Act(day, member, kind, given, about, name, legal))
        return day

    def by_day(self) -> dict[date, list[Act]]:
        """The acts of each day, in the order in which they were thought of."""
        days: dict[date, list[Act]] = {}
        for act in self.found:
            days.setdefault(act.day, []).append(act)
        return days


def sending(day: date) -> date:
    """This day, or the first after it on which members send."""
    return day + timedelta(days=-(day - FIRST).days % EVERY)


def days() -> list[date]:
    """All days of the year."""
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
