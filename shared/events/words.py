"""Open enumerations: a word that this release does not know reads as OTHER inside, and is refused at a door."""

from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class OpenEnum(StrEnum):
    """An enumeration that may grow: an unknown word reads as OTHER, which every subclass has."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls.__members__.get("OTHER") if isinstance(value, str) else None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Any string is valid; the words known today are listed as Zalando's `x-extensible-enum`."""
        return {"type": "string", "x-extensible-enum": [word.value for word in cls if word.name != "OTHER"]}


class UnknownWord(ValueError):
    """Not a word of a list; the text has the list, and nothing of what was sent."""


def refuse_other(word: "OpenEnum") -> "OpenEnum":
    """The word itself. Raises UnknownWord for OTHER, which is what an unknown word reads as."""
    if word.name == "OTHER":
        raise UnknownWord(f"one of {', '.join(one.value for one in type(word) if one.name != 'OTHER')}")
    return word


class _OnlyKnown:
    """Refuses the words that this release does not know."""

    def __get_pydantic_core_schema__(self, source: type[OpenEnum], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(refuse_other, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        words = handler.resolve_ref_schema(handler(schema))["x-extensible-enum"]
        return {"type": "string", "enum": words}


Word = TypeVar("Word", bound=OpenEnum)
Known = Annotated[Word, _OnlyKnown()]
