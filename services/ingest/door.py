"""The door: a batch of events from one member, each accepted once, known again, or refused with its reasons."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from services.ingest.domain.submission import Json, Objection, Refused, Submission, read_event
from services.ingest.news import day_of
from services.ingest.settings import IngestSettings
from services.ingest.store import receipts
from services.ingest.store.receipts import Receipt
from services.ingest.submissions import Batch, pass_on
from shared.events.members import TestimonySubmitted
from shared.events.reading import short_text
from shared.events.vocabulary import MemberKind, Outcome
from shared.postgres import Connection, now
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one event. `id` is its own, where it has a readable one."""

    id: str | None
    outcome: Outcome
    receipt: UUID | None = None
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """A member, and the key with which it showed itself."""

    member: str
    kind: MemberKind
    key: str


async def receive(runtime: Runtime, settings: IngestSettings, sender: Sender, events: Sequence[Json]) -> list[Answer]:
    """Accept a batch of events in one transaction; the answers in the order of the events.

    When this returns, what it says is committed; a refused event has left nothing behind. The same event sent again, at
    once or later, is a duplicate and has the receipt of the first.
    """
    async with runtime.transaction() as tx:
        at = await now(tx)
        read = await asyncio.to_thread(read_all, events, at, settings, sender.key)
        answers = await give_receipts(tx, sender.member, read, at)
        batch = Batch(sender.member, sender.kind, at, fresh_of(read, answers))
        await pass_on(tx, batch)
        if batch.refused:
            await receipts.take_back(tx, list(batch.refused))
        await runtime.publish(tx, batch.events)
    return [refused_after_all(answer, batch) for answer in answers]


def read_all(
    events: Sequence[Json], at: datetime, settings: IngestSettings, key: str
) -> list[Submission | tuple[str | None, Refused]]:
    """Each event as far as it can be read by itself; a refused one with its id."""
    read: list[Submission | tuple[str | None, Refused]] = []
    for event in events:
        try:
            read.append(read_event(event, at, settings.clock_tolerance, key))
        except Refused as refused:
            read.append((id_of(event), refused))
    return read


def id_of(event: Json) -> str | None:
    """The id by which the sender finds a refused event in the answer; None where it is not fit to be repeated."""
    try:
        return short_text(event["id"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


async def give_receipts(
    tx: Connection, member: str, read: Sequence[Submission | tuple[str | None, Refused]], at: datetime
) -> list[Answer]:
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


def answer_to(
    one: Submission | tuple[str | None, Refused], known: dict[tuple[str, str], tuple[UUID, bytes]], unused: set[UUID]
) -> Answer:
    """The answer to one event; the first that uses a new receipt is accepted with it."""
    if not isinstance(one, Submission):
        return Answer(one[0], Outcome.REJECTED, None, one[1].objections)
    receipt, content = known[one.source, one.id]
    if content != one.content:
        return Answer(one.id, Outcome.REJECTED, None, (Objection("id_reused", "/id"),))
    if receipt in unused:
        unused.remove(receipt)
        return Answer(one.id, Outcome.ACCEPTED, receipt)
    return Answer(one.id, Outcome.DUPLICATE, receipt)


def fresh_of(
    read: Sequence[Submission | tuple[str | None, Refused]], answers: Sequence[Answer]
) -> dict[UUID, Submission]:
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
    return Answer(answer.id, Outcome.REJECTED, None, (batch.refused[answer.receipt],))
