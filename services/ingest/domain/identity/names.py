"""Names of companies taken apart: their words by kind, what stands in brackets, and what follows a legal form."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from services.ingest.domain.identity.wording import (
    FORMS_ANYWHERE,
    GENERIC,
    ORDINALS,
    SHORTENED,
    STRUCTURE,
    WORDS,
    join_places,
    places,
    romanise,
)
from shared.company_names import without_legal_forms

DOT_OF_INITIALS = re.compile(r"(?<=\b\w)[./]\s?(?=\w\b)")
IN_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
WITH_UNIT = re.compile(
    r"(.+?\b(?:ltd|limited|inc|incorporated|llc|gmbh|bhd|plc|corp|corporation)\b)[\s.,-]*([^\s.,(-].*)"
)
"""A legal form ends the name of a company; what follows, but for brackets, names a part of it."""


class Kind(Enum):
    """What a word of a name tells."""

    PROPER = auto()
    TRADE = auto()
    PLACE = auto()
    NUMBER = auto()
    STRUCTURE = auto()


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: its words without legal forms and structure, what stands in brackets, its initials."""

    joined: str
    words: tuple[str, ...]
    proper: frozenset[str]
    initials: str
    alias: str


@lru_cache(maxsize=8192)  # a list names each company many times
def read_name(text: str) -> Name:
    """The parts of a name. What stands in brackets and is not a place or a trade word is an alias."""
    text = DOT_OF_INITIALS.sub("", romanise(text))
    main: list[str] = []
    alias = ""
    for part, bracket in parts_of(text):
        found = without_legal_forms(WORDS.findall(part.replace("&", " and ")))
        if bracket and main and any(kind_of(word) is Kind.PROPER for word in canonical(found)):
            alias = alias or "".join(found)
        else:
            main += found
    words = tuple(canonical(main)) or tuple(WORDS.findall(text)) or (text.strip(),)
    initials = "".join(word[0] for word in WORDS.findall(text) if word not in STRUCTURE)
    proper = frozenset(word for word in words if kind_of(word) is Kind.PROPER)
    return Name("".join(words), words, proper, initials, "" if initials.startswith(alias) else alias)


def company_in(text: str) -> str | None:
    """The part of a name that ends with its legal form, where more follows: "Example Ltd. Unit 3" is of Example Ltd."""
    found = WITH_UNIT.match(DOT_OF_INITIALS.sub("", romanise(text)))
    unit = [] if found is None else [word for word in WORDS.findall(found[2]) if word not in FORMS_ANYWHERE]
    return found[1] if found and unit and read_name(found[1]).proper else None


def parts_of(text: str) -> list[tuple[str, bool]]:
    """The stretches of a name, and whether each stands in brackets."""
    found, end = [], 0
    for match in IN_BRACKETS.finditer(text):
        found += [(text[end : match.start()], False), (match[1] or match[2] or "", True)]
        end = match.end()
    return [*found, (text[end:], False)]


def canonical(words: list[str]) -> list[str]:
    """The words that count, each in one form; places of two words joined. A name of empty words keeps them."""
    kept = [word for word in words if word not in FORMS_ANYWHERE and word not in STRUCTURE] or words
    return [usual(word) for word in join_places([usual(word) for word in kept])]


@lru_cache(maxsize=8192)
def usual(word: str) -> str:
    """A trade word in full and in the singular; other words as they are."""
    stems = [word]
    if word.endswith("s"):
        stems += [word[:-1], word[:-3] + "y"]
    known = (stem for stem in stems if stem in SHORTENED or stem in GENERIC)
    return next((SHORTENED.get(stem, stem) for stem in known), word)


@lru_cache(maxsize=8192)
def kind_of(word: str) -> Kind:
    """The kind of a word that is in its usual form."""
    if word.isdigit() or word in ORDINALS:
        return Kind.NUMBER
    if word in STRUCTURE or word in FORMS_ANYWHERE:
        return Kind.STRUCTURE
    if word in GENERIC:
        return Kind.TRADE
    return Kind.PLACE if word in places() else Kind.PROPER
