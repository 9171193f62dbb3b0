"""What the tests of the follow-up of contracts start from: contracts and entries as `ingest` tells them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from services.remedy import obligations
from services.remedy.settings import RemedySettings
from shared.events.engagement_words import ConditionState, RequestState
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import (
    AccountRecorded,
    ConditionReported,
    ConditionRequested,
    ContractClosed,
    ContractRecorded,
    FollowUpEntryWithdrawn,
    InformationRequestRecorded,
    SelfReportRecorded,
    StepAnswer,
)
from shared.events.ingest.conditions import account_of, request_of
from shared.events.values import Conditions, Evidence
from shared.events.vocabulary import ContractEnd, ContractLevel, DueDiligenceStep, WithdrawalReason
from shared.postgres import Connection
from tests.remedy.given import HANDLERS, SETTINGS, event, handle

FOLLOW_CONTRACTS = HANDLERS["follow_contracts"]
OSLO, BERGEN = "oslo", "bergen"
SUPPLIER = UUID(int=77)
CONTRACT = UUID(int=500)
DFO = Conditions(name="DFØ contract terms", edition="2024")
EVIDENCE = Evidence(uri="https://archive.example.com/report", sha256="ab" * 32, media_type="application/pdf")
STARTS = date(2026, 3, 2)


def noon(day: date) -> datetime:
    """Noon of a day, local time being an hour or two later."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def midnight(day: date) -> datetime:
    """A moment just after a day has ended at the mechanism, in winter and in summer."""
    return datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)


class Stream:
    """What `ingest` tells on the topics of members, each subject with gapless places."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], int] = {}

    def told(self, data: EventData, subject: UUID, day: date, member: str = OSLO) -> Event:
        """An event of a member's own, accepted at noon of a day."""
        key = member, str(subject)
        self.places[key] = self.places.get(key, 0) + 1
        found = event(data, str(subject), Classification.MEMBER, noon(day))
        made = uuid5(subject, f"{member}/{self.places[key]}")
        return replace(found, id=made, member=member, sequence=self.places[key])

    def contract(self, day: date = STARTS, reader: str = OSLO, **fields: Any) -> Event:
        """A contract with DFØ's conditions from March 2026 on, owned by Oslo unless said otherwise."""
        said: dict[str, Any] = {
            "contract": CONTRACT,
            "member": OSLO,
            "reference": "24/1001",
            "level": ContractLevel.FRAMEWORK,
            "supplier": SUPPLIER,
            "starts": STARTS,
            "ends": date(2028, 3, 1),
            "conditions": DFO,
        }
        data = ContractRecorded.model_validate(said | fields)
        return self.told(data, data.contract, day, reader)

    def closed(self, day: date, ended_on: date, reason: ContractEnd = ContractEnd.TERMINATED) -> Event:
        return self.told(
            ContractClosed(contract=CONTRACT, member=OSLO, ended_on=ended_on, reason=reason), CONTRACT, day
        )

    def wanted(self, day: date, due: date, clause: str = "ew-access", entry: UUID | None = None) -> Event:
        data = ConditionRequested(
            entry=entry or uuid4(), member=OSLO, contract=CONTRACT, clause=clause, wanted="A visit", due=due
        )
        return self.told(data, CONTRACT, day)

    def step(
        self,
        day: date,
        condition: UUID,
        state: ConditionState,
        *,
        member: str = OSLO,
        reason: str | None = None,
        cure_until: date | None = None,
        evidence: Sequence[Evidence] = (),
    ) -> Event:
        data = ConditionReported(
            entry=uuid4(),
            member=member,
            contract=CONTRACT,
            condition=condition,
            state=state,
            decided_on=day,
            reason=reason,
            cure_until=cure_until,
            evidence=tuple(evidence),
        )
        return self.told(data, CONTRACT, day, member)

    def self_report(self, day: date, condition: UUID, *noes: DueDiligenceStep) -> Event:
        steps = [one for one in DueDiligenceStep if one is not DueDiligenceStep.OTHER]
        data = SelfReportRecorded(
            entry=uuid4(),
            member=OSLO,
            contract=CONTRACT,
            condition=condition,
            received_on=day,
            answers=tuple(StepAnswer(step=one, yes=one not in noes) for one in steps),
        )
        return self.told(data, CONTRACT, day)

    def asked(self, day: date, state: RequestState, *, on: date | None = None, **fields: Any) -> Event:
        request = request_of(OSLO, "R-1")
        data = InformationRequestRecorded(
            entry=uuid4(), member=OSLO, request=request, reference="R-1", state=state, on=on or day, **fields
        )
        return self.told(data, request, day)

    def published(self, day: date, year: int, member: str = OSLO) -> Event:
        account = account_of(member, year)
        data = AccountRecorded(
            entry=uuid4(), member=member, account=account, year=year, published_on=day, evidence=EVIDENCE
        )
        return self.told(data, account, day, member)

    def taken_back(self, day: date, was: Event) -> Event:
        """A withdrawal of what an event told."""
        entry: UUID = was.data.entry  # type: ignore[union-attr]  # every entry of a follow-up has one
        data = FollowUpEntryWithdrawn(entry=entry, member=OSLO, reason=WithdrawalReason.SENT_BY_MISTAKE)
        return self.told(data, UUID(was.subject), day)


async def take(tx: Connection, *batch: Event) -> list[EventData]:
    """Let the handler take a batch and publish what follows; what that says."""
    return [one.data for one in await handle(FOLLOW_CONTRACTS, tx, *batch) if one.data is not None]


async def clock(tx: Connection, at: datetime, settings: RemedySettings = SETTINGS) -> int:
    """Let the clock tell all that is to be told at a moment; how much that was."""
    total = 0
    while (told := await obligations.fire_at(settings, tx, at)) > 0:
        total += told
    return total


def days(start: date, number: int) -> list[date]:
    return [start + timedelta(days=one) for one in range(number)]
