"""Good practices that a group recorded, or that another group offered to it."""

from collections.abc import Sequence

from services.remedy.store.engagement import practices as store
from services.remedy.store.engagement.practices import Practice
from shared.events.envelope import Event
from shared.events.ingest import PracticeOffered, PracticeRecorded, PracticeWithdrawn
from shared.postgres import Connection


async def record_practices(tx: Connection, batch: Sequence[Event]) -> None:
    """Keep practices for the groups on whose topics they were told; of one that was taken back, since when.

    The last word on each holds: what was taken back may be told again.
    """
    kept: dict[tuple[str, str], Practice] = {}
    gone: dict[tuple[str, str], Event] = {}
    for event in batch:
        if event.workinggroup is None or event.recordedtime is None:
            continue
        key = (event.subject, event.workinggroup)
        match event.data:
            case PracticeRecorded() as told:
                kept[key] = Practice(told.practice, event.workinggroup, None, event, told)
                gone.pop(key, None)
            case PracticeOffered() as told:
                kept[key] = Practice(told.practice, event.workinggroup, told.offered_by, event, told)
                gone.pop(key, None)
            case PracticeWithdrawn():
                gone[key] = event
    if kept:
        await store.write(tx, list(kept.values()))
    if gone:
        await store.withdraw(tx, list(gone.values()))
