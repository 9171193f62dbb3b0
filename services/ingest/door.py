"""The door: a batch of events from one member, each accepted once, known again, or refused with its reasons."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from prometheus_client import Counter

from services.ingest.domain.events.attributes import Json
from services.ingest.domain.events.submission import (
    Objection,
    Reader,
    Refused,
    Submission,
    concerns_testimony,
    readable,
)
from services.ingest.identity.resolution import rules_of
from services.ingest.settings import IngestSettings
from services.ingest.store import members, receipts, submissions
from services.ingest.store.receipts import Receipt
from services.ingest.submissions import Batch, pass_on
from shared.events.envelope import Event, day_of
from shared.events.members import TestimonySubmitted
from shared.events.reading import short_text
from shared.events.vocabulary import MemberKind, Outcome
from shared.logs import log
from shared.postgres import Connection, now
from shared.service import Runtime

UNSEALED = Counter(
    "engage_unsealed_submissions_total",
    "Refused submissions that may hold testimony in plain. Each was sent by a system that must be mended.",
)

READ_AT_ONCE = 2.0
"""Seconds of reading between two statements: what takes long to refuse leaves no transaction idle until it is cut."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one event: `entry` is what others know it by. `id` and `source` are its own, if readable."""

    id: str | None
    outcome: Outcome
    receipt: UUID | None = None
    objections: tuple[Objection, ...] = ()
    source: str | None = None
    entry: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """A member, as its key or its topic proves it."""

    member: str
    kind: MemberKind


class SenderLeft(Exception):
    """The member has left since its key was looked at; nothing was accepted."""


@dataclass(frozen=True, slots=True)
class Unread:
    """An event that was refused as it was read, with what can be said of it."""

    id: str | None
    source: str | None
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answers in the order of the events, and what is to be published of those accepted."""

    answers: list[Answer]
    events: list[Event]


async def receive(runtime: Runtime, settings: IngestSettings, sender: Sender, events: Sequence[Json]) -> list[Answer]:
    """Accept a batch of events in one transaction; the answers in the order of the events.

    When this returns, what it says is committed; a refused event has left nothing behind. The same event sent again, at
    once or later, is a duplicate and has the receipt of the first. The member does not leave meanwhile; raises
    SenderLeft where it has.
    """
    async with runtime.transaction() as tx:
        if await members.kind_of(tx, sender.member) is None:
            raise SenderLeft
        decision = await decide(tx, settings, sender, events)
        await runtime.publish(tx, decision.events)
    alarm(events, decision.answers)
    return decision.answers


async def decide(
    tx: Connection, settings: IngestSettings, sender: Sender, events: Sequence[Json | Refused]
) -> Decision:
    """What every door decides on a batch of one member; holds once `tx` commits and the events are in the outbox.

    An event that the door itself could not read comes as the Refused that says why.
    """
    reader = Reader(
        sender.member, await now(tx), settings.clock_tolerance, settings.receipt_pepper.get_secret_value().encode()
    )
    read = await asyncio.to_thread(read_some, reader, events)
    while len(read) < len(events):
        await now(tx)
        read += await asyncio.to_thread(read_some, reader, events[len(read) :])
    answers = await give_receipts(tx, sender.member, read, reader.now)
    batch = Batch(sender.member, sender.kind, reader.now, fresh_of(read, answers), settings.self_report_due)
    batch.resolved.rules = rules_of(settings)
    await pass_on(tx, batch)
    if batch.refused:
        await receipts.take_back(tx, list(batch.refused))
    final = [refused_after_all(answer, batch) for answer in answers]
    return Decision(await with_entries(tx, final, batch), batch.events)


async def with_entries(tx: Connection, answers: Sequence[Answer], batch: Batch) -> list[Answer]:
    """The answers with what the events became, also those that were sent before; of testimony nothing is known."""
    entries = batch.entries
    earlier = {answer.receipt for answer in answers if answer.outcome is Outcome.DUPLICATE and answer.receipt}
    if earlier - entries.keys():
        entries = entries | await submissions.read_entries(tx, earlier)
    return [replace(one, entry=entries.get(one.receipt)) if one.receipt else one for one in answers]


def read_some(reader: Reader, events: Sequence[Json | Refused]) -> list[Submission | Unread]:
    """Each event as far as it can be read by itself; the first of them, where all take longer than READ_AT_ONCE."""
    until = time.monotonic() + READ_AT_ONCE
    read: list[Submission | Unread] = []
    for event in events:
        if read and time.monotonic() > until:
            break
        try:
            if isinstance(event, Refused):
                raise event
            read.append(reader.read_event(event))
        except Refused as refused:
            read.append(Unread(own(event, "id"), own(event, "source"), refused.objections))
    return read


def own(event: Json | Refused, name: str) -> str | None:
    """What the sender calls its event, to find a refused one in the answers; None where that is not to be repeated."""
    try:
        return short_text(readable(event)[name])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def alarm(events: Sequence[Json | Refused], answers: Sequence[Answer]) -> None:
    """Count, and tell operators without content, how many refused events may hold testimony in plain."""
    found = sum(
        answer.outcome is Outcome.REJECTED and concerns_testimony(event, answer.objections)
        for event, answer in zip(events, answers, strict=True)
    )
    if found:
        UNSEALED.inc(found)
        log.error("unsealed testimony refused", count=found)


async def give_receipts(tx: Connection, member: str, read: Sequence[Submission | Unread], at: datetime) -> list[Answer]:
    """A receipt for each event that was not sent before; for the others, which receipt it has or why it is refused."""
    first: dict[tuple[str, str], Receipt] = {}
    for one in read:
        if isinstance(one, Submission):
            moment = day_of(at) if isinstance(one.data, TestimonySubmitted) else at
            first.setdefault((one.source, one.id), Receipt(uuid4(), one.source, one.id, one.content, moment))
    given = await receipts.insert(tx, member, list(first.values())) if first else set()
    before = {name: (receipt.id, receipt.content) for name, receipt in first.items()}
    earlier = [name for name, receipt in first.items() if receipt.id not in given]
    if earlier:
        rows = await receipts.read_by_event(tx, member, earlier)
        before |= {name: (row["id"], row["content"]) for name, row in rows.items()}
    return [answer_to(one, before, given) for one in read]


def answer_to(one: Submission | Unread, known: dict[tuple[str, str], tuple[UUID, bytes]], unused: set[UUID]) -> Answer:
    """The answer to one event; the first that uses a new receipt is accepted with it."""
    if not isinstance(one, Submission):
        return Answer(one.id, Outcome.REJECTED, None, one.objections, one.source)
    receipt, content = known[one.source, one.id]
    if content != one.content:
        return Answer(one.id, Outcome.REJECTED, None, (Objection("id_reused", "/id"),), one.source)
    if receipt in unused:
        unused.remove(receipt)
        return Answer(one.id, Outcome.ACCEPTED, receipt, source=one.source)
    return Answer(one.id, Outcome.DUPLICATE, receipt, source=one.source)


def fresh_of(read: Sequence[Submission | Unread], answers: Sequence[Answer]) -> dict[UUID, Submission]:
    """The submissions that are accepted so far, by receipt."""
    return {
        answer.receipt: one
        for one, answer in zip(read, answers, strict=True)
        if isinstance(one, Submission) and answer.outcome is Outcome.ACCEPTED and answer.receipt is not None
    }


def refused_after_all(answer: Answer, batch: Batch) -> Answer:
    """The final answer: a receipt that was taken back, also from a duplicate in the batch, is a rejection."""
    if answer.receipt is None or answer.receipt not in batch.refused:
        return answer
    return Answer(answer.id, Outcome.REJECTED, None, (batch.refused[answer.receipt],), answer.source)
