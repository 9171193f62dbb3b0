"""Reading records from Kafka one by one, so that a bad one harms no other."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from aiokafka import ConsumerRecord
from asyncpg import Record

from shared.events import EVENT_TYPES
from shared.events.envelope import Event, Headers, MalformedEvent, decode_attributes, decode_data
from shared.packing import unpack

NAMESPACE = UUID("6f0a5d5e-7f0b-4a52-9c77-1a4b3f6f5a10")
"""Names a dead letter by its place in Kafka, so that the same record is never set aside twice."""


@dataclass(slots=True, eq=False)
class Delivery:
    """One record as Kafka delivered it, with the event read from it or the problem that reading its data met."""

    topic: str
    partition: int
    offset: int
    key: str
    sequence: int
    headers: Headers
    value: bytes | None
    event: Event
    problem: MalformedEvent | None = None
    was_parked: bool = False

    @property
    def stream(self) -> tuple[str, str]:
        return self.topic, self.key


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that cannot be applied. Where `sequence` is None its key could not even be told: it holds no head."""

    consumer: str
    topic: str
    partition: int
    offset: int
    headers: Headers
    value: bytes | None
    reason: str
    key: str | None = None
    sequence: int | None = None
    type: str | None = None
    error: str | None = None

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE, f"{self.consumer}/{self.topic}/{self.partition}/{self.offset}")


def read(record: ConsumerRecord[bytes, bytes], consumer: str) -> Delivery | DeadLetter:
    """The delivery in a record, or a dead letter where its attributes or key cannot be read."""
    headers: Headers = record.headers
    try:
        attributes = decode_attributes(headers)
        key = (record.key or b"").decode()
        if key != attributes["subject"]:
            raise MalformedEvent("key_mismatch")
    except (MalformedEvent, UnicodeDecodeError) as error:
        reason = error.reason if isinstance(error, MalformedEvent) else "key_mismatch"
        return DeadLetter(consumer, record.topic, record.partition, record.offset, headers, record.value, reason)
    return deliver(attributes, record.topic, record.partition, record.offset, headers, record.value)


def reread(row: Record) -> Delivery:
    """The delivery that was parked in this row. Its attributes were readable when it was parked.

    Where its value was not kept, it still has the problem that it had.
    """
    headers = unpack(row["headers"])
    place = (row["topic"], row["partition"], row["offset"])
    delivery = deliver(decode_attributes(headers), *place, headers, row["value"], was_parked=True)
    known = delivery.problem and row["value"] is None and row["problem"]
    return replace(delivery, problem=MalformedEvent(row["problem"])) if known else delivery


def deliver(
    attributes: dict[str, Any],
    topic: str,
    partition: int,
    offset: int,
    headers: Headers,
    value: bytes | None,
    was_parked: bool = False,
) -> Delivery:
    """Read the data of a record whose attributes are known; an unknown type has none, and that is no problem."""
    data, problem = None, None
    model = EVENT_TYPES.get(attributes["type"])
    if model is not None:
        try:
            data = decode_data(model, value)
        except MalformedEvent as error:
            problem = error
    key, sequence = attributes["subject"], attributes["sequence"]
    event = Event(**attributes, data=data)
    return Delivery(topic, partition, offset, key, sequence, headers, value, event, problem, was_parked)
