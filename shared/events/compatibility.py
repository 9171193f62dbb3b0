"""Whether a changed contract would break somebody who holds a released one, in either direction (FULL_TRANSITIVE).

Additions are optional, nothing is removed, no type or limit changes to what an older reader or writer does not know.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

UPPER_LIMITS = ("maxLength", "maximum", "maxItems")
LOWER_LIMITS = ("minLength", "minimum", "minItems")
FIXED = ("pattern", "format", "const")
WORDS = ("enum", "x-extensible-enum")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What in `new` would break a reader or a writer of `old`, each with its place; empty where nothing does."""
    return list(compare(Part(old, old), Part(new, new), ""))


def released_changes(released: Path, current: dict[str, Schema]) -> list[str]:
    """What would break holders of a released contract: `released/<version>/<type>.json` against today's schemas."""
    broken = []
    for path in sorted(released.rglob("*.json")):
        name = f"{path.parent.name}/{path.stem}"
        if path.stem not in current:
            broken.append(f"{name}: the type was removed")
        else:
            broken += [f"{name}: {what}" for what in breaking_changes(json.loads(path.read_text()), current[path.stem])]
    return broken


class Part:
    """A part of a schema, with references followed and "or null" told apart."""

    def __init__(self, schema: Schema, root: Schema) -> None:
        self.root = root
        schema = self._follow(schema)
        alternatives = schema.get("anyOf", [schema])
        self.nullable = any(one.get("type") == "null" for one in alternatives)
        self.alternatives = [self._follow(one) for one in alternatives if one.get("type") != "null"]

    def _follow(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return schema


def compare(old: Part, new: Part, place: str) -> Iterator[str]:
    """The breaking changes from one part to another."""
    if old.nullable != new.nullable:
        yield f"{place or '/'}: null is {'no longer' if old.nullable else 'newly'} allowed"
    if len(old.alternatives) != len(new.alternatives):
        yield f"{place or '/'}: the number of alternatives changed"
        return
    for before, after in zip(old.alternatives, new.alternatives, strict=True):
        if before.get("type") != after.get("type"):
            yield f"{place or '/'}: the type changed"
        else:
            yield from compare_limits(before, after, place or "/")
            yield from compare_fields(before, after, place, old.root, new.root)
            yield from compare_inner(before, after, place, old.root, new.root)


def compare_limits(before: Schema, after: Schema, place: str) -> Iterator[str]:
    """What was valid and no longer is."""
    for limit in UPPER_LIMITS:
        if after.get(limit, float("inf")) < before.get(limit, float("inf")):
            yield f"{place}: {limit} is lower"
    for limit in LOWER_LIMITS:
        if after.get(limit, float("-inf")) > before.get(limit, float("-inf")):
            yield f"{place}: {limit} is higher"
    for rule in FIXED:
        if before.get(rule) != after.get(rule):
            yield f"{place}: {rule} changed"
    for words in WORDS:
        if words in before and (gone := set(before[words]) - set(after.get(words, ()))):
            yield f"{place}: removed from the list: {', '.join(sorted(gone))}"
    if "enum" in after and "enum" not in before:
        yield f"{place}: the list is newly closed"
    if after.get("additionalProperties") is False and before.get("additionalProperties") is not False:
        yield f"{place}: unknown fields are newly refused"


def compare_fields(before: Schema, after: Schema, place: str, old_root: Schema, new_root: Schema) -> Iterator[str]:
    """Fields that were removed, or whose presence or content changed."""
    old_fields, new_fields = before.get("properties", {}), after.get("properties", {})
    old_required, new_required = set(before.get("required", ())), set(after.get("required", ()))
    for name in sorted(new_required - old_required):
        yield f"{place}/{name}: newly required"
    for name in sorted(old_required - new_required):
        if name in new_fields:
            yield f"{place}/{name}: no longer always given"
    for name, schema in old_fields.items():
        if name not in new_fields:
            yield f"{place}/{name}: removed"
        else:
            yield from compare(Part(schema, old_root), Part(new_fields[name], new_root), f"{place}/{name}")


def compare_inner(before: Schema, after: Schema, place: str, old_root: Schema, new_root: Schema) -> Iterator[str]:
    """The elements of a list, and the keys and values of a map."""
    for inner in ("items", "additionalProperties", "propertyNames"):
        one, other = before.get(inner), after.get(inner)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from compare(Part(one, old_root), Part(other, new_root), f"{place}/{inner}")
        elif isinstance(one, dict) != isinstance(other, dict):
            yield f"{place}/{inner}: changed"
