"""Taking one decision about who is who: alone, kept and told in one transaction, or only rehearsed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.ingest import rehearsal
from services.ingest.audience import settle
from services.ingest.domain.registry import Kind
from services.ingest.news import news
from services.ingest.store import registry
from shared.events.envelope import Event, EventData
from shared.events.vocabulary import DecidedBy
from shared.postgres import Connection, now
from shared.service import Runtime

PERSON = DecidedBy.PERSON


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision that was taken, what it is, and what was told of it."""

    decision: UUID
    action: str
    kind: Kind
    entry: UUID
    other: UUID | None
    events: list[Event] = field(default_factory=list)


Step = Callable[[Connection, datetime], Awaitable[Taken]]


async def decide(runtime: Runtime, step: Step, dry_run: bool = False) -> Taken:
    """Take one decision alone, in one transaction, and tell it; with `dry_run` nothing is kept.

    Names that are seen for the first time wait meanwhile. Raises Problem where the decision cannot be taken.
    """
    async with rehearsal.transaction(runtime, dry_run) as tx:
        await registry.lock_decisions(tx)
        taken = await step(tx, await now(tx))
        await runtime.publish(tx, taken.events)
    return taken


async def tell(tx: Connection, at: datetime, kind: Kind, told: EventData, *entries: UUID) -> list[Event]:
    """The events of a decision about entries, the first of which it is about: who sees what may follow from it."""
    events = [news(told, entries[0], at)]
    return events + (await settle(tx, sites=entries, at=at) if kind is Kind.SITE else [])
