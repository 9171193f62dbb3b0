"""The checked-in contracts are what the models say, and every type has an example that everybody reads alike."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types of its own
from pydantic import BaseModel

from shared.events import DOOR_TYPES, EVENT_TYPES, decode
from shared.events.envelope import decode_data, encode_data, encode_headers
from shared.events.schemas import CONTRACTS, differences, schema_of, write
from tests.contracts.golden import ALL_TYPES, as_record, example

NEVER_TOGETHER = {
    "disclosure.submitted.v1": {"not_disclosed"},  # a site is given
    "deadletter.recorded.v1": {"sealed"},  # the payload is given openly
    "milestone.reported.v1": {"evidence"},  # M5 rests on consultations
    "milestone.recorded.v1": {"evidence"},
    "commitment.assessed.v1": {"ask"},  # a commitment is
    "commitment.assessment-recorded.v1": {"ask"},
    "supplier.answered.v1": {"member", "role"},  # the supplier itself speaks
    "information-request.handled.v1": {"ground"},  # it is extended, not refused
    "information-request.recorded.v1": {"ground"},
    "contract-follow-up.withdrawn.v1": {"request"},  # an entry of a contract
}


def test_the_checked_in_schemas_are_those_of_the_models() -> None:
    assert differences(CONTRACTS / "schemas") == []


def test_a_stale_a_missing_and_a_surplus_schema_file_are_noticed(tmp_path: Any) -> None:
    write(tmp_path)
    (tmp_path / "case.opened.v1.json").write_text("{}")
    (tmp_path / "flag.moved.v1.json").unlink()
    (tmp_path / "rumour.spread.v1.json").write_text("{}")

    assert differences(tmp_path) == ["case.opened.v1", "flag.moved.v1", "rumour.spread.v1"]

    write(tmp_path)
    assert differences(tmp_path) == []


def test_every_type_has_an_example_and_every_example_a_type() -> None:
    assert {path.stem for path in (CONTRACTS / "examples").glob("*.json")} == set(ALL_TYPES)


def test_no_name_is_used_at_a_door_and_inside_for_two_models() -> None:
    assert not DOOR_TYPES.keys() & EVENT_TYPES.keys()


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_an_example_is_valid_by_its_schema(name: str) -> None:
    schema = json.loads((CONTRACTS / "schemas" / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(example(name)["data"])


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_an_example_is_read_by_its_model_and_written_again_as_it_was(name: str) -> None:
    data = example(name)["data"]

    read = decode_data(ALL_TYPES[name], json.dumps(data).encode())

    assert without_empty(json.loads(encode_data(read))) == without_empty(data)


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_example_survives_the_way_through_kafka_headers(name: str) -> None:
    headers, value = as_record(name)

    event = decode(headers, value)

    assert event.data is not None
    assert sorted(encode_headers(event)) == sorted((key, canonical_time(key, raw)) for key, raw in headers)
    assert decode(encode_headers(event), encode_data(event.data)) == event


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_an_example_shows_every_field_of_its_type(name: str) -> None:
    shown = set(example(name)["data"])

    assert shown | NEVER_TOGETHER.get(name, set()) == set(ALL_TYPES[name].model_fields)


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_a_reader_inside_passes_over_what_a_newer_publisher_added(name: str) -> None:
    data = example(name)["data"]

    newer = decode_data(EVENT_TYPES[name], json.dumps({**data, "added_later": {"a": [1]}}).encode())

    assert newer == decode_data(EVENT_TYPES[name], json.dumps(data).encode())


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_every_type_says_what_happened_and_cannot_be_changed(name: str) -> None:
    model: type[BaseModel] = ALL_TYPES[name]

    assert len((model.__doc__ or "").split()) >= 5
    assert model.model_config.get("frozen") is True
    assert schema_of(ALL_TYPES[name])["$id"] == f"urn:engage:{name}"


def without_empty(value: Any) -> Any:
    """The same without lists that are empty: a list left out and an empty one say the same."""
    if isinstance(value, dict):
        return {key: without_empty(inner) for key, inner in value.items() if inner != []}
    return [without_empty(inner) for inner in value] if isinstance(value, list) else value


def canonical_time(key: str, raw: bytes) -> bytes:
    return raw.replace(b"Z", b"+00:00") if key.endswith("time") else raw
