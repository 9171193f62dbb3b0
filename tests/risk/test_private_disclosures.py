"""What one member alone is told is assessed for it alone, and nobody else learns of it."""

import pytest

from services.risk import assessing
from shared.events.envelope import Classification
from shared.events.risk import ContractAssessed
from tests.risk.given import (
    START,
    contract,
    disclosed,
    joined,
    left,
    linked,
    named,
    reported,
)
from tests.risk.seen import CHINA, good, in_force, listed, newer_model, places, told
from tests.risk.world import World


async def test_what_one_member_is_told_is_assessed_for_it_alone_and_never_published(world: World) -> None:
    await listed(world, good(CHINA))

    news = await world.hears(disclosed(member="oslo"))

    assert news == []
    assert await places(world) == {(named("site 1"), "oslo")}
    assert await in_force(world, "oslo") == {(named("site 1"), "forced_labour")}
    assert await in_force(world) == await in_force(world, "bergen") == set()


async def test_a_private_disclosure_adds_to_what_all_are_told_for_its_reader_only(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(facts=None), contract(), linked(at=1))
    await world.hears(contract("contract 2", reader="bergen"), linked(to="contract 2", reader="bergen", at=1))

    news = await world.hears(disclosed("disclosure 2", member="oslo", at=5))

    assert {(one.classification, one.member) for one in news} == {(Classification.MEMBER, "oslo")}
    assert told(news)[0].indicators == 1
    assert await in_force(world) == await in_force(world, "bergen") == set()


async def test_a_private_disclosure_never_makes_all_members_hear_that_somebody_was_told_something(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the model is a newer one, by which the site stands otherwise: that is told by the clock."""
    await listed(world, good(CHINA))
    await world.hears(disclosed())
    before = await world.schema.rows("SELECT * FROM assessment WHERE audience = ''")
    monkeypatch.setattr(assessing, "current_model", newer_model)

    assert await world.hears(disclosed("disclosure 2", member="oslo", at=5)) == []

    assert await world.schema.rows("SELECT * FROM assessment WHERE audience = ''") == before
    assert (named("site 1"), "oslo") in await places(world)


async def test_a_reader_learns_nothing_of_when_another_was_told(world: World) -> None:
    """Both are told of the site in one batch, on topics of their own: each one's news has its own event, or none."""
    await world.hears(contract(), contract("contract 2", reader="bergen"))
    both = [disclosed("disclosure 1", member="oslo", at=7), disclosed("disclosure 2", member="bergen", at=8)]

    news = await world.hears_at_once(*both)

    times = {one.member: one.time for one in news if isinstance(one.data, ContractAssessed)}
    day = START.replace(hour=0)
    assert times.keys() == {"oslo", "bergen"}
    assert times["oslo"] in (day, both[0].time)
    assert times["bergen"] in (day, both[1].time)
    assert not {one.causationid for one in news} - {None, *(str(one.id) for one in both)}


async def test_what_one_member_alone_is_told_of_a_site_says_nothing_to_another_that_is_told_of_it_too(
    world: World,
) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(member="oslo", facts=None), contract())

    await world.hears(disclosed("disclosure 2", member="bergen", at=5))
    await world.hears(disclosed("disclosure 3", member="oslo", facts=None, at=6))

    assert await in_force(world, "bergen") == {(named("site 1"), "forced_labour")}
    assert await in_force(world, "oslo") == set()
    rows = await world.schema.rows("SELECT audience, disclosures FROM assessment")
    assert {row["audience"]: row["disclosures"] for row in rows} == {"oslo": 2, "bergen": 1}


async def test_a_member_that_has_left_is_told_nothing_more_and_nothing_is_kept_for_it(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(joined("oslo"), disclosed(), disclosed("disclosure 2", site="site 2", member="oslo"))
    await world.hears(contract(), linked(at=1))

    gone = await world.hears(left("oslo", at=2))
    late = await world.hears(
        disclosed("disclosure 3", site="site 3", member="oslo", at=3),
        contract("contract 2", at=3),
        linked("disclosure 3", "contract 2", at=3),
        reported(at=4),
    )

    assert not [one for one in (*gone, *late) if one.member]
    assert await places(world) == {(named("site 1"), "")}
    assert await world.schema.rows("SELECT FROM contract_assessment") == []
