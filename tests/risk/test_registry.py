"""Sites and suppliers are followed to what they are known as now, through every merge and back."""

from itertools import permutations
from uuid import UUID

from services.risk.domain.merges import roots_of
from shared.events.envelope import Event
from shared.events.lifecycles import CauseKind, IndicatorEnd
from shared.events.risk import AssessmentMade, IndicatorRaised, IndicatorWithdrawn
from shared.events.vocabulary import Category
from tests.conftest import EmptySchema
from tests.risk.given import (
    contract,
    disclosed,
    group,
    group_closed,
    group_joined,
    group_left,
    joined,
    merged,
    named,
    registered,
    released,
    reported,
    site_registered,
    unmerged,
)
from tests.risk.seen import good, in_force, listed, made, places, told
from tests.risk.world import World


async def roots(world: World, kind: str = "site") -> dict[UUID, UUID]:
    rows = await world.schema.rows(f"SELECT {kind}, root FROM {kind}")
    return {row[0]: row[1] for row in rows}


# Chains of merges


def test_each_entry_is_known_by_the_end_of_its_chain() -> None:
    a, b, c, d = (named(name) for name in "abcd")

    assert roots_of({a: b, b: c, c: None, d: None}) == {a: c, b: c, c: c, d: d}


def test_a_ring_which_is_only_a_word_that_has_not_come_yet_has_one_root_for_all_of_it() -> None:
    a, b, c = (named(name) for name in "abc")

    found = roots_of({a: b, b: a, c: a})

    assert set(found.values()) == {min(a, b)}


async def test_a_chain_ends_the_same_in_whatever_order_its_merges_are_told(empty_schema: EmptySchema) -> None:
    ends = set()
    for order in permutations((("site 1", "site 2"), ("site 2", "site 3"), ("site 3", "site 4"))):
        world = World(await empty_schema("risk"))
        for one, into in order:
            await world.hears(merged("site", one, into, at=1))
        ends.add(frozenset((await roots(world)).items()))

    assert ends == {frozenset((named(f"site {n}"), named("site 4")) for n in range(1, 5))}


async def test_undoing_a_merge_in_the_middle_takes_along_what_was_merged_into_it_before(world: World) -> None:
    await world.hears(merged("site", "site 1", "site 2", at=1), merged("site", "site 2", "site 3", at=2))

    await world.hears(unmerged("site", "site 2", "site 3", at=3))

    assert await roots(world) == {
        named("site 1"): named("site 2"),
        named("site 2"): named("site 2"),
        named("site 3"): named("site 3"),
    }


async def test_a_merge_may_come_before_what_it_merges_is_registered(world: World) -> None:
    await world.hears(merged("supplier", "supplier 1", "supplier 2", at=5), registered("supplier 1", at=1))

    assert (await roots(world, "supplier"))[named("supplier 1")] == named("supplier 2")
    rows = await world.schema.rows("SELECT name FROM supplier ORDER BY name NULLS LAST")
    assert [row["name"] for row in rows] == ["Example Electronics", None]


# What follows


async def test_a_registration_assesses_nothing(world: World) -> None:
    await world.hears(disclosed(), contract())

    assert await world.hears(joined("oslo"), registered(at=1), site_registered(at=1)) == []


async def test_two_sites_that_are_one_are_assessed_as_one_by_what_is_told_of_both(world: World) -> None:
    await listed(world, good("CN"))
    await world.hears(disclosed(), disclosed("disclosure 2", site="site 2", facts=None, at=1))
    await world.hears(reported(site="site 2", category=Category.SAFETY_AND_HEALTH, scale=5, at=2))

    news = await world.hears(merged("site", "site 1", "site 2", at=3))

    assert await places(world) == {(named("site 2"), "")}
    assert await in_force(world) == {(named("site 2"), "forced_labour")}
    ends = [one for one in news if isinstance(one.data, IndicatorWithdrawn)]
    assert [(one.subject, one.data.reason) for one in ends if isinstance(one.data, IndicatorWithdrawn)] == [
        (str(named("site 1")), IndicatorEnd.SITE_CORRECTED)
    ]
    (assessment,) = made(news)
    assert (assessment.site, assessment.cause.kind) == (named("site 2"), CauseKind.REGISTRY)
    assert assessment.categories[Category.SAFETY_AND_HEALTH].severity == 5


async def test_undoing_a_merge_of_sites_brings_back_each_as_it_was(world: World) -> None:
    await listed(world, good("CN"))
    await world.hears(disclosed(), disclosed("disclosure 2", site="site 2", country="NO", at=1))
    before = await tables(world)

    await world.hears(merged("site", "site 1", "site 2", at=3), unmerged("site", "site 1", "site 2", at=4))

    assert await tables(world) == before


async def tables(world: World) -> list[list[str]]:
    """All that is kept of how sites stand."""
    return [
        [row[0] for row in await world.schema.rows(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")]
        for table in ("assessment", "grade", "indicator")
    ]


async def test_two_suppliers_that_are_one_share_what_was_released_of_either(world: World) -> None:
    await world.hears(disclosed(), released(supplier="supplier 2", at=1))

    joint = await world.hears(merged("supplier", "supplier 2", "supplier 1", at=2))
    apart = await world.hears(unmerged("supplier", "supplier 2", "supplier 1", at=3))

    assert [one.categories[Category.FORCED_LABOUR].severity for one in made(joint)] != [None]
    assert [one.categories[Category.FORCED_LABOUR].severity for one in made(apart)] == [None]


async def test_two_suppliers_that_are_one_let_a_contract_reach_the_sites_of_both(world: World) -> None:
    await world.hears(disclosed(supplier="supplier 2"), contract())

    joint = told(await world.hears(merged("supplier", "supplier 2", "supplier 1", at=2)))
    apart = told(await world.hears(unmerged("supplier", "supplier 2", "supplier 1", at=3)))

    assert ([one.sites for one in joint], [one.sites for one in apart]) == ([1], [0])


async def test_a_working_group_is_kept_as_it_was_last_told(world: World) -> None:
    await world.hears(
        *group("example-group", "oslo", suppliers=("supplier 1",)),
        *group("example-group", "oslo", "bergen", categories=(Category.FORCED_LABOUR,), at=1),
    )

    (row,) = await world.schema.rows("SELECT * FROM workinggroup")
    assert row["members"] == ["bergen", "oslo"]
    assert (row["suppliers"], row["categories"]) == ([], ["forced_labour"])


async def test_who_takes_part_follows_who_joined_and_left_and_joined_again(world: World) -> None:
    at_once = [*group("example-group", "oslo", "bergen"), group_left("example-group", "oslo", at=1)]
    await world.hears_at_once(*at_once, group_joined("example-group", "tromso", at=2))
    await world.hears(group_joined("example-group", "oslo", at=3), group_left("example-group", "bergen", at=4))
    await world.hears(group_left("example-group", "bergen", at=5), group_closed(at=6))

    (row,) = await world.schema.rows("SELECT members, closed FROM workinggroup")
    assert (row["members"], row["closed"]) == (["oslo", "tromso"], True)


async def test_the_same_merge_told_again_is_no_news(world: World) -> None:
    await world.hears(disclosed(), merged("site", "site 1", "site 2", at=1))

    assert await world.hears(merged("site", "site 1", "site 2", at=2)) == []


async def test_news_of_a_site_is_keyed_by_the_id_by_which_it_is_known_now(world: World) -> None:
    await listed(world, good("CN"))
    await world.hears(merged("site", "site 1", "site 2", at=1))

    news: list[Event] = list(await world.hears(disclosed(at=2)))

    assert {one.subject for one in news} == {str(named("site 2"))}
    assert {type(one.data) for one in news} == {IndicatorRaised, AssessmentMade}
