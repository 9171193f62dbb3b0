"""Where an engagement stands and what would be legal next, in words that a person can act on."""

from collections.abc import Iterator

from services.remedy.domain.engagement.asks import is_settled
from services.remedy.domain.engagement.escalation import LADDER, next_step, running_notice
from services.remedy.domain.engagement.folding_asks import RUNNING
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.life import STEPS, is_held, outcomes_of
from services.remedy.domain.engagement.standing import Engagement, Entry
from shared.events.engagement_words import AskState, EngagementState, Milestone
from shared.events.values import Label

NEEDS = {
    Milestone.M1_CONCERN_RAISED: "with evidence",
    Milestone.M2_ISSUE_ACKNOWLEDGED: "with evidence, or once the supplier has answered by itself",
    Milestone.M3_CREDIBLE_PLAN: "with evidence and a commitment",
    Milestone.M4_PLAN_IMPLEMENTED: "with evidence, commitments kept, not on the supplier's word alone",
    Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS: "verified by rightsholders: a consultation since, or a verification",
}
"""What each milestone needs."""
HELD = ", held: a statement it rests on is no longer told"
"""How an engagement stands on which the company is not approached any more."""


def standing(engagement: Engagement | None) -> Label:
    """Where an engagement stands."""
    if engagement is None or engagement.state is EngagementState.PROPOSED:
        return "not opened"
    stage = engagement.stages[-1]
    if engagement.is_open:
        return f"open at {stage.milestone} since {stage.since}{HELD if engagement.held else ''}"
    return f"closed at {stage.milestone}: {engagement.outcome}"


def legal(engagement: Engagement | None, entry: Entry, known: Known) -> tuple[Label, ...]:
    """What could be done now, the most useful first; of an engagement that is another group's as if it were unknown."""
    if not known.is_own(entry):
        return ("open an engagement of your own group, under an id of its own",)
    return tuple(next_steps(engagement, held=engagement is not None and is_held(engagement, entry, known)))


def legal_steps(engagement: Engagement) -> tuple[Label, ...]:
    """What could be done with an engagement now, for whoever looks at it."""
    return tuple(next_steps(engagement, held=engagement.held))


def next_steps(engagement: Engagement | None, *, held: bool) -> Iterator[Label]:
    """What could be done with an engagement now; of one that is held nothing that approaches the company."""
    if engagement is None or engagement.state is EngagementState.PROPOSED:
        yield "open it, with an objective and a reason"
        return
    if not engagement.is_open:
        yield "open another engagement under a new id"
        yield "take back the conclusion, if it was sent by mistake"
        return
    if held:
        yield "open a new engagement, if there are other grounds"
    yield from milestones(engagement, held)
    if not held:
        yield "ask"
        yield from steps(engagement)
    if any(one.state in RUNNING for one in engagement.commitments.values()):
        yield "assess a commitment that runs, with evidence"
    if any(not is_settled(one) and one.state is not AskState.JOINED for one in engagement.asks.values()):
        yield "record evidence for an open ask" if held else "record a commitment or evidence for an open ask"
    yield "record a consultation"
    for outcome in outcomes_of(engagement):
        yield f"conclude {outcome}" + ("" if outcome == "achieved" else " with a reason")


def milestones(engagement: Engagement, held: bool) -> Iterator[Label]:
    """The next milestone with what it needs, and those before."""
    at = STEPS.index(engagement.stages[-1].milestone)
    if not held and at + 1 < len(STEPS):
        following = STEPS[at + 1]
        yield f"milestone {following} {NEEDS[following]}"
    if at:
        yield f"back to milestone {' or '.join(STEPS[:at])} with a reason"


def steps(engagement: Engagement) -> Iterator[Label]:
    """The next step of the ladder."""
    step, notice = next_step(engagement), running_notice(engagement)
    if step is None:
        yield f"escalate again by a step up to {LADDER[-1]}"
    elif notice is not None and notice.cure_until:
        yield f"escalate {step} after {notice.cure_until}, when the cure period is over"
    else:
        yield f"escalate {step}"
