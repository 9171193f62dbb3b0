"""What gives reason for engagements, as `risk` tells of it, and what is proposed by that: a person opens it, or not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.remedy.domain.engagement import proposals as domain
from services.remedy.domain.engagement.proposals import Proposal, Rules
from services.remedy.office import SOURCE
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import proposals as store
from services.remedy.store.engagement import reasons, registry
from services.remedy.store.engagement.proposals import Standing
from services.remedy.store.engagement.reasons import Key, Row
from shared.consumer import Handler, consumes
from shared.events.envelope import Classification, Event, EventData
from shared.events.lifecycles import FlagState
from shared.events.remedy.engagements import EngagementFact, EngagementProposalLapsed, EngagementProposed, Reason
from shared.events.risk import (
    FlagEvidenceAdded,
    FlagMoved,
    FlagOpened,
    IndicatorRaised,
    IndicatorWithdrawn,
    LeverageChanged,
)
from shared.postgres import Connection

ENDED = frozenset({FlagState.DISMISSED, FlagState.CLOSED})
"""States in which a flag gives no reason: it was dismissed, withdrawn, merged into another, or is done with."""


@dataclass(slots=True)
class Stirred:
    """What a batch of events may have changed a proposal by, each with the event: groups, and suppliers by any id."""

    groups: dict[str, Event] = field(default_factory=dict)
    suppliers: dict[UUID, Event] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.groups or self.suppliers)


def risk_handler(settings: Callable[[], RemedySettings]) -> Handler:
    """The handler of what `risk` tells; `settings` is asked at the first batch."""

    @consumes("members.risk")
    async def follow_risk(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Know flags, indicators and leverage, and propose what they give reason for, or no longer."""
        await record_leverage(tx, batch)
        if not any(key_of(event.data) for event in batch):
            return []
        await store.take_turn(tx)
        stirred = await record_reasons(tx, batch)
        return await settle(tx, stirred, settings().proposal_rules)

    return follow_risk


async def record_leverage(tx: Connection, batch: Iterable[Event]) -> None:
    """Know how many buyers and contracts each flag touches; the newest word holds."""
    told = {
        event.data.flag: (event.data, event.told_at, event.id)
        for event in batch
        if isinstance(event.data, LeverageChanged)
    }
    if told:
        await reasons.write_leverage(tx, told.values())


def key_of(data: EventData | None) -> Key | None:
    """The reason that an event tells of, if it tells of one."""
    match data:
        case FlagOpened() | FlagEvidenceAdded() | FlagMoved():
            return "flag", data.flag
        case IndicatorRaised() | IndicatorWithdrawn():
            return "indicator", data.indicator
    return None


async def record_reasons(tx: Connection, batch: Sequence[Event]) -> Stirred:
    """Write down flags and indicators as last told; which suppliers they concern."""
    keyed = [(key, event) for event in batch if (key := key_of(event.data)) is not None]
    rows = await reasons.read(tx, {key for key, _ in keyed})
    stirred = Stirred()
    for key, event in keyed:
        if (row := after(rows.get(key), event)) is not None:
            rows[key] = row
            stirred.suppliers[row.supplier] = event
    await reasons.write(tx, rows.values())
    return stirred


def after(row: Row | None, event: Event) -> Row | None:
    """A reason after what an event tells of it; None where it was not told before, and this does not tell what it is.

    It stands since it was told first, or came again after its end.
    """
    data, at = event.data, event.told_at
    match data:
        case FlagOpened() | FlagEvidenceAdded():
            known = row or Row("flag", data.flag, data.supplier, data.category, at, event.id)
            coded = {*known.instruments, *data.instruments}
            return replace(
                known, severity=data.severity, serious=data.serious, instruments=tuple(sorted(coded)), event=event.id
            )
        case IndicatorRaised():
            known = row or Row("indicator", data.indicator, data.supplier, data.category, at, event.id)
            return standing(known, at, event)
        case FlagMoved(after=state) if row is not None:
            return ended(row, at) if state in ENDED else standing(row, at, event)
        case IndicatorWithdrawn() if row is not None:
            return ended(row, at)
    return row


def standing(row: Row, at: datetime, event: Event) -> Row:
    """A reason that stands; since now, where it had ended."""
    return row if row.ended_at is None else replace(row, since=at, ended_at=None, event=event.id)


def ended(row: Row, at: datetime) -> Row:
    """A reason that has ended; where it had before, it stays ended since then."""
    return replace(row, ended_at=row.ended_at or at)


# What is proposed


@dataclass(frozen=True, slots=True)
class Scope:
    """The groups and suppliers (as known now) of which it is concluded anew what is proposed, each with its cause."""

    groups: Mapping[str, Event]
    suppliers: Mapping[UUID, Event]

    def has(self, one: Proposal | Standing) -> bool:
        """Whether a proposal is among them."""
        return one.root in self.suppliers or one.workinggroup in self.groups

    def cause(self, one: Proposal | Standing) -> Event:
        """By what a proposal came or went: the event about the supplier, else about the group."""
        return self.suppliers.get(one.root) or self.groups[one.workinggroup]


async def settle(tx: Connection, stirred: Stirred, rules: Rules) -> list[Event]:
    """Propose anew to the groups, and about the suppliers, that were stirred; the events of what is proposed now, and
    of what lapses. What stays proposed has the reasons that stand, which is no event.

    To be called in the transaction that changed something of it, after `take_turn`: also when an engagement was opened
    or closed. The rows that it leaves depend on what is known, not on the order in which it became known.
    """
    if not stirred:
        return []
    roots = await registry.roots(tx, stirred.suppliers)
    scope = Scope(stirred.groups, {roots[supplier]: event for supplier, event in stirred.suppliers.items()})
    stood = {one.engagement: one for one in await read_standing(tx, scope)}
    wanted, names = await conclude(tx, scope, rules)
    gone = [one for one in stood.values() if one.engagement not in {proposal.engagement for proposal in wanted}]
    changed = [one for one in wanted if differs(one, stood.get(one.engagement))]
    if gone:
        await store.forget(tx, [one.engagement for one in gone])
    if changed:
        await store.write(tx, changed)
    news = [one for one in changed if is_news(one, stood.get(one.engagement))]
    return [lapsed(one, scope.cause(one)) for one in gone] + [
        proposed(one, names[one.root], scope.cause(one)) for one in news
    ]


async def read_standing(tx: Connection, scope: Scope) -> list[Standing]:
    """The proposals that stand until now."""
    return await store.read_standing(tx, scope.groups, await registry.all_ids(tx, scope.suppliers))


async def conclude(tx: Connection, scope: Scope, rules: Rules) -> tuple[list[Proposal], dict[UUID, str]]:
    """What is proposed by all that is known, and the names of the suppliers."""
    groups = await store.read_groups(tx)
    mine = [group for group in groups if group.slug in scope.groups]
    roots = set(scope.suppliers).union(*(group.suppliers for group in mine))
    grounds, names = await store.read_grounds(tx, await registry.all_ids(tx, roots), mine)
    suppliers = await registry.all_ids(tx, {ground.root for ground in grounds})
    engaged = await store.read_engaged(tx, suppliers, {ground.id for ground in grounds})
    taken: set[UUID] = set()
    while True:
        wanted = [one for one in domain.propose(groups, grounds, engaged, rules, taken) if scope.has(one)]
        others = await store.read_taken(tx, {one.engagement for one in wanted})
        if not others:
            return wanted, names
        taken |= others


def differs(proposal: Proposal, stood: Standing | None) -> bool:
    """Whether a proposal is new, or has other reasons than it had."""
    return stood is None or stood.reasons != {ground.id for ground in proposal.reasons}


def is_news(proposal: Proposal, stood: Standing | None) -> bool:
    """Whether a proposal is told: it is new, or rests on nothing that it rested on before."""
    return stood is None or stood.reasons.isdisjoint(ground.id for ground in proposal.reasons)


def proposed(proposal: Proposal, name: str, cause: Event) -> Event:
    """The proposal, for its working group."""
    named = proposal.reasons[: domain.REASONS_NAMED]
    data = EngagementProposed(
        engagement=proposal.engagement,
        workinggroup=proposal.workinggroup,
        supplier=proposal.root,
        supplier_name=name,
        category=proposal.category,
        reason=domain.reason_for(proposal.category, proposal.reasons),
        reasons=tuple(Reason(kind=ground.kind, id=ground.id) for ground in named),
    )
    return for_group(cause, data)


def lapsed(one: Standing, cause: Event) -> Event:
    """That a proposal is none any longer, for its working group."""
    data = EngagementProposalLapsed(
        engagement=one.engagement, workinggroup=one.workinggroup, supplier=one.root, category=one.category
    )
    return for_group(cause, data)


def for_group(cause: Event, fact: EngagementFact) -> Event:
    """A fact that follows from an event, for the working group that it names."""
    return Event.caused_by(
        cause,
        fact,
        source=SOURCE,
        subject=str(fact.engagement),
        classification=Classification.GROUP,
        workinggroup=fact.workinggroup,
    )
