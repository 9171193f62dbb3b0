"""The inbox: each event is applied once, in the order of its key, however often and in whatever order it is delivered.

One row per topic and key remembers the last sequence applied. A repeated sequence is a duplicate, a later one than the
next waits in `inbox_parked` until the gap closes, and a dead letter holds the head of its key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from asyncpg import Record

from shared.delivery import Delivery
from shared.packing import kept_headers, pack
from shared.postgres import ConcurrentUpdate, Connection
from shared.topics import is_restricted

StreamKey = tuple[str, str]
"""Topic and key."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a stream has been applied. `version` counts the batches that touched it."""

    last: int = 0
    blocked: int | None = None
    parked: bool = False
    version: int = 0

    def passed(self, sequence: int) -> bool:
        """Whether the event at this place has been applied, or is the dead letter that holds the head."""
        return sequence <= self.last or sequence == self.blocked


@dataclass(slots=True)
class Plan:
    """What becomes of each delivery of a batch, and the heads after it."""

    apply: list[Delivery] = field(default_factory=list)
    park: list[Delivery] = field(default_factory=list)
    dead: list[Delivery] = field(default_factory=list)
    duplicates: list[Delivery] = field(default_factory=list)
    heads: dict[StreamKey, Head] = field(default_factory=dict)

    def settled(self) -> list[Delivery]:
        """The parked records that have found their place; a second copy of one that must go on waiting has not."""
        return [
            delivery
            for delivery in (*self.apply, *self.dead, *self.duplicates)
            if delivery.was_parked and self.heads[delivery.stream].passed(delivery.sequence)
        ]


def plan(before: dict[StreamKey, Head], deliveries: Iterable[Delivery]) -> Plan:
    """Decide for each delivery: apply, park, dead letter or duplicate. Pure; keys do not influence each other."""
    streams: dict[StreamKey, list[Delivery]] = {}
    for delivery in deliveries:
        streams.setdefault(delivery.stream, []).append(delivery)
    result = Plan()
    for stream, waiting in streams.items():
        if len(waiting) > 1:
            waiting.sort(key=lambda delivery: delivery.sequence)
        result.heads[stream] = advance(before.get(stream, Head()), waiting, result)
    return result


def advance(head: Head, waiting: Sequence[Delivery], result: Plan) -> Head:
    """Sort the deliveries of one stream, in sequence order, into `result`; the head afterwards."""
    last, blocked, parked = head.last, head.blocked, set[int]()
    for delivery in waiting:
        if delivery.sequence <= last or delivery.sequence == blocked or delivery.sequence in parked:
            result.duplicates.append(delivery)
        elif delivery.sequence > last + 1 or blocked is not None:
            result.park.append(delivery)
            parked.add(delivery.sequence)
        elif delivery.problem is not None:
            result.dead.append(delivery)
            blocked = delivery.sequence
        else:
            result.apply.append(delivery)
            last = delivery.sequence
    still_parked = head.parked and last == head.last  # the parked records are read only when the stream can move
    return Head(last, blocked, bool(parked) or still_parked, head.version + 1)


def hold_back(result: Plan, failed: Sequence[Delivery]) -> None:
    """Turn planned applications that failed into dead letters; later events of their keys are parked instead."""
    places = {delivery.stream: delivery.sequence for delivery in failed}

    def before(delivery: Delivery) -> bool:
        return delivery.stream not in places or delivery.sequence < places[delivery.stream]

    behind = [d for d in (*result.apply, *result.dead) if not before(d) and d.sequence > places[d.stream]]
    result.park.extend(behind)
    result.apply = [d for d in result.apply if before(d)]
    result.dead = [*(d for d in result.dead if before(d)), *failed]
    waiting = {delivery.stream for delivery in result.park}
    for stream, place in places.items():
        result.heads[stream] = replace(result.heads[stream], last=place - 1, blocked=place, parked=stream in waiting)


async def read_heads(tx: Connection, streams: Iterable[StreamKey]) -> dict[StreamKey, Head]:
    """The heads of the streams that have one."""
    topics, keys = zip(*streams, strict=True)
    rows = await tx.fetch(
        """SELECT h.topic, h.key, h.last_sequence, h.blocked_sequence, h.parked, h.version
           FROM unnest($1::text[], $2::text[]) AS u (topic, key) JOIN inbox_head h USING (topic, key)""",
        topics,
        keys,
    )
    return {(topic, key): Head(last, blocked, parked, version) for topic, key, last, blocked, parked, version in rows}


async def write_heads(tx: Connection, heads: dict[StreamKey, Head]) -> None:
    """Write the heads, in key order, before the handler runs: a zombie waits here and then meets ConcurrentUpdate."""
    ordered = sorted(heads.items())
    written = await tx.fetch(
        """INSERT INTO inbox_head AS h (topic, key, last_sequence, blocked_sequence, parked, version)
           SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bool[], $6::bigint[])
           ON CONFLICT (topic, key) DO UPDATE SET last_sequence = EXCLUDED.last_sequence,
               blocked_sequence = EXCLUDED.blocked_sequence, parked = EXCLUDED.parked, version = EXCLUDED.version
           WHERE h.version = EXCLUDED.version - 1
           RETURNING 1""",
        [topic for (topic, _), _ in ordered],
        [key for (_, key), _ in ordered],
        [head.last for _, head in ordered],
        [head.blocked for _, head in ordered],
        [head.parked for _, head in ordered],
        [head.version for _, head in ordered],
    )
    if len(written) != len(ordered):
        raise ConcurrentUpdate


async def correct_heads(tx: Connection, heads: dict[StreamKey, Head]) -> None:
    """Set heads that this transaction has already written back to where a failed event holds them."""
    await tx.executemany(
        """UPDATE inbox_head SET last_sequence = $3, blocked_sequence = $4, parked = $5
           WHERE topic = $1 AND key = $2""",
        [(topic, key, head.last, head.blocked, head.parked) for (topic, key), head in sorted(heads.items())],
    )


async def read_parked(tx: Connection, streams: Sequence[StreamKey]) -> list[Record]:
    """The parked records of these streams, in sequence order."""
    return await tx.fetch(
        """SELECT p.* FROM unnest($1::text[], $2::text[]) AS u (topic, key) JOIN inbox_parked p USING (topic, key)
           ORDER BY p.topic, p.key, p.sequence""",
        [topic for topic, _ in streams],
        [key for _, key in streams],
    )


async def park(tx: Connection, deliveries: Sequence[Delivery]) -> None:
    """Keep these records, as they came, until the gap before them closes.

    A malformed record of a restricted topic may hold in plain what must not be kept: only its place is.
    """
    await tx.executemany(
        """INSERT INTO inbox_parked (topic, key, sequence, "partition", "offset", headers, value, problem)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING""",
        [
            (
                d.topic,
                d.key,
                d.sequence,
                d.partition,
                d.offset,
                pack(kept_headers(d.topic, d.headers)),
                kept(d),
                d.problem and d.problem.reason,
            )
            for d in deliveries
            if not d.was_parked
        ],
    )


def kept(delivery: Delivery) -> bytes | None:
    """The value of a parked record."""
    return None if delivery.problem and is_restricted(delivery.topic) else delivery.value


async def unpark(tx: Connection, deliveries: Sequence[Delivery]) -> None:
    """Forget parked records that have found their place."""
    await tx.execute(
        """DELETE FROM inbox_parked p USING unnest($1::text[], $2::text[], $3::bigint[]) AS u (topic, key, sequence)
           WHERE p.topic = u.topic AND p.key = u.key AND p.sequence = u.sequence""",
        [d.topic for d in deliveries],
        [d.key for d in deliveries],
        [d.sequence for d in deliveries],
    )
