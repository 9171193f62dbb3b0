"""Reading what a member sends to the door: a CloudEvent whose data fits its contract, or the reasons why not.

Nothing of what was sent is echoed: an objection holds a code, a place made of our own field names, and a remedy.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from services.ingest.domain.remedies import REMEDIES
from shared.countries import resolve
from shared.events import DOOR_TYPES
from shared.events.envelope import MAXIMUM_EVENT_BYTES, EventData, pointer
from shared.events.members import WORKER_SIDE, DoorData, TestimonySubmitted
from shared.events.reading import moment, refuse_constant, refuse_duplicate_keys, short_text, version
from shared.sealing import looks_sealed

DEEPEST = 32
MOST_OBJECTIONS = 20
ADDED_BYTES = 4 * 1024
"""What publishing adds to the data at most: the ids, and the member's name."""
FORBIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
Json = Any
"""What `json.loads` returns."""


class UnreadableBody(ValueError):
    """A request of which not even the events can be told apart; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an event is refused: a code, the place in the event, and how to mend it."""

    code: str
    pointer: str = ""

    @property
    def remedy(self) -> str:
        return REMEDIES.get(self.code, "Compare the event with the schema of its type.")


class Refused(ValueError):
    """An event that cannot be accepted."""

    def __init__(self, *objections: Objection) -> None:
        super().__init__(objections[0].code)
        self.objections = objections


@dataclass(frozen=True, slots=True)
class Submission:
    """An event that fits its contract. `content` is the digest by which the same event is known again."""

    id: str
    source: str
    time: datetime
    data: DoorData
    content: bytes


def read_body(body: bytes, batched: bool) -> list[Json]:
    """The events of a request body, not yet looked into. Raises UnreadableBody.

    A key given twice, at whatever depth, has two readings: the whole request is refused. So is NaN, which is no JSON.
    """
    try:
        # The hook refuses; it must also build, for json.loads uses what it returns.
        parsed = json.loads(body.decode(), object_pairs_hook=object_once, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        code = getattr(error, "reason", "not_json")
        raise UnreadableBody("duplicate_key" if code == "duplicate_key" else "malformed_json") from None
    if isinstance(parsed, list) is not batched:
        raise UnreadableBody("array_expected" if batched else "object_expected")
    return parsed if batched else [parsed]


def object_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    refuse_duplicate_keys(pairs)
    return dict(pairs)


def read_event(event: Json, now: datetime, tolerance: timedelta, key: str) -> Submission:
    """An event of the door, checked from the outside in. Raises Refused.

    `now` is the database's; a `time` further ahead of it than `tolerance` is refused. `key` is the sender's.
    """
    if not isinstance(event, dict):
        raise Refused(Objection("object_expected"))
    refuse_unstorable(event)
    raw = canonical(event)
    if len(raw) > MAXIMUM_EVENT_BYTES:
        raise Refused(Objection("too_large"))
    attributes, model = read_envelope(event, now, tolerance)
    data = read_data(model, event.get("data"))
    return Submission(attributes["id"], attributes["source"], attributes["time"], data, digest_of(raw, data, key))


def canonical(event: dict[str, Json]) -> bytes:
    """The event as JSON that does not depend on blanks or the order of keys."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(raw: bytes, data: DoorData, key: str) -> bytes:
    """By what the same event is known again.

    For testimony it depends on the sender's key, which is kept nowhere: nobody who holds the receipts and the boxes can
    tell which belong together.
    """
    if isinstance(data, TestimonySubmitted):
        return hmac.digest(key.encode(), raw, "sha256")
    return hashlib.sha256(raw).digest()


def refuse_unstorable(event: dict[str, Json]) -> None:
    """Raises Refused for control characters and lone surrogates in any text or key, and for nesting beyond a limit."""
    for depth, part in walk(event, 1):
        if depth > DEEPEST:
            raise Refused(Objection("too_deep"))
        if isinstance(part, str) and FORBIDDEN.search(part):
            raise Refused(Objection("forbidden_character"))


def walk(part: Json, depth: int) -> Iterator[tuple[int, Json]]:
    """Every key and value of a JSON document with its depth; nothing below the first that is too deep."""
    yield depth, part
    if depth <= DEEPEST and isinstance(part, (dict, list)):
        for child in part.values() if isinstance(part, dict) else part:
            yield from walk(child, depth + 1)
        if isinstance(part, dict):
            yield from ((depth, name) for name in part)


def read_envelope(event: dict[str, Json], now: datetime, tolerance: timedelta) -> tuple[dict[str, Any], type[DoorData]]:
    """The CloudEvents attributes that matter here, and the model of the type. Raises Refused with all objections."""
    objections, read = [], {}
    for name, reader in (("specversion", version), ("id", short_text), ("source", short_text), ("time", moment)):
        value = event.get(name)
        try:
            read[name] = reader(value) if isinstance(value, str) else None
        except (ValueError, OverflowError):
            read[name] = None
        if read[name] is None:
            objections.append(Objection("missing" if value is None else f"{name}_invalid", f"/{name}"))
    at = read["time"]
    if isinstance(at, datetime) and at > now + tolerance:
        objections.append(Objection("time_in_future", "/time"))
    kind = event.get("type")
    model = DOOR_TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        objections.append(Objection("missing" if kind is None else "type_unknown", "/type"))
    if event.get("datacontenttype", "application/json") != "application/json" or "data_base64" in event:
        objections.append(Objection("data_not_json", "/datacontenttype"))
    if objections or model is None or not issubclass(model, DoorData):
        raise Refused(*objections)
    return read, model


def read_data(model: type[DoorData], data: Json) -> DoorData:
    """The data of an event as its contract has it. Raises Refused."""
    if not isinstance(data, dict):
        raise Refused(Objection("missing" if data is None else "object_expected", "/data"))
    if str(data.get("source_class")) in WORKER_SIDE:
        raise Refused(Objection("unsealed", "/data/source_class"))
    try:
        found = model.model_validate_json(canonical(data))
    except ValidationError as error:
        raise Refused(*objections_of(error, model)) from None
    if len(found.model_dump_json(exclude_none=True).encode()) > MAXIMUM_EVENT_BYTES - ADDED_BYTES:
        raise Refused(Objection("too_large", "/data"))  # defaults are written out when it is published
    if isinstance(found, TestimonySubmitted) and not looks_sealed(found.sealed):
        raise Refused(Objection("not_sealed", "/data/sealed"))
    if place := unknown_country(found):
        raise Refused(Objection("country_unknown", place))
    return found


def objections_of(error: ValidationError, model: type[EventData]) -> list[Objection]:
    """What does not fit the contract, by place and code; an unknown field's place is its parent."""
    found = error.errors(include_input=False, include_context=False, include_url=False)[:MOST_OBJECTIONS]
    return [Objection(str(one["type"]), "/data" + pointer(model, one["loc"]).rstrip("/")) for one in found]


def unknown_country(data: DoorData) -> str | None:
    """The place of the first country code that ISO 3166 does not have."""
    for name in ("supplier", "site"):
        code = getattr(getattr(data, name, None), "country", None)
        if code is not None and resolve(code) is None:
            return f"/data/{name}/country"
    return None
