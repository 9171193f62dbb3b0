"""Which flags touch a member's contracts, as `risk` tells each member: kept for that member's annual account alone."""

from collections.abc import Sequence
from uuid import UUID

from services.remedy.store.engagement import exposure
from services.remedy.store.engagement.exposure import Change
from shared.consumer import consumes
from shared.events.envelope import Event
from shared.events.lifecycles import Exposure
from shared.events.risk import ExposureChanged
from shared.postgres import Connection


@consumes(pattern=r"^member\.[a-z0-9-]+\.exposure$")
async def follow_exposure(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Keep since when and until when flags touch contracts; of several changes in a batch each counts in its order."""
    waiting: dict[tuple[str, UUID, UUID], Change] = {}
    for event in batch:
        data = event.data
        if not isinstance(data, ExposureChanged):
            continue
        pair = data.member, data.contract, data.flag
        if pair in waiting:
            await write(tx, waiting)
            waiting = {}
        waiting[pair] = data, event.id, event.told_at
    await write(tx, waiting)
    return []


async def write(tx: Connection, changes: dict[tuple[str, UUID, UUID], Change]) -> None:
    """Keep these changes, each of another pair of contract and flag."""
    begun = [one for one in changes.values() if one[0].exposure is Exposure.EXPOSED]
    ended = [one for one in changes.values() if one[0].exposure is Exposure.NO_LONGER_EXPOSED]
    if begun:
        await exposure.begin(tx, begun)
    if ended:
        await exposure.end(tx, ended)
