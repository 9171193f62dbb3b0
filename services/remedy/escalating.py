"""The next step of the ladder, as rules propose it: by entries (`engaging`), or because a day has passed."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from services.remedy.domain.engagement import due, escalation
from services.remedy.domain.engagement.obligations import Obligation
from services.remedy.domain.engagement.standing import Engagement
from services.remedy.office import SOURCE
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import entries, standing
from shared.events.engagement_words import ObligationKind
from shared.events.envelope import Classification, Event
from shared.events.remedy import EscalationProposed
from shared.postgres import Connection

PROPOSALS = UUID("5b1c52ec-1b0e-4d8f-8a3a-0d2c1c0f5f7e")
"""Names what the clock concludes, so that the same conclusion has the same id."""
Missed = Collection[tuple[UUID, ObligationKind, date]]
"""What was told as missed: what, of which kind, due on which day."""


def next_proposed(engagement: Engagement, missed: Missed, stage_days: int) -> escalation.Next | None:
    """The next step that a rule proposes, by what is due of an engagement and was told as missed."""
    standing_still = [one for one in due.due_of(engagement, stage_days) if (one.about, one.kind, one.due) in missed]
    return escalation.proposed(engagement, standing_still)


def proposal_of(engagement: Engagement, following: escalation.Next) -> EscalationProposed:
    """The next step, for the group that decides whether to take it."""
    return EscalationProposed(
        engagement=engagement.id,
        workinggroup=engagement.workinggroup,
        supplier=engagement.supplier,
        step=following.step,
        cause=following.cause,
        basis=escalation.BASES[following.cause],
        about=following.about,
    )


async def after_missed(
    tx: Connection, missed: Sequence[Obligation], at: datetime, settings: RemedySettings
) -> list[Event]:
    """What follows where days of engagements have passed: the next step of the ladder, proposed to the group.

    For the transaction that has marked them as missed, at this moment; each proposal is told once. To a group that was
    closed by then nothing is proposed.
    """
    ids = {one.engagement for one in missed if one.engagement}
    before = await standing.read_proposed_steps(tx, ids)  # first: it locks, so that two clocks propose it once
    found = await entries.read_engagements(tx, ids)
    closed = await standing.read_closed_groups(tx, {one.workinggroup for one in found.values()})
    marks = await standing.read_missed(tx, ids)
    events, steps = [], {}
    for one in sorted(found):
        ended = closed.get(found[one].workinggroup)
        following = None if ended and ended <= at else next_proposed(found[one], marks, settings.stage_days)
        if following is None or before.get(one) == following.step:
            continue
        steps[one] = following.step.value
        events.append(by_clock(proposal_of(found[one], following), at))
    await standing.write_proposed_steps(tx, steps)
    return events


def by_clock(fact: EscalationProposed, at: datetime) -> Event:
    """A fact that follows from the clock alone, at a moment."""
    return Event(
        id=uuid5(PROPOSALS, f"{fact.type}/{at.isoformat()}/{fact.encoded.decode()}"),
        source=SOURCE,
        type=fact.type,
        subject=str(fact.engagement),
        time=at,
        classification=Classification.GROUP,
        data=fact,
        workinggroup=fact.workinggroup,
    )
