"""The spine's rate as a multiple of each peer's, paired within a round so that the machine's mood cancels out."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf
from statistics import median
from typing import Any

from tests.benchmarks.ground import BARE, BY_HAND, DOCUMENTED, PEERS, SPINE, Ground, Peer
from tests.benchmarks.rounds import Run, run_peer

AIMS = {BARE.name: 0.3, BY_HAND.name: 0.9, DOCUMENTED.name: 60.0}


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several measurements and the range they lie in."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))


Round = dict[str, Run]


async def play(ground: Ground, rounds: int, budget: float = inf) -> list[Round]:
    """Let every peer run once per round; each round begins with another peer, so that none always comes first.

    A round that would end after `budget` seconds, going by the longest so far, is left out; the first never is.
    """
    played, began, longest = list[Round](), time.monotonic(), 0.0
    for number in range(rounds):
        started = time.monotonic()
        if played and started - began + longest > budget:
            break
        order = [*PEERS[number % len(PEERS) :], *PEERS[: number % len(PEERS)]]
        played.append({peer.name: await run_peer(ground, peer, str(number)) for peer in order})
        longest = max(longest, time.monotonic() - started)
    return played


def rate(rounds: Sequence[Round], peer: Peer) -> Spread:
    """Events applied and published per second."""
    return Spread.of([played[peer.name].rate for played in rounds])


def cpu(rounds: Sequence[Round], peer: Peer) -> Spread:
    """Microseconds of processor time of the peer's own process per event."""
    return Spread.of([played[peer.name].cpu_microseconds for played in rounds])


def paired(rounds: Sequence[Round], peer: Peer) -> list[float]:
    """The spine's rate over the peer's in each round; nan where the peer published nothing."""
    rates = [(played[SPINE.name].rate, played[peer.name].rate) for played in rounds]
    return [mine / other if other else float("nan") for mine, other in rates]


def ratio(rounds: Sequence[Round], peer: Peer) -> Spread:
    """The spine's rate over the peer's, round by round."""
    return Spread.of(paired(rounds, peer))


def faults(rounds: Sequence[Round]) -> list[str]:
    """What was lost or doubled, by whom."""
    return [f"{run.peer}: {fault}" for played in rounds for run in played.values() for fault in run.faults]


def as_json(rounds: Sequence[Round]) -> dict[str, Any]:
    """The figures for a program."""
    return {
        peer.name: {
            "title": peer.title,
            "events": rounds[0][peer.name].events,
            "events_per_second": asdict(rate(rounds, peer)),
            "cpu_microseconds_per_event": asdict(cpu(rounds, peer)),
            "spine_over_this": None if peer is SPINE else asdict(ratio(rounds, peer)),
            "each_round": None if peer is SPINE else paired(rounds, peer),
            "aim": AIMS.get(peer.name),
        }
        for peer in PEERS
    }
