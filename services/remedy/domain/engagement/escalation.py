"""The ladder of escalation: graduated enforcement, whose aim is performance and not exit.

Informal, contract, sanction after Electronics Watch; the steps between are ours. A rule proposes the next step, a
person takes it. Whether a step is legal hangs on days that were reported alone, not on any clock.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.life import is_held
from services.remedy.domain.engagement.obligations import Obligation
from services.remedy.domain.engagement.standing import Engagement, Entry, Escalation
from shared.events.engagement_words import (
    CommitmentState,
    EntryRefusal,
    EscalationCause,
    EscalationEffect,
    EscalationStep,
    ObligationKind,
)
from shared.events.ingest import EscalationEffectRecorded, EscalationRecorded

R, S = EntryRefusal, EscalationStep
LADDER = tuple(one for one in EscalationStep if one is not EscalationStep.OTHER)
"""The steps, the mildest first."""
LAST_RESORT = (S.SANCTION, S.TERMINATION)
"""Steps that follow a notice only when its cure period is over."""
NO_EFFECT = (EscalationEffect.NO_ANSWER, EscalationEffect.WORSENED)


def refuse_escalation(
    engagement: Engagement, entry: Entry, told: EscalationRecorded, known: Known
) -> Iterator[EntryRefusal]:
    """One step up at a time, milder ones again at any time; a notice says until when the supplier may cure."""
    if is_held(engagement, entry, known):
        yield R.NOTHING_LEFT_TO_GO_ON
    if told.taken_on < engagement.stages[0].since:
        yield R.DAY_TOO_EARLY
    if told.step not in LADDER:
        yield R.NOT_FROM_THIS_STATE
    elif LADDER.index(told.step) > height(engagement) + 1:
        yield R.STEP_SKIPPED
    if told.step is S.NOTICE_WITH_CURE_PERIOD and told.cure_until is None:
        yield R.CURE_PERIOD_MISSING
    notice = last_notice(engagement)
    if told.step in LAST_RESORT and notice is not None:
        if notice.cure_until is not None and told.taken_on <= notice.cure_until:
            yield R.CURE_PERIOD_RUNNING
        if notice.effect is EscalationEffect.REMEDIED:
            yield R.NOT_FROM_THIS_STATE


def refuse_effect(
    engagement: Engagement, _entry: Entry, told: EscalationEffectRecorded, _known: Known
) -> Iterator[EntryRefusal]:
    """An effect is that of a step which was taken, and not before it."""
    step = next((one for one in engagement.escalations if one.id == told.escalation), None)
    if step is None:
        yield R.ESCALATION_UNKNOWN
    elif told.observed_on < step.taken_on:
        yield R.DAY_TOO_EARLY


def height(engagement: Engagement) -> int:
    """How far up the ladder the engagement ever was; -1 before the first step."""
    return max((LADDER.index(one.step) for one in engagement.escalations), default=-1)


def last_notice(engagement: Engagement) -> Escalation | None:
    """The newest notice with a cure period."""
    notices = [one for one in engagement.escalations if one.step is S.NOTICE_WITH_CURE_PERIOD]
    return notices[-1] if notices else None


def running_notice(engagement: Engagement) -> Escalation | None:
    """The newest notice, while nothing has followed on it: neither a further step above it, nor remedy."""
    notice = last_notice(engagement)
    if notice is None or notice.effect is EscalationEffect.REMEDIED:
        return None
    later = engagement.escalations[engagement.escalations.index(notice) + 1 :]
    return None if any(one.step in LAST_RESORT for one in later) else notice


def next_step(engagement: Engagement) -> EscalationStep | None:
    """The step above all that were taken; None above the last. Where a notice brought remedy it is a notice again."""
    above = height(engagement) + 1
    step = LADDER[above] if above < len(LADDER) else None
    notice = last_notice(engagement)
    again = step in LAST_RESORT and notice is not None and notice.effect is EscalationEffect.REMEDIED
    return S.NOTICE_WITH_CURE_PERIOD if again else step


@dataclass(frozen=True, slots=True)
class Next:
    """The next step that a rule proposes, by which rule, and what about."""

    step: EscalationStep
    cause: EscalationCause
    about: UUID


BASES = {
    EscalationCause.ASK_OVERDUE: "An ask was not answered by its day.",
    EscalationCause.COMMITMENT_MISSED: "A commitment was not kept.",
    EscalationCause.MILESTONE_STALLED: "The engagement stands at one milestone for too long.",
    EscalationCause.CURE_PERIOD_OVER: "The cure period of a notice is over.",
    EscalationCause.NO_EFFECT: "The last step brought about nothing.",
}
"""The rules, in words."""
BY_MISSED = {
    ObligationKind.ASK: EscalationCause.ASK_OVERDUE,
    ObligationKind.COMMITMENT: EscalationCause.COMMITMENT_MISSED,
    ObligationKind.STAGE: EscalationCause.MILESTONE_STALLED,
}


def proposed(engagement: Engagement, missed: Collection[Obligation]) -> Next | None:
    """The step that a rule proposes now, if any does; `missed` did not come by its day and still stands.

    What came before the day of the last step was answered by that step, and proposes no other. Above a notice nothing
    is proposed until its cure period is over, and of an engagement that is held nothing. Rules ours.
    """
    step = next_step(engagement)
    if not engagement.is_open or engagement.held or step is None:
        return None
    notice = running_notice(engagement)
    if notice is not None:
        over = any(one.kind is ObligationKind.CURE_PERIOD and one.about == notice.id for one in missed)
        return Next(step, EscalationCause.CURE_PERIOD_OVER, notice.id) if over and step in LAST_RESORT else None
    causes = sorted(causes_of(engagement, missed), key=lambda one: (list(BASES).index(one[0]), one[1]))
    return Next(step, *causes[0]) if causes else None


def causes_of(engagement: Engagement, missed: Collection[Obligation]) -> Iterator[tuple[EscalationCause, UUID]]:
    """What has gone wrong since the last step was taken, or by it."""
    last = engagement.escalations[-1] if engagement.escalations else None
    for one in missed:
        if one.kind in BY_MISSED and (last is None or one.due >= last.taken_on):
            yield BY_MISSED[one.kind], one.about
    for promise in engagement.commitments.values():
        settled = promise.state is CommitmentState.MISSED and promise.settled_on
        if settled and (last is None or settled >= last.taken_on):
            yield EscalationCause.COMMITMENT_MISSED, promise.id
    if last is not None and last.effect in NO_EFFECT:
        yield EscalationCause.NO_EFFECT, last.id
