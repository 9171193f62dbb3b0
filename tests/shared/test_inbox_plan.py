"""The inbox decides what becomes of each delivery: pure, one stream at a time."""

from dataclasses import replace

from shared.delivery import Delivery
from shared.events.envelope import MalformedEvent
from shared.inbox import Head, Plan, hold_back, plan
from tests.shared.chain import Member, Raw, linked

MEMBER = Member("pure")
A, B = "key-a", "key-b"


def delivered(key: str, sequence: int, problem: str | None = None, was_parked: bool = False) -> Delivery:
    event = linked(MEMBER, key, sequence, sequence)
    raw = Raw.of(event)
    return Delivery(
        MEMBER.incoming,
        0,
        sequence,
        key,
        sequence,
        raw.headers,
        raw.value,
        event,
        MalformedEvent(problem) if problem else None,
        was_parked,
    )


def places(deliveries: list[Delivery]) -> list[tuple[str, int]]:
    return [(delivery.key, delivery.sequence) for delivery in deliveries]


def stream(key: str) -> tuple[str, str]:
    return MEMBER.incoming, key


def test_the_first_event_of_a_key_has_sequence_one() -> None:
    result = plan({}, [delivered(A, 1)])

    assert places(result.apply) == [(A, 1)]
    assert result.heads == {stream(A): Head(last=1, version=1)}


def test_an_event_seen_before_is_a_duplicate() -> None:
    result = plan({stream(A): Head(last=3, version=7)}, [delivered(A, 2), delivered(A, 3)])

    assert places(result.duplicates) == [(A, 2), (A, 3)]
    assert result.apply == []
    assert result.heads[stream(A)] == Head(last=3, version=8)


def test_the_same_event_twice_in_a_batch_is_applied_once() -> None:
    result = plan({}, [delivered(A, 1), delivered(A, 1)])

    assert places(result.apply) == [(A, 1)]
    assert places(result.duplicates) == [(A, 1)]


def test_events_of_a_key_are_put_in_order_within_a_batch() -> None:
    result = plan({}, [delivered(A, 3), delivered(A, 1), delivered(A, 2)])

    assert places(result.apply) == [(A, 1), (A, 2), (A, 3)]


def test_an_event_beyond_a_gap_waits() -> None:
    result = plan({stream(A): Head(last=1)}, [delivered(A, 3), delivered(A, 4)])

    assert result.apply == []
    assert places(result.park) == [(A, 3), (A, 4)]
    assert result.heads[stream(A)] == Head(last=1, parked=True, version=1)


def test_what_waited_is_applied_when_the_gap_closes() -> None:
    head = Head(last=1, parked=True, version=4)

    result = plan({stream(A): head}, [delivered(A, 2), delivered(A, 3, was_parked=True)])

    assert places(result.apply) == [(A, 2), (A, 3)]
    assert places(result.settled()) == [(A, 3)]
    assert result.heads[stream(A)] == Head(last=3, version=5)


def test_a_second_copy_of_an_event_that_must_go_on_waiting_does_not_free_its_place() -> None:
    head = Head(last=1, parked=True)

    result = plan({stream(A): head}, [delivered(A, 2), delivered(A, 4), delivered(A, 4, was_parked=True)])

    assert places(result.apply) == [(A, 2)]
    assert result.settled() == []
    assert result.heads[stream(A)] == Head(last=2, parked=True, version=1)


def test_a_malformed_event_holds_the_head_and_later_ones_wait() -> None:
    result = plan({}, [delivered(A, 1), delivered(A, 2, problem="not_json"), delivered(A, 3)])

    assert places(result.apply) == [(A, 1)]
    assert places(result.dead) == [(A, 2)]
    assert places(result.park) == [(A, 3)]
    assert result.heads[stream(A)] == Head(last=1, blocked=2, parked=True, version=1)


def test_a_malformed_event_beyond_a_gap_waits_like_any_other() -> None:
    result = plan({}, [delivered(A, 2, problem="not_json")])

    assert result.dead == []
    assert places(result.park) == [(A, 2)]


def test_a_dead_letter_that_is_delivered_again_is_a_duplicate() -> None:
    result = plan({stream(A): Head(last=1, blocked=2)}, [delivered(A, 2, problem="not_json")])

    assert places(result.duplicates) == [(A, 2)]
    assert result.heads[stream(A)] == Head(last=1, blocked=2, version=1)


def test_a_held_head_stays_parked_while_duplicates_come() -> None:
    head = Head(last=1, blocked=2, parked=True)

    result = plan({stream(A): head}, [delivered(A, 1)])

    assert result.heads[stream(A)] == replace(head, version=1)


def test_keys_do_not_influence_each_other() -> None:
    result = plan({}, [delivered(A, 1, problem="not_json"), delivered(B, 1), delivered(A, 2), delivered(B, 2)])

    assert places(result.apply) == [(B, 1), (B, 2)]
    assert places(result.dead) == [(A, 1)]
    assert places(result.park) == [(A, 2)]


def planned(*deliveries: Delivery) -> Plan:
    return plan({}, deliveries)


def test_an_event_that_its_handler_fails_on_holds_the_head_and_those_after_it_wait() -> None:
    bad = delivered(A, 2)
    result = planned(delivered(A, 1), bad, delivered(A, 3), delivered(B, 1))

    hold_back(result, [bad])

    assert places(result.apply) == [(A, 1), (B, 1)]
    assert places(result.dead) == [(A, 2)]
    assert places(result.park) == [(A, 3)]
    assert result.heads[stream(A)] == Head(last=1, blocked=2, parked=True, version=1)


def test_a_malformed_event_behind_a_failed_one_waits_for_its_turn() -> None:
    bad = delivered(A, 1)
    result = planned(bad, delivered(A, 2, problem="not_json"), delivered(A, 3))

    hold_back(result, [bad])

    assert places(result.dead) == [(A, 1)]
    assert sorted(places(result.park)) == [(A, 2), (A, 3)]
    assert result.heads[stream(A)] == Head(last=0, blocked=1, parked=True, version=1)
