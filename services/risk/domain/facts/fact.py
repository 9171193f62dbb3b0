"""A fact: what one row of a public list says, of whom, and in which words."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FactAbout(StrEnum):
    """What a fact is about."""

    COUNTRY = "country"
    GOOD = "good"
    SECTOR = "sector"
    MINERAL = "mineral"
    ENTITY = "entity"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of a list.

    `country` is ISO 3166-1 alpha-2, None where the list names none. `name` is the good, sector, mineral or entity as
    written (with its aliases), '' for a country. `measure` says what is stated (`forced_labour`, `ratified_c087`,
    `v2x_rule`), in `word` or as the number `value`. `text` is the row in the words of its source.
    """

    about: FactAbout
    country: str | None
    name: str
    measure: str
    text: str
    value: float | None = None
    word: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A fact and the edition of the list that it stands in."""

    fact: Fact
    source: str
    edition: str
    licence: str | None
    retrieved: date | None
