"""The golden examples as the tests read them."""

import json
from typing import Any

from shared.events import DOOR_TYPES, EVENT_TYPES
from shared.events.envelope import PREFIX, Headers
from shared.events.schemas import CONTRACTS

ALL_TYPES = DOOR_TYPES | EVENT_TYPES


def example(name: str) -> dict[str, Any]:
    """The example of a type: a CloudEvent in structured mode."""
    loaded: dict[str, Any] = json.loads((CONTRACTS / "examples" / f"{name}.json").read_text())
    return loaded


def as_record(name: str) -> tuple[Headers, bytes]:
    """The example of a type as headers and value of a Kafka record, written by nothing of the product."""
    event = example(name)
    data = json.dumps(event.pop("data")).encode()
    content_type = event.pop("datacontenttype")
    return [("content-type", content_type.encode()), *((PREFIX + k, v.encode()) for k, v in event.items())], data
