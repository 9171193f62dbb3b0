"""The life of a case from receipt to closure: how far it is, and what may be done to it besides moving it on.

From which state it goes to which is in `states`, and what must be true before in `moves`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from services.remedy.domain.refusals import Refused, require
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    CaseLinked,
    CaseMoved,
    CaseOpened,
    CaseTakenIn,
    ConsentGiven,
    EmployerContacted,
    ErasureAsked,
    LegalHoldLifted,
    LegalHoldPlaced,
    MessageLeft,
    ObjectionRaised,
    ObjectionSettled,
    ProtectionPlanned,
    SafetyAssessed,
    WithdrawalAsked,
)
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    Erased,
    Filer,
    LinkKind,
    Party,
    Pressure,
    Rung,
    SafetyLevel,
    TestimonyKind,
)

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

GROUNDS = frozenset({CaseReason.GROUNDED, CaseReason.PARTLY_GROUNDED, CaseReason.NOT_GROUNDED, CaseReason.INCONCLUSIVE})
ENDED = frozenset({CaseState.RESOLVED, CaseState.WITHDRAWN, CaseState.REFERRED})
"""Processing has ended: with remedy verified, at the reporter's wish, or because another body is to process it."""
DANGER = (SafetyLevel.LOW, SafetyLevel.ELEVATED, SafetyLevel.HIGH)
NO_CONTACT = frozenset(
    {CaseState.SUSPENDED_FOR_SAFETY, CaseState.WITHDRAWN, CaseState.REFERRED, CaseState.CLOSED, CaseState.OTHER}
)
"""States in which nobody speaks to the employer, whatever was agreed before."""


@dataclass(frozen=True, slots=True)
class Life:
    """How far a case is. `suspended` and `appealed` are the states to which it returns."""

    state: CaseState = CaseState.RECEIVED
    since: datetime | None = None
    """When it came into its state."""
    kind: TestimonyKind = TestimonyKind.OTHER
    opened_at: datetime | None = None
    suspended: CaseState | None = None
    appealed: CaseState | None = None
    grounds: CaseReason | None = None
    """What was found: grounded, partly, not grounded or inconclusive; None before a finding."""
    outcome: CaseReason | None = None
    """With what processing ended; it is the reason of closure, and None while the case is processed."""
    taken_in: bool = False
    has_receipt: bool = False
    filed_by: Filer = Filer.UNKNOWN
    reprisal: bool = False
    links: Mapping[UUID, LinkKind] | None = None
    joined: UUID | None = None
    """The case to which its reporter had it added, by that case's receipt: who holds its receipt is led there."""
    safety: SafetyLevel | None = None
    protection_planned: bool = False
    contacted_on: date | None = None
    """The first day on which the employer, or a company above it, was spoken to."""
    objection: bool = False
    withdrawal: Pressure | None = None
    held: bool = False
    erasing: bool = False
    erased: frozenset[Erased] = frozenset()

    def after(self, at: datetime, by: Party, fact: CaseFact) -> Self:
        """The life after a fact. Where its receipt leads is decided where the receipt was seen, so by the clock."""
        found = self
        match fact:
            case CaseOpened():
                found = replace(self, kind=fact.kind, opened_at=at, since=at)
            case CaseTakenIn():
                found = self.taken(fact)
            case CaseLinked():
                reprisal = self.reprisal or fact.kind is LinkKind.REPRISAL
                joined = fact.to if fact.kind is LinkKind.JOINED and by is Party.CLOCK else self.joined
                links = {**(self.links or {}), fact.to: fact.kind}
                found = replace(self, links=links, joined=joined, reprisal=reprisal)
            case CaseMoved():
                found = replace(self.moved(fact), since=at)
            case EmployerContacted():
                found = replace(self, contacted_on=min(self.contacted_on or fact.on, fact.on))
            case SafetyAssessed():
                found = self.assessed(fact.level)
            case ProtectionPlanned():
                found = replace(self, protection_planned=True)
            case ObjectionRaised() | ObjectionSettled():
                found = replace(self, objection=isinstance(fact, ObjectionRaised))
            case WithdrawalAsked():
                found = replace(self, withdrawal=fact.pressure)
            case LegalHoldPlaced() | LegalHoldLifted():
                found = replace(self, held=isinstance(fact, LegalHoldPlaced))
            case ErasureAsked():
                found = replace(self, erasing=True)
            case CaseErased():
                gone = set(Erased) - {Erased.OTHER} if fact.what is Erased.CONTENT else {fact.what}
                found = replace(self, erasing=False, erased=self.erased | gone)
        return found

    def taken(self, fact: CaseTakenIn) -> Self:
        """The life after the box was opened."""
        reprisal = self.reprisal or fact.reprisal
        return replace(self, taken_in=True, filed_by=fact.filed_by, has_receipt=fact.has_receipt, reprisal=reprisal)

    def moved(self, move: CaseMoved) -> Self:
        """The life after a move. What a case returns from leaves no trace in it."""
        before, to = move.before, move.after
        if to is CaseState.SUSPENDED_FOR_SAFETY:
            return replace(self, state=to, suspended=before)
        if before is CaseState.SUSPENDED_FOR_SAFETY and to is self.suspended:
            return replace(self, state=to, suspended=None)
        if to is CaseState.APPEALED:
            return replace(self, state=to, appealed=before)
        if before is CaseState.APPEALED and to is self.appealed:
            return replace(self, state=to, appealed=None)
        return replace(self, state=to, suspended=None, appealed=None).arrived(to, move.reason)

    def arrived(self, to: CaseState, reason: CaseReason) -> Self:
        """The life in a state that is new to it: what was found, and with what processing ended."""
        if to is CaseState.REOPENED:
            return replace(self, outcome=None, withdrawal=None)
        if to is CaseState.FINDING and reason in GROUNDS:
            return replace(self, grounds=reason)
        ends = to in ENDED or (to in (CaseState.RETALIATION_WATCH, CaseState.CLOSED) and self.outcome is None)
        return replace(self, outcome=reason) if ends else self

    def assessed(self, level: SafetyLevel) -> Self:
        """The life after an assessment: a plan made for less danger does not protect any more."""
        rises = self.safety is not None and DANGER.index(level) > DANGER.index(self.safety)
        return replace(self, safety=level, protection_planned=self.protection_planned and not rises)


def assess_safety(dossier: "Dossier", level: SafetyLevel) -> list[CaseFact]:
    """A handler assessed the danger to the workers. Where it has risen, protection must be planned anew."""
    require((dossier.life.taken_in, CaseRefusal.NOT_TAKEN_IN))
    return [SafetyAssessed(case=dossier.case, level=level)]


def plan_protection(dossier: "Dossier") -> list[CaseFact]:
    """A plan stands that protects the workers. Raises Refused before the danger was assessed: it is its measure."""
    require(
        (dossier.life.taken_in, CaseRefusal.NOT_TAKEN_IN),
        (dossier.life.safety is not None, CaseRefusal.SAFETY_NOT_ASSESSED),
    )
    return [ProtectionPlanned(case=dossier.case)]


def consent(dossier: "Dossier", rung: Rung, given: bool, by: Party) -> list[CaseFact]:
    """The workers' side agrees, or no longer agrees, that a rung is told; a handler may write down what they said.

    What is not given cannot be presumed, so nothing else ever makes this fact. Taking it back is always possible; what
    the reporter refused, or took back, the reporter alone can give again.
    """
    speaks = by is Party.REPORTER or (by is Party.HANDLER and not (given and rung in dossier.ladder.refused))
    require((speaks and rung is not Rung.OTHER, CaseRefusal.NOT_FOR_THIS_PARTY))
    return [ConsentGiven(case=dossier.case, rung=rung, given=given, by=by)]


def contact(dossier: "Dossier", moment: "Moment", on: date) -> list[CaseFact]:
    """The employer, or a company above it, was spoken to on a day: from then on retaliation is watched for.

    Raises Refused without a safety assessment, a protection plan and the workers' consent (Electronics Watch; Fair
    Wear), for a day to come or before the case came, and while a case is suspended or no longer processed.
    """
    require(*contact_guards(dossier), *day_guards(dossier, moment, on))
    return [EmployerContacted(case=dossier.case, on=on)]


def contact_guards(dossier: "Dossier") -> tuple[tuple[bool, CaseRefusal], ...]:
    """What must be true before anybody speaks to the employer."""
    return (
        (dossier.life.state not in NO_CONTACT, CaseRefusal.NOT_FROM_THIS_STATE),
        (dossier.life.safety is not None, CaseRefusal.SAFETY_NOT_ASSESSED),
        (dossier.life.protection_planned, CaseRefusal.PROTECTION_PLAN_MISSING),
        (Rung.EMPLOYER in dossier.ladder.consents, CaseRefusal.CONSENT_MISSING),
    )


def day_guards(dossier: "Dossier", moment: "Moment", on: date) -> tuple[tuple[bool, CaseRefusal], ...]:
    """On which day somebody can have been told of a case: not before it came, else every check would be past."""
    came = dossier.life.opened_at
    return (
        (on <= moment.today, CaseRefusal.TOO_SOON),
        (came is None or on >= moment.day_of(came), CaseRefusal.TOO_SOON),
    )


def write(dossier: "Dossier", by: Party, attachments: int = 0) -> list[CaseFact]:
    """Reporter or handler leave a message, whatever the state: who was heard may always ask and add."""
    require(
        (by in (Party.REPORTER, Party.HANDLER), CaseRefusal.NOT_FOR_THIS_PARTY),
        (dossier.life.taken_in, CaseRefusal.NOT_TAKEN_IN),
    )
    return [MessageLeft(case=dossier.case, by=by, attachments=attachments)]


def object_to_closure(dossier: "Dossier") -> list[CaseFact]:
    """The reporter objects to closure; nothing where an objection stands already.

    A case that was closed meanwhile is reopened by it: nobody can close a case faster than its reporter objects.
    """
    if dossier.life.objection:
        return []
    raised = ObjectionRaised(case=dossier.case)
    if dossier.life.state is not CaseState.CLOSED:
        return [raised]
    again = CaseReason.NEW_INFORMATION
    return [raised, CaseMoved(case=dossier.case, before=CaseState.CLOSED, after=CaseState.REOPENED, reason=again)]


def settle_objection(dossier: "Dossier", by: Party) -> list[CaseFact]:
    """The reporter takes the objection back, or a person heard it who does not handle the case.

    That such a person is no handler of the case is known to the caller. Nothing where no objection stands.
    """
    require((by in (Party.REPORTER, Party.HANDLER), CaseRefusal.NOT_FOR_THIS_PARTY))
    return [ObjectionSettled(case=dossier.case, by=by)] if dossier.life.objection else []


def ask_withdrawal(dossier: "Dossier", pressure: Pressure | None, by: Party = Party.REPORTER) -> list[CaseFact]:
    """The reporter wants to withdraw the case, and was asked whether under pressure; the last answer counts.

    Somebody else writes this down only for a reporter who has no receipt, and so cannot say it here themselves; that
    they do not handle the case is known to the caller.
    """
    life = dossier.life
    speaks = by is Party.REPORTER or (by is Party.HANDLER and not life.has_receipt)
    require(
        (life.state not in (CaseState.WITHDRAWN, CaseState.CLOSED), CaseRefusal.NOT_FROM_THIS_STATE),
        (speaks, CaseRefusal.NOT_FOR_THIS_PARTY),
        (pressure not in (None, Pressure.OTHER), CaseRefusal.PRESSURE_NOT_ASKED),
    )
    assert pressure is not None
    return [WithdrawalAsked(case=dossier.case, pressure=pressure)]


def link(dossier: "Dossier", to: UUID, kind: LinkKind) -> list[CaseFact]:
    """A handler says that this case belongs to another: it tells of reprisal for it. Nothing where it is known.

    Raises Refused for JOINED: a case is joined by who holds the receipts of both, for it leads one's receipt to the
    other's case.
    """
    if to == dossier.case:
        raise Refused(CaseRefusal.OTHER)
    require((kind is not LinkKind.JOINED, CaseRefusal.NOT_FOR_THIS_PARTY))
    known = (dossier.life.links or {}).get(to) is kind
    return [] if known else [CaseLinked(case=dossier.case, to=to, kind=kind)]
