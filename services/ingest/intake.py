"""The Kafka door: what a member publishes to `intake.<member>` is decided as by HTTP, answered on `outcome.<member>`.

The topic proves the member: only it may write there. Every record gets one answer, in the transaction of what follows
from it. A batch that comes again after a crash is answered again, under the same ids and with the same receipts.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from services.ingest import door
from services.ingest.domain.events.attributes import Json
from services.ingest.domain.events.binding import event_of
from services.ingest.domain.events.submission import Objection, Refused, concerns_testimony, is_testimony
from services.ingest.door import Answer, Sender
from services.ingest.news import SOURCE
from services.ingest.settings import IngestSettings
from services.ingest.store import members
from shared.events.envelope import Classification, Event
from shared.events.ingest import IntakeRecord, SubmissionAnswered
from shared.events.ingest import Objection as ToldObjection
from shared.events.vocabulary import MemberKind, Outcome
from shared.postgres import Connection, now
from shared.raw_records import RawRecord, Taken
from shared.service import Runtime

PREFIX, OUTCOME = "intake.", "outcome."
LANES = 16
NAMESPACE = UUID("0b8f7a3e-53f7-4d0c-9d5f-0d6c1f5b7a64")
"""Names an answer by the place of its record, so that the same record is never answered under two ids."""


class Intake:
    """Answers the records of all members, a member at a time."""

    name = "intake"
    topic = None
    pattern = r"^intake\.[a-z0-9-]+$"

    def __init__(self, settings: IngestSettings) -> None:
        self.settings = settings
        self.most_records = settings.maximum_events
        self.most_bytes = settings.maximum_events_bytes

    async def handle(self, records: Sequence[RawRecord], tx: Connection, topics: Collection[str]) -> Taken:
        """Decide on records of one member. One that is not registered is told so where it has a topic for answers."""
        member = records[0].topic.removeprefix(PREFIX)
        kind = await members.kind_of(tx, member)
        if kind is None:
            return await refuse_all(records, tx, topics, "member_unknown")
        events = await asyncio.to_thread(read_all, records)
        decision = await door.decide(tx, self.settings, Sender(member, MemberKind(kind)), events)
        answers = decision.answers
        taken = await answered(records, answers, tx)
        taken.events = decision.events + taken.events
        taken.delete = [
            one for one, event, answer in zip(records, events, answers, strict=True) if must_go(event, answer)
        ]
        taken.committed = partial(door.alarm, events, answers)
        return taken

    async def give_up(self, record: RawRecord, tx: Connection, topics: Collection[str]) -> Taken:
        """Answer a record that cannot be processed: it holds up no other, and may be sent again."""
        return await refuse_all([record], tx, topics, "not_processed")


def build(runtime: Runtime) -> Intake:
    """The Kafka door of the service."""
    assert isinstance(runtime.settings, IngestSettings)
    return Intake(runtime.settings)


def read_all(records: Sequence[RawRecord]) -> list[Json | Refused]:
    """The event of each record, or why there is none."""
    read: list[Json | Refused] = []
    for record in records:
        try:
            read.append(event_of(record.headers, record.value))
        except Refused as refused:
            read.append(refused)
    return read


def must_go(event: Json | Refused, answer: Answer) -> bool:
    """Whether a record must not stay in a log that names its sender: testimony, sealed or not, and what may be some."""
    refused = answer.outcome is Outcome.REJECTED
    return (
        isinstance(event, Refused) or is_testimony(event) or (refused and concerns_testimony(event, answer.objections))
    )


async def refuse_all(records: Sequence[RawRecord], tx: Connection, topics: Collection[str], code: str) -> Taken:
    """The same refusal for each record, and nothing of it kept."""
    member = records[0].topic.removeprefix(PREFIX)
    if f"{OUTCOME}{member}" not in topics:
        return Taken(outcomes=Counter(unanswered=len(records)), delete=list(records))
    refused = [Answer(None, Outcome.REJECTED, None, (Objection(code),)) for _ in records]
    taken = await answered(records, refused, tx)
    taken.delete = list(records)
    return taken


async def answered(records: Sequence[RawRecord], answers: Sequence[Answer], tx: Connection) -> Taken:
    """The answers as the member is told them."""
    at = await now(tx)
    events = [answer_event(record, answer, at) for record, answer in zip(records, answers, strict=True)]
    return Taken(events, Counter(answer.outcome.value for answer in answers))


def answer_event(record: RawRecord, answer: Answer, at: datetime) -> Event:
    """The answer to one record, on the member's own topic."""
    told = SubmissionAnswered(
        outcome=answer.outcome,
        record=IntakeRecord(partition=record.partition, offset=record.offset),
        source=answer.source,
        submission=answer.id,
        receipt=answer.receipt,
        entry=answer.entry,
        objections=tuple(
            ToldObjection(code=one.code, pointer=one.pointer or None, remedy=one.remedy) for one in answer.objections
        ),
    )
    return Event(
        id=uuid5(NAMESPACE, f"{record.topic}/{record.partition}/{record.offset}"),
        source=SOURCE,
        type=told.type,
        subject=f"lane-{(record.partition + record.offset) % LANES:02}",
        time=at,
        classification=Classification.MEMBER,
        data=told,
        member=record.topic.removeprefix(PREFIX),
    )
