"""What a person may have meant by a subject: a supplier, a site or a product, by its name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.company_names import fold, normalise_name, words


class SubjectKind(StrEnum):
    """What can be explained, in the order in which a name is looked for."""

    SUPPLIER = "supplier"
    SITE = "site"
    PRODUCT = "product"
    CONTRACT = "contract"
    FLAG = "flag"


ORDER = {kind: place for place, kind in enumerate(SubjectKind)}


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a reader may know of, under one of its names; `sites` counts those that the reader knows of it."""

    kind: SubjectKind
    id: UUID
    name: str
    country: str | None = None
    supplier_name: str | None = None
    sites: int = 0


def meant(known: Iterable[Known], text: str, country: str | None) -> tuple[Known, ...]:
    """What a name may mean: one where it is clear, several where a person has to choose, none where nothing bears it.

    A supplier of exactly this name comes first, then a site; then a supplier that has these words in its name as whole
    words, then a site. A country narrows down several.
    """
    ones = sorted(set(known), key=_order)
    asked = _words(text)
    exact = [one for one in ones if _words(one.name) == asked]
    for found in (exact, [one for one in ones if _holds(_words(one.name), asked)]):
        for kind in SubjectKind:
            if several := _once_each(one for one in found if one.kind is kind):
                narrowed = tuple(one for one in several if country and one.country == country)
                return narrowed or several
    return ()


def longest_word(text: str) -> str:
    """The longest word of a name in plain letters, by which rows are found that may bear it; '' where it has none."""
    return max((word for word in _words(text) if word.isascii()), key=lambda word: (len(word), word), default="")


def _words(text: str) -> list[str]:
    return words(fold(normalise_name(text)))


def _holds(name: Sequence[str], asked: Sequence[str]) -> bool:
    """Whether the words stand in a name, one after another."""
    return bool(asked) and any(
        list(name[start : start + len(asked)]) == list(asked) for start in range(len(name) - len(asked) + 1)
    )


def _once_each(found: Iterable[Known]) -> tuple[Known, ...]:
    """One for each id: the first of its names."""
    return tuple({one.id: one for one in reversed(list(found))}.values())[::-1]


def _order(one: Known) -> tuple[int, str, str, str, str]:
    return ORDER[one.kind], normalise_name(one.name), one.name, one.country or "", str(one.id)
