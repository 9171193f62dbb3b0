"""The deadlines that a case has or had, as its facts tell them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Self
from uuid import UUID

from shared.events.remedy.cases import (
    CaseFact,
    DeadlineApproaching,
    DeadlineCancelled,
    DeadlineExtended,
    DeadlineFact,
    DeadlineMet,
    DeadlineMissed,
    DeadlineSet,
)
from shared.events.remedy.words import CaseState, DeadlineKind, Party


class DeadlineKey(NamedTuple):
    """Which deadline of a case: what is due, by which clock, for which remedy item, how many days after a contact."""

    kind: DeadlineKind
    clock: str
    item: UUID | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline as it stands. `missed` stays true when it is met later."""

    key: DeadlineKey
    due: datetime
    warn: datetime
    basis: str
    set_at: datetime
    met_at: datetime | None = None
    cancelled: bool = False
    warned: bool = False
    missed: bool = False
    extended: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it is still to be met."""
        return self.met_at is None and not self.cancelled

    def after(self, at: datetime, fact: DeadlineFact) -> Self:
        """The deadline after a fact about it."""
        if isinstance(fact, DeadlineExtended):
            return replace(self, due=fact.due, warn=fact.warn, extended=True, warned=False, missed=False)
        if isinstance(fact, DeadlineMet):
            return replace(self, met_at=at)
        if isinstance(fact, DeadlineCancelled):
            return replace(self, cancelled=True)
        if isinstance(fact, DeadlineApproaching):
            return replace(self, warned=True)
        return replace(self, missed=True) if isinstance(fact, DeadlineMissed) else self


@dataclass(frozen=True, slots=True)
class Clocks:
    """Every deadline that a case has or had."""

    deadlines: Mapping[DeadlineKey, Deadline] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, at: datetime, by: Party, fact: CaseFact) -> Self:  # noqa: ARG002 - as the other parts
        """The clocks after a fact. A deadline that is set again runs anew; of one that never was nothing is told."""
        if not isinstance(fact, DeadlineFact):
            return self
        key = key_of(fact)
        if isinstance(fact, DeadlineSet):
            deadline = Deadline(key, fact.due, fact.warn, fact.basis, at)
        elif key in self.deadlines:
            deadline = self.deadlines[key].after(at, fact)
        else:
            return self
        return replace(self, deadlines=MappingProxyType({**self.deadlines, key: deadline}))

    def running(self, kind: DeadlineKind | None = None) -> list[Deadline]:
        """Those still to be met, of one kind or all, the first due first."""
        found = [one for one in self.deadlines.values() if one.is_running and kind in (None, one.key.kind)]
        return sorted(found, key=lambda one: (one.due, str(one.key)))

    def runs(self, key: DeadlineKey) -> bool:
        """Whether this deadline is still to be met."""
        return key in self.deadlines and self.deadlines[key].is_running

    def of_stage(self, state: CaseState) -> Deadline | None:
        """The indicative time of a state that the case is in, where its clock runs."""
        found = self.deadlines.get(DeadlineKey(DeadlineKind.STAGE, f"stage-{state}"))
        return found if found is not None and found.is_running else None


def key_of(fact: DeadlineFact) -> DeadlineKey:
    """Which deadline a fact is about."""
    return DeadlineKey(fact.deadline, fact.clock, fact.item, fact.number)
