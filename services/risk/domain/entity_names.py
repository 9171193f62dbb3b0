"""Names of companies as lists of entities write them, taken apart: aliases, and words by what they tell.

Rules about kinds of words, none about particular companies.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from shared.company_names import LEGAL_FORMS, fold, normalise_name
from shared.countries import alpha2_codes, name_of
from shared.place_names import place_names

_MARK = re.compile(
    r"[\s,;(]*\b(?:(?:a/k/a|f/k/a|d/b/a|n/k/a|a\.k\.a\.|f\.k\.a\.|d\.b\.a\.|aka|fka|dba)(?![\w/])|also known as\b|"
    r"formerly known as\b|doing business as\b|and \w+ alias(?:es)?:)[:\s]*",
    re.IGNORECASE,
)
_NEXT = re.compile(r";\s*(?:and\s+)?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORDS = re.compile(r"[a-z]+|[0-9]+")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRUCTURE = _listed("and the of for de del la los y e et und group grp holding holdings no nr number")
_COMMON = _listed(
    """
    accessories accessory advance advanced aerospace agricultural agriculture aluminium aluminum apparel appliance
    appliances applied art assembly automation automotive battery business cable camp carbon cement center centre
    ceramic ceramics chemical chemicals chemistry circuit circuits clothing coating communication communications
    component components computer computers connector consumer copper cotton cultural cutting data design development
    device devices diesel digital display dyeing education electric electrical electricity electro electronic
    electronics energy engineering enterprise enterprises environmental equipment export fabric factories factory
    farm fashion fiber fibre film fishery fitting fittings food foods footwear forging foundry furniture garment
    garments general glass global glove gloves green group hair hardware health heavy high hi home import industrial
    industries industry information innovation instrument instruments intelligent international investment iron jewelry
    knitting labor labour laboratory leather lighting limited line logistics machine machinery manufacture manufacturer
    manufacturers manufacturing marine material materials mechanical medical metal metals micro microelectronics mill
    mills mineral minerals mining mobile modern mold mould national network new nonferrous optic optical optics
    optoelectronics packaging paper part parts people pharmaceutical photovoltaic pipe plant plastic plastics
    polysilicon power precise precision pressing print printing prison process processing product production products
    project property quality renewable research resource resources rubber sales school science scientific sci
    seafood semiconductor semiconductors service services sewing shoe shoes silicon silk skills smart software solar
    solution solutions sport sports state steel storage supply surface switch system systems tech technical technologies
    technology textile textiles tire tires tool tools tooling top trade trading training treatment tyre union unit
    united universal vocational welding wire wood woollen wool work works workshop world worldwide yarn
    north south east west northern southern eastern western first second third one two three
    """
)
"""Words of trades and premises: they say what is made and where, not by whom."""


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name taken apart. `joined` is all of it without blanks; `proper` are the words that only few firms share."""

    joined: str
    proper: tuple[str, ...]
    places: frozenset[str]
    common: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling of an entry: as the list has it (`written`), to compare by (`text`), and whether it is an alias."""

    text: str
    is_alias: bool
    written: str


@lru_cache(maxsize=65536)  # a supplier has many sites, and an edition touches them all
def spellings(entry: str) -> tuple[Spelling, ...]:
    """The name of an entry and its aliases, each as written and without what stands in brackets."""
    name, *aliases = (part.strip(" ,;") for part in _MARK.split(entry))
    found = [(name, False), *((one, True) for part in aliases for one in _NEXT.split(part))]
    balanced = [(_closed(text), is_alias) for text, is_alias in found]
    both = [Spelling(text, is_alias, one) for one, is_alias in balanced for text in (one, _IN_BRACKETS.sub(" ", one))]
    return tuple({normalise_name(one.text): one for one in reversed(both) if one.text.strip()}.values())[::-1]


@lru_cache(maxsize=65536)
def read_name(text: str) -> ReadName:
    """The parts of a name; the same for spellings that differ in case, accents, punctuation or legal form."""
    normal = normalise_name(text)
    words = _with_places_joined([word for word in _WORDS.findall(fold(normal)) if word not in _ignored()])
    by_kind: dict[str, list[str]] = {"proper": [], "place": [], "common": [], "number": []}
    for word in words:
        by_kind[_kind(word)].append(word)
    return ReadName(
        normal.replace(" ", ""),
        tuple(sorted(set(by_kind["proper"]))),
        frozenset(by_kind["place"]),
        frozenset(map(_singular, by_kind["common"])),
        frozenset(by_kind["number"]),
    )


def _closed(text: str) -> str:
    """Without the bracket that closed what the mark of an alias had opened."""
    return text.removesuffix(")").rstrip() if text.count(")") > text.count("(") else text


@cache
def _ignored() -> frozenset[str]:
    return _STRUCTURE | {form for form in LEGAL_FORMS if " " not in form}


@cache
def _places() -> frozenset[str]:
    countries = {"".join(_WORDS.findall(fold(name_of(code)))) for code in alpha2_codes()}
    return (place_names() | countries | {"usa", "america", "korea", "uk", "asia", "europe", "africa"}) - _COMMON


def _kind(word: str) -> str:
    if word.isdigit():
        return "number"
    if word in _COMMON or len(word) == 1:
        return "common"
    return "place" if word in _places() else "proper"


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _with_places_joined(words: Iterable[str]) -> list[str]:
    """The words, two or three that together name a place as one: "ho chi minh"."""
    joined: list[str] = []
    for word in words:
        for length in (2, 1):
            together = "".join(joined[-length:]) + word
            if len(joined) >= length and together in _places():
                joined[-length:] = [together]
                break
        else:
            joined.append(word)
    return joined
