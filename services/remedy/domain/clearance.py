"""Whether a company may be approached on a statement: a case handler clears it for that, statement by statement.

What a group does with a statement is out of the handler's hands. So it is cleared only where the company could be told
today: the danger was assessed, the workers are protected, and they agree that employer and brand are told (Electronics
Watch; UNGP 31, commentary). What is not cleared gives reason for no engagement.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

from services.remedy.domain.life import NO_CONTACT, contact_guards
from services.remedy.domain.refusals import require
from shared.events.remedy.cases import CaseFact, CaseMoved, ConsentGiven, EmployerContacted, RungTaken, SafetyAssessed
from shared.events.remedy.words import CaseRefusal, CaseState, Party, Rung, RungStep, SafetyLevel

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

COMPANIES = frozenset({Rung.EMPLOYER, Rung.BRAND})
"""Whoever speaks to a supplier speaks to the employer of the workers, or to a company above it."""
STOPPED = NO_CONTACT - {CaseState.CLOSED, CaseState.REFERRED}
"""States that take back what was cleared. A case that is over, or with another body, does not: the day on which its
statement would be taken back would tell when that was.
"""


@dataclass(frozen=True, slots=True)
class Clearance:
    """When that on which a clearance rests last changed: one that was given before holds no longer.

    `published` is whether what has gone out as cleared still holds; None where nothing has.
    """

    safety: SafetyLevel | None = None
    doubted_at: datetime | None = None
    published: bool | None = None

    def after(self, at: datetime, by: Party, fact: CaseFact) -> Self:
        """The clearance after a fact: safety assessed otherwise, consent taken back, a case in which nobody is told.

        A contact by the clock is that of `approach`: nothing else makes one.
        """
        match fact:
            case EmployerContacted() if by is Party.CLOCK:
                return replace(self, published=True)
            case SafetyAssessed(level=level) if level is not self.safety:
                return replace(self, safety=level).doubted(at)
            case ConsentGiven(rung=rung, given=False) | RungTaken(rung=rung, step=RungStep.REVERSED):
                return self.doubted(at) if rung in COMPANIES else self
            case CaseMoved(after=state) if state in STOPPED:
                return self.doubted(at)
        return self

    def doubted(self, at: datetime) -> Self:
        """What was cleared before this moment holds no longer, whether it has gone out or not."""
        return replace(self, doubted_at=at, published=None if self.published is None else False)


def guards(dossier: "Dossier") -> tuple[tuple[bool, CaseRefusal], ...]:
    """What must hold before a statement is cleared: as for any contact with the employer; consent for brands, too."""
    return (
        *contact_guards(dossier),
        (dossier.ladder.agrees(Rung.BRAND), CaseRefusal.CONSENT_MISSING),
    )


def clear(dossier: "Dossier", _moment: "Moment") -> list[CaseFact]:
    """The facts of a clearance: none before the statement goes out. Raises Refused with every guard that fails."""
    require(*guards(dossier))
    return []


def approach(dossier: "Dossier", moment: "Moment") -> list[CaseFact]:
    """The facts of the day on which a statement goes out as cleared: from then on the company may be approached.

    When that is nobody tells, so it counts as a contact of its own, whatever was known before: retaliation is watched
    for from this day (Directive (EU) 2019/1937 Article 19).
    """
    return [EmployerContacted(case=dossier.case, on=moment.today)]


def may_contact(dossier: "Dossier") -> bool:
    """Whether the company may be approached as the case stands."""
    return all(holds for holds, _ in guards(dossier))


def stands(dossier: "Dossier", cleared_at: datetime | None) -> bool:
    """Whether a clearance that was given then still holds; None for a statement that was not cleared.

    Consent that was taken back and given again, or safety assessed otherwise, asks for a new decision.
    """
    doubted = dossier.clearance.doubted_at
    return cleared_at is not None and (doubted is None or doubted < cleared_at) and may_contact(dossier)
