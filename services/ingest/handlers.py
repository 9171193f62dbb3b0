"""What `ingest` does with the events of others: it follows asks, for suppliers are shown only what stands."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.ingest.store import asks
from services.ingest.store.asks import Move
from shared.consumer import consumes
from shared.events.envelope import Event
from shared.events.remedy import AskMoved, EngagementClosed, EngagementHeld, EngagementOpened, EntryRefused
from shared.postgres import Connection


@consumes(pattern=r"^group\.[a-z0-9-]+\.engagement$")
async def follow_asks(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Note how asks stand: a supplier's contacts see an ask once its engagement has taken it, and not before.

    An engagement that rests on testimony takes no ask while the company may not be approached on it; one that is held,
    because a statement it rests on is no longer told, shows its asks no more. A closed one takes no answers, unless it
    goes on because its conclusion was taken back.
    """
    moves: dict[UUID, Move] = {}
    closed: dict[tuple[str, UUID], bool] = {}
    held: set[tuple[str, UUID]] = set()
    refused: set[UUID] = set()
    for event in batch:
        match event.data:
            case AskMoved(ask=ask, after=after, into=into):
                moves[ask] = Move(ask, after, into)
            case EngagementOpened(workinggroup=group, engagement=engagement):
                closed[group, engagement] = False
            case EngagementClosed(workinggroup=group, engagement=engagement):
                closed[group, engagement] = True
            case EngagementHeld(workinggroup=group, engagement=engagement):
                held.add((group, engagement))
            case EntryRefused(entry=entry):
                refused.add(entry)
    await note(tx, moves, closed, held, refused)
    return []


async def note(
    tx: Connection,
    moves: Mapping[UUID, Move],
    closed: Mapping[tuple[str, UUID], bool],
    held: Collection[tuple[str, UUID]],
    refused: Collection[UUID],
) -> None:
    """Keep what a batch told of asks, of the engagements they belong to, and of suppliers' answers."""
    if moves:
        await asks.move_asks(tx, moves)
    if closed:
        await asks.close(tx, closed)
    if held:
        await asks.hold(tx, held)
    if refused:
        await asks.refuse_answers(tx, refused)


HANDLERS = (follow_asks,)
