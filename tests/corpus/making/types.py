"""Wrong types and words, for every field of every type that a door takes: one wrong thing at a time."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from shared.events import DOOR_TYPES
from tests.corpus.cases import BOTH, CANARY, refused
from tests.corpus.events import good
from tests.corpus.making.syntax import Made

Schema = dict[str, Any]
Path = tuple[str | int, ...]
TAKEN = 188


def types(draw: random.Random) -> Iterator[Made]:
    """A sample of all single mistakes, drawn from each type in turn so that none is left out."""
    by_type = [list(mistakes(name)) for name in sorted(DOOR_TYPES)]
    for found in by_type:
        draw.shuffle(found)
    longest = max(map(len, by_type))
    turns = [found[turn] for turn in range(longest) for found in by_type if turn < len(found)]
    yield from turns[:TAKEN]


def mistakes(name: str) -> Iterator[Made]:
    """Every single mistake in the example of a type."""
    schema = DOOR_TYPES[name].model_json_schema()
    for path, field in fields_of(schema, schema, good(name)["data"], ()):
        for wrong, code in wrong_values(field):
            yield BOTH, {"event": changed(good(name), path, wrong)}, refused((code, pointer(path)))
    for path, part in parts_of(schema, schema, good(name)["data"], ()):
        code = "unsealed" if name == "testimony.submitted.v1" else "extra_forbidden"
        yield BOTH, {"event": changed(good(name), (*path, CANARY), 1)}, refused((code, pointer(path)))
        for required in part.get("required", ()):
            yield (
                BOTH,
                {"event": without(good(name), (*path, required))},
                refused(("missing", pointer((*path, required)))),
            )


def wrong_values(field: Schema) -> Iterator[tuple[Any, str]]:
    """Values that a field does not take, with the code for each."""
    match field:
        case {"enum": _}:
            yield from ((CANARY, "value_error"), ("OTHER", "value_error"), (7, "enum"), ([], "enum"))
        case {"type": "boolean"}:
            yield from (("true", "bool_type"), (1, "bool_type"), (0, "bool_type"), ([], "bool_type"))
        case {"type": "integer"}:
            yield from (("1", "int_type"), (1.0, "int_type"), (True, "int_type"), ([1], "int_type"), ({}, "int_type"))
            yield field["maximum"] + 1, "less_than_equal"
            yield field["minimum"] - 1, "greater_than_equal"
        case {"type": "amount"}:
            yield from (("1,000.50", "amount_invalid"), ("1E+3", "amount_invalid"), ("1_000", "amount_invalid"))
            yield from ((True, "amount_invalid"), ([], "amount_invalid"), (-1, "greater_than_equal"))
            yield from ((1.005, "amount_invalid"), ("1.000", "amount_invalid"), (10**15, "decimal_max_digits"))
        case {"type": "number"}:
            yield from (("1.5", "float_type"), (True, "float_type"), ([], "float_type"), (1e9, "less_than_equal"))
        case {"type": "string", "format": "date"}:
            yield from ((20260115, "date_type"), (True, "date_type"), ("15.01.2026", "day_invalid"))
            yield from (
                ("86400", "day_invalid"),
                ("2026-02-30", "day_invalid"),
                ("2026-01-15T00:00:00Z", "day_invalid"),
            )
        case {"type": "string", "format": "uuid"}:
            yield from ((7, "uuid_type"), (CANARY, "uuid_parsing"), ("", "uuid_parsing"), ([], "uuid_type"))
        case {"type": "string"}:
            yield from ((7, "string_type"), (True, "string_type"), ([CANARY], "string_type"), ({}, "string_type"))
            yield from wrong_texts(field)
        case {"type": "array"}:
            yield from (({}, "tuple_type"), (CANARY, "tuple_type"), (1, "tuple_type"))
        case {"type": "object"}:
            yield from (([], "model_type"), (CANARY, "model_type"), (False, "model_type"))


def wrong_texts(field: Schema) -> Iterator[tuple[Any, str]]:
    """Texts that are too short, too long, or not of the form."""
    if "minLength" in field:
        yield "", "string_too_short"
    if "minLength" in field and field["minLength"] == 1:
        yield "   ", "string_too_short"
    if "maxLength" in field and field["maxLength"] <= 2000:
        yield "x" * (field["maxLength"] + 1), "string_too_long"
    if "pattern" in field and "minLength" not in field:
        yield f"{CANARY} !", "string_pattern_mismatch"


def fields_of(root: Schema, part: Schema, data: Any, path: Path) -> Iterator[tuple[Path, Schema]]:
    """Every field of a document that the example fills, with what its schema says."""
    for name, said in part.get("properties", {}).items():
        if name in data:
            field = plain(root, said)
            yield (*path, name), field
            if field.get("type") == "object":
                yield from fields_of(root, field, data[name], (*path, name))
            if field.get("type") == "array" and data[name]:
                item = plain(root, field["items"])
                yield (*path, name, 0), item
                if item.get("type") == "object":
                    yield from fields_of(root, item, data[name][0], (*path, name, 0))


def parts_of(root: Schema, part: Schema, data: Any, path: Path) -> Iterator[tuple[Path, Schema]]:
    """The document and its parts."""
    yield path, part
    for place, field in fields_of(root, part, data, path):
        if field.get("type") == "object":
            yield place, field


def plain(root: Schema, said: Schema) -> Schema:
    """A field's schema without the reference, and without the null of an optional one."""
    if [one["type"] for one in said.get("anyOf", ()) if "type" in one] == ["integer", "string"]:
        return {"type": "amount"}
    if "anyOf" in said:
        (said,) = [one for one in said["anyOf"] if one.get("type") != "null"]
    if "$ref" in said:
        found: Schema = root["$defs"][said["$ref"].rsplit("/", 1)[-1]]
        return found
    return said


def pointer(path: Path) -> str:
    return "".join(f"/{step}" for step in ("data", *path))


def changed(event: Schema, path: Path, value: Any) -> Schema:
    """The event with another value at a place of its data."""
    event = copy.deepcopy(event)
    at: Any = event["data"]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return event


def without(event: Schema, path: Path) -> Schema:
    """The event without a field."""
    event = copy.deepcopy(event)
    at: Any = event["data"]
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return event
