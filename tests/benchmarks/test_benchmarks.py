"""The benchmark's own claims about counts: a ratio between peers that lose or double events would say nothing."""

import asyncio
from pathlib import Path

import pytest

from tests.benchmarks.ground import FEW, PEERS, Peer, engines
from tests.benchmarks.load import EVENTS_PER_KEY, records
from tests.benchmarks.ratios import Round, play

EVENTS = 2_000
ONE_BY_ONE = 50


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Round:
    """One round of all peers over few events."""
    folder: Path = tmp_path_factory.mktemp("benchmark")
    with engines(folder, EVENTS, ONE_BY_ONE) as ground:
        return asyncio.run(play(ground, rounds=1))[0]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_applies_and_publishes_every_event_of_its_input_exactly_once(played: Round, peer: Peer) -> None:
    run = played[peer.name]

    assert run.faults == ()
    assert run.applied == run.published == (ONE_BY_ONE if peer.input == FEW else EVENTS)


def test_the_load_is_the_same_at_each_call_and_gapless_per_key() -> None:
    first, second = list(records(EVENTS)), list(records(EVENTS))

    assert first == second
    sequences: dict[str, list[int]] = {}
    for key, _, headers in first:
        sequences.setdefault(key, []).append(int(dict(headers)["ce_sequence"]))
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())
    assert len(sequences) <= EVENTS // EVENTS_PER_KEY
