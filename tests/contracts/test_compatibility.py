"""A change that would break the holder of a released contract is noticed; an addition is not taken for one."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.events.compatibility import breaking_changes, released_changes
from shared.events.schemas import CONTRACTS, schema_of
from tests.contracts.golden import ALL_TYPES

Schema = dict[str, Any]
CURRENT = {name: schema_of(model) for name, model in ALL_TYPES.items()}


def flag() -> Schema:
    return copy.deepcopy(CURRENT["flag.reported.v1"])


def submitted() -> Schema:
    return copy.deepcopy(CURRENT["flag.raised.v1"])


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_a_contract_is_compatible_with_itself(name: str) -> None:
    assert breaking_changes(CURRENT[name], copy.deepcopy(CURRENT[name])) == []


def test_no_released_contract_is_broken() -> None:
    assert released_changes(CONTRACTS / "released", CURRENT) == []


def test_a_broken_and_a_removed_released_contract_are_found(tmp_path: Path) -> None:
    (tmp_path / "1.0").mkdir()
    older = flag()
    older["properties"]["rumour"] = {"type": "string"}
    (tmp_path / "1.0" / "flag.reported.v1.json").write_text(json.dumps(older))
    (tmp_path / "1.0" / "gone.v1.json").write_text(json.dumps(older))

    found = released_changes(tmp_path, CURRENT)

    assert found == ["1.0/flag.reported.v1: /rumour: removed", "1.0/gone.v1: the type was removed"]


def test_an_optional_field_and_a_new_word_break_nobody() -> None:
    newer = flag()
    newer["properties"]["weather"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    newer["$defs"]["Category"]["x-extensible-enum"].append("environment")
    newer["description"] = "Other words."

    assert breaking_changes(flag(), newer) == []


def remove_field(schema: Schema) -> None:
    del schema["properties"]["site_name"]


def remove_nested_field(schema: Schema) -> None:
    del schema["$defs"]["SeverityParts"]["properties"]["likelihood"]


def require(schema: Schema) -> None:
    schema["required"].append("headline")


def no_longer_require(schema: Schema) -> None:
    schema["required"].remove("category")


def change_type(schema: Schema) -> None:
    schema["properties"]["corroborated"]["type"] = "string"


def refuse_null(schema: Schema) -> None:
    schema["properties"]["headline"] = schema["properties"]["headline"]["anyOf"][0]


def allow_null(schema: Schema) -> None:
    schema["properties"]["supplier_name"] = {"anyOf": [schema["properties"]["supplier_name"], {"type": "null"}]}


def shorten(schema: Schema) -> None:
    schema["properties"]["supplier_name"]["maxLength"] = 20


def raise_minimum(schema: Schema) -> None:
    schema["$defs"]["SeverityParts"]["properties"]["scale"]["minimum"] = 2


def change_pattern(schema: Schema) -> None:
    schema["properties"]["member"]["anyOf"][0]["pattern"] = "^[a-z]+$"


def remove_word(schema: Schema) -> None:
    schema["$defs"]["Category"]["x-extensible-enum"].remove("child_labour")


def close_words(schema: Schema) -> None:
    schema["$defs"]["Category"] = {"type": "string", "enum": schema["$defs"]["Category"]["x-extensible-enum"]}


def change_elements(schema: Schema) -> None:
    schema["properties"]["evidence"]["items"] = {"type": "string"}


def close(schema: Schema) -> None:
    schema["additionalProperties"] = False


@pytest.mark.parametrize(
    ("mutate", "place"),
    [
        (remove_field, "/site_name"),
        (remove_nested_field, "/severity/likelihood"),
        (require, "/headline"),
        (no_longer_require, "/category"),
        (change_type, "/corroborated"),
        (refuse_null, "/headline"),
        (allow_null, "/supplier_name"),
        (shorten, "/supplier_name"),
        (raise_minimum, "/severity/scale"),
        (change_pattern, "/member"),
        (remove_word, "/category"),
        (close_words, "/category"),
        (change_elements, "/evidence/items"),
        (close, "/"),
    ],
)
def test_a_breaking_change_is_found_at_its_place(mutate: Callable[[Schema], None], place: str) -> None:
    newer = flag()
    mutate(newer)

    found = breaking_changes(flag(), newer)

    assert found
    assert {message.split(":")[0] for message in found} == {place}


def test_a_word_that_a_door_no_longer_takes_is_found() -> None:
    newer = submitted()
    newer["properties"]["category"]["enum"].remove("forced_labour")

    assert breaking_changes(submitted(), newer) == ["/category: removed from the list: forced_labour"]


def test_the_value_of_a_map_is_compared_too() -> None:
    older, newer = (copy.deepcopy(CURRENT["assessment.made.v1"]) for _ in range(2))
    newer["properties"]["categories"]["additionalProperties"] = {"type": "integer"}

    assert breaking_changes(older, newer) == ["/categories/additionalProperties: the type changed"]
