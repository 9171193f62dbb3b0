"""Invented events for the corpus: one good one of each kind, from which the bad ones are made."""

import copy
import json
from typing import Any

from shared.events import DOOR_TYPES
from tests.contracts.golden import example
from tests.corpus.cases import CANARY
from tests.ingest import given

Document = dict[str, Any]
SITE = given.SITE
FLAG: Document = given.FLAG | {"headline": f"Invented headline {CANARY}"}


def event(kind: str, data: Any, **attributes: Any) -> Document:
    """A CloudEvent; its id is that of the case, once it has one."""
    envelope = {"specversion": "1.0", "id": "$ID", "source": "urn:example:corpus", "type": kind}
    return envelope | {"time": "2026-01-15T09:00:00Z", "data": data} | attributes


def flag(**attributes: Any) -> Document:
    return event("flag.raised.v1", copy.deepcopy(FLAG)) | attributes


def flag_with(**fields: Any) -> Document:
    """A flag with other data; None takes a field away."""
    data = {name: value for name, value in (FLAG | fields).items() if value is not None}
    return event("flag.raised.v1", data)


def good(kind: str) -> Document:
    """The example of a type that is checked in, with the corpus's envelope."""
    return event(kind, copy.deepcopy(example(kind)["data"]))


def text_of(document: Document) -> str:
    return json.dumps(document)


def types() -> list[str]:
    return sorted(DOOR_TYPES)
