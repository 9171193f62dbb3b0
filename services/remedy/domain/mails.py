"""Which facts call for mail, and what it is about; which case it is about stands behind its reference only."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared.events.remedy.cases import (
    CaseFact,
    CaseMoved,
    CaseOpened,
    CaseTakenIn,
    ConsentGiven,
    DeadlineApproaching,
    DeadlineMissed,
    ErasureAsked,
    MessageLeft,
    ObjectionRaised,
    RetaliationChecked,
    RungTaken,
    WithdrawalAsked,
)
from shared.events.remedy.words import CaseState, MailKind, Party, Pressure, RetaliationResult, RungStep

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

SIGNS = frozenset({RetaliationResult.SUSPECTED, RetaliationResult.CONFIRMED, RetaliationResult.UNREACHABLE})


KINDS: dict[type[CaseFact], MailKind] = {
    CaseOpened: MailKind.TESTIMONY_RECEIVED,
    DeadlineApproaching: MailKind.DEADLINE_APPROACHING,
    DeadlineMissed: MailKind.DEADLINE_MISSED,
}


def called_for(by: Party, fact: CaseFact) -> MailKind | None:
    """The kind of mail that a fact calls for, if any."""
    if isinstance(fact, RetaliationChecked):
        return MailKind.URGENT if fact.result in SIGNS else None
    if isinstance(fact, CaseTakenIn):
        return MailKind.URGENT if fact.reprisal else None
    return KINDS.get(type(fact)) or (of_reporter(fact) if by is Party.REPORTER else None)


def of_reporter(fact: CaseFact) -> MailKind | None:
    """The kind of mail that the reporter's own act calls for. An erasure is done in seconds, and pressure is danger."""
    match fact:
        case ErasureAsked() | WithdrawalAsked(pressure=Pressure.YES):
            return MailKind.URGENT
        case MessageLeft() | ObjectionRaised() | WithdrawalAsked() | CaseMoved(after=CaseState.APPEALED):
            return MailKind.REPORTER_WROTE
        case ConsentGiven(given=False) | RungTaken(step=RungStep.REVERSED):
            return MailKind.REPORTER_WROTE
        case _:
            return None


def due(dossier: "Dossier", moment: "Moment") -> datetime:
    """Until when something must be done: the next deadline of the case, or now."""
    running = dossier.clocks.running()
    return running[0].due if running else moment.at
