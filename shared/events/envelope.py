"""The envelope of every event: CloudEvents 1.0 in binary mode on Kafka.

Attributes are `ce_*` headers, the value is the data as JSON.
An event is a past-tense fact. `time` is when it happened, `recordedtime` when Engage accepted it; `sequence` is gapless
per topic and key, so that any consumer can prove that it missed nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.events.reading import MalformedEvent as MalformedEvent  # noqa: PLC0414 - what this module raises
from shared.events.reading import moment, positive, refuse_two_readings, short_text, version

MAXIMUM_EVENT_BYTES = 256 * 1024
PREFIX = "ce_"
CONTENT_TYPE = ("content-type", "application/json")

Headers = Sequence[tuple[str, bytes]]
"""Names and values. Of a stranger's record a value may be None, which readers take for an empty one."""


class Classification(StrEnum):
    """Who may read an event, from the widest audience to the narrowest; it alone decides the topic."""

    PUBLIC = "public"
    MEMBERS = "members"
    GROUP = "group"
    MEMBER = "member"
    OPERATORS = "operators"
    RESTRICTED = "restricted"


EXEMPTIONS = {
    Classification.RESTRICTED: "offl-13 offl-24",
    Classification.OPERATORS: "offl-13 offl-24",
}
"""Why a record is exempt from public access, on every such record (`ce_exemption`), for public bodies' journals.

Freedom of Information Act of Norway (offentleglova) section 13, statutory confidentiality, and section 24, who reports.
A body elsewhere maps these two codes to its own act.
"""


class EventData(BaseModel):
    """What an event says; one subclass per event type, in the module of the service that publishes it.

    Inside, readers are tolerant: unknown fields are ignored, so that a newer publisher never breaks an older consumer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, allow_inf_nan=False)

    type: ClassVar[str]
    family: ClassVar[str]
    classifications: ClassVar[frozenset[Classification]]
    recorded_by_day: ClassVar[bool] = False
    """Where the moment of recording would lead to the sender, only the day (UTC) is told."""

    @cached_property
    def encoded(self) -> bytes:
        """The Kafka value: the data as JSON, without the fields that say nothing."""
        return self.model_dump_json(exclude_none=True).encode()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As of pydantic; a copy with other fields does not keep the bytes of the original."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("encoded", None)
        return copied


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
        told = str(cause.id) if same or NARROWNESS[classification] > NARROWNESS[cause.classification] else None
        return cls(
            id=uuid5(
                cause.id,
                f"{data.type}/{classification}/{member or workinggroup or ''}/{subject}/{data.encoded.decode()}",
            ),
            source=source,
            type=data.type,
            subject=subject,
            time=cause.told_at,
            classification=classification,
            data=data,
            member=member,
            workinggroup=workinggroup,
            correlationid=told and (cause.correlationid or told),
            causationid=told,
        )

    @property
    def told_at(self) -> datetime:
        """When it was accepted; of one that is not yet, when it happened."""
        return self.recordedtime or self.time

    def with_data(self, data: EventData | None) -> Self:
        """The same event with other data."""
        return replace(self, data=data)

    def recorded(self, at: datetime, sequence: int) -> Self:
        """The same event as the outbox accepted it, with its place in the stream."""
        return replace(self, recordedtime=at, sequence=sequence)


def day_of(moment: datetime) -> datetime:
    """The day (UTC) of a moment, by its beginning: all that is told where the moment would lead to somebody."""
    return datetime.combine(moment.astimezone(UTC).date(), time.min, UTC)


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
    """The Kafka headers of an event that has been recorded. Raises ValueError for one that has not."""
    if event.recordedtime is None or event.sequence is None:
        raise ValueError("only a recorded event has headers")
    recordedtime = event.recordedtime.astimezone(UTC).isoformat()
    return [(name, text.encode()) for name, text in header_texts(event, recordedtime, event.sequence)]


def header_texts(event: Event, recordedtime: str, sequence: int) -> list[tuple[str, str]]:
    """The Kafka headers, as texts, of an event that is being recorded at this moment (ISO 8601, UTC) and place."""
    if event.data is not None and event.data.recorded_by_day:
        recordedtime = f"{recordedtime[:10]}T00:00:00+00:00"
    texts = [
        CONTENT_TYPE,
        ("ce_specversion", "1.0"),
        ("ce_id", str(event.id)),
        ("ce_source", event.source),
        ("ce_type", event.type),
        ("ce_subject", event.subject),
        ("ce_time", event.time.isoformat()),
        ("ce_recordedtime", recordedtime),
        ("ce_sequence", str(sequence)),
        ("ce_classification", event.classification.value),
    ]
    optional = [(PREFIX + name, getattr(event, name)) for name in OPTIONAL_ATTRIBUTES]
    optional.append((PREFIX + "exemption", EXEMPTIONS.get(event.classification)))
    return texts + [(name, text) for name, text in optional if text is not None]


def encode_data(data: EventData) -> bytes:
    """The Kafka value of an event's data."""
    return data.encoded


def decode_attributes(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, Any]:
    """The attributes of an event, as Event takes them; its data is read apart.

    Raises MalformedEvent(`header_invalid`) with the name of the attribute at fault.
    Every header is UTF-8, an attribute is given once, and extensions that this release does not know are ignored.
    The pointer names one of our own attributes or is empty: the name of a stranger's header is not echoed.
    """
    read: dict[str, Any] = {}
    attribute = ""
    try:
        for name, raw in headers:
            attribute = ATTRIBUTE_OF_HEADER.get(name, "")
            text = (raw or b"").decode()
            if attribute in read:
                raise MalformedEvent("header_invalid", attribute)
            if attribute:
                read[attribute] = ATTRIBUTES[attribute](text)
    except (UnicodeDecodeError, ValueError):
        raise MalformedEvent("header_invalid", attribute) from None
    if not read.keys() >= REQUIRED_ATTRIBUTES:
        raise MalformedEvent("header_invalid", min(REQUIRED_ATTRIBUTES - read.keys()))
    del read["specversion"]
    return read


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
REQUIRED_ATTRIBUTES = ATTRIBUTES.keys() - set(OPTIONAL_ATTRIBUTES)
ATTRIBUTE_OF_HEADER = {PREFIX + name: name for name in ATTRIBUTES}
