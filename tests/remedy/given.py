"""What the tests of `remedy` start from: events of other services, and a way to read what was published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from services.remedy import handlers
from services.remedy.settings import RemedySettings
from shared import outbox, sealing
from shared.consumer import Handler
from shared.events import decode, lifecycles
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import TestimonyReceived, WorkingGroupEstablished
from shared.events.risk import FlagEvidenceAdded, FlagOpened
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category, SourceClass
from shared.http import digest
from shared.packing import unpack
from shared.postgres import Connection, Pool

HANDLER_KEY, OPERATOR_KEY = "the-handlers-key", "the-operators-key"
PRIVATE_KEY, PUBLIC_KEY = sealing.generate_key()
DEAD_LETTER_KEY = sealing.generate_key()[1]
NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

SETTINGS = RemedySettings.model_validate(
    {
        "kafka_bootstrap": "unused",
        "database_dsn": "unused",
        "trustee_key": PRIVATE_KEY,
        "handler_key_sha256": digest(HANDLER_KEY),
        "operator_key_sha256": digest(OPERATOR_KEY),
        "dead_letter_key": DEAD_LETTER_KEY,
        "handler_attempts": 1,
    }
)
OPEN_CASES, PROPOSE_FOR_FLAGS, PROPOSE_FOR_GROUPS = handlers.build(lambda: SETTINGS)

DataOf = TypeVar("DataOf", bound=EventData)


def sealed(text: str = "The wages of two months are missing.", public_key: str = PUBLIC_KEY) -> str:
    return sealing.seal(text.encode(), public_key, sealing.TESTIMONY)


def received(
    *,
    case: UUID | None = None,
    kind: lifecycles.TestimonyKind = lifecycles.TestimonyKind.GRIEVANCE,
    box: str | None = None,
    at: datetime = NOON,
) -> Event:
    """Testimony as `ingest` passes it on."""
    case = case or uuid4()
    data = TestimonyReceived(case=case, kind=kind, key="0123456789abcdef", sealed=box or sealed())
    return event(data, str(case), Classification.RESTRICTED, at)


def flag(
    supplier: UUID,
    category: Category = Category.FORCED_LABOUR,
    *,
    flag_id: UUID | None = None,
    name: str = "Example Electronics",
) -> Event:
    """A flag as `risk` opens it."""
    data = FlagOpened(
        flag=flag_id or uuid4(),
        report=uuid4(),
        supplier=supplier,
        supplier_name=name,
        category=category,
        source_class=SourceClass.MEDIA,
        parts=SeverityParts(scale=4, scope=3, irremediability=2),
        severity=4,
        priority=40,
        serious=True,
    )
    return event(data, str(supplier), Classification.MEMBERS)


def further_report(opened: Event) -> Event:
    """A further report of what a flag is about, as `risk` adds it."""
    assert isinstance(opened.data, FlagOpened)
    said = opened.data.model_dump() | {"report": uuid4(), "made_serious": True, "reports": 2}
    return event(FlagEvidenceAdded.model_validate(said), opened.subject, Classification.MEMBERS)


def group(slug: str, *, suppliers: Sequence[UUID] = (), categories: Sequence[Category] = ()) -> Event:
    """A working group as `ingest` announces it."""
    data = WorkingGroupEstablished(
        workinggroup=slug,
        name=f"Working group {slug}",
        purpose="To engage a supplier.",
        secretariat="electronics-watch",
        suppliers=tuple(suppliers),
        categories=tuple(categories),
    )
    return event(data, slug, Classification.MEMBERS)


def event(data: EventData, subject: str, classification: Classification, at: datetime = NOON) -> Event:
    return Event(
        id=uuid4(),
        source="/engage/upstream",
        type=data.type,
        subject=subject,
        time=at,
        classification=classification,
        data=data,
        recordedtime=at,
        sequence=1,
    )


def sequenced(found: Event, sequence: int) -> Event:
    return replace(found, sequence=sequence)


async def handle(handler: Handler, tx: Connection, *batch: Event) -> list[Event]:
    """What the runtime does: handle a batch and publish what follows."""
    events = await handler.handle(batch, tx)
    await outbox.append(tx, events)
    return events


async def let_age(tx: Connection, cases: Sequence[UUID], by: timedelta) -> None:
    """Let cases have come in so much earlier than they did: their clocks count from their arrival."""
    await tx.execute(
        """WITH aged AS (UPDATE grievance_case SET received_at = received_at - $2::interval WHERE case_id = ANY($1))
           UPDATE deadline SET due_at = due_at - $2::interval, warn_at = warn_at - $2::interval
           WHERE case_id = ANY($1)""",
        cases,
        by,
    )


async def published(connection: Connection | Pool) -> list[tuple[str, Event]]:
    """Everything in the outbox, with its topic, in order."""
    rows = await connection.fetch("SELECT topic, headers, value FROM outbox ORDER BY id")
    return [(row["topic"], decode(unpack(row["headers"]), row["value"])) for row in rows]


def data_of(found: Sequence[tuple[str, Event]], kind: type[DataOf]) -> list[DataOf]:
    """The data of the published events of one type."""
    return [event.data for _, event in found if isinstance(event.data, kind)]
