"""The contracts: what services and members tell each other, one module per publisher."""

from collections.abc import Iterable
from inspect import isclass
from types import ModuleType

from shared.events import ingest, members, notify, remedy, risk, spine
from shared.events.envelope import (
    Classification,
    Event,
    EventData,
    Headers,
    MalformedEvent,
    decode_attributes,
    decode_data,
)

__all__ = [
    "DOOR_TYPES",
    "EVENT_TYPES",
    "Classification",
    "Event",
    "EventData",
    "Headers",
    "MalformedEvent",
    "decode",
]


def types_in(module: ModuleType) -> dict[str, type[EventData]]:
    """The event types that a module defines, by name."""
    models = (model for model in vars(module).values() if isclass(model) and issubclass(model, EventData))
    return {model.type: model for model in models if "type" in vars(model)}


DOOR_TYPES: dict[str, type[EventData]] = types_in(members)
EVENT_TYPES: dict[str, type[EventData]] = {
    name: model for module in (ingest, risk, remedy, notify, spine) for name, model in types_in(module).items()
}


def decode(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> Event:
    """The event of a Kafka record inside; its data is None for a type that this release does not know.

    Raises MalformedEvent, which holds nothing of the record.
    """
    attributes = decode_attributes(headers)
    model = EVENT_TYPES.get(attributes["type"])
    return Event(**attributes, data=None if model is None else decode_data(model, value))
