"""Dead letters: a record that cannot be applied is kept, announced once, and holds the head of its key."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from shared import outbox, sealing
from shared.delivery import DeadLetter, Delivery
from shared.events.envelope import Classification, Event
from shared.events.spine import DeadLetterRecorded
from shared.packing import kept_headers, pack
from shared.postgres import Connection
from shared.topics import is_restricted

NO_KEY = "none"
"""The key on the dead-letter topic of a record whose own key cannot be told, or must not be."""


def of_delivery(consumer: str, delivery: Delivery, error: Exception | None) -> DeadLetter:
    """The dead letter of a delivery whose data is malformed, or on which the handler failed with `error`."""
    return DeadLetter(
        consumer,
        delivery.topic,
        delivery.partition,
        delivery.offset,
        delivery.headers,
        delivery.value,
        reason=delivery.problem.reason if delivery.problem else "handler_failed",
        key=delivery.key,
        sequence=delivery.sequence,
        type=delivery.event.type,
        error=type(error).__name__ if error else None,
    )


async def record(tx: Connection, service: str, letters: Sequence[DeadLetter], seal_to: SecretStr | None) -> None:
    """Keep these records and announce each on `dead-letter.<service>`; one that is known already is passed over."""
    rows = [row(letter) for letter in letters]
    new = await tx.fetch(
        """INSERT INTO dead_letter
               (id, consumer, topic, "partition", "offset", key, sequence, reason, error, headers, value)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::bigint[],
                                $8::text[], $9::text[], $10::bytea[], $11::bytea[])
           ON CONFLICT DO NOTHING RETURNING id""",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    known = {found["id"] for found in new}
    announced = [announcement(letter, service, seal_to) for letter in letters if letter.id in known]
    await outbox.append(tx, announced, topic=f"dead-letter.{service}")


def row(letter: DeadLetter) -> tuple[object, ...]:
    """The columns of a dead letter."""
    place = (letter.id, letter.consumer, letter.topic, letter.partition, letter.offset, letter.key, letter.sequence)
    return (*place, letter.reason, letter.error, pack(kept_headers(letter.topic, letter.headers)), kept(letter))


def kept(letter: DeadLetter) -> bytes | None:
    """What stays in the database for replay: all of it, but nothing of a malformed record of a restricted topic.

    A well-formed one holds a sealed box only; a malformed one may hold in plain what must not be kept. Kafka has it
    still, within its retention.
    """
    return None if is_restricted(letter.topic) and letter.reason != "handler_failed" else letter.value


def announcement(letter: DeadLetter, service: str, seal_to: SecretStr | None) -> Event:
    """The event on the dead-letter topic.

    Where the source topic is restricted, the payload is sealed and the key withheld: it may be the id of a case.
    """
    restricted = is_restricted(letter.topic)
    key = None if restricted else readable_key(letter)
    data = DeadLetterRecorded(
        consumer=letter.consumer,
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        key=key,
        sequence=letter.sequence,
        event_type=letter.type,
        reason=letter.reason,
        error=letter.error,
        payload=sealing.encode(letter.value) if letter.value and not restricted else None,
        sealed=seal_payload(letter.value, seal_to) if letter.value and restricted else None,
    )
    return Event(
        id=letter.id,
        source=f"/engage/{service}",
        type=data.type,
        subject=key or NO_KEY,
        time=datetime.now(UTC),
        classification=Classification.OPERATORS,
        data=data,
    )


def readable_key(letter: DeadLetter) -> str | None:
    """The key as a dead letter may name it: spaces around it would make another key of it."""
    return letter.key if letter.key and letter.key == letter.key.strip() else None


def seal_payload(value: bytes, seal_to: SecretStr | None) -> str | None:
    """The payload sealed to the operators' key; None without a key or beyond what a box can hold: never in plain."""
    if seal_to is None or len(value) > sealing.SIZE_CLASSES[-1] - sealing.LENGTH_BYTES:
        return None
    return sealing.seal(value, seal_to.get_secret_value(), sealing.DEAD_LETTER)
