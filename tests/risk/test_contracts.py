"""A contract is assessed by the sites that it reaches."""

from shared.events.lifecycles import CauseKind, Finding
from shared.events.vocabulary import Category, ContractEnd
from tests.risk.given import (
    contract,
    disclosed,
    ended,
    linked,
    released,
    reported,
    retired,
    unlinked,
)
from tests.risk.seen import CHINA, good, listed, told
from tests.risk.world import World


async def test_a_contract_has_the_gravest_of_what_it_reaches(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(), disclosed("disclosure 2", site="site 2", country="NO"))
    await world.hears(reported(site="site 2", category=Category.SAFETY_AND_HEALTH, scale=2, at=1))

    news = await world.hears(contract(at=2))

    (found,) = told(news)
    assert (found.sites, found.flags, found.indicators) == (2, 1, 1)
    assert found.categories[Category.FORCED_LABOUR].finding is Finding.INDICATED
    assert found.categories[Category.SAFETY_AND_HEALTH].severity == 3
    assert found.cause.kind is CauseKind.CONTRACT


async def test_a_contract_that_reaches_no_site_stands_as_its_supplier_does(world: World) -> None:
    (first,) = told(await world.hears(contract()))
    (then,) = told(await world.hears(released(at=1)))

    assert first.sites == then.sites == 0
    assert first.categories[Category.FORCED_LABOUR].finding is Finding.UNKNOWN
    assert then.categories[Category.FORCED_LABOUR].finding is Finding.INDICATED
    assert then.gaps == first.gaps != ()


async def test_a_contract_stands_by_its_sites_though_another_told_with_it_reaches_none(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(member="oslo"), reported(site=None, category=Category.SAFETY_AND_HEALTH, at=1))

    news = await world.hears_at_once(contract(at=2), contract("contract 2", reader="bergen", at=2))

    (reaching,), (bare,) = told(news), told(news, "bergen")
    assert (reaching.sites, bare.sites) == (1, 0)
    assert reaching.categories[Category.FORCED_LABOUR].finding is Finding.INDICATED
    assert bare.categories[Category.FORCED_LABOUR].finding is Finding.UNKNOWN
    assert {one.categories[Category.SAFETY_AND_HEALTH].finding for one in (reaching, bare)} == {Finding.INDICATED}


async def test_a_contract_is_told_of_again_when_it_no_longer_reaches_a_site(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(), contract())

    (then,) = told(await world.hears(retired(at=5)))

    assert (then.sites, then.indicators) == (0, 0)
    assert then.categories[Category.FORCED_LABOUR].finding is Finding.UNKNOWN


async def test_linking_a_disclosure_of_another_supplier_lets_the_contract_reach_its_site(world: World) -> None:
    await world.hears(disclosed(supplier="supplier 2"), contract())

    (linked_now,) = told(await world.hears(linked(at=1)))
    (unlinked_then,) = told(await world.hears(unlinked(at=2)))

    assert (linked_now.sites, unlinked_then.sites) == (1, 0)


async def test_nothing_more_is_told_of_a_contract_that_binds_no_more_or_is_not_awarded(world: World) -> None:
    await world.hears(disclosed(), contract())

    quiet = await world.hears(
        ended(reason=ContractEnd.TERMINATED, at=2),
        contract("contract 2", supplier=None, at=2),
        reported(at=3),
    )

    assert told(quiet) == []
    assert await world.schema.rows("SELECT FROM contract_assessment") == []
