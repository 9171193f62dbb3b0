"""Whatever a schema allows, the door reads; whatever it does not, the door refuses with a code, and never fails."""

import copy
import inspect
import re
import string
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types of its own
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.domain.events.remedies import REMEDIES
from services.ingest.domain.events.submission import Reader, Refused
from shared.events import DOOR_TYPES, members, submitted, values
from tests.contracts.golden import example
from tests.ingest.conftest import Doors
from tests.ingest.given import event

Schema = dict[str, Any]
TYPES = sorted(DOOR_TYPES)
SCHEMAS: dict[str, Schema] = {name: model.model_json_schema() for name, model in DOOR_TYPES.items()}
READER = Reader("oslo", datetime(2026, 11, 22, tzinfo=UTC), timedelta(minutes=5), b"pepper")
STEADY = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
OF_SCHEMA = {
    "missing", "extra_forbidden", "string_type", "string_too_long", "string_pattern_mismatch", "int_type", "bool_type",
    "float_type", "model_type", "tuple_type", "enum", "greater_than_equal", "less_than_equal", "too_long", "too_short",
    "uuid_type", "uuid_parsing", "date_type", "day_invalid", "amount_invalid", "decimal_max_digits",
}  # fmt: skip
"""What a JSON Schema can say. What it cannot: fields that go together, names that are blank, boxes that are none."""
LETTERS = string.ascii_letters + string.digits + " -.,()/ÆØåé株式会社"


def documents(root: Schema, part: Schema) -> st.SearchStrategy[Any]:
    """What a schema of ours allows, optional fields sometimes left out."""
    part = root["$defs"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part
    if "anyOf" in part:
        return st.one_of(*(documents(root, one) for one in part["anyOf"]))
    if "enum" in part:
        return st.sampled_from(part["enum"])
    made: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "object": lambda: objects(root, part),
        "array": lambda: st.lists(documents(root, part["items"]), min_size=part.get("minItems", 0), max_size=3),
        "string": lambda: texts(part),
        "integer": lambda: st.integers(part["minimum"], part["maximum"]),
        "number": lambda: st.floats(part["minimum"], part["maximum"]),
        "boolean": st.booleans,
        "null": st.none,
    }
    return made[part["type"]]()


def objects(root: Schema, part: Schema) -> st.SearchStrategy[Any]:
    """Objects with their required fields, and some of the others."""
    fields = {name: documents(root, said) for name, said in part["properties"].items()}
    required = {name: fields.pop(name) for name in part.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def texts(part: Schema) -> st.SearchStrategy[str]:
    """Texts of a form."""
    if part.get("format") == "date":
        return st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
    if part.get("format") == "uuid":
        return st.uuids().map(str)
    most = min(part.get("maxLength", 80), 300)
    if "minLength" in part and "A-Za-z0-9+/" not in part["pattern"]:
        return st.text(LETTERS, min_size=part["minLength"], max_size=most)
    least = part.get("minLength", 0)
    return st.from_regex(str(part["pattern"]), fullmatch=True).filter(lambda text: least <= len(text) <= most)


def codes_of(name: str, data: Any) -> set[str]:
    """Why the door refuses an event with this data; empty where it takes it."""
    try:
        READER.read_event(event(name, data))
    except Refused as refused:
        assert all(one.remedy for one in refused.objections)
        return {one.code for one in refused.objections}
    return set()


@pytest.mark.parametrize(("name", "field"), [("flag.followed-up.v1", "decided_on"), ("reply.given.v1", "said_on")])
def test_what_was_done_is_not_of_a_day_to_come_but_the_senders_zone_may_be_ahead(name: str, field: str) -> None:
    said = example(name)["data"]

    assert codes_of(name, said | {field: "2026-11-23"}) == set()
    assert codes_of(name, said | {field: "2026-11-24"}) == {"day_in_future"}


def test_every_code_that_a_contract_refuses_with_has_a_remedy() -> None:
    files = [Path(inspect.getfile(module)) for module in (submitted, values)]
    files += Path(inspect.getfile(members)).parent.glob("*.py")
    sources = [file.read_text() for file in files]
    codes = set(re.findall(r'(?:PydanticCustomError\(|code=)"(\w+)"', "".join(sources)))

    assert len(codes) > 10
    assert codes <= REMEDIES.keys()


@pytest.mark.parametrize("name", TYPES)
def test_what_the_schema_allows_is_never_refused_for_it(name: str) -> None:
    taken = []

    @STEADY
    @given(data=documents(SCHEMAS[name], SCHEMAS[name]))
    def check(data: Any) -> None:
        jsonschema.validate(data, SCHEMAS[name])
        found = codes_of(name, data)
        taken.append(not found)
        assert not found & OF_SCHEMA

    check()
    assert taken


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> Any:
    """The example of a type with something else at one or two places, or with something left out or added."""
    data = copy.deepcopy(example(name)["data"])
    for _ in range(draw(st.integers(1, 2))):
        at, key = draw(st.sampled_from(places(data)))
        if draw(st.booleans()) or isinstance(at, list):
            at[key] = draw(GARBAGE)
        elif draw(st.booleans()):
            at.pop(key)
        else:
            at[draw(st.text(max_size=8))] = draw(GARBAGE)
    return data


def places(part: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as its container and key."""
    keys: Any = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    return [place for key in keys for place in ((part, key), *places(part[key]))]


@pytest.mark.parametrize("name", TYPES)
def test_nothing_outside_the_schema_is_taken(name: str) -> None:
    valid = jsonschema.Draft202012Validator(SCHEMAS[name], format_checker=jsonschema.FormatChecker())

    @STEADY
    @given(data=spoilt(name))
    def check(data: Any) -> None:
        assert codes_of(name, data) or valid.is_valid(data)

    check()


async def test_the_real_door_answers_each_of_many_spoilt_events(doors: Doors) -> None:
    batches: list[list[dict[str, Any]]] = []

    @settings(STEADY, max_examples=10)
    @given(batch=st.lists(st.sampled_from(TYPES).flatmap(lambda n: spoilt(n).map(lambda d: event(n, d))), min_size=20))
    def gather(batch: list[dict[str, Any]]) -> None:
        batches.append(batch)

    gather()
    for batch in batches:
        answer = await doors.send(*batch)

        assert answer.status_code in (202, 207, 422), answer.text
        receipts = answer.json()["receipts"]
        assert len(receipts) == len(batch)
        assert all((one["outcome"] == "rejected") == bool(one["errors"]) for one in receipts)
