"""A flag is a reason for a working group to engage a supplier: proposals, which a person opens or leaves."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.remedy.domain import engagements as domain
from services.remedy.domain.engagements import Flag, Proposal, WorkingGroup
from services.remedy.office import SOURCE
from services.remedy.store import engagements as store
from shared.consumer import consumes
from shared.events.envelope import Classification, Event
from shared.events.ingest import WorkingGroupEstablished
from shared.events.remedy import EngagementProposed
from shared.events.risk import FlagOpened
from shared.postgres import Connection


@consumes("members.risk")
async def propose_for_flags(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Propose an engagement to each working group that a new flag concerns; a further flag adds to the same one."""
    opened: dict[UUID, Event] = {}
    flags: list[Flag] = []
    for event in batch:
        data = event.data
        if isinstance(data, FlagOpened) and opened.setdefault(data.flag, event) is event:
            flags.append(Flag(data.flag, data.supplier, data.supplier_name, data.category, data.serious))
    if not flags:
        return []
    await store.take_turn(tx)
    await store.insert_flags(tx, flags)
    proposals = domain.propose(await store.read_groups(tx), flags)
    return await keep(tx, {proposal: opened[proposal.flags[0]] for proposal in proposals})


@consumes("members.registry")
async def propose_for_groups(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Propose to each new or changed working group the engagements that flags known by then give reason for."""
    newest = {
        event.data.workinggroup: (event, event.data)
        for event in batch
        if isinstance(event.data, WorkingGroupEstablished)
    }
    if not newest:
        return []
    groups = [
        WorkingGroup(slug, frozenset(data.suppliers), frozenset(data.categories)) for slug, (_, data) in newest.items()
    ]
    await store.take_turn(tx)
    await store.save_groups(tx, groups)
    suppliers = {supplier for group in groups for supplier in group.suppliers}
    categories = {category for group in groups if not group.suppliers for category in group.categories}
    proposals = domain.propose(groups, await store.read_flags(tx, suppliers, categories))
    return await keep(tx, {proposal: newest[proposal.workinggroup][0] for proposal in proposals})


async def keep(tx: Connection, proposals: Mapping[Proposal, Event]) -> list[Event]:
    """Keep what is proposed with its reasons; the events of what was not proposed before, each with its cause."""
    new = await store.insert_engagements(tx, list(proposals))
    await store.add_reasons(tx, list(proposals))
    return [proposed(proposal, cause) for proposal, cause in proposals.items() if proposal.engagement in new]


def proposed(proposal: Proposal, cause: Event) -> Event:
    """The proposal, for its working group."""
    data = EngagementProposed(
        engagement=proposal.engagement,
        workinggroup=proposal.workinggroup,
        supplier=proposal.supplier,
        supplier_name=proposal.supplier_name,
        category=proposal.category,
        reason=domain.reason_for(proposal.category),
        flags=proposal.flags[: domain.FLAGS_NAMED],
    )
    return Event.caused_by(
        cause,
        data,
        source=SOURCE,
        subject=str(proposal.engagement),
        classification=Classification.GROUP,
        workinggroup=proposal.workinggroup,
    )
