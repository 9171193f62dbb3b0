"""Which column of a list holds which field, where its header does not say so in our words."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from services.ingest.domain.lists.columns import heading
from services.ingest.domain.lists.findings import FileInvalid, Finding, letter
from services.ingest.domain.lists.formats import FIELDS, OPEN_SUPPLY_HUB, WORDS

LETTERS = re.compile(r"[A-Z]{1,3}")
ALIKE = 75.0
"""So like (of 100) is a header's word to one of ours before it is proposed; a person decides."""

Places = Mapping[str, int]
"""The position of the column that holds a field, counted from 0."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One column that a person has mapped: by its header's word or its letter, to one of our fields."""

    column: str
    field: str


def read_mapping(given: Sequence[str]) -> tuple[Mapped, ...]:
    """What `column=field` says, each. Raises FileInvalid where it says it otherwise or names no field of ours."""
    found = tuple(Mapped(*(part.strip() for part in one.rsplit("=", 1))) for one in given if "=" in one)
    fields = [one.field for one in found]
    if len(found) < len(given) or not all(one.column and one.field in FIELDS for one in found):
        raise FileInvalid(Finding("mapping_invalid"))
    if len(set(fields)) < len(fields):
        raise FileInvalid(Finding("mapping_twice"))
    return found


def find_places(mapping: Sequence[Mapped], header: Sequence[str]) -> Places | None:
    """Where the mapped columns are in a header, and those that are called as our fields are; None if one is missing."""
    words = [heading(cell) for cell in header]
    places: dict[str, int] = {}
    for one in mapping:
        if (word := heading(one.column)) in words:
            places[one.field] = words.index(word)
        elif LETTERS.fullmatch(one.column) and position(one.column) < len(header):
            places[one.field] = position(one.column)
        else:
            return None
    taken = set(places.values())
    own = {word: place for place, word in enumerate(words) if word in FIELDS and place not in taken}
    return {**own, **places}


def position(letters: str) -> int:
    """The position, counted from 0, of the column that a spreadsheet calls so."""
    found = 0
    for one in letters:
        found = found * 26 + ord(one) - ord("A") + 1
    return found - 1


def header_digest(header: Sequence[str]) -> bytes:
    """What two files with the same columns in the same order have in common."""
    words = [heading(cell) for cell in header]
    while words and not words[-1]:
        words.pop()
    return hashlib.sha256("\0".join(words).encode()).digest()


def propose(header: Sequence[str]) -> str | None:
    """The options that map the columns likeliest to hold the required fields, by letter; None if nothing is alike."""
    words = [heading(cell).replace("_", " ") for cell in header]
    pairs = [
        (likeness(name, word), name, place)
        for name in OPEN_SUPPLY_HUB.required
        for place, word in enumerate(words)
        if word
    ]
    places: dict[str, int] = {}
    for score, name, place in sorted(pairs, key=lambda pair: (-pair[0], pair[2])):
        if score >= ALIKE and name not in places and place not in places.values():
            places[name] = place
    return " ".join(options(places)) or None


def likeness(name: str, word: str) -> float:
    """How like a header's word is to a field's name or to what lists call it, up to 100."""
    known = [name.replace("_", " "), *WORDS.get(name, "").split(", ")]
    return max(fuzz.ratio(one, word) if len(one) < 5 else fuzz.token_sort_ratio(one, word) for one in known)


def options(places: Places) -> list[str]:
    """The options that say so, ready to be typed."""
    return [f"--map {letter(place)}={name}" for name, place in sorted(places.items(), key=lambda item: item[1])]
