"""The envelope of every event: CloudEvents 1.0 in binary mode on Kafka.

Attributes are `ce_*` headers, the value is the data as JSON.
An event is a past-tense fact. `time` is when it happened, `recordedtime` when Engage accepted it; `sequence` is gapless
per topic and key, so that any consumer can prove that it missed nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.events.reading import MalformedEvent as MalformedEvent  # noqa: PLC0414 - what this module raises
from shared.events.reading import moment, positive, refuse_two_readings, short_text, version

MAXIMUM_EVENT_BYTES = 256 * 1024
PREFIX = "ce_"
CONTENT_TYPE = ("content-type", b"application/json")

Headers = list[tuple[str, bytes]]


class Classification(StrEnum):
    """Who may read an event, from the widest audience to the narrowest; it alone decides the topic."""

    PUBLIC = "public"
    MEMBERS = "members"
    GROUP = "group"
    MEMBER = "member"
    OPERATORS = "operators"
    RESTRICTED = "restricted"


class EventData(BaseModel):
    """What an event says; one subclass per event type, in the module of the service that publishes it.

    Inside, readers are tolerant: unknown fields are ignored, so that a newer publisher never breaks an older consumer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, allow_inf_nan=False)

    type: ClassVar[str]
    family: ClassVar[str]
    classifications: ClassVar[frozenset[Classification]]


@dataclass(frozen=True, slots=True)
class Event:
    """One event with its CloudEvents attributes. `subject` is also the Kafka key: order is kept per subject.

    `data` is None for a type that this release does not know: consumers count it and move on.
    `member` or `workinggroup` names the audience of the two classifications that need one.
    """

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    classification: Classification
    data: EventData | None
    recordedtime: datetime | None = None
    sequence: int | None = None
    member: str | None = None
    workinggroup: str | None = None
    correlationid: str | None = None
    causationid: str | None = None

    @classmethod
    def caused_by(
        cls,
        cause: Self,
        data: EventData,
        *,
        source: str,
        subject: str,
        classification: Classification,
        member: str | None = None,
        workinggroup: str | None = None,
    ) -> Self:
        """The consequence of `cause`: same time, an id that repeats when the same is concluded from it again.

        Correlation and causation are passed on only to the same audience as the cause's, or a narrower one.
        """
        same = (classification, member, workinggroup) == (cause.classification, cause.member, cause.workinggroup)
        told = same or NARROWNESS[classification] > NARROWNESS[cause.classification]
        return cls(
            id=uuid5(
                cause.id,
                f"{data.type}/{classification}/{member or workinggroup or ''}/{subject}/{encode_data(data).decode()}",
            ),
            source=source,
            type=data.type,
            subject=subject,
            time=cause.recordedtime or cause.time,
            classification=classification,
            data=data,
            member=member,
            workinggroup=workinggroup,
            correlationid=(cause.correlationid or str(cause.id)) if told else None,
            causationid=str(cause.id) if told else None,
        )

    def with_data(self, data: EventData | None) -> Self:
        """The same event with its data, once that has been read."""
        return replace(self, data=data)

    def recorded(self, at: datetime, sequence: int) -> Self:
        """The same event as the outbox accepted it, with its place in the stream."""
        return replace(self, recordedtime=at, sequence=sequence)


NARROWNESS = {classification: rank for rank, classification in enumerate(Classification)}
OPTIONAL_ATTRIBUTES = ("member", "workinggroup", "correlationid", "causationid")


def topic_of(event: Event) -> str:
    """The topic of an event, from its classification and nothing else.

    Raises ValueError where the type may not travel under that classification or the audience is not named.
    """
    data = event.data
    if data is None or not data.family or event.classification not in data.classifications:
        raise ValueError(f"{event.type} may not be published as {event.classification}")
    match event.classification:
        case Classification.MEMBER if event.member and data.family == "outcome":
            return f"outcome.{event.member}"
        case Classification.MEMBER if event.member:
            return f"member.{event.member}.{data.family}"
        case Classification.GROUP if event.workinggroup:
            return f"group.{event.workinggroup}.{data.family}"
        case Classification.MEMBER | Classification.GROUP:
            raise ValueError(f"{event.type} as {event.classification} needs the audience's id")
        case Classification.OPERATORS:
            return f"notify.{data.family}"
        case wide:
            return f"{wide}.{data.family}"


def encode_headers(event: Event) -> Headers:
    """The Kafka headers of an event that the outbox has recorded."""
    if event.recordedtime is None or event.sequence is None:
        raise ValueError("only a recorded event has headers")
    attributes = {
        "specversion": "1.0",
        "id": str(event.id),
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "recordedtime": event.recordedtime.isoformat(),
        "sequence": str(event.sequence),
        "classification": event.classification.value,
    }
    optional = {name: value for name in OPTIONAL_ATTRIBUTES if (value := getattr(event, name)) is not None}
    return [CONTENT_TYPE, *((PREFIX + name, value.encode()) for name, value in (attributes | optional).items())]


def encode_data(data: EventData) -> bytes:
    """The Kafka value: the data as JSON, without the fields that say nothing."""
    return data.model_dump_json(exclude_none=True).encode()


def decode_attributes(headers: Iterable[tuple[str, bytes | None]]) -> Event:
    """The event without its data. Raises MalformedEvent(`header_invalid`) with the name of the attribute at fault.

    Every header is UTF-8, an attribute is given once, and extensions that this release does not know are ignored.
    The pointer names one of our own attributes or is empty: the name of a stranger's header is not echoed.
    """
    attributes: dict[str, str] = {}
    for name, raw in headers:
        attribute = ATTRIBUTE_OF_HEADER.get(name, "")
        try:
            text = (raw or b"").decode()
        except UnicodeDecodeError:
            raise MalformedEvent("header_invalid", attribute) from None
        if attribute in attributes:
            raise MalformedEvent("header_invalid", attribute)
        if attribute:
            attributes[attribute] = text
    read = {name: read_attribute(name, attributes) for name in ATTRIBUTES}
    del read["specversion"]
    return Event(**read, data=None)


def read_attribute(name: str, attributes: dict[str, str]) -> Any:
    """One attribute with its type. Raises MalformedEvent where it is absent though required, or not readable."""
    if name in OPTIONAL_ATTRIBUTES and name not in attributes:
        return None
    try:
        return ATTRIBUTES[name](attributes[name])
    except (KeyError, ValueError):
        raise MalformedEvent("header_invalid", name) from None


Data = TypeVar("Data", bound=EventData)


def decode_data(model: type[Data], value: bytes | None) -> Data:
    """The data of an event. Raises MalformedEvent with `not_json`, `duplicate_key` or `schema_invalid`.

    Nothing of the value is echoed: the pointer holds the model's own field names and positions in lists.
    """
    if not value:
        raise MalformedEvent("not_json")
    refuse_two_readings(value)
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        reason = "not_json" if first["type"] == "json_invalid" else "schema_invalid"
        raise MalformedEvent(reason, pointer(model, first["loc"])) from None


def pointer(model: type[EventData], location: tuple[int | str, ...]) -> str:
    """The place of an error as a JSON pointer, without the steps that came from the input."""
    own = field_names(model)
    return "/" + "/".join(str(step) for step in location if isinstance(step, int) or step in own)


@cache
def field_names(model: type[EventData]) -> frozenset[str]:
    """The names of all fields of a model and of its parts."""
    schema = model.model_json_schema()
    return frozenset(
        name for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", ())
    )


ATTRIBUTES: dict[str, Callable[[str], Any]] = {
    "specversion": version,
    "id": UUID,
    "source": short_text,
    "type": short_text,
    "subject": short_text,
    "time": moment,
    "recordedtime": moment,
    "sequence": positive,
    "classification": Classification,
    **dict.fromkeys(OPTIONAL_ATTRIBUTES, short_text),
}
ATTRIBUTE_OF_HEADER = {PREFIX + name: name for name in ATTRIBUTES}
