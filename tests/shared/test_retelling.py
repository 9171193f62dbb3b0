"""Several topics are told again as one: in the order of recording, and within a partition in Kafka's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.events.envelope import Event
from shared.replaying import Read
from shared.retelling import retell
from tests.shared.chain import MOMENT, Member, linked, new_member, produce


def recorded(member: Member, key: str, number: int, second: int) -> Event:
    """The `number`-th event of a key, recorded at a second."""
    return replace(linked(member, key, number, number), recordedtime=MOMENT + timedelta(seconds=second))


async def retold(bootstrap: str, members: list[Member], heads: dict[str, int], batch: int = 2000) -> list[Read]:
    """What is told of the incoming topics of these members, where these are the heads of the keys of each."""
    streams = {(member.incoming, key): last for member in members for key, last in heads.items()}
    return [part async for part in retell(bootstrap, [member.incoming for member in members], streams, batch)]


def seconds(parts: list[Read]) -> list[int]:
    """When the events were recorded, in the order in which they were told."""
    return [
        round((one.event.recordedtime - MOMENT).total_seconds())
        for part in parts
        for one in part.deliveries
        if one.event.recordedtime is not None
    ]


@pytest.mark.parametrize("batch", [2, 7, 2000])
async def test_what_was_recorded_first_is_told_first_whatever_the_topic(kafka: str, batch: int) -> None:
    one, two, three = [await new_member(kafka, partitions=partitions) for partitions in (1, 3, 1)]
    await produce(kafka, one.incoming, [recorded(one, "a", n, 3 * n) for n in range(1, 21)])
    for key, start in (("a", 0), ("b", 100)):
        await produce(kafka, two.incoming, [recorded(two, key, n, start + n) for n in range(1, 21)])
    await produce(kafka, three.incoming, [recorded(three, "a", 1, 33)])

    parts = await retold(kafka, [one, two, three], {"a": 20, "b": 20}, batch)

    told = seconds(parts)
    assert told == sorted(told)
    assert len(told) == 61
    assert all(len(part.deliveries) <= batch for part in parts)
    assert (parts[-1].seen, parts[-1].total) == (61, 61)


async def test_within_a_partition_the_order_is_that_of_kafka(kafka: str) -> None:
    member = await new_member(kafka, partitions=1)
    await produce(kafka, member.incoming, [recorded(member, "a", 1, 9), recorded(member, "a", 2, 4)])

    assert seconds(await retold(kafka, [member], {"a": 2})) == [9, 4]


async def test_of_each_key_no_more_is_told_than_its_head_and_what_has_none_is_passed_by(kafka: str) -> None:
    one, two = await new_member(kafka, partitions=1), await new_member(kafka, partitions=1)
    for member in (one, two):
        events = [recorded(member, key, n, n) for n in range(1, 8) for key in ("a", "b")]
        await produce(kafka, member.incoming, events)

    parts = await retold(kafka, [one, two], {"b": 3}, batch=4)

    assert [(one.key, one.sequence) for part in parts for one in part.deliveries] == [
        ("b", n) for n in (1, 2, 3) for _ in range(2)
    ]


async def test_restricted_topics_are_never_told_again_and_empty_ones_end_at_once(kafka: str) -> None:
    member = await new_member(kafka)

    assert await retold(kafka, [member], {"a": 5}) == []
    assert [part async for part in retell(kafka, [], {}, 10)] == []
    with pytest.raises(ValueError, match="restricted"):
        async for _ in retell(kafka, ["members.report", "restricted.testimony"], {}, 10):
            pytest.fail("a part was told")
