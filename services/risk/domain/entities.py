"""Whether a name is one that an entity list names, and how sure that is: a pointer for a person, never an identity.

Exact after normalising is sure where the country is the same. A similar name counts in the same country only, and only
where no word that tells companies apart stands in one name and not in the other. Tuned so that a false match is rare; a
person checks each.
"""

import weakref
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from services.risk.domain.entity_names import ReadName, read_name, spellings
from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.facts.fact import Listed
from shared.company_names import fold, normalise_name, words
from shared.events.vocabulary import Confidence

CHECK = "A match by name: check that it is the same company."
SAID = {"name": "this name", "alias": "this name as an alias", "similar": "a similar name"}
PLACES = {"same": "in the same country", "other": "in another country", "unknown": "with a country not compared"}

SURENESS = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}
SYLLABIC = frozenset(("CN", "HK", "MO", "TW", "SG", "KR", "KP", "VN", "JP"))
"""Where a romanised name with another letter is another name; only a doubled or swapped letter is a slip there."""
SWAPPED, OTHER_LETTER = 0.96, 0.92
"""What remains of a likeness where two words differ by a doubled or swapped letter, or by another letter."""
SHORTEST_SWAPPED, SHORTEST_OTHER = 6, 8
"""Letters that a word needs for such a slip to be believed."""
PLACE, TRADE, OTHER_TRADES = 0.95, 0.88, 0.6
"""What remains where one name has a place, or a word of a trade, that the other has not; where each has a trade."""
TELLING = 6
"""Letters that telling words need to make up for another word that one name lacks: short ones are often ordinary."""
MEDIUM_FROM, LOW_FROM = 90, 74
NEAR = 10
"""Entries at most that are offered for a name that none has."""
BLOCK = 4
"""Letters at either end by which words are looked up that may be misspelled."""


@dataclass(frozen=True, slots=True)
class EntityMatch:
    """A fact of an entity list that may be about a name of ours.

    `entry` is the name or alias as the list writes it. `how` is name, alias or similar; `place` is same, other or
    unknown: the country of the entry against ours. `likeness` is 0 to 100.
    """

    listed: Listed
    name: str
    entry: str
    how: str
    place: str
    likeness: int
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Entry:
    """One spelling of an entry of a list."""

    listed: Listed
    text: str
    is_alias: bool
    read: ReadName


@dataclass(frozen=True, slots=True)
class Index:
    """The entries by their joined spelling, and by country and the ends of their longest telling word."""

    exact: Mapping[str, tuple[Entry, ...]]
    similar: Mapping[tuple[str, str], tuple[Entry, ...]]


def match_entities(names: Collection[str], country: str | None, catalogue: Catalogue) -> tuple[EntityMatch, ...]:
    """The entries that may be about one of these names, the surest first; the same whatever the order of the names.

    Each entry comes once, with the name and the spelling that are likest.
    """
    if not catalogue.entities:
        return ()
    index = index_of(catalogue)
    best: dict[int, EntityMatch] = {}
    for name in sorted(set(names)):
        for found in _of_name(name, country, index):
            held = best.get(id(found.listed))
            if held is None or in_order(found) < in_order(held):
                best[id(found.listed)] = found
    return tuple(sorted(best.values(), key=in_order))


def near_entries(name: str, catalogue: Catalogue) -> tuple[Listed, ...]:
    """The entries that have all words of a name among others, at most `NEAR` of them: what may have been meant."""
    asked = frozenset(words(fold(normalise_name(name))))
    found = [
        one for one in catalogue.entities if asked and asked <= frozenset(words(fold(normalise_name(one.fact.name))))
    ]
    return tuple(sorted(found, key=lambda one: (one.fact.name, one.source, one.fact.text))[:NEAR])


def said(match: EntityMatch) -> str:
    """What a statement says of a match, after "<source>, edition <edition>, "; it accuses nobody."""
    return f"has an entry of {SAID[match.how]} {PLACES[match.place]}. {CHECK}"


_indexes: dict[int, tuple[weakref.ref[Catalogue], Index]] = {}


def index_of(catalogue: Catalogue) -> Index:
    """The index of a catalogue, made once for as long as the catalogue lives."""
    key = id(catalogue)
    if (held := _indexes.get(key)) is None or held[0]() is not catalogue:
        held = (weakref.ref(catalogue, lambda _: _indexes.pop(key, None)), _indexed(catalogue))
        _indexes[key] = held
    return held[1]


def _indexed(catalogue: Catalogue) -> Index:
    exact: dict[str, list[Entry]] = {}
    similar: dict[tuple[str, str], list[Entry]] = {}
    for listed in catalogue.entities:
        for one in spellings(listed.fact.name):
            entry = Entry(listed, one.written, one.is_alias, read_name(one.text))
            exact.setdefault(entry.read.joined, []).append(entry)
            if entry.read.proper and listed.fact.country:
                for block in _blocks(max(entry.read.proper, key=len), listed.fact.country):
                    similar.setdefault((listed.fact.country, block), []).append(entry)
    exact.pop("", None)
    return Index(
        {key: tuple(entries) for key, entries in exact.items()},
        {key: tuple(entries) for key, entries in similar.items()},
    )


def _blocks(word: str, country: str) -> frozenset[str]:
    """What a word is looked up by, such that each word that may be a slip of it shares one."""
    if len(word) < SHORTEST_SWAPPED:
        return frozenset((word,))
    blocks = {_squeezed(word), "".join(sorted(word))}
    if country not in SYLLABIC and len(word) >= SHORTEST_OTHER:
        blocks |= {f"{word[:BLOCK]}-", f"-{word[-BLOCK:]}"}
    return frozenset(blocks)


def _of_name(text: str, country: str | None, index: Index) -> Iterator[EntityMatch]:
    for spelling in spellings(text):
        read = read_name(spelling.text)
        for entry in index.exact.get(read.joined, ()):
            yield _exact(text, country, read, entry)
        if country:
            yield from _similar(text, country, read, index)


def _similar(text: str, country: str, read: ReadName, index: Index) -> Iterator[EntityMatch]:
    blocks = {block for word in read.proper for block in _blocks(word, country)}
    near = {id(entry): entry for block in blocks for entry in index.similar.get((country, block), ())}
    for entry in near.values():
        likeness = likeness_of(read, entry.read, country)
        if likeness >= LOW_FROM and read.joined != entry.read.joined:
            sure = Confidence.MEDIUM if likeness >= MEDIUM_FROM else Confidence.LOW
            yield EntityMatch(entry.listed, text, entry.text, "similar", "same", likeness, sure)


def _exact(text: str, country: str | None, read: ReadName, entry: Entry) -> EntityMatch:
    """A name that only ordinary words make up says little where the country is not the same."""
    theirs = entry.listed.fact.country
    place = "unknown" if country is None or theirs is None else "same" if country == theirs else "other"
    apart = Confidence.MEDIUM if read.proper or not read.common else Confidence.LOW
    sure = Confidence.HIGH if place == "same" else apart
    return EntityMatch(entry.listed, text, entry.text, "alias" if entry.is_alias else "name", place, 100, sure)


def likeness_of(left: ReadName, right: ReadName, country: str | None) -> int:
    """How like two names of one country are, 0 to 100; 0 where a telling word or a number has no counterpart."""
    closeness = _paired(left.proper, right.proper, country) if left.numbers == right.numbers else 0.0
    if not closeness:
        return 0
    likeness = closeness * PLACE ** len(left.places ^ right.places) * TRADE ** len(left.common ^ right.common)
    if left.common - right.common and right.common - left.common:
        likeness *= OTHER_TRADES
    if (left.common != right.common or left.places != right.places) and sum(map(len, left.proper)) < TELLING:
        return 0
    return round(100 * likeness)


def _paired(left: tuple[str, ...], right: tuple[str, ...], country: str | None) -> float:
    """How close the telling words are spelled, each to a word of its own; 0 where one has no counterpart."""
    if left == right:
        return 1.0 if left else 0.0
    if len(left) != len(right):
        return 0.0
    if len(left) == 1:
        return _slip(left[0], right[0], country)
    rest, closeness = list(right), 1.0
    for word in left:
        nearest = max(rest, key=lambda other: (_slip(word, other, country), other))
        closeness *= _slip(word, nearest, country)
        rest.remove(nearest)
    return closeness


def _slip(left: str, right: str, country: str | None) -> float:
    """How far two spellings may be one word: 1 for the same, 0 for two words."""
    if left == right:
        return 1.0
    shorter = min(len(left), len(right))
    if shorter < SHORTEST_SWAPPED or OSA.distance(left, right, score_cutoff=1) > 1:
        return 0.0
    if sorted(left) == sorted(right) or _squeezed(left) == _squeezed(right):
        return SWAPPED
    return OTHER_LETTER if shorter >= SHORTEST_OTHER and country not in SYLLABIC else 0.0


def _squeezed(word: str) -> str:
    """A word with each letter once where it is doubled."""
    return "".join(letter for letter, before in zip(word, " " + word, strict=False) if letter != before)


def in_order(match: EntityMatch) -> tuple[int, int, str, str, str, str, str]:
    """Sorts matches: the surest first; the rest only so that the order is always the same."""
    listed = match.listed
    return (
        SURENESS[match.confidence],
        -match.likeness,
        listed.source,
        listed.fact.text,
        match.how,
        match.entry,
        match.name,
    )
