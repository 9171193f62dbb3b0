"""Facts of public lists: what one row says, which edition of a list may be loaded, and what an edition is called."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from enum import StrEnum

# Dates of ISO 8601, as a year, a month or a day: their order as text is their order in time.
_EDITION = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


class FactKind(StrEnum):
    """What kind of list a fact comes from."""

    COUNTRY_GOODS = "country_goods"
    ENTITIES = "entities"


@dataclass(frozen=True, slots=True)
class CountryGood:
    """A list names a good from a country. `country_name` and `derived_country` are as the list spells them.

    `derived` says that the good is listed for an input made elsewhere; the list then gives no category.
    """

    country: str
    country_name: str
    good: str
    sector: str
    child_labour: bool
    forced_labour: bool
    forced_child_labour: bool
    derived: bool
    derived_country: str | None


@dataclass(frozen=True, slots=True)
class Entity:
    """An authority took a measure that names a company; `name` is the entry as written, with its aliases."""

    name: str
    country: str
    country_name: str
    industry: str
    effective: date
    measure: str


Fact = CountryGood | Entity


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of a list that was loaded; `digest` tells whether two have the same facts."""

    source: str
    edition: str
    digest: str
    in_force: bool


class EditionRefused(Exception):
    """An edition may not be loaded. `code` is for machines; `remedy` says what a person can do."""

    def __init__(self, code: str, remedy: str) -> None:
        super().__init__(code)
        self.code = code
        self.remedy = remedy


def is_edition(label: str) -> bool:
    """Whether a label can name an edition: a year, a month or a day (2022, 2022-09, 2022-09-28)."""
    return _EDITION.fullmatch(label) is not None


def digest_of(facts: Iterable[Fact]) -> str:
    """A digest of the facts; the form of the file and the order of its rows make no difference."""
    rows = sorted(repr(astuple(fact)) for fact in facts)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def admit(edition: str, digest: str, loaded: Sequence[Edition]) -> bool:
    """Whether an edition is new, given those of the same list that were loaded before.

    False where the same facts are already there. Raises EditionRefused where this edition has other facts, or a newer
    edition is in force.
    """
    for known in loaded:
        if known.edition == edition and known.digest == digest:
            return False
        if known.edition == edition:
            raise EditionRefused(
                "edition_differs",
                "This edition is loaded with other facts. Give the corrected list an edition of its own, "
                "for example the day of the correction.",
            )
        if known.in_force and known.edition > edition:
            raise EditionRefused("edition_older", "A newer edition is in force. Load the newest one, or none.")
    return True
