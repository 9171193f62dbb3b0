"""Topics are read again from their beginning, of each key up to a given place and no further."""

import pytest

from shared.replaying import Read, replay, topics_of
from tests.shared.chain import Member, Raw, linked, new_member, produce


async def read_all(bootstrap: str, member: Member, heads: dict[str, int], batch: int = 2000) -> list[Read]:
    """What is read of the member's incoming topic, where these are the heads of its keys."""
    streams = {(member.incoming, key): last for key, last in heads.items()}
    return [part async for part in replay(bootstrap, [member.incoming], streams, batch)]


def places(parts: list[Read]) -> dict[str, list[int]]:
    """The sequences read, per key, in the order of reading."""
    found: dict[str, list[int]] = {}
    for part in parts:
        for delivery in part.deliveries:
            found.setdefault(delivery.key, []).append(delivery.sequence)
    return found


async def test_each_key_is_read_up_to_its_head_and_what_has_none_is_passed_by(kafka: str) -> None:
    member = await new_member(kafka, partitions=3)
    await produce(kafka, member.incoming, [linked(member, key, n, n) for n in range(1, 31) for key in ("a", "b", "c")])

    parts = await read_all(kafka, member, {"a": 30, "b": 7})

    assert places(parts) == {"a": list(range(1, 31)), "b": list(range(1, 8))}
    assert (parts[-1].seen, parts[-1].total) == (90, 90)


async def test_a_part_has_no_more_records_than_asked_for_and_repetitions_come_again(kafka: str) -> None:
    member = await new_member(kafka)
    await produce(kafka, member.incoming, [linked(member, "a", n, n) for n in (1, 2, 3, 2, 3, 4)])

    parts = await read_all(kafka, member, {"a": 4}, batch=4)

    assert places(parts) == {"a": [1, 2, 3, 2, 3, 4]}
    assert all(len(part.deliveries) <= 4 for part in parts)


async def test_a_record_that_cannot_be_read_and_one_that_is_no_event_are_passed_by(kafka: str) -> None:
    member = await new_member(kafka)
    good = [linked(member, "a", n, n) for n in (1, 2)]
    bad = Raw.of(good[1]).with_header("ce_sequence", b"no number")
    stranger = Raw(b"a", [], b"{}")
    await produce(kafka, member.incoming, [good[0], bad, stranger, good[1]])

    assert places(await read_all(kafka, member, {"a": 2})) == {"a": [1, 2]}


async def test_an_empty_topic_ends_at_once(kafka: str) -> None:
    member = await new_member(kafka)

    assert await read_all(kafka, member, {"a": 5}) == []
    assert [part async for part in replay(kafka, [], {}, 10)] == []


async def test_restricted_topics_are_never_read(kafka: str) -> None:
    with pytest.raises(ValueError, match="restricted"):
        async for _ in replay(kafka, ["members.report", "restricted.testimony"], {}, 10):
            pytest.fail("a part was read")


async def test_the_topics_of_the_broker_are_known(kafka: str) -> None:
    member = await new_member(kafka)

    assert {member.incoming, "members.registry"} <= await topics_of(kafka)
