"""Editions of lists: what one is called, which may be loaded, and what one changes against the one before."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date

from services.risk.domain.facts.catalogue import Key, word_key
from services.risk.domain.facts.fact import Fact, FactAbout

# Dates of ISO 8601, as a year, a month or a day: their order as text is their order in time.
_EDITION = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of a list that was loaded; `digest` tells whether two have the same facts."""

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
            raise EditionRefused(
                "edition_older", f"Edition {known.edition}, a newer one, is in force. Load the newest one, or none."
            )
    return True


Statement = tuple[Key, str]
"""What a fact is about, and the measure: an edition says one thing of it, or several from different days."""
Said = tuple[float | None, str | None, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What two editions say of one thing; `before` is empty where it is new, `after` where it is gone."""

    statement: Statement
    before: tuple[Fact, ...]
    after: tuple[Fact, ...]

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.statement[0]

    @property
    def kind(self) -> tuple[FactAbout, str]:
        """The measure, and what that is about: what a rule of the model asks for."""
        return self.statement[0][0], self.statement[1]


def changes_between(former: Iterable[Fact], facts: Iterable[Fact]) -> list[Change]:
    """What one edition says differently from another, in a fixed order. How a row is worded makes no difference."""
    before, after = _by_statement(former), _by_statement(facts)
    return [
        Change(one, before.get(one, ()), after.get(one, ()))
        for one in sorted(before.keys() | after.keys())
        if _said(before.get(one, ())) != _said(after.get(one, ()))
    ]


def _by_statement(facts: Iterable[Fact]) -> Mapping[Statement, tuple[Fact, ...]]:
    found: dict[Statement, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[(fact.about, fact.country or "", word_key(fact.name)), fact.measure].append(fact)
    return {one: tuple(said) for one, said in found.items()}


def _said(facts: Iterable[Fact]) -> frozenset[Said]:
    return frozenset((fact.value, fact.word, fact.valid_from, fact.valid_to) for fact in facts)
