"""What an event of a dialogue, or of a contract's follow-up, would be if a member sent it now: asked before sending."""

from datetime import datetime
from typing import get_args
from uuid import UUID, uuid5

from services.remedy.domain.engagement.standing import Entry, StepRefused
from services.remedy.following import read_work
from services.remedy.office import SOURCE
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import conditions as store
from shared.events.engagement_words import EntryRefusal
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import FollowUpEntry
from shared.events.members import AccountPublished, GroupEntry, InformationRequestHandled
from shared.events.members.door import DoorData
from shared.events.recorded import (
    RECORDED,
    FollowUp,
    account_recorded,
    dialogue_recorded,
    follow_up_recorded,
    information_request_recorded,
)
from shared.events.remedy.conditions import FollowUpEntryRefused
from shared.events.vocabulary import GroupRole
from shared.postgres import Connection

SENT: tuple[type[DoorData], ...] = (*RECORDED, *get_args(FollowUp), InformationRequestHandled, AccountPublished)
CHECKED = {sent.type: sent for sent in SENT}
"""The events that can be asked about, by type."""
NOT_SENT = UUID(int=0)


def as_entry(sent: GroupEntry, member: str, role: GroupRole, at: datetime) -> Entry:
    """The entry that an event of a member would be, in its role, at a moment. It has no id: nothing was sent."""
    told = dialogue_recorded(sent, NOT_SENT, member, role, {}, {})
    return Entry(NOT_SENT, NOT_SENT, sent.workinggroup, at, 0, told)


async def follow_up(
    tx: Connection, settings: RemedySettings, sent: DoorData, member: str, at: datetime
) -> list[EventData]:
    """The facts that would follow from an event at a moment; for a transaction of which nothing is kept.

    Raises StepRefused as the handler refuses an entry.
    """
    told = await as_told(tx, sent, member)
    if told is None:
        raise StepRefused((EntryRefusal.CONTRACT_UNKNOWN,), "not known")
    subject, entry = told
    event = Event(
        id=uuid5(NOT_SENT, str(subject)),
        source=SOURCE,
        type=entry.type,
        subject=str(subject),
        time=at,
        classification=Classification.MEMBER,
        data=entry,
        recordedtime=at,
        sequence=0,
        member=member,
    )
    work = await read_work(tx, [event], settings, lock=False)
    work.take(event)
    found = [one.data for one in work.events if one.data is not None]
    for one in found:
        if isinstance(one, FollowUpEntryRefused):
            raise StepRefused(one.refusals, one.standing, one.legal)
    return found


async def as_told(tx: Connection, sent: DoorData, member: str) -> tuple[UUID, FollowUpEntry] | None:
    """What an event would be told as, and about what; None where it names a contract that the member has not."""
    if isinstance(sent, AccountPublished):
        account = account_recorded(sent, NOT_SENT, member)
        return account.account, account
    assert isinstance(sent, FollowUp | InformationRequestHandled)
    contract = await store.find_contract(tx, member, sent.contract) if sent.contract else None
    if sent.contract and contract is None:
        return None
    if isinstance(sent, InformationRequestHandled):
        request = information_request_recorded(sent, NOT_SENT, member, contract)
        return request.request, request
    assert contract is not None
    return contract, follow_up_recorded(sent, NOT_SENT, member, contract)
