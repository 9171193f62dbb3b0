"""Pairing the words of two texts: the same words, words written apart or together, and slips of the pen."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

SHORTEST_SLIP = 6
"""Letters. In a shorter word another letter makes another word, as it does in romanised Chinese."""
LONG_WORD = 9
"""Letters, from which on two slips are believed."""
ONE_SLIP = 0.95
TWO_SLIPS = 0.9
DOUBLED = 0.98
"""A letter doubled or swapped with its neighbour: the commonest slips, and no other syllable."""


@dataclass(frozen=True, slots=True)
class Paired:
    """The words both texts have, those that only one has, and the pairs that are spelled almost alike."""

    common: list[str]
    only_left: list[str]
    only_right: list[str]
    slips: list[tuple[str, str]]

    @property
    def closeness(self) -> float:
        """How close the worst pair is spelled, from 0 to 1."""
        return min((slip(left, right) for left, right in self.slips), default=1.0)


def pair_up(left: Sequence[str], right: Sequence[str], known: Callable[[str], bool]) -> Paired:
    """The words of two texts in pairs. `known` words are spelled right: two of them are never a slip of one."""
    common, only_left, only_right = shared_words(left, right)
    if not only_left or not only_right:
        return Paired(common, only_left, only_right, [])
    if "".join(only_left) == "".join(only_right):
        return Paired(common + only_left, [], [], [])
    pair_apart(common, only_left, only_right)
    slips = pair_slips(common, only_left, only_right, known)
    if only_left and only_right and not all(map(known, only_left + only_right)):
        together = "".join(only_left), "".join(only_right)
        if slip(*together):
            return Paired(common + only_left, [], [], [*slips, together])
    return Paired(common, only_left, only_right, slips)


def shared_words(left: Sequence[str], right: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """The words both have, as often as both have them, and what each has beyond."""
    rest = list(right)
    common, only = [], []
    for word in left:
        if word in rest:
            rest.remove(word)
            common.append(word)
        else:
            only.append(word)
    return common, only, rest


def pair_apart(common: list[str], left: list[str], right: list[str]) -> None:
    """Moves words that one text writes together and the other apart to `common`."""
    for whole, parts in ((left, right), (right, left)):
        for word in whole[:]:
            if (run := run_of(word, parts)) is not None:
                start, end = run
                del parts[start:end]
                whole.remove(word)
                common.append(word)


def run_of(word: str, parts: list[str]) -> tuple[int, int] | None:
    """Where consecutive words make up one word."""
    for start in range(len(parts) - 1):
        if not word.startswith(parts[start]):
            continue
        text = parts[start]
        for end in range(start + 1, len(parts)):
            text += parts[end]
            if text == word:
                return start, end + 1
            if not word.startswith(text):
                break
    return None


def pair_slips(
    common: list[str], left: list[str], right: list[str], known: Callable[[str], bool]
) -> list[tuple[str, str]]:
    """Moves words that are spelled almost alike to `common`, and returns these pairs."""
    found = []
    for word in left[:]:
        other = next((one for one in right if slip(word, one) and not (known(word) and known(one))), None)
        if other is not None:
            left.remove(word)
            right.remove(other)
            common.append(other if known(word) else word)
            found.append((word, other))
    return found


def slip(left: str, right: str) -> float:
    """How close two spellings of one word are, or 0 if they are two words. Numbers are never alike."""
    shorter = min(len(left), len(right))
    if shorter < SHORTEST_SLIP or abs(len(left) - len(right)) > 2 or left.isdigit():
        return 0.0
    if squeezed(left) == squeezed(right) or (sorted(left) == sorted(right) and OSA.distance(left, right) == 1):
        return DOUBLED
    distance = OSA.distance(left, right, score_cutoff=2)
    if distance == 1:
        return ONE_SLIP
    return TWO_SLIPS if distance == 2 and shorter >= LONG_WORD else 0.0


SYLLABLE = re.compile(
    "(?:[bpmf]?[aeo]|[bpmfdtnl]?(?:ai|ei|ao|an|en|ang|eng|ong|ou|i|ie|iao|ian|in|ing|iu|u)|[nl](?:v|ve|ue|uan|un|uo)|"
    "[dt](?:a|e|ui|uan|un|uo|ia)|[gkh](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)|"
    "(?:zh|ch|sh|r|z|c|s)(?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)|"
    "[jqx](?:i|ia|ie|iao|iu|ian|in|iang|ing|iong|u|ue|uan|un)|l(?:a|e|ia|iang)|n(?:a|e|iang)|"
    "y(?:a|e|i|o|ao|ou|an|in|ang|ing|ong|u|ue|uan|un)|w(?:a|o|u|ai|ei|an|en|ang|eng))"
)
"""A syllable of Hanyu Pinyin (ISO 7098)."""
LONGEST_SYLLABLE = 6


@lru_cache(maxsize=8192)
def is_chinese(word: str) -> bool:
    """Whether a word can be romanised Chinese, in which one letter more or less is another word."""
    ends = [True] + [False] * len(word)  # by each end: whether syllables lead there; one pattern could take for ever
    for start in range(len(word)):
        for end in range(start + 1, min(start + LONGEST_SYLLABLE, len(word)) + 1):
            if ends[start] and SYLLABLE.fullmatch(word, start, end):
                ends[end] = True
    return ends[-1] and bool(word)


def squeezed(word: str) -> str:
    """A word with each letter once where it is doubled, and without a plural s."""
    text = word.rstrip("s")
    return "".join(letter for letter, before in zip(text, " " + text, strict=False) if letter != before)
