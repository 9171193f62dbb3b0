"""The keys by which members may ask, as `ingest` tells of them."""

from collections.abc import Sequence

from services.risk.store import keys
from shared.events.envelope import Event
from shared.events.ingest import KeyEnded, KeyIssued
from shared.postgres import Connection


async def record_keys(tx: Connection, batch: Sequence[Event]) -> None:
    """Know the keys of a batch by their digests, and until when they hold; in whatever order that is told.

    The earliest end that was told holds: no key is brought back.
    """
    issued = {event.data.kid: event.data for event in batch if isinstance(event.data, KeyIssued)}
    if issued:
        await keys.issue(tx, list(issued.values()))
    ended: dict[str, KeyEnded] = {}
    for event in batch:
        if isinstance(event.data, KeyEnded):
            ended[event.data.kid] = min(ended.get(event.data.kid, event.data), event.data, key=lambda one: one.ends)
    if ended:
        await keys.end(tx, list(ended.values()))
