"""What Prometheus sees of engagements: numbers by closed labels, and of nobody in particular."""

from prometheus_client import REGISTRY, generate_latest

from services.remedy.engagement_metrics import measure
from shared.events.engagement_words import Milestone
from tests.remedy.engagement.shown import World


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"engage_remedy_{name}", labels)


async def test_engagements_are_counted_by_state_and_milestone_with_the_days_of_the_longest(world: World) -> None:
    for days in (10, 40):
        await world.open(days_ago=days)
    moved = await world.open(days_ago=90)
    await world.move(moved, Milestone.M1_CONCERN_RAISED, days_ago=20)
    await world.move(moved, Milestone.M4_PLAN_IMPLEMENTED, days_ago=10)

    assert await measure(world.runtime) is False

    assert (shown("engagements", state="open", milestone="M0"), shown("engagements", state="open", milestone="M1")) == (
        2,
        1,
    )
    assert shown("engagements", state="proposed", milestone="none") == 0
    assert (shown("engagements_standing_days", milestone="M0"), shown("engagements_standing_days", milestone="M1")) == (
        40,
        20,
    )
    assert (shown("entries_refused", reason="step_skipped"), shown("entries_refused", reason="ask_unknown")) == (1, 0)


async def test_what_is_gone_is_zero_again(world: World) -> None:
    await world.open()
    await measure(world.runtime)

    await world.runtime.pool.execute("DELETE FROM engagement")
    await measure(world.runtime)

    assert shown("engagements", state="open", milestone="M0") == 0
    assert shown("engagements_standing_days", milestone="M0") == 0


async def test_no_group_supplier_or_member_is_a_label(world: World) -> None:
    engagement = await world.open()
    await measure(world.runtime)

    told = generate_latest().decode()

    for named in ("phones", "oslo", str(world.supplier), str(engagement), "Example Electronics"):
        assert named not in told
