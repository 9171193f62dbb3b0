"""The one form of a tree as JSON: equal trees give equal bytes."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from uuid import UUID

from pydantic import BaseModel

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """A value of the tree as JSON has it. Raises TypeError for what has no one form there, such as a set."""
    if value is None or isinstance(value, str | int | float):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return _named(value)


def _named(value: object) -> Plain:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    raise TypeError("no form as JSON")


def canonical(told: Plain) -> str:
    """The one text of a tree: names sorted, no blanks, no escapes. Equal trees give equal bytes."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
