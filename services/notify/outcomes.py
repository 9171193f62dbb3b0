"""What became of mails: written to the database and published, once per intent."""

from collections.abc import Sequence
from uuid import uuid4

from asyncpg import Record

from services.notify import domain, store
from services.notify.domain import MailState
from services.notify.metrics import DELAY, MAILS
from services.notify.store import Attempt
from shared.events.envelope import Classification, Event, EventData
from shared.events.notify import NotificationCancelled, NotificationDelivered, NotificationFailed
from shared.postgres import Connection
from shared.service import Runtime


async def record(runtime: Runtime, tx: Connection, attempts: Sequence[Attempt]) -> list[Record]:
    """Write what came of attempts and publish each end, once per intent; the rows that changed."""
    rows = await store.settle(tx, attempts)
    ends = {attempt.claim.id: attempt for attempt in attempts}
    outcomes = [outcome(row, data) for row in rows if (data := told(row, ends[row["id"]]))]
    await runtime.publish(tx, outcomes)
    return rows


def outcome(row: Record, data: EventData) -> Event:
    """The event about a mail that has come to its end. Its id tells no time."""
    return Event(
        id=uuid4(),
        source=domain.SOURCE,
        type=data.type,
        subject=domain.lane(row["id"]),
        time=row["at"],
        classification=Classification.OPERATORS,
        data=data,
    )


def told(row: Record, attempt: Attempt) -> EventData | None:
    """What is published of a mail; nothing while it is not at its end."""
    intent, template, attempts, message_id = row["id"], row["template"], row["attempts"], row["message_id"]
    end = attempt.fate.end
    match attempt.fate.state:
        case MailState.SENT:
            return NotificationDelivered(intent=intent, template=template, attempts=attempts, message_id=message_id)
        case MailState.FAILED if end:
            return NotificationFailed(
                intent=intent, template=template, attempts=attempts, reason=end, message_id=message_id
            )
        case MailState.CANCELLED if end:
            return NotificationCancelled(intent=intent, template=template, attempts=attempts, reason=end)
        case _:
            return None


def count(rows: Sequence[Record]) -> None:
    """Tell Prometheus what came of mails."""
    for row in rows:
        MAILS.labels(row["template"], row["state"]).inc()
        if row["delay"] is not None:
            DELAY.labels(row["template"]).observe(max(0.0, row["delay"]))
