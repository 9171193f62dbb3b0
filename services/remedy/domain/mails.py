"""Which facts call for mail, and what it is about; which case it is about stands behind its reference only."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared.events.remedy.cases import (
    CaseFact,
    CaseOpened,
    DeadlineApproaching,
    DeadlineMissed,
    MessageLeft,
    ObjectionRaised,
    RetaliationChecked,
    WithdrawalAsked,
)
from shared.events.remedy.words import MailKind, Party, RetaliationResult

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

SIGNS = frozenset({RetaliationResult.SUSPECTED, RetaliationResult.CONFIRMED, RetaliationResult.UNREACHABLE})


KINDS: dict[type[CaseFact], MailKind] = {
    CaseOpened: MailKind.TESTIMONY_RECEIVED,
    DeadlineApproaching: MailKind.DEADLINE_APPROACHING,
    DeadlineMissed: MailKind.DEADLINE_MISSED,
}
OF_REPORTERS = (MessageLeft, ObjectionRaised, WithdrawalAsked)


def called_for(by: Party, fact: CaseFact) -> MailKind | None:
    """The kind of mail that a fact calls for, if any."""
    if isinstance(fact, RetaliationChecked):
        return MailKind.URGENT if fact.result in SIGNS else None
    if isinstance(fact, OF_REPORTERS):
        return MailKind.REPORTER_WROTE if by is Party.REPORTER else None
    return KINDS.get(type(fact))


def due(dossier: "Dossier", moment: "Moment") -> datetime:
    """Until when something must be done: the next deadline of the case, or now."""
    running = dossier.clocks.running()
    return running[0].due if running else moment.at
