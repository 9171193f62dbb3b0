"""The keys by which members may ask, as `ingest` tells of them."""

from collections.abc import Sequence

from services.risk.store import keys
from shared.events.envelope import Event
from shared.member_keys import keys_told
from shared.postgres import Connection


async def record_keys(tx: Connection, batch: Sequence[Event]) -> None:
    """Know the keys of a batch by their digests, and until when they hold."""
    issued, ended = keys_told(batch)
    await keys.issue(tx, issued)
    await keys.end(tx, ended)
