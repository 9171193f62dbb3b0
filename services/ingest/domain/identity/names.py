"""Names of companies taken apart: their words by kind, what stands in brackets, and what follows a legal form."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from services.ingest.domain.identity.wording import (
    ADDRESS_GENERIC,
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
from shared.company_names import LEGAL_FORMS, without_legal_forms
from shared.countries import name_of, resolve

DOT_OF_INITIALS = re.compile(r"(?<=\b\w)[./]\s?(?=\w\b)")
IN_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
WITH_UNIT = re.compile(
    r"(.+?\b(?:ltd|limited|inc|incorporated|llc|gmbh|bhd|plc|corp|corporation)\b)[\s.,-]*([^\s.,(-].*)"
)
"""A legal form ends the name of a company; what follows, but for brackets, names a part of it."""
SHORTEST_ALIAS = 4
"""Letters. Two or three in brackets are as a rule the code of a country, a state or a zone: (BD), (NSW), (EPZ)."""
ZONES = ("epz", "sez")
"""Ends of the short names of export processing and special economic zones: DEPZ, KEPZ, MWSEZ."""


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
    """The parts of a name. What stands in brackets is an alias where `is_alias`; codes of countries are places."""
    text = DOT_OF_INITIALS.sub("", romanise(text))
    main: list[str] = []
    alias = ""
    for part, bracket in parts_of(text):
        found = without_legal_forms(WORDS.findall(part.replace("&", " and ")))
        if bracket and main and is_alias(found):
            alias = alias or "".join(found)
        else:
            main += without_codes(found) if bracket and main else found
    words = tuple(canonical(main)) or tuple(WORDS.findall(text)) or (text.strip(),)
    initials = "".join(word[0] for word in WORDS.findall(text) if word not in STRUCTURE)
    proper = frozenset(word for word in words if kind_of(word) is Kind.PROPER)
    return Name("".join(words), words, proper, initials, "" if initials.startswith(alias) else alias)


def is_alias(words: list[str]) -> bool:
    """Whether what stands in brackets names a company: words of more than three letters, neither generic nor places."""
    proper = (word for word in canonical(words) if kind_of(word) is Kind.PROPER)
    naming = (word for word in proper if word not in ADDRESS_GENERIC and not word.endswith(ZONES))
    return len("".join(naming)) >= SHORTEST_ALIAS


def without_codes(words: list[str]) -> list[str]:
    """What brackets tell that hold no alias: places, trades and numbers; a country's code alone is the country."""
    country = country_of_code(words[0]) if len(words) == 1 else None
    return [country] if country else [word for word in canonical(words) if kind_of(word) is not Kind.PROPER]


def country_of_code(word: str) -> str | None:
    """The country's name in one word, where the word is its ISO 3166-1 code and means nothing else in a name."""
    code = None if word in SHORTENED or word in LEGAL_FORMS or len(word) >= SHORTEST_ALIAS else resolve(word)
    return "".join(WORDS.findall(romanise(name_of(code)))) if code else None


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
