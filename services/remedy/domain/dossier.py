"""A case as it stands: the sum of what happened to it, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Self
from uuid import UUID

from services.remedy.domain.clearance import Clearance
from services.remedy.domain.clocks import Clocks
from services.remedy.domain.ladder import Ladder
from services.remedy.domain.life import Life
from services.remedy.domain.plan import Plan
from services.remedy.domain.watch import Watch
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import Party


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a case. `at` is the database's clock, `by` the kind of party, never a person."""

    at: datetime
    by: Party
    fact: CaseFact


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment at which something is decided, by the database's clock, and the day that it is at the mechanism."""

    at: datetime
    today: date
    zone: tzinfo = UTC

    def day_of(self, at: datetime) -> date:
        """The day that it was at the mechanism at another moment."""
        return at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Dossier:
    """What has happened to a case so far, by the part of the procedure that it belongs to."""

    case: UUID
    life: Life = field(default_factory=Life)
    plan: Plan = field(default_factory=Plan)
    watch: Watch = field(default_factory=Watch)
    ladder: Ladder = field(default_factory=Ladder)
    clocks: Clocks = field(default_factory=Clocks)
    clearance: Clearance = field(default_factory=Clearance)

    def after(self, happened: Happened) -> Self:
        """The dossier after one more thing has happened. A fact that does not concern a part leaves it as it is."""
        at, by, fact = happened.at, happened.by, happened.fact
        return replace(
            self,
            life=self.life.after(at, by, fact),
            plan=self.plan.after(at, by, fact),
            watch=self.watch.after(at, by, fact),
            ladder=self.ladder.after(at, by, fact),
            clocks=self.clocks.after(at, by, fact),
            clearance=self.clearance.after(at, by, fact),
        )


def fold(case: UUID, happened: Iterable[Happened]) -> Dossier:
    """The dossier of a case from all that happened to it, in order."""
    dossier = Dossier(case)
    for one in happened:
        dossier = dossier.after(one)
    return dossier
