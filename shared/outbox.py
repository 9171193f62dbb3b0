"""The outbox: events are written in the transaction of the state they tell about, and the relay publishes them.

Each topic and key has a gapless counter whose row stays locked until commit: for one key the order of ids, of sequences
and of commits is the same, and a rollback leaves no gap.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from shared.events.envelope import MAXIMUM_EVENT_BYTES, Event, encode_data, header_texts, topic_of
from shared.packing import pack_texts
from shared.postgres import Connection

Stream = tuple[str, str]
"""Topic and key."""


class EventTooLarge(ValueError):
    """An event is larger than the broker takes; the transaction that would publish it must not commit."""


async def append(tx: Connection, events: Sequence[Event], topic: str | None = None) -> datetime | None:
    """Record events for publication, in this order. They become visible, and are published, when `tx` commits.

    Returns their `recordedtime`, None where there are none.

    `topic` is for dead letters only: every other event's classification chooses its topic.
    Raises ValueError where an event may not be published as it is classified, EventTooLarge beyond 256 KiB.
    """
    if not events:
        return None
    streams = [(topic or topic_of(event), event.subject) for event in events]
    counters, at = await take_sequences(tx, Counter(streams))
    recordedtime, rows = at.isoformat(), []
    for event, stream in zip(events, streams, strict=True):
        counters[stream] += 1
        value = encode_data(event.data) if event.data else b""
        if len(value) > MAXIMUM_EVENT_BYTES and topic is None:
            raise EventTooLarge(event.type)
        headers = pack_texts(header_texts(event, recordedtime, counters[stream]))
        rows.append((*stream, counters[stream], event.id, headers, value))
    await insert(tx, rows, at)
    return at


async def take_sequences(tx: Connection, wanted: Counter[Stream]) -> tuple[dict[Stream, int], datetime]:
    """Advance each stream's counter by what it needs; the counters before, and the moment of recording."""
    ordered = sorted(wanted.items())
    rows = await tx.fetch(
        """INSERT INTO stream_head AS h (topic, key, sequence)
           SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
           ON CONFLICT (topic, key) DO UPDATE SET sequence = h.sequence + EXCLUDED.sequence
           RETURNING topic, key, sequence, clock_timestamp()""",
        [topic for (topic, _), _ in ordered],
        [key for (_, key), _ in ordered],
        [count for _, count in ordered],
    )
    return {(topic, key): after - wanted[topic, key] for topic, key, after, _ in rows}, rows[-1][3]


async def insert(tx: Connection, rows: Sequence[tuple[str, str, int, object, bytes, bytes]], at: datetime) -> None:
    """Append the rows and queue them for the relay, ids in the order given."""
    await tx.execute(
        """WITH new AS (
               INSERT INTO outbox (topic, key, sequence, event_id, headers, value, recorded_at)
               SELECT topic, key, sequence, event_id, headers, value, $7
               FROM unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[], $5::bytea[], $6::bytea[])
                   WITH ORDINALITY AS u (topic, key, sequence, event_id, headers, value, place)
               ORDER BY place
               RETURNING id)
           INSERT INTO outbox_todo SELECT id FROM new""",
        *(list(column) for column in zip(*rows, strict=True)),
        at,
    )
