"""What one case adds to the figures of a year: each case at most once to each (UNGP 31).

What a year counts is what happened in it, as the database's clock dated it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.remedy.domain.dossier import Happened
from shared.events.remedy.cases import (
    CaseFact,
    CaseMoved,
    CaseOpened,
    DeadlineMet,
    DeadlineMissed,
    RemedyItemMoved,
    RetaliationChecked,
)
from shared.events.remedy.words import (
    CaseState,
    DeadlineKind,
    EvidenceSource,
    ItemState,
    RetaliationResult,
)

RECEIVED = "cases_received"
CLOSED, REFERRED, DAYS_IN, ASKED = "closed.", "referred.", "days_in.", "asked."
VERIFIED, PAID, CALM = "remedies_verified_by_workers", "remedies_paid_in_full", "no_sign_of_retaliation"
IN_TIME = {DeadlineKind.ACKNOWLEDGE: "acknowledged_in_time", DeadlineKind.FEEDBACK: "feedback_in_time"}

WORKERS_OWN = frozenset({EvidenceSource.WORKERS, EvidenceSource.UNION})
FACTS: tuple[type[CaseFact], ...] = (
    CaseOpened,
    CaseMoved,
    DeadlineMet,
    DeadlineMissed,
    RemedyItemMoved,
    RetaliationChecked,
)
"""The facts that figures are made of."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one case adds to the figures of a year: each case at most once to each."""

    counts: frozenset[str] = frozenset()
    shares: Mapping[str, bool] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What was seen of one case so far, in the order in which it happened."""

    begins: datetime
    counts: set[str] = field(default_factory=set)
    shares: dict[str, bool] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    ended: str | None = None
    entered: datetime | None = None
    decided: set[DeadlineKind] = field(default_factory=set)
    items: dict[object, RemedyItemMoved] = field(default_factory=dict)

    def see(self, one: Happened) -> None:
        """Take one more fact in; what happened before the year only tells how the case stood when it began."""
        within = one.at >= self.begins
        match one.fact:
            case CaseOpened():
                self.entered = one.at
                self.counts |= {RECEIVED} if within else set()
            case CaseMoved() as moved:
                self.move(one.at, moved, within)
            case DeadlineMet(deadline=kind, in_time=in_time) if kind in IN_TIME:
                self.decide(kind, in_time, within)
            case DeadlineMissed(deadline=kind) if kind in IN_TIME:
                self.decide(kind, False, within)
            case RemedyItemMoved() as item:
                self.remedy(item, within)
            case RetaliationChecked(result=result) if within:
                self.shares[CALM] = self.shares.get(CALM, True) and result is RetaliationResult.NONE_SEEN

    def move(self, at: datetime, moved: CaseMoved, within: bool) -> None:
        """A state was left: the days in it count in the year in which it is left, and so does how the case ended."""
        if within and self.entered is not None:
            name = DAYS_IN + moved.before
            self.days[name] = self.days.get(name, 0) + (at - self.entered).days
        self.entered = at
        ended = {CaseState.CLOSED: CLOSED, CaseState.REFERRED: REFERRED}.get(moved.after)
        if within:
            self.ended = ended + moved.reason if ended else None

    def decide(self, kind: DeadlineKind, in_time: bool, within: bool) -> None:
        """What a deadline came to: the first word on it holds, so one that is missed and met later was missed."""
        if kind not in self.decided and within:
            self.shares[IN_TIME[kind]] = in_time
        self.decided.add(kind)

    def remedy(self, item: RemedyItemMoved, within: bool) -> None:
        """A remedy was verified, or money moved: how the whole case stands then."""
        self.items[item.item] = item
        if not within:
            return
        if item.after is ItemState.VERIFIED_EFFECTIVE:
            self.shares[VERIFIED] = self.shares.get(VERIFIED, True) and item.verified_by in WORKERS_OWN
        promised = [one for one in self.items.values() if one.amount_promised is not None]
        if promised:
            self.shares[PAID] = all(is_paid(one) for one in promised)


def is_paid(item: RemedyItemMoved) -> bool:
    """Whether all that was promised has been paid, to all who are entitled."""
    return (item.amount_paid or 0) >= (item.amount_promised or 0) and (
        (item.workers_paid or 0) >= (item.workers_entitled or 0)
    )


def measure(happened: Iterable[Happened], begins: datetime, ends: datetime) -> Measured:
    """What a case adds to the figures of a year, from all that happened to it, in order."""
    tally = Tally(begins)
    for one in happened:
        if one.at < ends:
            tally.see(one)
    counts = tally.counts | ({tally.ended} if tally.ended else set())
    return Measured(frozenset(counts), tally.shares, tally.days)
