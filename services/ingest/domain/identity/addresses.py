"""How like two addresses are.

What only one has is more detail; where each has what the other has not, they are two places.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from services.ingest.domain.identity.spelling import pair_up
from services.ingest.domain.identity.wording import (
    ADDRESS_GENERIC,
    ADDRESS_WORDS,
    DIRECTIONS,
    ORDINALS,
    WORDS,
    join_places,
    listed,
    places,
    romanise,
)

BROKEN = re.compile(r"(?<=[a-z])-\s+(?=[a-z])")
"""A word broken at the end of a line."""
ORDINAL = re.compile(r"\b([0-9]+)(?:st|nd|rd|th)\b")
CHINESE_STREET = re.compile(
    r"\b(?:(dong)|(nan)|(xi)|(bei)|(zhong))\s?(?=(?:lu|jie|dadao|da dao|rd|road|street|st|ave|avenue)\b)"
)
"""The direction in the name of a Chinese street, which some write in English."""
IN_ENGLISH = ("east ", "south ", "west ", "north ", "middle ")
POSTCODE = re.compile(r"[0-9]{5,7}")
JAPANESE_POSTCODE = re.compile(r"\b([0-9]{3})-([0-9]{4})\b")
OF_COUNTRIES = listed("usa states united unitedstates america uk kingdom korea republic pr prc roc")


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart: its letters in one run, all its words, those that tell places apart, and the kinds."""

    run: str
    all_words: str
    words: tuple[str, ...]
    places: frozenset[str]
    numbers: frozenset[str]
    directions: frozenset[str]

    @property
    def precise(self) -> bool:
        """Whether this names premises, not only a city or province."""
        return (bool(self.numbers) and len(self.words) > len(self.places)) or len(self.words) > len(self.places) + 1


@lru_cache(maxsize=8192)
def read_address(text: str) -> Address:
    """The parts of an address."""
    text = ORDINAL.sub(r"\1 ", BROKEN.sub("", romanise(text)))
    text = JAPANESE_POSTCODE.sub(r"\1\2", text)
    text = CHINESE_STREET.sub(lambda found: IN_ENGLISH[(found.lastindex or 1) - 1], text)
    raw = WORDS.findall(text)
    found = [ADDRESS_WORDS.get(word, word) for word in join_places(raw)]
    found = [ORDINALS.get(word, word) for word in found if word and word not in OF_COUNTRIES]
    found = [word.lstrip("0") or "0" if word.isdigit() else word for word in found]
    numbers = frozenset(word for word in found if len(word) == 1 or word.isdigit())
    directions = frozenset(found) & DIRECTIONS
    named = frozenset(found) & places()
    rest = ADDRESS_GENERIC | numbers | DIRECTIONS
    own = tuple(dict.fromkeys(word for word in found if word not in rest))
    return Address("".join(raw), " ".join(sorted(found)), own, named, numbers, directions)


OTHER_NUMBER = 0.4
FURTHER_NUMBER = 0.95
SECOND_NUMBER = 0.82
ONLY_ONE_NUMBERED = 0.75
OTHER_DIRECTION = 0.5
FURTHER_DIRECTION = 0.92
ONLY_DIRECTION = 0.84
REGION_ONLY = 0.3
SAME_REGION = 0.9
REGION_ALIKE = 0.8
CONFLICT = 1.5
DETAIL = 0.05
PLACE_WEIGHT = 0.4
DIGIT_WEIGHT = 0.4
SHORTEST_RUN = 4
"""Weights of what speaks against one place, set on the half of the judged pairs that is kept for setting them."""


def compare_addresses(left: Address, right: Address) -> tuple[float, tuple[str, ...]]:
    """How likely two addresses are one place, and why. An address that names a region only is no place."""
    if not left.all_words or not right.all_words:
        return 0.0, ("no_address",)
    if left.all_words == right.all_words:
        return (1.0, ("same_address",)) if left.precise else (SAME_REGION, ("same_region",))
    score, reasons = compare_marks(left, right)
    if score <= OTHER_NUMBER:
        return score, reasons
    by_words, enough = compare_words(left, right)
    if not enough:
        return score * without_street(left, right), (*reasons, "region_only")
    if not (left.precise and right.precise):
        return score * min(by_words, REGION_ALIKE), (*reasons, "region_only")
    reason = "same_address" if by_words == 1 and score == 1 else "address_alike"
    return score * by_words, (*reasons, reason if by_words > 0.7 else "other_address")


def compare_marks(left: Address, right: Address) -> tuple[float, tuple[str, ...]]:
    """What the numbers and directions of two addresses leave of their likeness."""
    only_left, only_right = left.numbers - right.numbers, right.numbers - left.numbers
    if not (any(map(is_postcode, only_left)) and any(map(is_postcode, only_right))):
        only_left, only_right = (frozenset(n for n in only if not is_postcode(n)) for only in (only_left, only_right))
    if only_left and only_right:
        return OTHER_NUMBER, ("other_number",)
    score, reasons = 1.0, []
    if further := only_left or only_right:
        score = further_numbers(further, left.numbers & right.numbers)
        reasons.append("further_number")
    if left.directions != right.directions:
        one_sided = left.directions <= right.directions or right.directions <= left.directions
        telling = any(len(number) > 1 for number in left.numbers & right.numbers)
        score *= (FURTHER_DIRECTION if telling else ONLY_DIRECTION) if one_sided else OTHER_DIRECTION
        reasons.append("other_direction")
    return score, tuple(reasons)


def further_numbers(further: frozenset[str], common: frozenset[str]) -> float:
    """What remains where one address has more numbers: a floor is detail, another house number may be another house."""
    if not common:
        return ONLY_ONE_NUMBERED
    longest = max(map(len, common))
    return SECOND_NUMBER if any(len(number) > longest for number in further) else FURTHER_NUMBER


def is_postcode(number: str) -> bool:
    return POSTCODE.fullmatch(number) is not None


def compare_words(left: Address, right: Address) -> tuple[float, bool]:
    """How alike the words are, and whether those in common are more than the names of cities and provinces."""
    known = left.places | right.places
    paired = pair_up(left.words, right.words, known.__contains__)
    common = weight(paired.common, known) + sum(map(number_weight, left.numbers & right.numbers))
    left_apart = written_apart(paired.only_left, right.run)
    right_apart = written_apart(paired.only_right, left.run)
    only_left = left_over(paired.only_left, left_apart, right_apart)
    only_right = left_over(paired.only_right, right_apart, left_apart)
    common += max(weight(left_apart, known), weight(right_apart, known))
    over_left, over_right = weight(only_left, known), weight(only_right, known)
    conflict, detail = min(over_left, over_right), abs(over_left - over_right)
    likeness = paired.closeness * common / (common + CONFLICT * conflict + DETAIL * detail) if common else 0.0
    own = sum(word not in known for word in {*paired.common, *left_apart, *right_apart})
    return likeness, own > 1 or (own == 1 and bool(left.numbers & right.numbers))


def written_apart(words: list[str], run: str) -> list[str]:
    """The words that stand in the other address as several, or as part of one."""
    return [word for word in words if len(word) >= SHORTEST_RUN and word in run]


def left_over(words: list[str], apart: list[str], others: list[str]) -> list[str]:
    """The words that the other address has in no way."""
    return [word for word in words if word not in apart and not any(word in other for other in others)]


def without_street(left: Address, right: Address) -> float:
    """The likeness of addresses that have no word of their own in common."""
    if left.numbers != right.numbers or not left.numbers or set(left.words) != set(right.words):
        return REGION_ONLY
    return fuzz.ratio(left.all_words, right.all_words) / 100


def number_weight(number: str) -> float:
    """A long number is rarely shared by chance."""
    return min(len(number), 4) * DIGIT_WEIGHT


def weight(words: list[str], known: frozenset[str]) -> float:
    return sum(PLACE_WEIGHT if word in known else 1.0 for word in words)
