"""What `remedy` does with the events of others: testimony becomes a case, a flag a reason to propose an engagement."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from services.remedy import domain, store
from services.remedy.domain import Case, Deadline, Flag, Proposal, WorkingGroup
from services.remedy.settings import RemedySettings
from shared import sealing
from shared.consumer import Handler, consumes
from shared.events.envelope import Classification, Event
from shared.events.ingest import TestimonyReceived, WorkingGroupEstablished
from shared.events.lifecycles import MailKind
from shared.events.remedy import CaseOpened, DeadlineSet, EngagementProposed, MailRequested
from shared.events.risk import FlagOpened
from shared.postgres import Connection, now

SOURCE = "/engage/remedy"


def build(settings: Callable[[], RemedySettings]) -> tuple[Handler, ...]:
    """The handlers of this service; `settings` is called when a batch of testimony is at hand."""
    return testimony_handler(settings), propose_for_flags, propose_for_groups


# Testimony.


def testimony_handler(settings: Callable[[], RemedySettings]) -> Handler:
    """The handler that needs the trustee's key and the clocks."""

    @consumes("restricted.testimony")
    async def open_cases(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Make a case of each testimony, once, and start its first clock. A box that does not open is no obstacle."""
        known = settings()
        causes = first_by_case(batch)
        at = await now(tx)  # testimony itself tells the day only
        cases = [received(data, at, known.trustee_key.get_secret_value()) for _, data in causes.values()]
        new = await store.insert_cases(tx, cases)
        opened = [(case, domain.start(known.first_clock, case)) for case in cases if case.id in new]
        await store.insert_deadlines(tx, [deadline for _, deadline in opened])
        return [event for case, deadline in opened for event in announce(causes[case.id][0], case, deadline)]

    return open_cases


def first_by_case(batch: Sequence[Event]) -> dict[UUID, tuple[Event, TestimonyReceived]]:
    """The testimony in a batch by its case; of two with the same case the first."""
    found: dict[UUID, tuple[Event, TestimonyReceived]] = {}
    for event in batch:
        if isinstance(event.data, TestimonyReceived):
            found.setdefault(event.data.case, (event, event.data))
    return found


def received(data: TestimonyReceived, at: datetime, trustee_key: str) -> Case:
    """The case that testimony becomes, with a reference drawn for it; its clocks count from its arrival here."""
    return Case(
        id=data.case,
        kind=data.kind,
        reference=draw_reference(),
        key_id=data.key,
        sealed=data.sealed,
        openable=opens(data.sealed, trustee_key),
        received_at=at,
    )


def draw_reference() -> str:
    """A reference that nothing leads to: 55 random bits with a check symbol."""
    while (reference := domain.reference_of(secrets.randbits(domain.REFERENCE_BITS))) is None:
        pass
    return reference


def opens(box: str, key: str) -> bool:
    """Whether a box opens with a key, whatever key its sender says it was sealed to."""
    try:
        sealing.open_box(box, key, sealing.TESTIMONY)
    except sealing.CannotOpen:
        return False
    return True


def announce(cause: Event, case: Case, deadline: Deadline) -> list[Event]:
    """A case with its first deadline on `restricted.case`, and the request for mail that leaves it."""
    return [
        Event.caused_by(cause, data, source=SOURCE, subject=str(case.id), classification=Classification.RESTRICTED)
        for data in (
            CaseOpened(case=case.id, kind=case.kind),
            DeadlineSet(case=case.id, deadline=deadline.kind, due=deadline.due_at, basis=deadline.basis),
        )
    ] + [request_mail(case.reference, MailKind.TESTIMONY_RECEIVED, at=case.received_at, due=deadline.due_at)]


def request_mail(reference: str, kind: MailKind, *, at: datetime, due: datetime) -> Event:
    """A request for mail that leads back to nothing: a random id, no cause, and in its data no time finer than a day.

    That the mail itself leaves at once, and when, cannot be hidden from who operates Kafka or the mail server.
    """
    data = MailRequested(reference=reference, kind=kind, due=domain.day_of(due))
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=data.type,
        subject=reference,
        time=domain.day_of(at),
        classification=Classification.OPERATORS,
        data=data,
    )


# Proposals.


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
