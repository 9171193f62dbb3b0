"""Which of a member's contracts touch a site on a date: the terms of the contract and of the disclosure together."""

from datetime import date, timedelta
from typing import Any

from services.risk.store import exposure, paths
from shared.events.values import Product
from shared.events.vocabulary import ContractEnd, Tier
from tests.risk.given import START, contract, disclosed, ended, linked, merged, named, retired, unlinked
from tests.risk.world import DAY, World

FOR_IT, THERE = "disclosed_for_contract", "supplier_at_site"
TODAY = START.date()


def on(days: int) -> date:
    """A day, counted from the day of the start."""
    return TODAY + timedelta(days=days)


async def touching(world: World, day: int = 0, member: str = "oslo", site: str = "site 1") -> list[dict[str, Any]]:
    async with world.schema.pool.acquire() as tx:
        return await paths.read_paths(tx, "site", named(site), member, on(day), 1000)


async def touched(world: World, day: int = 0, member: str = "oslo", site: str = "site 1") -> list[tuple[str, str]]:
    """References and reaches of the contracts that touch a site on a day."""
    return [(one["reference"], one["reach"]) for one in await touching(world, day, member, site)]


async def test_each_path_is_told_with_what_it_is_for_and_the_days_on_which_it_holds(world: World) -> None:
    laptop = Product(manufacturer="Example Maker", model="Model 5")
    await world.hears(
        contract("laptops", starts=on(-100), ends=on(99)),
        disclosed(
            member="oslo",
            tier=Tier.COMPONENT,
            component="battery",
            product=laptop,
            link={"valid_from": on(-30), "valid_to": on(30)},
        ),
        linked(to="laptops"),
    )

    (path,) = await touching(world)

    assert (path["contract"], path["reach"], path["disclosure"]) == (named("laptops"), FOR_IT, named("disclosure 1"))
    assert (path["product"], path["component"], path["tier"]) == ("Example Maker Model 5", "battery", "component")
    assert (path["valid_from"], path["valid_to"]) == (on(-30), on(31))


async def test_a_contract_touches_a_site_from_its_first_day_to_its_last(world: World) -> None:
    await world.hears(contract(starts=on(-10), ends=on(10)), disclosed(link={"valid_from": on(-50)}))

    days = [day for day in (-11, -10, 0, 10, 11) if await touched(world, day)]

    assert days == [-10, 0, 10]


async def test_a_disclosure_holds_from_and_until_the_days_that_its_source_names(world: World) -> None:
    link = {"valid_from": on(-5), "valid_to": on(5)}
    await world.hears(contract(starts=on(-100)), disclosed(link=link))

    assert [day for day in (-6, -5, 0, 5, 6) if await touched(world, day)] == [-5, 0, 5]


async def test_what_names_no_day_holds_from_the_day_it_was_told_to_the_day_it_ended(world: World) -> None:
    await world.hears(contract(), disclosed(), retired(at=9 * DAY))

    assert [day for day in (-1, 0, 8, 9) if await touched(world, day)] == [0, 8]


async def test_the_past_stays_known_after_a_contract_was_ended_or_a_disclosure_unlinked(world: World) -> None:
    await world.hears(contract("ended"), contract("still", supplier="supplier 2"), disclosed(member="oslo"))
    await world.hears(linked(to="still"), ended("ended", on=on(5), at=5 * DAY), unlinked(to="still", at=7 * DAY))

    assert await touched(world, 4) == [("still", FOR_IT), ("ended", THERE)]
    assert await touched(world, 5) == [("still", FOR_IT)]
    assert await touched(world, 7) == []


async def test_the_last_day_of_a_contract_that_expired_is_a_day_of_it(world: World) -> None:
    await world.hears(contract(ends=on(5)), disclosed(), ended(on=on(5), reason=ContractEnd.EXPIRED, at=6 * DAY))

    assert [day for day in (5, 6) if await touched(world, day)] == [5]


async def test_a_contract_that_was_recorded_by_mistake_never_touched_anything(world: World) -> None:
    await world.hears(contract(starts=on(-50)), disclosed(link={"valid_from": on(-50)}))
    assert await touched(world) != []

    await world.hears(ended(reason=ContractEnd.SENT_BY_MISTAKE, at=DAY))

    assert [day for day in (-50, -1, 0, 1) if await touched(world, day)] == []


async def test_a_contract_is_known_from_the_day_it_was_first_recorded_however_often_it_is_modified(
    world: World,
) -> None:
    await world.hears(disclosed())
    await world.hears_at_once(contract(at=2 * DAY), contract(at=3 * DAY))
    await world.hears(contract(title="Laptops", at=8 * DAY))

    assert [day for day in (1, 2, 5) if await touched(world, day)] == [2, 5]


async def test_a_contract_that_is_not_awarded_touches_nothing(world: World) -> None:
    await world.hears(contract(supplier=None), disclosed(member="oslo"), linked())

    assert await touched(world) == []


async def test_a_site_is_found_by_any_id_by_which_it_was_known(world: World) -> None:
    await world.hears(contract(), disclosed(site="site 2"), merged("site", "site 2", "site 1", at=1))

    assert await touched(world, site="site 1") == await touched(world, site="site 2") == [("contract 1", THERE)]
    assert [one["site"] for one in await touching(world)] == [named("site 1")]


async def test_a_contract_with_a_supplier_that_is_known_by_another_id_touches_its_sites(world: World) -> None:
    await world.hears(
        contract(supplier="supplier 2"), disclosed(), merged("supplier", "supplier 2", "supplier 1", at=1)
    )

    assert await touched(world) == [("contract 1", THERE)]


async def test_a_member_sees_its_own_contracts_by_its_own_and_the_published_disclosures(world: World) -> None:
    await world.hears(contract("ours"), contract("theirs", reader="bergen"))
    await world.hears(disclosed(member="oslo"), linked(to="ours"))
    assert await touched(world) == [("ours", FOR_IT)]
    assert await touched(world, member="bergen") == []

    await world.hears(disclosed())

    assert await touched(world) == [("ours", FOR_IT)]
    assert await touched(world, member="bergen") == [("theirs", THERE)]


async def test_a_product_and_a_mineral_are_followed_to_the_contracts(world: World) -> None:
    mineral = {"mineral": "cobalt"}
    maker = Product(manufacturer="Example  Maker", model="Model 5")
    await world.hears(contract(), disclosed(product=maker), disclosed("disclosure 2", site="site 2", mineral=mineral))

    async with world.schema.pool.acquire() as tx:
        product = await paths.read_paths(tx, "product", "example maker model 5", "oslo", TODAY, 10)
        cobalt = await paths.read_paths(tx, "mineral", "cobalt", "oslo", TODAY, 10)

    assert [one["site"] for one in product] == [named("site 1")]
    assert [one["site"] for one in cobalt] == [named("site 2")]


async def test_a_contract_reaches_the_sites_of_its_disclosures_and_of_its_supplier(world: World) -> None:
    await world.hears(contract("ours"), contract("theirs", reader="bergen"), disclosed("published", site="site 2"))
    await world.hears(disclosed(member="oslo"), disclosed("other", supplier="supplier 9", site="site 3", member="oslo"))
    await world.hears(linked("other", "ours", site="site 3"), disclosed("gone", site="site 4"), retired("gone", at=1))

    async with world.schema.pool.acquire() as tx:
        rows = await exposure.reached(tx, [(named("ours"), "oslo"), (named("theirs"), "bergen")])

    assert {(row["reader"], row["site"]) for row in rows} == {
        ("oslo", named("site 1")),
        ("oslo", named("site 2")),
        ("oslo", named("site 3")),
        ("bergen", named("site 2")),
    }
