"""What to do about an entry that changed nothing: of a dialogue, or of the follow-up of a contract."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.events.engagement_words import EntryRefusal as R

REMEDIES: Mapping[R, str] = MappingProxyType(
    {
        R.ENGAGEMENT_UNKNOWN: "Your group has no open engagement of this id: open it first, or check the id.",
        R.ENGAGEMENT_NOT_OPEN: "The engagement has ended: open another one under a new id.",
        R.ALREADY_OPEN: "The engagement is open already: go on with it, or open another one under a new id.",
        R.ROLE_MAY_NOT: "Only a lead or collaborating member of the group may do this: ask one of them.",
        R.STEP_SKIPPED: "Steps are taken one at a time: take the next one first.",
        R.SAME_STEP: "The engagement stands at this milestone already.",
        R.EVIDENCE_MISSING: "Add evidence: where it is, and its SHA-256.",
        R.REASON_MISSING: "Say why, in a sentence.",
        R.DAY_TOO_EARLY: "The day lies before what it follows on: check it.",
        R.SUPPLIER_WORD_ALONE: "A supplier's word alone verifies nothing: name another basis, with evidence of it.",
        R.NOT_BY_RIGHTSHOLDERS: "Say which rightsholders verified it, and name a consultation with them since M4.",
        R.NO_CONSULTATION: "Name consultations of this engagement, or verifications that a case handler released.",
        R.TESTIMONY_NOT_CLEARED: (
            "A statement among the reasons is not cleared for contact with the company: a case handler clears it only "
            "after a safety assessment and with the workers' consent. Leave it out, or wait."
        ),
        R.NOTHING_LEFT_TO_GO_ON: (
            "The engagement is held: a statement on which it was opened is no longer told, so the company may not be "
            "approached on it. Conclude it; with other grounds, open a new engagement on these."
        ),
        R.TOO_MANY_ENTRIES: "The engagement takes no more entries: conclude it, and go on in a new one.",
        R.ASK_UNKNOWN: "The engagement has no such ask: check the id.",
        R.ASK_SETTLED: "The ask is settled, joined or taken back: name the one it was joined to, or ask anew.",
        R.COMMITMENT_UNKNOWN: "The engagement has no such commitment: check the id.",
        R.COMMITMENT_SETTLED: "The commitment is settled or taken back: record a new one.",
        R.COMMITMENT_MISSING: "A plan needs a commitment: record what the supplier promised first.",
        R.COMMITMENT_OPEN: "Assess each commitment first; where one was missed, its ask must be met by another.",
        R.ESCALATION_UNKNOWN: "The engagement has taken no such step: check the id.",
        R.CURE_PERIOD_MISSING: "A notice says until which day the supplier may cure.",
        R.CURE_PERIOD_RUNNING: "The cure period of the notice is not over: wait until the day after it.",
        R.OUTCOME_NOT_REACHED: "The engagement has not come that far: choose another outcome.",
        R.RESTED_UPON: "Later entries rest on it: take those back first, or go back to a milestone with a reason.",
        R.CONTRACT_UNKNOWN: "There is no such contract of yours that is followed up: check its reference.",
        R.CONDITION_UNKNOWN: "The contract has no such condition: `engage condition list` shows them.",
        R.MEMBER_NOT_BOUND: "Only members that the Transparency Act binds do this.",
        R.BEYOND_TWO_MONTHS: "An answer is due within two months of the request at the latest: name an earlier day.",
        R.TOLD_TOO_LATE: "A longer time is told within three weeks of the request (section 7): that day has passed.",
        R.CLAUSE_UNKNOWN: "The library has no such clause: `engage clauses` shows them.",
        R.CONTRACT_ENDED: "The contract has ended by that day: name an earlier one.",
        R.REQUEST_UNKNOWN: "Record first that the request was received, under the same reference.",
        R.NOT_FROM_THIS_STATE: "This is not possible as it stands.",
    }
)
"""What to do about each refusal of an entry."""
