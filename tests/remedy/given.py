"""What the tests of `remedy` start from: events of other services, and a way to read what was published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from asyncpg import Record

from services.remedy import handlers, taking_in, trustee
from services.remedy.domain.people import Person, Role
from services.remedy.domain.references import key_id_of
from services.remedy.office import office_of
from services.remedy.receiving import draw_reference
from services.remedy.settings import RemedySettings
from services.remedy.store import cases
from shared import outbox, sealing
from shared.consumer import Handler
from shared.events import decode
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import SupplierRegistered, TestimonyReceived, WorkingGroupEstablished
from shared.events.remedy.cases import CaseFact, CaseOpened, CaseTakenIn
from shared.events.remedy.words import Party, TestimonyKind
from shared.events.risk import FlagEvidenceAdded, FlagOpened
from shared.events.sealed import SealedTestimony
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category, Instrument, SourceClass
from shared.http import digest
from shared.packing import unpack
from shared.postgres import Connection, Pool
from shared.service import Runtime

OPERATOR_KEY = "the-operators-key"
PRIVATE_KEY, PUBLIC_KEY = sealing.generate_key()
"""A key pair of the tests. The trustee's own keys are made by `remedy` and lie in the database of keys."""
DEAD_LETTER_KEY = sealing.generate_key()[1]
NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

SETTINGS = RemedySettings.model_validate(
    {
        "kafka_bootstrap": "unused",
        "database_dsn": "unused",
        "keys_dsn": "unused",
        "case_key": sealing.encode(bytes(range(32))),
        "receipt_pepper": sealing.encode(bytes(32)),
        "receipt_memory": 64,  # instead of 19 MiB, so that many receipts can be tried
        "receipt_passes": 1,
        "operator_key_sha256": digest(OPERATOR_KEY),
        "dead_letter_key": DEAD_LETTER_KEY,
        "handler_attempts": 1,
    }
)
HANDLERS = {handler.name: handler for handler in handlers.build(lambda: SETTINGS)}
OPEN_CASES, FOLLOW_REGISTRY, FOLLOW_RISK, FOLLOW_KEYS = (
    HANDLERS[name] for name in ("open_cases", "follow_registry", "follow_risk", "follow_keys")
)
NARRATIVE = "The wages of two months are missing at Example Electronics."

DataOf = TypeVar("DataOf", bound=EventData)


# Testimony, in its box and taken out of it


def testimony(**fields: object) -> SealedTestimony:
    """What a box holds: an invented narrative, and the given fields."""
    return SealedTestimony.model_validate({"narrative": NARRATIVE} | fields)


def sealed(text: str | SealedTestimony = NARRATIVE, public_key: str = PUBLIC_KEY) -> str:
    """A box, as its sender makes it: of plain text, or of testimony."""
    plain = text if isinstance(text, str) else text.model_dump_json(exclude_defaults=True)
    return sealing.seal(plain.encode(), public_key, sealing.TESTIMONY)


def received(
    *,
    case: UUID | None = None,
    kind: TestimonyKind = TestimonyKind.GRIEVANCE,
    box: str | None = None,
    key: str = PUBLIC_KEY,
    at: datetime = NOON,
) -> Event:
    """Testimony as `ingest` passes it on; `key` is the public key of which its sender says that it sealed the box."""
    case = case or uuid4()
    data = TestimonyReceived(case=case, kind=kind, key=key_id_of(key), sealed=box or sealed(public_key=key))
    return event(data, str(case), Classification.RESTRICTED, at)


async def kept_case(tx: Connection, *facts: CaseFact, by: Party = Party.HANDLER) -> Record:
    """A case to which these facts happened just now, written down without a key and without consequences; its row.

    The facts name the case; without any it was opened and taken in. For SQL and rules: nothing can be sealed in it.
    """
    case = facts[0].case if facts else uuid4()
    told = facts or (CaseOpened(case=case, kind=TestimonyKind.GRIEVANCE), CaseTakenIn(case=case))
    at = await tx.fetchval("SELECT now()")
    arrived = cases.Arrived(case, TestimonyKind.GRIEVANCE, draw_reference(), key_id_of(PUBLIC_KEY), "none")
    await cases.insert(tx, [arrived])
    await tx.execute("UPDATE grievance_case SET sealed = NULL, openable = true WHERE case_id = $1", case)
    await cases.append(tx, case, at, [(by, fact) for fact in told])
    row = await cases.lock_by_id(tx, case)
    assert row is not None
    return row


async def taken_in_case(runtime: Runtime, **fields: object) -> Record:
    """A case as testimony makes it: sealed to the trustee's key, opened, sealed anew under keys of its own; its row.

    The fields are those of `SealedTestimony`; with none it is a narrative from somebody unknown.
    """
    document = await trustee.current_key(office_of(runtime))
    event = received(box=sealed(testimony(**fields), document["public_key"]), key=document["public_key"])
    async with runtime.transaction() as tx:
        await handle(OPEN_CASES, tx, event)
    while await taking_in.take_in(runtime):
        pass
    async with runtime.transaction() as tx:
        row = await cases.lock_by_id(tx, UUID(event.subject))
    assert row is not None and row["sealed"] is None, "the case was not taken in"
    return row


# People


@dataclass(frozen=True, slots=True)
class Keyed:
    """Somebody who works on cases, with the key that proves it."""

    person: Person
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """What their requests carry."""
        return bearer(self.key)


def bearer(key: str) -> dict[str, str]:
    """The header of a request with a key."""
    return {"authorization": f"Bearer {key}"}


async def somebody(connection: Connection | Pool, *roles: Role, name: str | None = None) -> Keyed:
    """A person with these roles and a key of their own."""
    name = name or f"person-{uuid4().hex[:12]}"  # no two who work here have the same
    keyed = Keyed(Person(uuid4(), name, frozenset(roles)), f"key-{uuid4().hex}")
    await connection.execute(
        "INSERT INTO person (person_id, name, key_sha256, roles) VALUES ($1, $2, $3, $4)",
        keyed.person.id,
        name,
        digest(keyed.key),
        list(roles),
    )
    return keyed


async def assign(connection: Connection | Pool, case: UUID, *people: Keyed) -> None:
    """Let these people work on a case."""
    for one in people:
        await connection.execute("INSERT INTO assignment (case_id, person_id) VALUES ($1, $2)", case, one.person.id)


# What others tell


def flag(
    supplier: UUID,
    category: Category = Category.FORCED_LABOUR,
    *,
    flag_id: UUID | None = None,
    name: str = "Example Electronics",
    severity: int = 4,
    serious: bool = True,
    instruments: Sequence[Instrument] = (),
    at: datetime = NOON,
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
        severity=severity,
        priority=40,
        serious=serious,
        instruments=tuple(instruments),
    )
    return event(data, str(supplier), Classification.MEMBERS, at)


def further_report(opened: Event) -> Event:
    """A further report of what a flag is about, as `risk` adds it."""
    assert isinstance(opened.data, FlagOpened)
    said = opened.data.model_dump() | {"report": uuid4(), "made_serious": True, "reports": 2}
    return event(FlagEvidenceAdded.model_validate(said), opened.subject, Classification.MEMBERS)


def group(
    slug: str,
    *,
    suppliers: Sequence[UUID] = (),
    categories: Sequence[Category] = (),
    instruments: Sequence[Instrument] = (),
    at: datetime = NOON,
) -> Event:
    """A working group as `ingest` announces it."""
    data = WorkingGroupEstablished(
        workinggroup=slug,
        name=f"Working group {slug}",
        purpose="To engage a supplier.",
        secretariat="electronics-watch",
        suppliers=tuple(suppliers),
        categories=tuple(categories),
        instruments=tuple(instruments),
    )
    return event(data, slug, Classification.MEMBERS, at)


def registered(supplier: UUID, name: str = "Example Electronics", at: datetime = NOON) -> Event:
    """A supplier as `ingest` registers it."""
    return event(SupplierRegistered(supplier=supplier, name=name), str(supplier), Classification.MEMBERS, at)


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
