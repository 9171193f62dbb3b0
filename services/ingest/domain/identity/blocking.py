"""By which short words a description is found among a million others."""

from typing import Literal

from services.ingest.domain.identity.description import Description
from services.ingest.domain.identity.names import Kind, Name, kind_of
from services.ingest.domain.identity.spelling import squeezed

MOST = 12
LONGEST = 24
FIRST_LETTERS = 5
"""Words of a description, characters of a word, letters of a name's start: they bound the table of words."""
VOWELS = str.maketrans("", "", "aeiouy")


def blocking_tokens(description: Description, kind: Literal["supplier", "site"]) -> frozenset[str]:
    """At most twelve words of at most 24 characters; two descriptions that should match share at least one.

    A supplier is found by its name; a site by its name, its address, and both together.
    """
    names = [name for name in (description.name, description.company, description.native) if name is not None]
    if kind == "supplier":
        return first_of([word for name in names for word in of_name(name)])
    numbers = sorted(description.address.numbers, key=lambda number: (-len(number), number))[:2]
    streets = of_address(description)
    first = names[0]
    together = [f"{start_of(first)}+{part}" for part in (*numbers, *streets[:2])]
    beside = [f"{number}+{street}" for number in numbers[:1] for street in streets[:2]]
    return first_of([*together, *beside, *(word for name in names for word in of_name(name))])


def first_of(words: list[str]) -> frozenset[str]:
    return frozenset(list(dict.fromkeys(word[:LONGEST] for word in words if word))[:MOST])


def of_name(name: Name) -> list[str]:
    """The whole name, its proper words with and without their vowels, its start, initials and alias."""
    proper = [word for word in name.words if word in name.proper] or list(name.words)
    longest = sorted(proper, key=len, reverse=True)[:3]
    short = [name.joined] if len(name.words) == 1 else [name.initials] if len(name.initials) > 2 else []
    return [*longest, f"^{start_of(name)}", *short, name.alias, *(skeleton(word) for word in longest[:2])]


def start_of(name: Name) -> str:
    return name.joined[:FIRST_LETTERS]


def skeleton(word: str) -> str:
    """A word's first letter and its other consonants, doubled ones once: what most misspellings leave."""
    return f"~{word[0]}{squeezed(word[1:].translate(VOWELS))}" if word and kind_of(word) is Kind.PROPER else ""


def of_address(description: Description) -> list[str]:
    """The longest words of an address that are no names of cities."""
    address = description.address
    own = [word for word in address.words if word not in address.places]
    return sorted(own, key=lambda word: (-len(word), word))
