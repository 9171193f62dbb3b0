"""Why something may not be done to a case, and what would have to be done first."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.events.remedy.words import CaseRefusal


class Refused(Exception):
    """What was asked may not be done to a case as it stands; `why` has every reason, never only the first."""

    def __init__(self, *why: CaseRefusal) -> None:
        super().__init__(", ".join(why))
        self.why = why


def require(*guards: tuple[bool, CaseRefusal]) -> None:
    """Raises Refused with the refusal of every guard that does not hold."""
    if why := [refusal for holds, refusal in guards if not holds]:
        raise Refused(*dict.fromkeys(why))


REMEDIES: Mapping[CaseRefusal, str] = MappingProxyType(
    {
        CaseRefusal.NOT_FROM_THIS_STATE: (
            "See what is possible next with `engage case show`, or as the reporter with `engage report status`."
        ),
        CaseRefusal.NOT_THIS_REASON: "`engage case show` lists the reasons that each step takes.",
        CaseRefusal.REFERRAL_MISSING: "Name the kind of body to which the case is referred, or that none is safe.",
        CaseRefusal.SAFETY_NOT_ASSESSED: "Assess first how dangerous it is for the workers: `engage case safety`.",
        CaseRefusal.PROTECTION_PLAN_MISSING: (
            "Plan first how the workers are protected: `engage case protection`. "
            "Where the danger has been assessed as higher since, plan anew."
        ),
        CaseRefusal.CONSENT_MISSING: "The workers' side has not agreed to this: ask them, and record what they say.",
        CaseRefusal.EARLIER_RUNG_OPEN: (
            "An earlier rung of the ladder of publication is neither reached nor waived; only the workers' side waives."
        ),
        CaseRefusal.NOT_FOR_THIS_PARTY: "Somebody else must do this: the reporter, or a person who does not handle it.",
        CaseRefusal.ITEM_UNKNOWN: "The plan has no such item: `engage case plan show` lists them.",
        CaseRefusal.ITEM_INCOMPLETE: (
            "Complete the item first: the words (finding, root cause, an action), who does it, who pays, by when; "
            "where something is paid, for how many workers, how much and in which currency."
        ),
        CaseRefusal.WORKERS_NOT_CONSULTED: (
            "Ask the workers first what would remedy the harm: `engage case plan consulted`."
        ),
        CaseRefusal.PLAN_MISSING: "Propose first what is to be done: `engage case plan propose`.",
        CaseRefusal.ITEM_OPEN: "An item of the plan is not far enough yet: `engage case plan show` tells which.",
        CaseRefusal.SUPPLIER_WORD_ALONE: (
            "A supplier's word alone verifies nothing: ask the workers, or who is independent."
        ),
        CaseRefusal.VERIFIER_IS_IMPLEMENTER: "Who carried it out cannot verify it: somebody else must.",
        CaseRefusal.PAYMENT_SHORT: "What was promised has not been paid to all who are entitled: record what was paid.",
        CaseRefusal.PAID_LESS_THAN_BEFORE: "More was recorded as paid before; what was paid is not taken back.",
        CaseRefusal.CURRENCY_DIFFERS: "What was promised and what is paid are told in one currency.",
        CaseRefusal.CONTACT_NOT_RECORDED: (
            "Who agreed to this was spoken to: record the contact first, so that retaliation is watched for."
        ),
        CaseRefusal.CHECK_UNKNOWN: "No such check for retaliation is due: `engage case watch show` lists them.",
        CaseRefusal.CHECK_OPEN: "Checks for retaliation are still to be made: `engage case watch show` tells when.",
        CaseRefusal.RETALIATION_OPEN: "A sign of retaliation has not ended: follow it up first, and check again.",
        CaseRefusal.TRUSTED_CONTACT_FIRST: "Tell first the person whom the worker trusts, then escalate.",
        CaseRefusal.OBJECTION_OPEN: (
            "The reporter objects to closure: until they take it back, or somebody who does not handle the case has "
            "heard them, it stays open."
        ),
        CaseRefusal.PRESSURE_NOT_ASKED: "Ask the reporter first: are you under pressure to do this?",
        CaseRefusal.UNDER_PRESSURE: (
            "The reporter said that somebody presses them: the case is kept until they answer otherwise. Assess the "
            "danger anew, and suspend the case for safety if needed."
        ),
        CaseRefusal.NOT_EXTENDABLE: "This deadline cannot be put off: it has no extension, has had it, or has passed.",
        CaseRefusal.TOO_SOON: "It is too soon for this: its day has not come, or lies before the case came.",
        CaseRefusal.TOO_FEW: "Fewer than ten are concerned: to tell of so few could tell who they are.",
        CaseRefusal.LEGAL_HOLD: (
            "The case must be kept for a proceeding: a custodian lifts the hold when that has ended."
        ),
        CaseRefusal.COPY_NOT_OFFERED: "Offer the reporter a copy first.",
        CaseRefusal.ERASED: "What this case held was erased, or is being erased: nothing more can be done to it.",
        CaseRefusal.NOT_TAKEN_IN: "The box has not been opened yet: try again, and ask the operator if it stays so.",
        CaseRefusal.OTHER: "This cannot be done.",
    }
)
"""What to do about a refusal, in a sentence; each of the words has one."""
