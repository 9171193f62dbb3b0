"""How like two names of companies are. Rules about kinds of words, none about particular companies.

A word that one name has and the other has not weighs by its kind: a legal form nothing, a place little, a trade more,
a number or a proper word most.
"""

from collections.abc import Iterable

from services.ingest.domain.identity.names import Kind, Name, kind_of
from services.ingest.domain.identity.spelling import DOUBLED, Paired, is_chinese, pair_up, slip

ONE_SIDED = {Kind.PROPER: 0.6, Kind.TRADE: 0.88, Kind.PLACE: 0.96, Kind.NUMBER: 0.75, Kind.STRUCTURE: 1.0}
"""What remains of a likeness where one name has a word of the kind that the other has not."""
BOTH_SIDED = {Kind.PROPER: 0.2, Kind.TRADE: 0.65, Kind.PLACE: 0.7, Kind.NUMBER: 0.3, Kind.STRUCTURE: 1.0}
"""What remains where each has one that the other has not."""
SEVERAL_TRADES = 0.88
"""What further remains where one name has several words of trades that the other has not: often a subsidiary."""
REASON = {
    Kind.PROPER: "other_word",
    Kind.TRADE: "other_trade",
    Kind.PLACE: "other_place_in_name",
    Kind.NUMBER: "other_number",
    Kind.STRUCTURE: "name_alike",
}
OTHER_SYLLABLE = 0.8
SHORT_SLIP = 0.85
LONG_ENOUGH = 8
"""Letters, from which on a slip in a word that cannot be Chinese is believed without an address."""
ALIAS = 0.78
"""Less than `DOUBT`: groups and places unknown to us stand in brackets, too. A person decides, whatever the address."""
INITIALS = 0.8
SHORTEST_INITIALS = 3


def compare_names(left: Name, right: Name) -> tuple[float, tuple[str, ...]]:
    """How likely two names denote one company, and why."""
    if left.joined == right.joined:
        return (1.0, ("same_name",)) if left.joined else (0.0, ("no_name",))
    if (left.alias and left.alias in (right.alias, right.joined)) or (right.alias and right.alias == left.joined):
        by_words = compare_words(left, right)
        return by_words if by_words[0] >= ALIAS else (ALIAS, ("same_alias",))
    if abbreviates(left, right) or abbreviates(right, left):
        return INITIALS, ("initials",)
    return compare_words(left, right)


def abbreviates(short: Name, long: Name) -> bool:
    """Whether one name is the initials of the other."""
    enough = len(short.words) == 1 and len(short.joined) >= SHORTEST_INITIALS and len(long.words) > 1
    return enough and long.initials.startswith(short.joined)


def compare_words(left: Name, right: Name) -> tuple[float, tuple[str, ...]]:
    """How alike the words of two names are: what both have, what is spelled otherwise, what only one has."""
    if left.proper and right.proper and not might_share(left, right):
        return 0.0, ("other_name",)
    paired = pair_up(left.words, right.words, known_word)
    if not enough_in_common(left, right, paired):
        return 0.0, ("other_name",)
    score = closeness(paired)
    reasons = ["name_alike" if paired.slips else "same_words"]
    only_left, only_right = kinds(paired.only_left), kinds(paired.only_right)
    for kind in only_left | only_right:
        both = kind in only_left and kind in only_right
        score *= (BOTH_SIDED if both else ONE_SIDED)[kind]
        reasons.append(REASON[kind])
    if Kind.TRADE in only_left ^ only_right and trades(paired.only_left) + trades(paired.only_right) > 1:
        score *= SEVERAL_TRADES
    return score, tuple(sorted(reasons))


def enough_in_common(left: Name, right: Name, paired: Paired) -> bool:
    """Whether a proper word is shared; of names without any, whether one holds all words of the other."""
    if left.proper or right.proper:
        return any(kind_of(word) is Kind.PROPER for word in paired.common)
    return bool(paired.common) and not (paired.only_left and paired.only_right)


def closeness(paired: Paired) -> float:
    """How far the pairs that are spelled almost alike may be believed to be one word each."""
    worst = paired.closeness
    for left, right in paired.slips:
        if slip(left, right) < DOUBLED and is_chinese(left) and is_chinese(right):
            worst = min(worst, OTHER_SYLLABLE)
        elif slip(left, right) < DOUBLED and min(len(left), len(right)) < LONG_ENOUGH:
            worst = min(worst, SHORT_SLIP)
    return worst


def might_share(left: Name, right: Name) -> bool:
    """Whether the names have a proper word in common, or words that a slip of the pen could turn into one another."""
    if left.proper & right.proper:
        return True
    starts = {word[:1] for word in left.proper}
    return any(word[:1] in starts for word in right.proper)


def kinds(words: Iterable[str]) -> set[Kind]:
    return {kind_of(word) for word in words}


def trades(words: Iterable[str]) -> int:
    return sum(kind_of(word) is Kind.TRADE for word in words)


def known_word(word: str) -> bool:
    """Whether a word is on a list: two that are cannot be misspellings of one another."""
    return kind_of(word) is not Kind.PROPER
