"""The spine's rate as a multiple of each peer's, paired within a round so that the machine's mood cancels out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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


async def play(ground: Ground, rounds: int) -> list[Round]:
    """Let every peer run once per round; each round begins with another peer, so that none always comes first."""
    played = []
    for number in range(rounds):
        order = [*PEERS[number % len(PEERS) :], *PEERS[: number % len(PEERS)]]
        played.append({peer.name: await run_peer(ground, peer, str(number)) for peer in order})
    return played


def rate(rounds: Sequence[Round], peer: Peer) -> Spread:
    """Events applied and published per second."""
    return Spread.of([played[peer.name].rate for played in rounds])


def ratio(rounds: Sequence[Round], peer: Peer) -> Spread:
    """The spine's rate over the peer's, round by round."""
    return Spread.of([played[SPINE.name].rate / played[peer.name].rate for played in rounds])


def faults(rounds: Sequence[Round]) -> list[str]:
    """What was lost or doubled, by whom."""
    return [f"{run.peer}: {fault}" for played in rounds for run in played.values() for fault in run.faults]


def as_json(rounds: Sequence[Round]) -> dict[str, Any]:
    """The figures for a program."""
    return {
        peer.name: {
            "title": peer.title,
            "events": rounds[0][peer.name].events,
            "rate": asdict(rate(rounds, peer)),
            "ratio": None if peer is SPINE else asdict(ratio(rounds, peer)),
            "aim": AIMS.get(peer.name),
        }
        for peer in PEERS
    }
