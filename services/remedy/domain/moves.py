"""Moving a case on: what must be true before it is in a state, and who moves it (UNGP 31).

What must be true is asked by the state that a case goes *to*, so that no way into a state, also none that is added to
the table later, passes by its guards.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.remedy.domain.life import contact, contact_guards
from services.remedy.domain.refusals import Refused, require
from services.remedy.domain.states import OF_OTHERS, R, S, back, ways
from shared.events.remedy.cases import CaseFact, CaseMoved
from shared.events.remedy.words import CaseReason, CaseRefusal, CaseState, DeadlineKind, Pressure, Referral

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

X = CaseRefusal
Guard = tuple[bool, CaseRefusal]


def assessed(dossier: "Dossier") -> Iterable[Guard]:
    """Somebody has judged how dangerous it is for the workers."""
    yield dossier.life.safety is not None, X.SAFETY_NOT_ASSESSED


def protected(dossier: "Dossier") -> Iterable[Guard]:
    """The workers are protected, by a plan for the danger as it was assessed last."""
    yield from assessed(dossier)
    yield dossier.life.protection_planned, X.PROTECTION_PLAN_MISSING


def agreed(dossier: "Dossier") -> Iterable[Guard]:
    """The workers were consulted, and every item of the plan is agreed (UNGP 31(h); worker-driven remedy)."""
    yield from protected(dossier)
    yield dossier.plan.consulted_on is not None, X.WORKERS_NOT_CONSULTED
    yield from plan_guards(dossier, dossier.plan.agreed)


def verified(dossier: "Dossier") -> Iterable[Guard]:
    """Every item of the plan was verified as effective."""
    yield from protected(dossier)
    yield from plan_guards(dossier, dossier.plan.verified)


def plan_guards(dossier: "Dossier", far_enough: bool) -> Iterable[Guard]:
    """There is a plan, and it is far enough."""
    yield bool(dossier.plan.wanted), X.PLAN_MISSING
    yield far_enough or not dossier.plan.wanted, X.ITEM_OPEN


def free_to_withdraw(dossier: "Dossier") -> Iterable[Guard]:
    """The reporter asked for it, was asked about pressure, and did not say that there is any."""
    yield dossier.life.withdrawal in (Pressure.NO, Pressure.NOT_SAID, Pressure.YES), X.PRESSURE_NOT_ASKED
    yield dossier.life.withdrawal is not Pressure.YES, X.UNDER_PRESSURE


def closable(dossier: "Dossier") -> Iterable[Guard]:
    """No case is closed over the heads of those whom it concerns. After any contact it closes from the watch only."""
    life = dossier.life
    watched = life.contacted_on is None or life.state is S.RETALIATION_WATCH
    yield watched, X.NOT_FROM_THIS_STATE
    yield not life.objection, X.OBJECTION_OPEN
    yield dossier.plan.kept, X.ITEM_OPEN
    yield dossier.plan.paid, X.PAYMENT_SHORT
    yield dossier.watch.calm, X.RETALIATION_OPEN
    yield not dossier.clocks.running(DeadlineKind.RETALIATION_CHECK), X.CHECK_OPEN
    if life.outcome is R.REMEDY_VERIFIED:
        yield from plan_guards(dossier, dossier.plan.verified)


GUARDS: Mapping[CaseState, Callable[["Dossier"], Iterable[Guard]]] = MappingProxyType(
    {
        S.PROTECTION_PLAN: assessed,
        S.PARTIES_INFORMED: contact_guards,
        S.INVESTIGATING: protected,
        S.FINDING: protected,
        S.MEDIATION: protected,
        S.REMEDY_AGREED: agreed,
        S.IMPLEMENTING: agreed,
        S.VERIFICATION: agreed,
        S.RESOLVED: verified,
        S.WITHDRAWN: free_to_withdraw,
        S.CLOSED: closable,
    }
)


def guards_of(dossier: "Dossier", to: CaseState) -> Iterable[Guard]:
    """The guards of a state. A case that returns to where it was asks only whether the workers are still protected."""
    if to in back(dossier):
        return protected(dossier) if GUARDS.get(to) not in (None, assessed) else ()
    return GUARDS[to](dossier) if to in GUARDS else ()


@dataclass(frozen=True, slots=True)
class Step:
    """One of the states to which a case may go: for which reasons, and what is still missing for it."""

    to: CaseState
    reasons: tuple[CaseReason, ...]
    missing: tuple[CaseRefusal, ...]


def steps(dossier: "Dossier") -> list[Step]:
    """What a handler may do next with a case, and what each step still lacks."""
    found = []
    for to, reasons in ways(dossier).items():
        if mine := reasons - OF_OTHERS:
            missing = dict.fromkeys(why for holds, why in guards_of(dossier, to) if not holds)
            missing |= dict.fromkeys([X.NOT_TAKEN_IN] if must_wait(dossier, to) else [])
            found.append(Step(to, tuple(sorted(mine)), tuple(missing)))
    return found


def must_wait(dossier: "Dossier", to: CaseState) -> bool:
    """Whether the box must be opened first. That it came can be acknowledged before."""
    return not dossier.life.taken_in and to is not S.ACKNOWLEDGED


def move(
    dossier: "Dossier", moment: "Moment", to: CaseState, reason: CaseReason, referral: Referral | None = None
) -> list[CaseFact]:
    """The facts of a move by a handler. Raises Refused with every guard that does not hold.

    To have informed the parties is to have contacted the employer: where no contact is known, it was today.
    """
    require((reason not in OF_OTHERS, X.NOT_FOR_THIS_PARTY), *requirements(dossier, to, reason, referral))
    facts: list[CaseFact] = []
    if to is S.PARTIES_INFORMED and dossier.life.contacted_on is None:
        facts += contact(dossier, moment, moment.today)
    return [*facts, moved(dossier, to, reason, referral)]


def requirements(
    dossier: "Dossier", to: CaseState, reason: CaseReason, referral: Referral | None = None
) -> Iterable[Guard]:
    """All that must be true for a move."""
    reasons = ways(dossier).get(to)
    yield reasons is not None, X.NOT_FROM_THIS_STATE
    yield reasons is None or reason in reasons, X.NOT_THIS_REASON
    yield to is not S.REFERRED or referral not in (None, Referral.OTHER), X.REFERRAL_MISSING
    yield not must_wait(dossier, to), X.NOT_TAKEN_IN
    yield from guards_of(dossier, to)


def moved(dossier: "Dossier", to: CaseState, reason: CaseReason, referral: Referral | None = None) -> CaseMoved:
    """The fact of a move that was found allowed. A referral belongs to a case that is referred, and to no other."""
    told = referral if to is S.REFERRED else None
    return CaseMoved(case=dossier.case, before=dossier.life.state, after=to, reason=reason, referral=told)


def acknowledge(dossier: "Dossier") -> list[CaseFact]:
    """Who spoke, or who passed it on, was told that it came (Directive (EU) 2019/1937, Article 9(1)(b))."""
    require(*requirements(dossier, S.ACKNOWLEDGED, R.NEXT_STEP))
    return [moved(dossier, S.ACKNOWLEDGED, R.NEXT_STEP)]


def only_reason(dossier: "Dossier", to: CaseState) -> CaseReason:
    """The reason of a move that has only one. Raises Refused where there is a choice, or no such move."""
    reasons = ways(dossier).get(to)
    if reasons is None:
        raise Refused(X.NOT_FROM_THIS_STATE)
    mine = reasons - OF_OTHERS
    if len(mine) != 1:
        raise Refused(X.NOT_THIS_REASON if mine else X.NOT_FOR_THIS_PARTY)
    return next(iter(mine))


def appeal(dossier: "Dossier") -> list[CaseFact]:
    """The reporter appeals: against a finding, what followed from it, or that the case is not processed."""
    require(*requirements(dossier, S.APPEALED, R.APPEAL_LODGED))
    return [moved(dossier, S.APPEALED, R.APPEAL_LODGED)]


def decide_appeal(dossier: "Dossier", upheld: bool) -> list[CaseFact]:
    """A person who does not handle the case heard the appeal: it is reopened, or goes on from where it was.

    That such a person is no handler of the case is known to the caller.
    """
    life = dossier.life
    if life.state is not S.APPEALED or life.appealed is None:
        raise Refused(X.NOT_FROM_THIS_STATE)
    to, reason = (S.REOPENED, R.APPEAL_UPHELD) if upheld else (life.appealed, R.APPEAL_DISMISSED)
    require(*requirements(dossier, to, reason))
    return [moved(dossier, to, reason)]
