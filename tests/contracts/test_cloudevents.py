"""The official CloudEvents SDK reads what Engage writes, and the other way round."""

import json

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.events import EVENT_TYPES, decode
from shared.events.envelope import encode_data, encode_headers
from shared.events.schemas import CONTRACTS
from tests.contracts.golden import ALL_TYPES, as_record, example


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_the_sdk_reads_our_binary_kafka_record(name: str) -> None:
    event = decode(*as_record(name))
    assert event.data is not None
    message = kafka.KafkaMessage(dict(encode_headers(event)), event.subject, encode_data(event.data))

    read = kafka.from_binary_event(message)

    assert (read.get_id(), read.get_type(), read.get_source()) == (str(event.id), event.type, event.source)
    assert (read.get_subject(), read.get_time(), read.get_datacontenttype()) == (
        event.subject,
        event.time,
        "application/json",
    )
    assert read.get_extension("sequence") == str(event.sequence)
    assert read.get_extension("classification") == event.classification
    assert read.get_data() == json.loads(encode_data(event.data))


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_we_read_the_binary_kafka_record_of_the_sdk(name: str) -> None:
    written = JSONFormat().read(CloudEvent, (CONTRACTS / "examples" / f"{name}.json").read_bytes())

    message = kafka.to_binary_event(written)

    assert decode(list(message.headers.items()), message.value) == decode(*as_record(name))


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_every_example_is_a_cloudevent_in_structured_mode(name: str) -> None:
    read = JSONFormat().read(CloudEvent, (CONTRACTS / "examples" / f"{name}.json").read_bytes())

    assert (read.get_specversion(), read.get_type()) == ("1.0", name)
    assert read.get_data() == example(name)["data"]
