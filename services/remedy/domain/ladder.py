"""The ladder of publication: who hears of a finding, in which order, with whose consent (Electronics Watch).

It orders publication and delays no protection: neither the safety of the workers, nor the watch for retaliation, nor
a deadline looks at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from services.remedy.domain.refusals import require
from shared.events.remedy.cases import CaseFact, ConsentGiven, EmployerContacted, RungTaken
from shared.events.remedy.words import CaseRefusal, Party, Rung, RungStep

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier

ORDER = (Rung.WORKERS, Rung.EMPLOYER, Rung.BRAND, Rung.MEMBERS, Rung.PUBLIC)
NEEDS_NO_CONSENT = Rung.WORKERS
"""The workers themselves: what is theirs is told them without asking anybody."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """To whom the workers' side agrees that something is told, and which rungs were reached or waived."""

    consents: frozenset[Rung] = frozenset()
    reached: Mapping[Rung, date] = field(default_factory=lambda: MappingProxyType({}))
    waived: frozenset[Rung] = frozenset()
    refused: frozenset[Rung] = frozenset()
    """What the reporter's own last word was no to; no other's word replaces it."""

    def after(self, _at: datetime, _by: Party, fact: CaseFact) -> Self:
        """The ladder after a fact. Consent that ends takes the rung back with it."""
        match fact:
            case ConsentGiven(rung=rung, given=True, by=by):
                refused = self.refused - {rung} if by is Party.REPORTER else self.refused
                return replace(self, consents=self.consents | {rung}, refused=refused)
            case ConsentGiven(rung=rung, by=by) | RungTaken(rung=rung, step=RungStep.REVERSED, by=by):
                refused = self.refused | {rung} if by is Party.REPORTER else self.refused
                return replace(self.without(rung), refused=refused)
            case RungTaken(rung=rung, step=RungStep.REACHED, on=on):
                return self.at_rung(rung, on)
            case RungTaken(rung=rung, step=RungStep.WAIVED):
                return replace(self, waived=self.waived | {rung})
            case EmployerContacted(on=on) if self.agrees(Rung.EMPLOYER) and Rung.EMPLOYER not in self.waived:
                return self.at_rung(Rung.EMPLOYER, on)  # else a company above it was spoken to, and not the employer
        return self

    def at_rung(self, rung: Rung, on: date) -> Self:
        """The ladder with a rung reached; of several days the first."""
        return replace(self, reached=MappingProxyType({rung: on} | dict(self.reached)))

    def without(self, rung: Rung) -> Self:
        """The ladder with a rung taken back: neither reached nor waived, and no longer agreed to."""
        reached = {one: on for one, on in self.reached.items() if one != rung}
        return replace(
            self, consents=self.consents - {rung}, reached=MappingProxyType(reached), waived=self.waived - {rung}
        )

    def agrees(self, rung: Rung) -> bool:
        """Whether this rung may be told at all; a waiver says nothing about it."""
        return rung is NEEDS_NO_CONSENT or rung in self.consents

    def passed(self, rung: Rung) -> bool:
        """Whether every rung before this one was reached or waived. False for a rung that is not of the ladder."""
        return rung in ORDER and all(one in self.reached or one in self.waived for one in ORDER[: ORDER.index(rung)])


def guards(dossier: "Dossier", rung: Rung) -> tuple[tuple[bool, CaseRefusal], ...]:
    """What must hold before this rung is told anything: its own consent, and every earlier rung reached or waived."""
    return (
        (dossier.ladder.agrees(rung), CaseRefusal.CONSENT_MISSING),
        (dossier.ladder.passed(rung), CaseRefusal.EARLIER_RUNG_OPEN),
    )


def take(dossier: "Dossier", rung: Rung, step: RungStep, on: date, by: Party) -> list[CaseFact]:
    """The facts of a rung reached, waived or reversed on a day.

    Reaching needs the consent for this very rung and the earlier rungs reached or waived. Waiving and reversing are for
    the reporter alone, with the receipt: a handler who notes what workers are said to want would be another's word.
    Raises Refused.
    """
    if step is RungStep.REACHED:
        require(*guards(dossier, rung))
    else:
        workers_own = by is Party.REPORTER and step in (RungStep.WAIVED, RungStep.REVERSED) and rung in ORDER
        require((workers_own, CaseRefusal.NOT_FOR_THIS_PARTY))
    return [RungTaken(case=dossier.case, rung=rung, step=step, on=on, by=by)]


# What each rung may see


class Shown(StrEnum):
    """What of a case can be shown to a rung: codes and counts. Nothing else of a case is ever shown to one."""

    STATE = "state"
    OUTCOME = "outcome"
    CONSULTED_ON = "consulted_on"
    RUNGS = "rungs"
    ITEM_STATE = "item_state"
    ITEM_FORM = "item_form"
    ITEM_GRADE = "item_grade"
    ITEM_RESPONSIBLE = "item_responsible"
    ITEM_COST_BEARER = "item_cost_bearer"
    ITEM_DUE = "item_due"
    ITEM_WORKERS = "item_workers"
    ITEM_AMOUNTS = "item_amounts"
    STATEMENT = "statement"
    FIGURES = "figures"


THE_ASK = frozenset(
    {
        Shown.ITEM_FORM,
        Shown.ITEM_GRADE,
        Shown.ITEM_RESPONSIBLE,
        Shown.ITEM_COST_BEARER,
        Shown.ITEM_DUE,
    }
)
"""What a company is told: the issue and what is asked; no state of the case, no day of a talk, no number of workers."""

ALLOWED: Mapping[Rung, frozenset[Shown]] = MappingProxyType(
    {
        Rung.WORKERS: frozenset(Shown),
        Rung.EMPLOYER: THE_ASK,
        Rung.BRAND: THE_ASK,
        Rung.MEMBERS: frozenset({Shown.STATEMENT, Shown.FIGURES}),
        Rung.PUBLIC: frozenset({Shown.FIGURES}),
    }
)
"""What each rung may see, once it is reached. What is not named is not shown."""


def visible(dossier: "Dossier", rung: Rung) -> frozenset[Shown]:
    """What of this case this rung may see now: nothing before it is reached, and nothing once consent has ended."""
    if rung is not NEEDS_NO_CONSENT and rung not in dossier.ladder.reached:
        return frozenset()
    return ALLOWED.get(rung, frozenset()) if dossier.ladder.agrees(rung) else frozenset()
