"""Erasure: by the reporter, by two persons, or because it has been kept for long enough; and what must be kept."""

from typing import TYPE_CHECKING

from services.remedy.domain.clocks import IDENTITY, RECORD
from services.remedy.domain.refusals import require
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    ErasureAsked,
    LegalHoldLifted,
    LegalHoldPlaced,
    WithdrawalAsked,
)
from shared.events.remedy.words import CaseRefusal, CaseState, DeadlineKind, Erased, ErasureBasis, Pressure

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

OVER = frozenset({CaseState.WITHDRAWN, CaseState.CLOSED})
"""States in which nobody is asked about a withdrawal any more, so that an earlier answer to it binds nobody."""
NOT_WORKED_ON = OVER | {CaseState.REFERRED}


def by_reporter(dossier: "Dossier", what: Erased, copy_offered: bool, pressure: Pressure | None) -> list[CaseFact]:
    """The reporter wants it erased: their right, also while retaliation is watched for.

    Without its content nobody knows whom to check on, so the checks end with it; without the identity they go on.
    Raises Refused where the case must be kept for a proceeding, no copy was offered first, it is erased already, or
    the reporter was not asked about pressure, or says, or last said of a withdrawal, that there is some.
    """
    life = dossier.life
    pressed = pressure is Pressure.YES or (life.withdrawal is Pressure.YES and life.state not in OVER)
    require(
        *may_be_erased(dossier, what),
        (copy_offered, CaseRefusal.COPY_NOT_OFFERED),
        (pressure not in (None, Pressure.OTHER), CaseRefusal.PRESSURE_NOT_ASKED),
        (not pressed, CaseRefusal.UNDER_PRESSURE),
    )
    return [ErasureAsked(case=dossier.case, basis=ErasureBasis.REPORTER_ASKED, what=what)]


def pressed(dossier: "Dossier") -> list[CaseFact]:
    """Somebody presses the reporter to have it erased: the handlers hear of it as of a withdrawal under pressure."""
    return [WithdrawalAsked(case=dossier.case, pressure=Pressure.YES)]


def ask(dossier: "Dossier", what: Erased, copy_offered: bool) -> list[CaseFact]:
    """A handler asks for erasure: nothing happens to the case until somebody else has decided.

    Raises Refused besides unless the case is closed, withdrawn or referred, with nothing owed, no objection and no
    watch for retaliation, since who is to be heard and protected must be known, and where the reporter, who can be
    reached by receipt, was not offered a copy.
    """
    reachable = dossier.life.has_receipt
    require(*may_be_asked(dossier, what), (copy_offered or not reachable, CaseRefusal.COPY_NOT_OFFERED))
    return []


def grant(dossier: "Dossier", what: Erased) -> list[CaseFact]:
    """A second person agrees. Raises Refused as when it was asked, as the case then stands."""
    require(*may_be_asked(dossier, what))
    return [ErasureAsked(case=dossier.case, basis=ErasureBasis.TWO_PERSONS, what=what)]


def may_be_asked(dossier: "Dossier", what: Erased) -> list[tuple[bool, CaseRefusal]]:
    """The guards of an erasure that the reporter did not ask for."""
    return [
        *may_be_erased(dossier, what),
        (dossier.life.state in NOT_WORKED_ON, CaseRefusal.NOT_FROM_THIS_STATE),
        (not dossier.life.objection, CaseRefusal.OBJECTION_OPEN),
        (dossier.plan.paid, CaseRefusal.PAYMENT_SHORT),
        (not dossier.clocks.running(DeadlineKind.RETALIATION_CHECK), CaseRefusal.CHECK_OPEN),
        (dossier.watch.calm, CaseRefusal.RETALIATION_OPEN),
    ]


def may_be_erased(dossier: "Dossier", what: Erased) -> list[tuple[bool, CaseRefusal]]:
    """The guards of every erasure."""
    return [
        (dossier.life.taken_in, CaseRefusal.NOT_TAKEN_IN),
        (not dossier.life.held, CaseRefusal.LEGAL_HOLD),
        (what not in dossier.life.erased and not dossier.life.erasing, CaseRefusal.ERASED),
    ]


def kept_long_enough(dossier: "Dossier", moment: "Moment") -> Erased | None:
    """What is erased because its time is over: of a closed case, not held, whose checks for retaliation have ended."""
    over = {one.key.clock for one in dossier.clocks.running(DeadlineKind.RETENTION) if one.due <= moment.at} - {RECORD}
    what = Erased.IDENTITY if over == {IDENTITY} else Erased.CONTENT
    free = all(holds for holds, _ in may_be_asked(dossier, what)) and dossier.life.state is CaseState.CLOSED
    return what if over and free else None


def by_clock(dossier: "Dossier", what: Erased) -> list[CaseFact]:
    """The decision to erase what has been kept for long enough."""
    return [ErasureAsked(case=dossier.case, basis=ErasureBasis.RETENTION_ENDED, what=what)]


def record_is_over(dossier: "Dossier", moment: "Moment") -> bool:
    """Whether the record of decisions need not be kept any longer: its words are gone, nothing holds it, it is time."""
    running = dossier.clocks.running(DeadlineKind.RETENTION)
    over = any(one.key.clock == RECORD and one.due <= moment.at for one in running)
    return over and not dossier.life.held and Erased.CONTENT in dossier.life.erased


def erased(dossier: "Dossier", what: Erased, basis: ErasureBasis) -> list[CaseFact]:
    """Keys were destroyed; safe to ask again: what is erased already is not told twice."""
    return [] if what in dossier.life.erased else [CaseErased(case=dossier.case, basis=basis, what=what)]


def place_hold(dossier: "Dossier") -> list[CaseFact]:
    """The case must be kept for a proceeding. Raises Refused where it is erased or about to be; twice is once."""
    gone = Erased.CONTENT in dossier.life.erased or dossier.life.erasing
    require((not gone, CaseRefusal.ERASED))
    return [] if dossier.life.held else [LegalHoldPlaced(case=dossier.case)]


def lift_hold(dossier: "Dossier") -> list[CaseFact]:
    """The case need no longer be kept for a proceeding; what was due meanwhile happens then."""
    return [LegalHoldLifted(case=dossier.case)] if dossier.life.held else []
