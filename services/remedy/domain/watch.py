"""Watching for retaliation after any contact with the employer (Directive (EU) 2019/1937 Articles 19 to 21).

It goes on whatever becomes of the case: withdrawn, referred or closed, a check may always be written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from services.remedy.domain.refusals import Refused, require
from shared.events.remedy.cases import CaseFact, EmployerContacted, RetaliationChecked, RetaliationFollowedUp
from shared.events.remedy.words import (
    CaseRefusal,
    DeadlineKind,
    Party,
    RetaliationForm,
    RetaliationResult,
    RetaliationStep,
)

if TYPE_CHECKING:
    from services.remedy.domain.clocks import Deadline
    from services.remedy.domain.dossier import Dossier, Moment

GRAVITY = {
    RetaliationResult.NONE_SEEN: 0,
    RetaliationResult.UNREACHABLE: 1,
    RetaliationResult.OTHER: 1,
    RetaliationResult.SUSPECTED: 2,
    RetaliationResult.CONFIRMED: 3,
}
"""Which result outweighs which; one that this release does not know is a warning, as "unreachable" is."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the checks for retaliation have shown. `sign` is the worst that was seen and has not ended."""

    contacted_on: date | None = None
    """The last day on which the employer, or a company above it, was spoken to."""
    last: RetaliationResult | None = None
    """The result of the last check."""
    sign: RetaliationResult | None = None
    forms: tuple[RetaliationForm, ...] = ()
    """The forms that were seen since the sign stands."""
    trusted_contact_told: bool = False
    escalated: bool = False

    def after(self, _at: datetime, _by: Party, fact: CaseFact) -> Self:
        """The watch after a fact."""
        if isinstance(fact, EmployerContacted):
            return replace(self, contacted_on=max(self.contacted_on or fact.on, fact.on))
        if isinstance(fact, RetaliationChecked):
            return self.checked(fact)
        if isinstance(fact, RetaliationFollowedUp):
            return self.followed_up(fact.step)
        return self

    def checked(self, fact: RetaliationChecked) -> Self:
        """The watch after a check. Each confirmed sign goes to the trusted contact anew, before it escalates."""
        found = replace(self, last=fact.result)
        if fact.result is RetaliationResult.NONE_SEEN:
            return found
        again = fact.result is RetaliationResult.CONFIRMED
        return replace(
            found,
            sign=max(self.sign or fact.result, fact.result, key=lambda result: GRAVITY[result]),
            forms=tuple(dict.fromkeys((*self.forms, *fact.forms))),
            trusted_contact_told=self.trusted_contact_told and not again,
            escalated=self.escalated and not again,
        )

    def followed_up(self, step: RetaliationStep) -> Self:
        """The watch after something was done about a sign."""
        if step is RetaliationStep.ENDED:
            return replace(self, sign=None, forms=(), trusted_contact_told=False, escalated=False)
        return replace(
            self,
            trusted_contact_told=self.trusted_contact_told or step is RetaliationStep.TRUSTED_CONTACT_TOLD,
            escalated=self.escalated or step is RetaliationStep.ESCALATED,
        )

    @property
    def calm(self) -> bool:
        """Whether there is no sign of retaliation that has not ended; "unreachable" is one."""
        return self.sign is None


def check(
    dossier: "Dossier",
    moment: "Moment",
    result: RetaliationResult,
    forms: Sequence[RetaliationForm] = (),
    number: int | None = None,
) -> list[CaseFact]:
    """Somebody the workers trust looked for retaliation: at the check planned for so many days after a contact, or not.

    Of several planned ones with the same number it is the first due. Raises Refused: CHECK_UNKNOWN where none is
    planned, TOO_SOON before its time has come (the moment from which the clock warns): all checks on one day would be
    no watch.
    """
    planned = first_planned(dossier, number) if number is not None else None
    if number is not None:
        require(
            (planned is not None, CaseRefusal.CHECK_UNKNOWN),
            (planned is None or moment.at >= planned.warn, CaseRefusal.TOO_SOON),
        )
    due = planned.due if planned else None
    return [RetaliationChecked(case=dossier.case, planned=due, result=result, forms=tuple(dict.fromkeys(forms)))]


def first_planned(dossier: "Dossier", number: int) -> "Deadline | None":
    """The check first due of those still to be made so many days after a contact."""
    running = dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)
    return next((deadline for deadline in running if deadline.key.number == number), None)


def follow_up(dossier: "Dossier", step: RetaliationStep) -> list[CaseFact]:
    """Something was done about a sign: the worker's trusted contact told, then escalated, then found to have ended.

    Where the worker named nobody, it is the worker who hears first. Raises Refused: NOT_FROM_THIS_STATE without a sign,
    TRUSTED_CONTACT_FIRST, RETALIATION_OPEN where the last check saw something or a confirmed sign was not escalated.
    """
    watch = dossier.watch
    if watch.calm:
        raise Refused(CaseRefusal.NOT_FROM_THIS_STATE)
    ends = step is RetaliationStep.ENDED
    confirmed = watch.sign is RetaliationResult.CONFIRMED
    tells_first = step is RetaliationStep.TRUSTED_CONTACT_TOLD or (ends and not confirmed)
    nothing_seen = watch.last is RetaliationResult.NONE_SEEN and (watch.escalated or not confirmed)
    require(
        (tells_first or watch.trusted_contact_told, CaseRefusal.TRUSTED_CONTACT_FIRST),
        (not ends or nothing_seen, CaseRefusal.RETALIATION_OPEN),
    )
    return [RetaliationFollowedUp(case=dossier.case, step=step)]
