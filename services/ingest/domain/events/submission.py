"""Reading what a member sends to the door: a CloudEvent whose data fits its contract, or the reasons why not.

Nothing of what was sent is echoed: an objection holds a code, a place made of our own field names, and a remedy.
"""

import hashlib
import hmac
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from services.ingest.domain.events.attributes import Json, in_every_mode, read_attributes
from services.ingest.domain.events.parties import fault_of_parties
from services.ingest.domain.events.remedies import REMEDIES
from shared.events import DOOR_TYPES
from shared.events.envelope import MAXIMUM_EVENT_BYTES, EventData, pointer
from shared.events.members import WORKER_SIDE, DoorData, TestimonySubmitted
from shared.events.reading import refuse_constant, refuse_duplicate_keys
from shared.events.sealed import SealedTestimony
from shared.events.values import quarter_of
from shared.sealing import looks_sealed

DEEPEST = 32
MOST_OBJECTIONS = 20
ADDED_BYTES = 4 * 1024
"""What publishing adds to the data at most: the ids, and the member's name."""
TELLS_SOURCE = ("source_class", "basis")
"""Fields that say whose word it is: that of the workers' side never comes in the open."""
SEALED_ONLY = frozenset(SealedTestimony.model_fields) - {"version", "language", "categories", "workers"}
"""Fields of a sealed box: in any event they come inside the box, or not at all."""
ON_A_DAY = (
    "decided_on", "said_on", "reached_on", "concluded_on", "assessed_on", "taken_on", "observed_on", "received_on",
    "published_on", "on",
)  # fmt: skip
"""Fields that say when a member or a company has done what is told."""
FORBIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
"""Controls, line separators, overrides of direction, lone surrogates, what is no character, invisible tags."""


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
    """An event that cannot be accepted; `known` is what could be read of one whose data could not."""

    def __init__(self, *objections: Objection, known: dict[str, Json] | None = None) -> None:
        super().__init__(objections[0].code)
        self.objections = objections
        self.known = known


@dataclass(frozen=True, slots=True)
class Submission:
    """An event that fits its contract. `content` is the digest by which the same event is known again."""

    id: str
    source: str
    time: datetime
    data: DoorData
    content: bytes


def read_body(body: bytes, batched: bool) -> list[Json]:
    """The events of a request body, not yet looked into. Raises UnreadableBody."""
    parsed = parse(body)
    if isinstance(parsed, list) is not batched:
        raise UnreadableBody("array_expected" if batched else "object_expected")
    return parsed if batched else [parsed]


def parse(text: bytes) -> Json:
    """A JSON document (RFC 8259) in UTF-8. Raises UnreadableBody `malformed_json` or `duplicate_key`.

    A key given twice, at whatever depth, has two readings: the whole document is refused. So is NaN, which is no JSON,
    and a number beyond what any reader holds.
    """
    try:
        # The hook refuses; it must also build, for json.loads uses what it returns.
        return json.loads(
            text.decode(), object_pairs_hook=object_once, parse_constant=refuse_constant, parse_float=finite
        )
    except (ValueError, RecursionError) as error:
        code = getattr(error, "reason", "malformed_json")
        raise UnreadableBody("duplicate_key" if code == "duplicate_key" else "malformed_json") from None


def object_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    refuse_duplicate_keys(pairs)
    return dict(pairs)


def finite(text: str) -> float:
    """A number of JSON with a fraction or an exponent. Raises ValueError where a double cannot hold it."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("beyond a double")
    return number


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading an event depends on beside the event.

    `now` is the database's; a `time` further ahead of it than `tolerance` is refused. `member` is who sends, as its key
    or its topic proves.
    """

    member: str
    now: datetime
    tolerance: timedelta
    pepper: bytes

    def read_event(self, event: Json) -> Submission:
        """An event of the door, checked from the outside in. Raises Refused."""
        if not isinstance(event, dict):
            raise Refused(Objection("object_expected"))
        refuse_unstorable(event)
        if len(canonical(event)) > MAXIMUM_EVENT_BYTES:
            raise Refused(Objection("too_large"))
        attributes, model = self.read_envelope(event)
        data = read_data(model, event.get("data"))
        self.refuse_day_ahead(data)
        content = self.digest_of(canonical(in_every_mode(event)), data)
        return Submission(attributes["id"], attributes["source"], attributes["time"], data, content)

    def read_envelope(self, event: dict[str, Json]) -> tuple[dict[str, Any], type[DoorData]]:
        """The attributes that matter here, and the model of the type. Raises Refused with all objections."""
        attributes, faults = read_attributes(event, self.now, self.tolerance, self.member)
        kind = event.get("type")
        model = DOOR_TYPES.get(kind) if isinstance(kind, str) else None
        if model is None:
            faults.append(("missing" if kind is None else "type_unknown", "/type"))
        if faults or model is None or not issubclass(model, DoorData):
            raise Refused(*(Objection(code, place) for code, place in faults))
        return attributes, model

    def refuse_day_ahead(self, data: DoorData) -> None:
        """Raises Refused for what was decided or said on a day to come; one day is left for the zones east of UTC."""
        for field in ON_A_DAY:
            day = getattr(data, field, None)
            if day is not None and day > self.now.astimezone(UTC).date() + timedelta(days=1):
                raise Refused(Objection("day_in_future", f"/data/{field}"))
        quarter = getattr(data, "quarter", None)
        if quarter is not None and quarter > quarter_of(self.now.astimezone(UTC).date() + timedelta(days=1)):
            raise Refused(Objection("day_in_future", "/data/quarter"))

    def digest_of(self, raw: bytes, data: DoorData) -> bytes:
        """By what the same event is known again, whichever key or door it comes by.

        For testimony it needs the pepper, which is in no database: the id and source of the event stand in the receipt
        beside its member, and the box with its case in another service's tables. With a plain digest whoever gets hold
        of both (a backup is enough) could compute it from each box, and so tell which member sent which case.
        """
        if isinstance(data, TestimonySubmitted):
            return hmac.digest(self.pepper, self.member.encode() + b"\0" + raw, "sha256")
        return hashlib.sha256(raw).digest()


def concerns_testimony(event: Json | Refused, objections: tuple[Objection, ...]) -> bool:
    """Whether a refused event may hold in plain what workers said: it was to be testimony, or came from their side.

    Testimony that is merely sent under a used id was sealed.
    """
    codes = {objection.code for objection in objections}
    if codes & {"unsealed", "not_sealed"}:
        return True
    return is_testimony(event) and codes != {"id_reused"}


def is_testimony(event: Json | Refused) -> bool:
    """Whether an event says that it is testimony, however little else of it can be read."""
    event = readable(event)
    return isinstance(event, dict) and event.get("type") == TestimonySubmitted.type


def readable(event: Json | Refused) -> Json:
    """What can be read of an event, also of one that the door could not read."""
    return event.known if isinstance(event, Refused) else event


def canonical(event: dict[str, Json]) -> bytes:
    """The event as JSON that does not depend on blanks or the order of keys."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


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


def read_data(model: type[DoorData], data: Json) -> DoorData:
    """The data of an event as its contract has it. Raises Refused."""
    if not isinstance(data, dict):
        raise Refused(Objection("missing" if data is None else "object_expected", "/data"))
    for field in TELLS_SOURCE:
        if str(data.get(field)) in WORKER_SIDE:
            raise Refused(Objection("unsealed", f"/data/{field}"))
    if in_plain(model, data):
        raise Refused(Objection("unsealed", "/data"))
    try:
        found = model.model_validate_json(canonical(data))
    except ValidationError as error:
        raise Refused(*objections_of(error, model)) from None
    if len(found.model_dump_json(exclude_none=True).encode()) > MAXIMUM_EVENT_BYTES - ADDED_BYTES:
        raise Refused(Objection("too_large", "/data"))  # defaults are written out when it is published
    if isinstance(found, TestimonySubmitted) and not looks_sealed(found.sealed):
        raise Refused(Objection("not_sealed", "/data/sealed"))
    if fault := fault_of_parties(found):
        raise Refused(Objection(*fault))
    return found


def in_plain(model: type[DoorData], data: dict[str, Json]) -> bool:
    """Whether data have a field that belongs into a sealed box: of testimony each that its contract does not have."""
    strange = data.keys() - model.model_fields.keys()
    return bool(strange if model is TestimonySubmitted else strange & SEALED_ONLY)


def objections_of(error: ValidationError, model: type[EventData]) -> list[Objection]:
    """What does not fit the contract, by place and code; an unknown field's place is its parent."""
    found = error.errors(include_input=False, include_context=False, include_url=False)[:MOST_OBJECTIONS]
    places = ["/data" + pointer(model, one["loc"]).rstrip("/") for one in found]
    objections = [Objection(str(one["type"]), place) for one, place in zip(found, places, strict=True)]
    return [one for one in objections if not (one.code == "too_short" and f"{one.pointer}/" in "\n".join(places))]
