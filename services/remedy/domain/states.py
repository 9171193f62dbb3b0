"""From which state a case goes to which, for which reasons: the table, and what of it is open to one case.

After the complaint procedures of Fair Wear, the Accord and the FLA. What must be true besides is in `moves`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.remedy.domain.life import GROUNDS
from shared.events.remedy.words import CaseReason, CaseState, LinkKind

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier

S, R = CaseState, CaseReason
Reasons = frozenset[CaseReason]


def only(*reasons: CaseReason) -> Reasons:
    """These reasons and no other."""
    return frozenset(reasons)


NEXT = only(R.NEXT_STEP)
TO_REMEDY = {S.REMEDY_AGREED: NEXT}
WITHOUT_REMEDY = {S.RETALIATION_WATCH: only(R.NOT_GROUNDED), S.CLOSED: only(R.NOT_GROUNDED)}

MOVES: Mapping[CaseState, Mapping[CaseState, Reasons]] = MappingProxyType(
    {
        S.RECEIVED: {S.ACKNOWLEDGED: NEXT},
        S.ACKNOWLEDGED: {S.GENUINENESS_CHECK: NEXT},
        S.GENUINENESS_CHECK: {S.ADMISSIBILITY: NEXT},
        S.ADMISSIBILITY: {S.SAFETY_ASSESSMENT: only(R.ADMISSIBLE)},
        S.SAFETY_ASSESSMENT: {S.PROTECTION_PLAN: NEXT},
        S.PROTECTION_PLAN: {S.PARTIES_INFORMED: NEXT, S.INVESTIGATING: only(R.CONSENT_WITHHELD)},
        S.PARTIES_INFORMED: {S.INVESTIGATING: NEXT},
        S.INVESTIGATING: {S.FINDING: GROUNDS, S.PARTIES_INFORMED: NEXT},
        S.MEDIATION: {
            S.REMEDY_AGREED: only(R.MEDIATED),
            S.RETALIATION_WATCH: only(R.INCONCLUSIVE),
            S.CLOSED: only(R.INCONCLUSIVE),
        },
        S.REMEDY_AGREED: {S.IMPLEMENTING: NEXT},
        S.IMPLEMENTING: {S.VERIFICATION: NEXT},
        S.VERIFICATION: {S.RESOLVED: only(R.REMEDY_VERIFIED), S.IMPLEMENTING: only(R.NEW_INFORMATION)},
        S.REOPENED: {S.ADMISSIBILITY: NEXT, S.SAFETY_ASSESSMENT: NEXT, S.INVESTIGATING: NEXT, S.IMPLEMENTING: NEXT},
    }
)
"""The straight way. Workers may withhold consent: then it is investigated without the employer's knowledge."""

AFTER_FINDING: Mapping[CaseReason, Mapping[CaseState, Reasons]] = MappingProxyType(
    {
        R.GROUNDED: TO_REMEDY,
        R.PARTLY_GROUNDED: TO_REMEDY,
        R.NOT_GROUNDED: WITHOUT_REMEDY,
        R.INCONCLUSIVE: {S.MEDIATION: only(R.INCONCLUSIVE)},
    }
)
"""Where a case goes from its finding depends on what was found."""

BEFORE_FINDING = frozenset(
    {
        S.ACKNOWLEDGED,
        S.GENUINENESS_CHECK,
        S.ADMISSIBILITY,
        S.SAFETY_ASSESSMENT,
        S.PROTECTION_PLAN,
        S.PARTIES_INFORMED,
        S.INVESTIGATING,
        S.REOPENED,
    }
)
FROM_FINDING = frozenset({S.FINDING, S.MEDIATION, S.REMEDY_AGREED, S.IMPLEMENTING, S.VERIFICATION})
PROCESSED = BEFORE_FINDING | FROM_FINDING
ENDING = frozenset({S.RESOLVED, S.WITHDRAWN, S.REFERRED, S.RETALIATION_WATCH})

NOT_PROCESSED: Mapping[CaseReason, frozenset[CaseState]] = MappingProxyType(
    {
        R.NOT_GENUINE: frozenset({S.GENUINENESS_CHECK}),
        R.NOT_ADMISSIBLE: frozenset({S.ADMISSIBILITY}),
        R.OUT_OF_SCOPE: frozenset({S.GENUINENESS_CHECK, S.ADMISSIBILITY}),
        R.CONSENT_WITHHELD: frozenset({S.PROTECTION_PLAN, S.INVESTIGATING}),
        R.COMPLAINANT_UNREACHABLE: BEFORE_FINDING,
        R.ANOTHER_BODY_COMPETENT: PROCESSED,
    }
)
"""Why, and from where, a case is not processed here; it is always referred, too (the Accord tells both)."""

MAY_WITHDRAW = PROCESSED | {S.RECEIVED, S.SUSPENDED_FOR_SAFETY, S.APPEALED}
MAY_SUSPEND = frozenset(S) - {S.SUSPENDED_FOR_SAFETY, S.CLOSED, S.OTHER}
MAY_APPEAL = FROM_FINDING | {S.RESOLVED, S.REFERRED, S.RETALIATION_WATCH}
MAY_REOPEN = ENDING | {S.CLOSED}
OF_OTHERS = only(R.APPEAL_LODGED, R.APPEAL_UPHELD, R.APPEAL_DISMISSED)
"""Reasons that are not for a case's handlers: the reporter appeals, and somebody else decides."""


def ways(dossier: "Dossier") -> dict[CaseState, Reasons]:
    """To which states a case may go from where it is, and for which reasons, whoever moves it.

    After any contact with the employer it closes from the watch for retaliation and from nowhere else.
    """
    found: dict[CaseState, Reasons] = {}
    for more in (onward(dossier), aside(dossier), back(dossier)):
        for to, reasons in more.items():
            found[to] = found.get(to, frozenset()) | reasons
    if dossier.life.contacted_on is not None and dossier.life.state is not S.RETALIATION_WATCH:
        found.pop(S.CLOSED, None)  # whoever was exposed to the employer is watched over first
    return found


def onward(dossier: "Dossier") -> Mapping[CaseState, Reasons]:
    """The straight way, and the way out of a case whose processing has ended or that was joined to another."""
    life = dossier.life
    if life.state is S.FINDING and life.grounds is not None:
        found = dict(AFTER_FINDING[life.grounds])
    else:
        found = dict(MOVES.get(life.state, {}))
    if life.state in ENDING and life.outcome is not None:
        found[S.CLOSED] = only(life.outcome)
        if life.state is not S.RETALIATION_WATCH:
            found[S.RETALIATION_WATCH] = only(life.outcome)
    elif life.state in PROCESSED and LinkKind.JOINED in (life.links or {}).values():
        for to in (S.RETALIATION_WATCH, S.CLOSED):
            found[to] = found.get(to, frozenset()) | {R.JOINED}
    return found


def aside(dossier: "Dossier") -> Mapping[CaseState, Reasons]:
    """The side exits: referred, suspended, withdrawn, appealed, reopened."""
    state = dossier.life.state
    found = {
        S.REFERRED: frozenset(reason for reason, states in NOT_PROCESSED.items() if state in states),
        S.SUSPENDED_FOR_SAFETY: only(R.SAFETY) if state in MAY_SUSPEND else only(),
        S.WITHDRAWN: only(R.COMPLAINANT_WITHDREW) if state in MAY_WITHDRAW else only(),
        S.APPEALED: only(R.APPEAL_LODGED) if state in MAY_APPEAL else only(),
        S.REOPENED: only(R.NEW_INFORMATION) if state in MAY_REOPEN else only(),
    }
    return {to: reasons for to, reasons in found.items() if reasons}


def back(dossier: "Dossier") -> Mapping[CaseState, Reasons]:
    """The way back from suspension and appeal to where a case was."""
    life = dossier.life
    if life.state is S.SUSPENDED_FOR_SAFETY and life.suspended is not None:
        return {life.suspended: only(R.SAFETY_RESTORED)}
    if life.state is S.APPEALED and life.appealed is not None:
        return {life.appealed: only(R.APPEAL_DISMISSED), S.REOPENED: only(R.APPEAL_UPHELD)}
    return {}
