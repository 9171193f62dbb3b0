"""Several topics told again together, in the order in which their events were recorded."""

from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from aiokafka import TopicPartition

from shared.delivery import Delivery
from shared.inbox import StreamKey
from shared.replaying import IDLE_POLLS, Read, ReadingStopped, locate, reading, require_unrestricted, within

Place = tuple[datetime, str, int]
"""When the next event of a partition was recorded, and the partition: its topic and number."""


async def retell(
    bootstrap: str, topics: Collection[str], heads: Mapping[StreamKey, int], batch: int
) -> AsyncIterator[Read]:
    """Read these topics from the beginning, as `replay` does, but merged: what was recorded first comes first.

    Within a partition the order is Kafka's. No more is held than a batch of each partition. Raises as `replay` does.
    """
    require_unrestricted(topics)
    if not topics:
        return
    async with reading(bootstrap) as client:
        merging = Merging(client, await locate(bootstrap, client, topics), heads, batch)
        total = sum(end - client.first[place] for place, end in merging.ends.items())
        while told := await merging.next_part():
            yield Read(told, merging.seen, total)


@dataclass(slots=True)
class Merging:
    """Partitions that are merged: what was read of each, and those that are not read to their ends yet."""

    client: Any
    ends: Mapping[TopicPartition, int]
    heads: Mapping[StreamKey, int]
    batch: int
    read: dict[TopicPartition, deque[Delivery]] = field(default_factory=dict)
    unread: set[TopicPartition] = field(default_factory=set)
    order: list[Place] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self.read = {place: deque() for place in self.ends}
        self.unread = set(self.ends)

    async def next_part(self) -> list[Delivery]:
        """The next deliveries in the order of recording, a batch at most; none where all are told."""
        told: list[Delivery] = []
        while len(told) < self.batch:
            await self.fill()
            if not self.order:
                break
            told.append(self.take())
        return told

    def take(self) -> Delivery:
        """The delivery that was recorded first of all that are at hand."""
        _, topic, partition = heappop(self.order)
        place = TopicPartition(topic, partition)
        first = self.read[place].popleft()
        self.put_in_order(place)
        return first

    def put_in_order(self, place: TopicPartition) -> None:
        """Let the next delivery of a partition, if one is at hand, take its turn."""
        if self.read[place]:
            event = self.read[place][0].event
            heappush(self.order, (event.told_at, place.topic, place.partition))

    async def fill(self) -> None:
        """Read until something of each partition is at hand, but for those that are told to the end.

        Raises ReadingStopped where Kafka falls silent.
        """
        idle = 0
        while empty := [place for place in self.unread if not self.read[place]]:
            found = await self.client.getmany(*empty, timeout_ms=1_000, max_records=self.batch)
            idle = 0 if found else idle + 1
            if idle > IDLE_POLLS:
                raise ReadingStopped
            for place, records in found.items():
                own = [one for one in records if one.offset < self.ends[place]]
                self.seen += len(own)
                self.read[place].extend(one for record in own if (one := within(record, self.heads)))
                self.put_in_order(place)
            for place in empty:
                if await self.client.position(place) >= self.ends[place]:
                    self.unread.discard(place)
