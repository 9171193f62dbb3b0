"""What an operator can do about a dead letter: look, apply it again, or let its key go on without it.

Both act in the consumer's own database, through the transaction of any batch: nothing is published again, for a
repeated sequence would be dropped as a duplicate.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared import http
from shared.consumer import Consumer
from shared.delivery import reread
from shared.postgres import Connection, Pool, transaction
from shared.settings import Settings
from shared.topics import is_restricted

SHOWN = 1000
"""Dead letters that are listed at once, the oldest first."""


class CannotReplay(Exception):
    """The record cannot be applied again: its place is unknown, or its value was not kept. It can be discarded."""


async def replay(consumer: Consumer, letter: UUID) -> bool:
    """Apply a dead letter again, and what waits behind it. False where it is no dead letter (any more).

    One that fails again is a dead letter again. Raises CannotReplay.
    """
    return await settle(consumer, letter, again=True)


async def discard(consumer: Consumer, letter: UUID) -> bool:
    """Give a dead letter up: its key goes on with what waits behind it. False where it is no dead letter (any more)."""
    return await settle(consumer, letter, again=False)


async def settle(consumer: Consumer, letter: UUID, again: bool) -> bool:
    """Take the dead letter away and let its key go on: with it or, as past an event of an unknown type, without."""
    async with transaction(consumer.pool) as tx:
        row = await take(tx, letter, consumer.handler.name)
        if row is None:
            return False
        if again and (row["sequence"] is None or (row["value"] is None and is_restricted(row["topic"]))):
            raise CannotReplay
        if row["sequence"] is not None:
            delivery = reread(row)
            if not again:
                delivery = replace(delivery, event=delivery.event.with_data(None), problem=None)
            await release_head(tx, row["topic"], row["key"], row["sequence"])
            await consumer.decide(tx, [delivery], (), isolate=True)
    consumer.committed()
    return True


async def take(tx: Connection, letter: UUID, consumer: str) -> Record | None:
    """Remove a dead letter of this consumer; its row, with its reason as `problem`."""
    return await tx.fetchrow(
        "DELETE FROM dead_letter WHERE id = $1 AND consumer = $2 RETURNING *, reason AS problem", letter, consumer
    )


async def release_head(tx: Connection, topic: str, key: str, sequence: int) -> None:
    """Let the head of a stream move that is held at this place."""
    await tx.execute(
        """UPDATE inbox_head SET blocked_sequence = NULL
           WHERE topic = $1 AND key = $2 AND blocked_sequence = $3""",
        topic,
        key,
        sequence,
    )


async def waiting(pool: Pool) -> list[Record]:
    """The dead letters that wait for an operator, the oldest first, without what they hold."""
    return await pool.fetch(
        """SELECT id, consumer, topic, "partition", "offset", key, sequence, reason, error, recorded_at
           FROM dead_letter ORDER BY recorded_at, id LIMIT $1""",
        SHOWN,
    )


def routes(pool: Pool, consumers: Sequence[Consumer], settings: Settings) -> list[Route]:
    """`GET /dead-letters`, `POST /dead-letters/{id}/replay` and `.../discard`; all need the operators' key."""

    async def listed(request: Request) -> JSONResponse:
        http.require_key(request, settings.operator_key_sha256)
        return JSONResponse({"dead_letters": [shown(row) for row in await waiting(pool)]})

    async def settled(request: Request, again: bool) -> JSONResponse:
        http.require_key(request, settings.operator_key_sha256)
        try:
            done = [await settle(consumer, request.path_params["id"], again) for consumer in consumers]
        except CannotReplay:
            raise http.Problem(409, "not_kept", "This record cannot be applied again; it can be discarded.") from None
        if not any(done):
            raise http.Problem(404, "no_dead_letter", "There is no such dead letter, or it has been settled.")
        return JSONResponse({"settled": str(request.path_params["id"])})

    async def replayed(request: Request) -> JSONResponse:
        return await settled(request, again=True)

    async def discarded(request: Request) -> JSONResponse:
        return await settled(request, again=False)

    return [
        Route("/dead-letters", listed),
        Route("/dead-letters/{id:uuid}/replay", replayed, methods=["POST"]),
        Route("/dead-letters/{id:uuid}/discard", discarded, methods=["POST"]),
    ]


def shown(row: Record) -> dict[str, object]:
    """A dead letter as operators see it; the key of a restricted topic may be the id of a case."""
    restricted = is_restricted(row["topic"])
    listed = {name: row[name] for name in ("consumer", "topic", "partition", "offset", "sequence", "reason", "error")}
    key = None if restricted else row["key"]
    return {"id": str(row["id"]), **listed, "key": key, "recorded_at": row["recorded_at"].isoformat()}
