"""A batch of the follow-up of contracts under way: event by event, what it changes and what is to be told of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from services.remedy.accounts import settle_account
from services.remedy.domain.engagement import requests
from services.remedy.domain.engagement.calendar import Contract
from services.remedy.domain.engagement.contracts import FollowUp
from services.remedy.domain.engagement.obligations import Owed
from services.remedy.domain.engagement.requests import Request
from services.remedy.domain.engagement.standing import APPLIED, REFUSED, WITHDRAWN, StepRefused
from services.remedy.office import SOURCE
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement.conditions import Reading, Told
from services.remedy.store.engagement.follow_up import Account, Kept
from shared.events.engagement_words import EntryRefusal, RequestState
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import (
    AccountRecorded,
    ContractClosed,
    ContractRecorded,
    FollowUpEntry,
    FollowUpEntryWithdrawn,
    InformationRequestRecorded,
)
from shared.events.remedy.conditions import ConditionFact, FollowUpEntryRefused


@dataclass(slots=True)
class Work:
    """A batch under way: what is known of its subjects, changed event by event, and what is to be told and kept."""

    settings: RemedySettings
    contracts: dict[Reading, FollowUp]
    requests: dict[UUID, Request]
    accounts: dict[tuple[str, int], Account]
    entries: dict[UUID, Kept]
    owed: Owed = field(default_factory=Owed)
    told: dict[Reading, Told] = field(default_factory=dict)
    ends: dict[Reading, date] = field(default_factory=dict)
    kept: dict[UUID, Kept] = field(default_factory=dict)
    moved: set[UUID] = field(default_factory=set)
    """Requests that changed."""
    settled: set[tuple[str, int]] = field(default_factory=set)
    """Accounts that changed."""
    events: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Let one event happen."""
        match event.data:
            case ContractRecorded() as data:
                self.record(event, data)
            case ContractClosed() as data:
                self.close(event, data)
            case FollowUpEntryWithdrawn() as data:
                self.withdraw(event, data)
            case FollowUpEntry() as data:
                self.enter(event, data)
            case _:
                pass

    def record(self, event: Event, data: ContractRecorded) -> None:
        """A contract is known, or known otherwise; its owner follows it up."""
        reading = reader_of(event), data.contract
        self.told[reading] = Told(reading[0], event.id, event.told_at, data)
        self.ends.pop(reading, None)
        if reading[0] == data.member:
            follow = self.contracts[reading]
            self.tell(event, follow.recorded(contract_of(data), self.today(event), self.settings.follow_up_terms))
            self.settle(follow, event.told_at)

    def close(self, event: Event, data: ContractClosed) -> None:
        """A contract no longer binds, or its reader no longer buys under it."""
        reading = reader_of(event), data.contract
        if reading in self.told:
            self.told[reading] = replace(self.told[reading], ended_on=data.ended_on)
        else:
            self.ends[reading] = data.ended_on
        if reading[0] == data.member:
            follow = self.contracts[reading]
            self.tell(event, follow.closed(data.ended_on, data.reason))
            self.settle(follow, event.told_at)

    def enter(self, event: Event, data: FollowUpEntry) -> None:
        """An entry: applied with what follows from it, or refused with every reason."""
        entry = Kept(data.entry, event.id, UUID(event.subject), event.sequence or 0, event.told_at, data)
        self.keep(entry)
        try:
            self.tell(event, self.decide(entry))
        except StepRefused as refused:
            self.refuse(event, entry, refused, data.entry)

    def decide(self, entry: Kept) -> list[ConditionFact]:
        """What follows from an entry. Raises StepRefused."""
        match entry.told:
            case InformationRequestRecorded() as told:
                before = self.requests.get(told.request)
                now = requests.decide(before if before and before.entries else None, told)
                self.move(now, entry.at)
                return [requests.moved(before if before and before.entries else None, now, told.entry)]
            case AccountRecorded() as told:
                self.account(told.member, told.year, entry.subject)
                return []
            case told:
                follow = self.follow_up(told.member, entry.subject)
                facts = follow.decide(told, self.day_of(entry.at), self.settings.follow_up_terms)
                self.settle(follow, entry.at)
                return facts

    def withdraw(self, event: Event, data: FollowUpEntryWithdrawn) -> None:
        """An entry is taken back: it is as if it had not been, unless a later one rests on it.

        One that was refused changed nothing, and is taken back with nothing following.
        """
        entry = Kept(event.id, event.id, UUID(event.subject), event.sequence or 0, event.told_at, data)
        known = self.entries.get(data.entry)
        self.keep(entry)
        try:
            if known is None or known.subject != entry.subject or known.standing == WITHDRAWN:
                raise StepRefused((EntryRefusal.OTHER,), "no such entry stands")
            was, known.standing = known.standing, WITHDRAWN
            try:
                self.tell(event, self.undo(known, entry.at) if was == APPLIED else [])
            except StepRefused:
                known.standing = was
                raise
            self.kept[known.id] = known
        except StepRefused as refused:
            self.refuse(event, entry, refused, data.entry)

    def undo(self, known: Kept, at: datetime) -> list[ConditionFact]:
        """What follows where an applied entry, already marked as taken back, no longer counts. Raises StepRefused."""
        match known.told:
            case InformationRequestRecorded() as told:
                return [self.undo_request(self.requests[told.request], told, at)]
            case AccountRecorded() as told:
                self.account(told.member, told.year, known.subject)
                return []
            case told:
                follow = self.follow_up(told.member, known.subject)
                facts = follow.withdraw(told, self.day_of(at))
                self.settle(follow, at)
                return facts

    def undo_request(self, known: Request, told: InformationRequestRecorded, at: datetime) -> ConditionFact:
        """Take back the last entry of a request; without any left it is withdrawn. Raises StepRefused."""
        if not known.entries or known.entries[-1] != told.entry:
            legal = (f"withdraw {known.entries[-1]}",) if known.entries else ()
            raise StepRefused((EntryRefusal.RESTED_UPON,), requests.standing(known), legal)
        left = [self.entries[one].told for one in known.entries[:-1]]
        found = requests.fold(one for one in left if isinstance(one, InformationRequestRecorded))
        now = found or replace(known, state=RequestState.WITHDRAWN, entries=())
        self.move(now, at)
        return requests.moved(known, now, told.entry)

    def move(self, now: Request, at: datetime) -> None:
        """A request stands like this from now on."""
        self.requests[now.id] = now
        self.moved.add(now.id)
        self.owed.settle(now.keys(), now.obligations(), at)

    def account(self, member: str, year: int, subject: UUID) -> None:
        """The account of a year is what the applied entries about it say."""
        said = [one for one in self.entries.values() if one.subject == subject and one.standing == APPLIED]
        self.settled.add((member, year))
        settle_account(self.accounts, self.owed, member, year, [(one.at, one.told) for one in said])

    def refuse(self, event: Event, entry: Kept, refused: StepRefused, about: UUID) -> None:
        """Keep an entry as refused, and tell its member why."""
        entry.standing, entry.refusals, entry.stood, entry.legal = REFUSED, refused.why, refused.standing, refused.legal
        data = FollowUpEntryRefused(
            member=entry.told.member,
            entry=about,
            entry_type=entry.told.type,
            refusals=refused.why,
            standing=refused.standing,
            legal=refused.legal,
        )
        self.tell(event, [data])

    def keep(self, entry: Kept) -> None:
        self.entries[entry.id] = self.kept[entry.id] = entry

    def settle(self, follow: FollowUp, at: datetime) -> None:
        """What is due under a contract follows its conditions that changed."""
        for one in follow.unsettled():
            self.owed.settle(one.keys(), one.obligations(), at)

    def follow_up(self, member: str, contract: UUID) -> FollowUp:
        return self.contracts.setdefault((member, contract), FollowUp(contract))

    def tell(self, event: Event, facts: Iterable[EventData]) -> None:
        """Facts for the member, as consequences of an event."""
        for fact in facts:
            told = Event.caused_by(
                event,
                fact,
                source=SOURCE,
                subject=event.subject,
                classification=Classification.MEMBER,
                member=reader_of(event),
            )
            self.events.append(told)

    def today(self, event: Event) -> date:
        return self.day_of(event.told_at)

    def day_of(self, at: datetime) -> date:
        """The local day of a moment."""
        return at.astimezone(self.settings.due_terms.zone).date()


def contract_of(data: ContractRecorded) -> Contract:
    """A contract as its owner follows it up."""
    return Contract(
        data.contract,
        data.member,
        awarded=data.supplier is not None,
        starts=data.starts,
        ends=data.ends,
        conditions=data.conditions,
    )


def reader_of(event: Event) -> str:
    """The member on whose topic an event is told."""
    assert event.member is not None, "the topics of contracts are the members' own"
    return event.member
