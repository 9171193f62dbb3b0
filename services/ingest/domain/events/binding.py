"""The Kafka protocol binding of CloudEvents 1.0.2: from a record to the event that the other modes would give."""

from collections.abc import Sequence

from services.ingest.domain.events.attributes import Json, is_json
from services.ingest.domain.events.submission import Objection, Refused, UnreadableBody, parse, read_body

STRUCTURED = "application/cloudevents+json"
FAMILY = "application/cloudevents"
PREFIX = "ce_"
CONTENT_TYPE = "content-type"
UTF_8 = ("", "charset=utf-8", 'charset="utf-8"')

Headers = Sequence[tuple[str, bytes | None]]
Given = dict[str, list[bytes | None]]
"""The values of each header, by its name."""


def event_of(headers: Headers, value: bytes | None) -> Json:
    """The event of a record, not yet looked into. Raises Refused where not even that can be told.

    Key and partition mean nothing. Headers that the binding does not know are left alone: tracing adds its own.
    """
    given: Given = {}
    for name, said in headers:
        given.setdefault(name, []).append(said)
    content_type = the_only(given, CONTENT_TYPE)
    media_type, _, parameters = (content_type or "").casefold().partition(";")
    if not media_type.strip().startswith(FAMILY):
        return in_binary_mode(given, content_type, value)
    if media_type.strip() != STRUCTURED or parameters.replace(" ", "") not in UTF_8:
        raise Refused(Objection("media_type_unsupported"))
    try:
        return read_body(value or b"", batched=False)[0]
    except UnreadableBody as error:
        raise Refused(Objection(error.code)) from None


def in_binary_mode(given: Given, content_type: str | None, value: bytes | None) -> Json:
    """The event whose attributes are `ce_` headers and whose data is the value; a tombstone has no data."""
    names = [name.removeprefix(PREFIX) for name in given if name.startswith(PREFIX)]
    if {"data", "datacontenttype"}.intersection(names):  # the value and the content type of the record say these
        raise Refused(Objection("header_invalid"))
    event: dict[str, Json] = {name: the_only(given, PREFIX + name) for name in names}
    if content_type is not None:
        event["datacontenttype"] = content_type
    if value and is_json(content_type):
        try:
            event["data"] = parse(value)
        except UnreadableBody as error:
            raise Refused(Objection(error.code, "/data"), known=event) from None
    return event


def the_only(given: Given, name: str) -> str | None:
    """The value of a header, None without one. Raises Refused where it is given twice or is not UTF-8."""
    values = given.get(name, [])
    if len(values) > 1:
        raise Refused(Objection("header_invalid"))
    try:
        return None if not values else (values[0] or b"").decode()
    except UnicodeDecodeError:
        raise Refused(Objection("header_invalid")) from None
