"""How the events of `remedy` on engagements, conditions and statements read in a thread; of cases there are none."""

from collections.abc import Mapping

from shared.events.remedy.conditions import (
    ConditionDue,
    ConditionLifted,
    ConditionMoved,
    FollowUpEntryRefused,
    InformationRequestMoved,
    MemberObligationApproaching,
    MemberObligationMissed,
)
from shared.events.remedy.engagements import (
    AskMoved,
    CommitmentMoved,
    EngagementClosed,
    EngagementHeld,
    EngagementMilestoneReached,
    EngagementOpened,
    EngagementProposalLapsed,
    EngagementProposed,
    EntryRefused,
    EscalationEffectTold,
    EscalationProposed,
    EscalationStepTaken,
    ObligationApproaching,
    ObligationMissed,
)
from shared.events.remedy.released import RemedyVerified, StatementReleased, StatementReversed
from shared.thread import Phrase, count, spaced


def opened(data: EngagementOpened) -> str:
    return f"Engagement opened with {data.supplier_name}, {spaced(data.category)}, milestone M0: {data.objective}"


def reached(data: EngagementMilestoneReached) -> str:
    way = "Fell back to" if data.milestone < data.before else "Reached"
    return f"{way} milestone {data.milestone} after {count(data.days, 'day')} at {data.before}"


def ask_moved(data: AskMoved) -> str:
    askers = f", asked by {count(len(data.askers), 'member')}" if len(data.askers) > 1 else ""
    before = f"from {spaced(data.before)} to " if data.before else ""
    return f"Ask {before}{spaced(data.after)}{askers}"


def commitment_moved(data: CommitmentMoved) -> str:
    before = f"from {spaced(data.before)} to " if data.before else ""
    return f"Commitment {before}{spaced(data.after)}"


def step_taken(data: EscalationStepTaken) -> str:
    buyers = f"; leverage: {count(data.buyers, 'buyer')}" if data.buyers is not None else ""
    contracts = f", {count(data.contracts, 'contract')}" if data.contracts is not None else ""
    cure = f", to cure until {data.cure_until}" if data.cure_until else ""
    return f"Step of the ladder: {spaced(data.step)}{cure}{buyers}{contracts}"


def refused(data: EntryRefused | FollowUpEntryRefused) -> str:
    why = ", ".join(map(spaced, data.refusals))
    return f"Entry changed nothing ({data.entry_type}): {why}; it was {data.standing}"


def approaching(data: ObligationApproaching | MemberObligationApproaching) -> str:
    return f"Due on {data.due}: {spaced(data.kind)}"


def missed(data: ObligationMissed | MemberObligationMissed) -> str:
    return f"Missed, was due on {data.due}: {spaced(data.kind)}"


def condition_moved(data: ConditionMoved) -> str:
    cure = f", to cure until {data.cure_until}" if data.cure_until else ""
    return f"Condition {data.clause} went from {spaced(data.before)} to {spaced(data.after)}{cure}"


def request_moved(data: InformationRequestMoved) -> str:
    return f"Information request {data.reference}: {spaced(data.after)}, to be answered by {data.due}"


def released(data: StatementReleased) -> str:
    return f"Statement of a worker-side source on {spaced(data.category)}, {data.quarter}"


def verified(data: RemedyVerified) -> str:
    return f"Workers' side found a remedy effective ({spaced(data.form)}), {spaced(data.category)}, {data.quarter}"


PHRASES: Mapping[str, Phrase] = {
    EngagementProposed.type: Phrase(lambda data: f"Engagement proposed with {data.supplier_name}: {data.reason}"),
    EngagementProposalLapsed.type: Phrase(lambda _data: "Proposal lapsed: nothing gives reason for it any longer"),
    EngagementOpened.type: Phrase(opened, lambda data: data.opened_by),
    EngagementMilestoneReached.type: Phrase(reached),
    EngagementHeld.type: Phrase(lambda _data: "Engagement held: a statement it rests on is no longer told"),
    EngagementClosed.type: Phrase(
        lambda data: f"Engagement closed at milestone {data.milestone}: {spaced(data.outcome)}"
    ),
    AskMoved.type: Phrase(ask_moved),
    CommitmentMoved.type: Phrase(commitment_moved),
    EscalationProposed.type: Phrase(
        lambda data: f"Next step of the ladder proposed: {spaced(data.step)}, because {spaced(data.cause)}"
    ),
    EscalationStepTaken.type: Phrase(step_taken),
    EscalationEffectTold.type: Phrase(lambda data: f"Effect of a step: {spaced(data.effect)}"),
    EntryRefused.type: Phrase(refused),
    ObligationApproaching.type: Phrase(approaching),
    ObligationMissed.type: Phrase(missed),
    ConditionDue.type: Phrase(lambda data: f"Condition {data.clause} is due on {data.due}"),
    ConditionMoved.type: Phrase(condition_moved),
    ConditionLifted.type: Phrase(lambda _data: "Condition no longer is due"),
    InformationRequestMoved.type: Phrase(request_moved),
    FollowUpEntryRefused.type: Phrase(refused),
    MemberObligationApproaching.type: Phrase(approaching),
    MemberObligationMissed.type: Phrase(missed),
    StatementReleased.type: Phrase(released),
    StatementReversed.type: Phrase(lambda _data: "Statement is no longer told"),
    RemedyVerified.type: Phrase(verified),
}
"""By event type."""
