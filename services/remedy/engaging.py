"""What becomes of the entries of a dialogue: applied, with the facts that follow, or refused; nothing blocks.

An engagement is the sum of its entries that were applied. A batch takes one reading of them and one writing. Whether an
entry is legal hangs on the entry, on those before it and on moments and days that were told: not on the order in which
other keys arrive, nor on whether the clock has told of a day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.remedy import looking_up
from services.remedy.domain.engagement import due
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.obligations import DueTerms, Owed
from services.remedy.domain.engagement.rules import Dialogue, decide
from services.remedy.domain.engagement.standing import APPLIED, REFUSED, Engagement, Entry, StepRefused
from services.remedy.escalating import Missed, next_proposed, proposal_of
from services.remedy.practices import record_practices
from services.remedy.proposing import Stirred, for_group, settle
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import entries, obligations, standing
from services.remedy.store.engagement.entries import Kept
from services.remedy.store.engagement.proposals import take_turn
from shared.consumer import Handler, consumes
from shared.events.envelope import Event
from shared.events.ingest import DialogueEntry, DialogueWithdrawn
from shared.events.remedy import EntryRefused, EscalationProposed
from shared.postgres import Connection


@dataclass(slots=True)
class Work:
    """A batch at work: dialogues as they were read and as they become, and all that is to be written of them."""

    dialogues: dict[UUID, Dialogue]
    known: Known
    owners: dict[UUID, str]
    missed: Missed
    steps: dict[UUID, str | None]
    """The step of the ladder that is proposed of each engagement."""
    stage_days: int
    closed: dict[str, datetime]
    """Which of the groups were closed, and when."""
    kept: list[Kept] = field(default_factory=list)
    owed: Owed = field(default_factory=Owed)
    events: list[Event] = field(default_factory=list)
    stirred: Stirred = field(default_factory=Stirred)
    touched: set[UUID] = field(default_factory=set)


def dialogue_handler(settings: Callable[[], RemedySettings]) -> Handler:
    """The handler of the groups' dialogues; `settings` is asked at the first batch."""

    @consumes(pattern=r"^group\.[a-z0-9-]+\.dialogue$")
    async def follow_dialogue(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Apply or refuse what was reported of engagements, and keep practices."""
        await record_practices(tx, batch)
        told = [(event, entry) for event in batch if (entry := entry_of(event)) is not None]
        return await engage(tx, told, settings()) if told else []

    return follow_dialogue


def entry_of(event: Event) -> Entry | None:
    """The entry of a dialogue that an event is; None for other events."""
    data = event.data
    if not isinstance(data, DialogueEntry) or event.workinggroup is None:
        return None
    id_ = event.id if isinstance(data, DialogueWithdrawn) else data.entry
    return Entry(id_, event.id, event.workinggroup, event.told_at, event.sequence or 0, data)


async def engage(tx: Connection, told: Sequence[tuple[Event, Entry]], settings: RemedySettings) -> list[Event]:
    """Decide entries in their order; the events that follow. All they come to is written."""
    await take_turn(tx)
    work = await read_work(tx, [entry for _, entry in told], settings)
    for event, entry in told:
        decide_one(work, event, entry)
    await write_work(tx, work, settings.due_terms)
    return work.events + await settle(tx, work.stirred, settings.proposal_rules)


async def read_work(tx: Connection, told: Sequence[Entry], settings: RemedySettings) -> Work:
    """All that is needed to decide these entries, in one reading."""
    ids = {entry.told.engagement for entry in told}
    await obligations.lock(tx, ids)
    before = await entries.read_entries(tx, ids)
    owners = await standing.read_owners(tx, ids)
    every = [*(one for kept in before.values() for one in kept), *told]
    known = await looking_up.read_known(tx, every, owners, settings.most_entries)
    return Work(
        {one: Dialogue.of(before.get(one, ()), known) for one in ids},
        known,
        owners,
        await standing.read_missed(tx, ids),
        await standing.read_proposed_steps(tx, ids),
        settings.stage_days,
        await standing.read_closed_groups(tx, {entry.workinggroup for entry in told}),
    )


def decide_one(work: Work, event: Event, entry: Entry) -> None:
    """Apply an entry or refuse it; what follows from it is added to the work."""
    one = entry.told.engagement
    before = work.dialogues[one]
    try:
        after, facts = decide(before, entry, work.known)
    except StepRefused as refused:
        work.kept.append(Kept(entry, REFUSED, refused.why, refused.standing, refused.legal))
        work.events.append(for_group(event, refusal(entry, refused)))
        return
    assert after.engagement is not None
    work.dialogues[one] = after
    work.owners.setdefault(one, entry.workinggroup)
    work.kept.append(Kept(entry, APPLIED))
    work.events += [for_group(event, fact) for fact in facts]
    work.touched.add(one)
    work.owed.settle(due.possible(after.engagement), due.due_of(after.engagement, work.stage_days), entry.at)
    proposal = propose(work, after.engagement, entry.at)
    if proposal is not None:
        work.events.append(for_group(event, proposal))
    if before.engagement is None or before.engagement.state is not after.engagement.state:
        work.stirred.suppliers[after.engagement.supplier] = event


def refusal(entry: Entry, refused: StepRefused) -> EntryRefused:
    """What a group is told of an entry that changed nothing."""
    return EntryRefused(
        engagement=entry.told.engagement,
        workinggroup=entry.workinggroup,
        supplier=entry.told.supplier,
        entry=entry.told.entry,
        entry_type=entry.told.type,
        refusals=refused.why,
        standing=refused.standing,
        legal=refused.legal,
    )


def propose(work: Work, engagement: Engagement, at: datetime) -> EscalationProposed | None:
    """The step of the ladder that a rule proposes now and did not before; None where nothing is new.

    To a group that was closed by then nothing is proposed.
    """
    closed = work.closed.get(engagement.workinggroup)
    ended = closed is not None and closed <= at
    following = None if ended else next_proposed(engagement, work.missed, work.stage_days)
    step = following.step if following else None
    if work.steps.get(engagement.id) == step:
        return None
    work.steps[engagement.id] = step
    return proposal_of(engagement, following) if following else None


async def write_work(tx: Connection, work: Work, terms: DueTerms) -> None:
    """Write what a batch came to."""
    await entries.write_entries(tx, work.kept)
    if not work.touched:
        return
    engagements = [one.engagement for id_ in work.touched if (one := work.dialogues[id_]).engagement]
    await standing.write_standing(tx, [one for one in engagements if one])
    await standing.write_proposed_steps(tx, {one: work.steps.get(one) for one in work.touched})
    await obligations.write(tx, work.owed, terms)
    await obligations.refresh_board(tx, work.touched)
