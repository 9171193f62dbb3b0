"""Which human-rights issues of a working group are salient: those most severe for people (UNGP Reporting Framework)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.risk.domain.flags.standing import FlagStanding
from shared.events.vocabulary import Category


class Trend(StrEnum):
    """How an issue stands beside how it stood."""

    NEW = "new"
    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class Stood:
    """How an issue stood at a moment: severity of its open flags, None where unknown, and what told of it.

    `reports` counts the reports that stood in open flags, and the statements released until then.
    """

    severity: int | None
    reports: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One category of risk at one supplier, as far as a working group is concerned.

    `severity` and `likelihood` are the greatest among its open flags, None where nothing is known of them. `indicators`
    count what public lists point at; they are background and order nothing. `members` and `contracts` are counts of
    those of the group that an open flag touches, None where that is not told.
    """

    supplier: UUID
    supplier_name: str | None
    category: Category
    severity: int | None
    likelihood: int | None
    mitigated: bool
    flags: int
    reports: int
    statements: int
    sites: int
    indicators: int
    members: int | None
    contracts: int | None

    @property
    def id(self) -> str:
        """The same issue has the same id in every group, and at any time."""
        return f"{self.supplier}/{self.category}"

    @property
    def stands(self) -> Stood:
        """How it stands now."""
        return Stood(self.severity, self.reports + self.statements)


def without_few(issues: Iterable[Issue], least: int) -> list[Issue]:
    """The issues, with members and contracts only where at least so many members are touched.

    Of two, each would learn what the other has. Also none is among the few.
    """
    return [one if (one.members or 0) >= least else replace(one, members=None, contracts=None) for one in issues]


def ranked(issues: Iterable[Issue], unknown: int) -> list[Issue]:
    """The issues, the most salient first; what is not known counts as `unknown` (1-5), the middle.

    Severity before likelihood (UNGP 24; salient are the most severe, UNGP Reporting Framework). Of equal ones what is
    still open comes before what is said to be mitigated, then what touches more of the group's members; both are ours.
    A number that is not told orders as none would: the order would tell it.
    """

    def order(issue: Issue) -> tuple[int, int, bool, int, str]:
        severity, likelihood = issue.severity or unknown, issue.likelihood or unknown
        return -severity, -likelihood, issue.mitigated, -(issue.members or 0), issue.id

    return sorted(issues, key=order)


def stood(flags: Iterable[FlagStanding | None], statements: int) -> Stood | None:
    """How an issue stood by its flags and released statements at a moment; None where nothing told of it then.

    A flag without any report then is None. One that had been dismissed or closed did not count.
    """
    open_then = [flag for flag in flags if flag is not None and flag.is_open]
    if not open_then and not statements:
        return None
    severity = max((flag.severity for flag in open_then), default=None)
    return Stood(severity, sum(len(flag.standing_reports) for flag in open_then) + statements)


def trend(before: Stood | None, now: Stood, unknown: int) -> Trend:
    """The way that an issue goes: by its severity, and where that is the same, by how much tells of it.

    A flag that is mitigated does not make it fall: that can be the supplier's word alone. One that is closed or
    dismissed does. What is not known counts as `unknown` (1-5).
    """
    if before is None:
        return Trend.NEW
    was, stands = ((one.severity or unknown, one.reports) for one in (before, now))
    if stands == was:
        return Trend.STEADY
    return Trend.RISING if stands > was else Trend.FALLING
