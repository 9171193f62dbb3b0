"""The facts in force, found by what they are about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.risk.domain.facts.fact import FactAbout, Listed

Key = tuple[FactAbout, str, str]
"""What a fact is about: kind, country ('' where none) and the comparable name ('' for a country)."""


def word_key(word: str) -> str:
    """A sector, good or mineral without what makes no difference: case and blanks."""
    return " ".join(word.casefold().split())


def key_of(listed: Listed) -> Key:
    """What a fact is about. The name of an entity is compared elsewhere (`domain/entities.py`)."""
    return listed.fact.about, listed.fact.country or "", word_key(listed.fact.name)


@dataclass(frozen=True)
class Catalogue:
    """The facts in force. `measures` are those that any list states.

    Facts of one key are in the order of source, measure and text, whatever the order in which they were loaded.
    """

    measures: frozenset[tuple[FactAbout, str]] = frozenset()
    facts: Mapping[Key, tuple[Listed, ...]] = field(default_factory=dict)
    entities: tuple[Listed, ...] = ()

    def of(self, about: FactAbout, country: str | None, name: str = "") -> tuple[Listed, ...]:
        """The facts about a country, or a good, sector or mineral of it."""
        return self.facts.get((about, country or "", word_key(name)), ())


def catalogue(listed: Iterable[Listed]) -> Catalogue:
    """Index facts. The order in which they are given makes no difference."""
    found: dict[Key, list[Listed]] = {}
    ordered = sorted(listed, key=_order)
    for one in ordered:
        found.setdefault(key_of(one), []).append(one)
    return Catalogue(
        frozenset((one.fact.about, one.fact.measure) for one in ordered),
        {key: tuple(facts) for key, facts in found.items()},
        tuple(one for one in ordered if one.fact.about is FactAbout.ENTITY),
    )


def _order(listed: Listed) -> tuple[str, ...]:
    fact = listed.fact
    said = (
        fact.about,
        fact.country or "",
        fact.name,
        str(fact.value),
        fact.word or "",
        str(fact.valid_from),
        str(fact.valid_to),
    )
    return (listed.source, fact.measure, fact.text, *said)
