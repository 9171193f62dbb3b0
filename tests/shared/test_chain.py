"""Two services in a chain on real Kafka and Postgres: nothing lost, nothing doubled, order kept per key."""

from tests.conftest import Schema
from tests.shared.chain import (
    Member,
    downstream,
    eventually,
    has_effects,
    linked,
    produce,
    running,
    settings_for,
    upstream,
)


async def test_what_is_published_upstream_is_applied_once_and_in_order_in_both_services(
    kafka: str, member: Member, first: Schema, second: Schema
) -> None:
    keys, length = [f"key-{n}" for n in range(40)], 25
    events = [linked(member, key, n, n) for n in range(1, length + 1) for key in keys]
    expected = {key: list(range(1, length + 1)) for key in keys}

    async with (
        running(upstream(member), settings_for(first, kafka)),
        running(downstream(member), settings_for(second, kafka)),
    ):
        await produce(kafka, member.incoming, events)

        await eventually(lambda: has_effects(first, member.incoming, expected))
        await eventually(lambda: has_effects(second, member.outgoing, expected))
