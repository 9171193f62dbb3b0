"""The follow-up of members' contracts: what their conditions make due, and what becomes of each entry.

An entry that may not be is kept as refused, and its member is told every reason; nothing waits behind it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from services.remedy.domain.engagement.contracts import FollowUp, steps_of
from services.remedy.domain.engagement.standing import APPLIED
from services.remedy.follow_up_work import Work, reader_of
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import conditions as store
from services.remedy.store.engagement import follow_up, obligations
from shared.consumer import Handler, consumes
from shared.events.envelope import Event
from shared.events.ingest import (
    AccountRecorded,
    ContractClosed,
    ContractRecorded,
    FollowUpEntry,
    FollowUpEntryWithdrawn,
    InformationRequestRecorded,
)
from shared.postgres import Connection

Followed = ContractRecorded | ContractClosed | FollowUpEntry


def follow_up_handler(settings: Callable[[], RemedySettings]) -> Handler:
    """The handler of the members' contracts and their follow-up; `settings` is asked at the first batch."""

    @consumes(pattern=r"^member\.[a-z0-9-]+\.contract$")
    async def follow_contracts(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Follow up contracts: the routine, what members report of it, their requests and accounts."""
        found = [event for event in batch if isinstance(event.data, Followed)]
        if not found:
            return []
        work = await read_work(tx, found, settings())
        for event in found:
            work.take(event)
        await write_work(tx, work)
        return work.events

    return follow_contracts


async def read_work(tx: Connection, batch: Sequence[Event], settings: RemedySettings, *, lock: bool = True) -> Work:
    """All that is known of the subjects of a batch, read once; what can be due of them is locked first.

    Who only asks what would be locks nothing.
    """
    subjects = {UUID(event.subject) for event in batch}
    about = {event.data.member for event in batch if isinstance(event.data, AccountRecorded | FollowUpEntryWithdrawn)}
    if lock:
        await obligations.lock_accounts(tx, about)
        await obligations.lock(tx, subjects)
    readings = {(reader_of(event), UUID(event.subject)) for event in batch}
    known = await store.read_contracts(tx, readings)
    contracts = {reading: FollowUp(reading[1], known.get(reading)) for reading in readings}
    entries = await follow_up.read_entries(tx, subjects)
    steps = [steps_of(one.told) for one in entries if one.standing == APPLIED]
    for condition in await store.read_conditions(tx, subjects, lock=lock):
        taken = tuple(step for about, step in filter(None, steps) if about == condition.id)
        found = contracts.get((condition.member, condition.contract))
        if found is not None:
            found.conditions[condition.id] = replace(condition, steps=taken)
    said = [one.told for one in entries if one.standing == APPLIED]
    asked = [one for one in said if isinstance(one, InformationRequestRecorded)]
    held = {
        request: replace(row, entries=tuple(one.entry for one in asked if one.request == request))
        for request, row in (await follow_up.read_requests(tx, subjects)).items()
    }
    accounts = await follow_up.read_accounts(tx, about) if about else {}
    return Work(settings, contracts, held, accounts, {one.id: one for one in entries})


async def write_work(tx: Connection, work: Work) -> None:
    """Write down what a batch changed."""
    if work.told:
        await store.write_contracts(tx, work.told.values())
    if work.ends:
        await store.end_contracts(tx, work.ends)
    changed = [one for follow in work.contracts.values() for one in follow.changed()]
    if changed:
        await store.write_conditions(tx, changed)
    if work.kept:
        await follow_up.write_entries(tx, list(work.kept.values()))
    if work.moved:
        await follow_up.write_requests(tx, [work.requests[one] for one in sorted(work.moved)])
    if work.settled:
        await follow_up.write_accounts(tx, {key: work.accounts[key] for key in work.settled})
    await obligations.write(tx, work.owed, work.settings.due_terms)
