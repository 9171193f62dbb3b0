"""What of an engagement is due by a day: asks, commitments, cure periods, and how long it stands at a milestone."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from services.remedy.domain.engagement.asks import is_settled
from services.remedy.domain.engagement.escalation import running_notice
from services.remedy.domain.engagement.folding_asks import RUNNING
from services.remedy.domain.engagement.obligations import Key, Obligation
from services.remedy.domain.engagement.standing import Engagement
from shared.events.engagement_words import AskState, Milestone, ObligationKind

K = ObligationKind
WAITING = frozenset({AskState.OPEN, AskState.ACKNOWLEDGED, AskState.COMMITTED})
"""States in which an ask waits for its day. One that was missed is told as that, and waits no more."""


def possible(engagement: Engagement) -> Iterator[Key]:
    """All that could ever have been due of an engagement as its entries are."""
    yield from ((one, K.ASK) for one in engagement.asks)
    yield from ((one, K.COMMITMENT) for one in engagement.commitments)
    yield from ((one.id, K.CURE_PERIOD) for one in engagement.escalations)
    yield engagement.id, K.STAGE


def due_of(engagement: Engagement, stage_days: int) -> Iterator[Obligation]:
    """What is due of an engagement now; of one that is not open nothing is.

    An ask's day counts until it is settled, or until a commitment with a day of its own answers it. A cure period
    counts until a step above the notice is taken or it brought remedy; a stage for `stage_days` (ours).
    """
    if not engagement.is_open:
        return
    answered = answered_by_a_day(engagement)
    for ask in engagement.asks.values():
        if ask.due and ask.state in WAITING and not is_settled(ask) and ask.id not in answered:
            yield of(engagement, K.ASK, ask.id, ask.due, "the day that was asked for")
    for promise in engagement.commitments.values():
        if promise.due and promise.state in RUNNING:
            yield of(engagement, K.COMMITMENT, promise.id, promise.due, "the day of the commitment")
    notice = running_notice(engagement)
    if notice is not None and notice.cure_until:
        yield of(engagement, K.CURE_PERIOD, notice.id, notice.cure_until, "the cure period of the notice")
    stage = engagement.stages[-1]
    if stage.milestone is not Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS:
        day = stage.since + timedelta(days=stage_days)
        yield of(engagement, K.STAGE, engagement.id, day, f"{stage_days} days at milestone {stage.milestone}")


def answered_by_a_day(engagement: Engagement) -> set[UUID]:
    """The asks that a commitment answers which runs and has a day of its own: that is watched instead of the ask's."""
    running = [one for one in engagement.commitments.values() if one.due and one.state in RUNNING]
    return {root.id for one in running if (root := engagement.root(one.ask))}


def of(engagement: Engagement, kind: ObligationKind, about: UUID, day: date, basis: str) -> Obligation:
    """An obligation of an engagement."""
    return Obligation(
        about,
        kind,
        engagement.id,
        day,
        basis,
        engagement=engagement.id,
        workinggroup=engagement.workinggroup,
        supplier=engagement.supplier,
    )
