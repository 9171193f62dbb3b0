"""The one clock over all that is due by a day, of engagements and of members: it comes near, or was missed, once each.

What was missed does not depend on when this looks: what was met only after its last day is told as missed, too. What
was met before is never told of. A cure period that is over lets its condition be in breach; what else follows for an
engagement is in `escalating`. Nothing happens while the database's clock is wrong (see `timing`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from prometheus_client import Counter, Gauge

from services.remedy import accounts
from services.remedy.domain.engagement.obligations import DueTerms, Obligation
from services.remedy.escalating import after_missed
from services.remedy.office import SOURCE, office_of
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import conditions
from services.remedy.store.engagement import obligations as store
from services.remedy.timing import Timer
from shared import outbox
from shared.events.engagement_words import ObligationKind
from shared.events.envelope import Classification, Event, EventData
from shared.events.remedy.conditions import MemberObligationApproaching, MemberObligationMissed
from shared.events.remedy.engagements import ObligationApproaching, ObligationMissed
from shared.postgres import Connection, borrow, now
from shared.service import Runtime

AT_ONCE = 500
"""Obligations of one transaction."""
TELLINGS = UUID("2f3a7d51-7f0e-4f1c-8e55-b6b4d0f6a0c3")
"""Names what is told of an obligation by kind and day, so that the same is told under the same id."""

OVERDUE = Gauge("engage_remedy_obligations_overdue", "What was due by a day, was missed and still stands.", ["kind"])
TOLD = Counter(
    "engage_remedy_obligations_told_total", "Obligations told of, by kind: near or missed.", ["kind", "what"]
)


async def fire(runtime: Runtime, timer: Timer) -> bool:
    """Tell of what has come near or was missed by now; True while there may be more. Nothing while the clock is wrong.

    Each is told of once, by whichever process has it; stopped in between, nothing has happened.
    """
    office = office_of(runtime)
    if not await timer.clock_is_right(office):
        return False
    async with runtime.transaction() as tx:
        told = await fire_at(office.settings, tx, await now(tx))
    if not told:
        await measure(runtime)
    return told >= AT_ONCE


async def fire_at(settings: RemedySettings, tx: Connection, at: datetime) -> int:
    """Tell of what has come near or was missed at a moment, at most `AT_ONCE` of each; how many that was.

    What is told is appended to the outbox of the transaction. Time must be at or after that of the events handled.
    """
    rolled = await accounts.roll(tx, at.astimezone(settings.due_terms.zone).date(), settings.due_terms)
    missed = await store.lock_missed(tx, at, AT_ONCE)
    near = await store.lock_near(tx, at, AT_ONCE)
    await store.mark(tx, near, missed)
    standing = [one for one in near if one.ended_at is None]
    events = [approaching(one, settings.due_terms.warn_at(one)) for one in standing]
    events += [is_missed(one, settings.due_terms.due_at(one)) for one in missed]
    events += await let_breach(tx, missed, settings.due_terms)
    events += await move_engagements(tx, missed, at, settings)
    await outbox.append(tx, events)
    count(standing, missed)
    return rolled + len(near) + len(missed)


async def let_breach(tx: Connection, missed: Sequence[Obligation], terms: DueTerms) -> list[Event]:
    """Conditions whose cure period is over are in breach, from the moment at which it was."""
    cured = {one.about: one for one in missed if one.kind is ObligationKind.CURE_PERIOD and one.contract is not None}
    found = await conditions.breach(tx, cured) if cured else []
    return [told(data, cured[data.condition], terms.due_at(cured[data.condition])) for data in found]


async def move_engagements(
    tx: Connection, missed: Sequence[Obligation], at: datetime, settings: RemedySettings
) -> list[Event]:
    """What follows for engagements: the board shows it, and the next step of the ladder may be proposed."""
    concerned = [one for one in missed if one.engagement is not None]
    if not concerned:
        return []
    await store.refresh_board(tx, {one.engagement for one in concerned if one.engagement is not None})
    return await after_missed(tx, concerned, at, settings)


def approaching(one: Obligation, at: datetime) -> Event:
    """What is told of an obligation that comes near, to its group or its member."""
    if one.engagement is not None:
        assert one.workinggroup is not None
        assert one.supplier is not None
        data = ObligationApproaching(
            engagement=one.engagement,
            workinggroup=one.workinggroup,
            supplier=one.supplier,
            kind=one.kind,
            about=one.about,
            due=one.due,
            basis=one.basis,
        )
        return told(data, one, at)
    assert one.member is not None
    own = MemberObligationApproaching(
        member=one.member, kind=one.kind, about=one.about, due=one.due, basis=one.basis, contract=one.contract
    )
    return told(own, one, at)


def is_missed(one: Obligation, at: datetime) -> Event:
    """What is told of an obligation whose last day is over, to its group or its member."""
    near = approaching(one, at).data
    model = ObligationMissed if isinstance(near, ObligationApproaching) else MemberObligationMissed
    assert near is not None
    return told(model.model_validate(near.model_dump()), one, at)


def told(data: EventData, one: Obligation, at: datetime) -> Event:
    """An event that follows from an obligation and the clock alone, under an id that repeats."""
    return Event(
        id=uuid5(TELLINGS, f"{data.type}/{one.about}/{one.kind}/{one.due}"),
        source=SOURCE,
        type=data.type,
        subject=str(one.subject),
        time=at,
        classification=Classification.MEMBER if one.engagement is None else Classification.GROUP,
        data=data,
        member=one.member if one.engagement is None else None,
        workinggroup=one.workinggroup,
    )


async def measure(runtime: Runtime) -> None:
    """Count what is overdue, by kind alone."""
    async with borrow(runtime.pool) as connection:
        found = await store.count_overdue(connection)
    for kind in ObligationKind:
        OVERDUE.labels(kind=kind.value).set(found.get(kind.value, 0))


def count(near: Sequence[Obligation], missed: Sequence[Obligation]) -> None:
    """Count what was told, by kind alone."""
    for what, found in (("near", near), ("missed", missed)):
        for one in found:
            TOLD.labels(kind=one.kind.value, what=what).inc()
