"""Finding for each new name the entry it belongs to: among those that share a rare word with it, the likest one.

The registry may hold a million entries: a name is compared only with the few that share most of its rarer words.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from uuid import UUID

from services.ingest.domain.identity.comparison import Description, Likeness, Verdict, blocking_tokens, verdict
from services.ingest.domain.registry import Kind

FREQUENT = 200
"""A word that so many spellings share tells nothing of them: it is not looked at. Ours, measured."""
CANDIDATES = 20
"""With so many spellings a new name is compared at most. Ours, measured."""
QUESTIONS = 3
"""About so many entries a person is asked for one new name at most."""

Token = tuple[str, str]
"""A word, and the country within which it holds; the ids of others hold anywhere ('')."""
Compare = Callable[[Description, Description], Likeness]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which likeness on two names are one entry, and from which on a person is asked."""

    same_from: float
    review_from: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds for each kind of entry."""

    suppliers: Thresholds
    sites: Thresholds


@dataclass(frozen=True, slots=True)
class Spelled:
    """A spelling, the entry it belongs to and the id under which that is known now; of a new name, its own to be."""

    entry: UUID
    root: UUID
    description: Description


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new name: its spelling, by what it is found, and the numbers of the known spellings nearest to it."""

    spelled: Spelled
    tokens: frozenset[Token]
    near: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a new name resembles."""

    entry: UUID
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a new name belongs: to the entry of `same`, or to one of its own, which may be one of the `doubtful`."""

    same: Match | None = None
    doubtful: tuple[Match, ...] = ()


def tokens_of(description: Description, kind: Kind, identifiers: Mapping[str, str]) -> frozenset[Token]:
    """By what a spelling is found."""
    country = (description.country or "") if kind is Kind.SITE else ""
    words = blocking_tokens(description, kind.value)
    return frozenset((word, country) for word in words) | identifier_tokens(identifiers)


def identifier_tokens(identifiers: Mapping[str, str]) -> frozenset[Token]:
    """The ids that others gave, as words: entries that share one are found whatever their names."""
    return frozenset((f"{scheme}:{value}", "") for scheme, value in identifiers.items())


def nearest(tokens: Iterable[Token], postings: Mapping[Token, Sequence[int]]) -> list[int]:
    """The spellings that share most with a name, best first; a word weighs more the fewer spellings share it."""
    weights: dict[int, float] = defaultdict(float)
    for token in tokens:
        found = postings.get(token, ())
        if len(found) <= FREQUENT:
            for number in found:
                weights[number] += 1 / len(found)
    return nlargest(CANDIDATES, weights, key=lambda number: (weights[number], -number))


def place_all(
    fresh: Sequence[Fresh], known: Mapping[int, Spelled], compare: Compare, thresholds: Thresholds
) -> list[Placed]:
    """Where each new name belongs, in order; each is also compared with those before it."""
    placed: list[Placed] = []
    before: list[Spelled] = []
    postings: dict[Token, list[int]] = defaultdict(list)
    for one in fresh:
        candidates = [known[number] for number in one.near if number in known]
        candidates += [before[place] for place in nearest(one.tokens, postings)]
        found = place(one.spelled, candidates, compare, thresholds)
        own = one.spelled
        if found.same is not None:
            root = next(two.root for two in candidates if two.entry == found.same.entry)
            own = Spelled(found.same.entry, root, own.description)
        for token in one.tokens:
            postings[token].append(len(before))
        before.append(own)
        placed.append(found)
    return placed


def place(new: Spelled, candidates: Iterable[Spelled], compare: Compare, thresholds: Thresholds) -> Placed:
    """Where one new name belongs. Where two entries are equally like it, but not like each other, a person decides."""

    def judge(likeness: Likeness) -> Verdict:
        return verdict(likeness.score, thresholds.same_from, thresholds.review_from)

    best: dict[UUID, tuple[Match, Spelled]] = {}
    for one in candidates:
        likeness = compare(new.description, one.description)
        if one.root not in best or likeness.score > best[one.root][0].likeness.score:
            best[one.root] = Match(one.entry, likeness), one
    ordered = sorted(best.values(), key=lambda found: -found[0].likeness.score)
    alike = [found for found in ordered if judge(found[0].likeness) is not Verdict.NEW]
    if alike and judge(alike[0][0].likeness) is Verdict.SAME:
        first, spelled = alike[0]
        equals = [other for match, other in alike[1:] if match.likeness.score == first.likeness.score]
        if all(judge(compare(spelled.description, other.description)) is Verdict.SAME for other in equals):
            return Placed(same=first)
    return Placed(doubtful=tuple(match for match, _ in alike[:QUESTIONS]))
