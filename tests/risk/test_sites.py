"""Sites are assessed by what disclosures tell all members of them, and only what changes is published."""

from random import Random
from uuid import UUID

from services.risk.handlers import build
from shared.events.lifecycles import CauseKind, Finding, IndicatorEnd
from shared.events.risk import IndicatorRaised, IndicatorWithdrawn
from shared.events.values import SiteFacts
from shared.events.vocabulary import Category
from tests.risk.given import (
    disclosed,
    merged,
    named,
    retired,
)
from tests.risk.seen import CHINA, MALAYSIA, good, in_force, kinds, listed, made, places, withdrawn
from tests.risk.world import SETTINGS, World


async def test_a_disclosed_site_is_assessed_by_the_lists_in_force(world: World) -> None:
    await listed(world, good(CHINA), good(CHINA, "child_labour"))

    news = await world.hears(disclosed())

    raised = [one.data for one in news if isinstance(one.data, IndicatorRaised)]
    assert {one.category for one in raised} == {Category.CHILD_LABOUR, Category.FORCED_LABOUR}
    assert {(one.site, one.supplier, one.country) for one in raised} == {(named("site 1"), named("supplier 1"), CHINA)}
    (assessment,) = made(news)
    assert set(assessment.categories) == set(Category) - {Category.OTHER}
    assert len(assessment.instruments) == 11
    assert assessment.categories[Category.FORCED_LABOUR].finding is Finding.INDICATED
    assert assessment.categories[Category.DISCRIMINATION].finding is Finding.UNKNOWN
    assert assessment.cause.kind is CauseKind.DISCLOSURE
    assert {one.subject for one in news} == {str(named("site 1"))}


async def test_the_same_said_again_is_no_news(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed())

    again = await world.hears(disclosed(at=5), disclosed("disclosure 2", supplier="supplier 2", at=6))

    assert again == []


async def test_a_disclosure_that_names_no_site_is_kept_as_an_edge_and_assesses_nothing(world: World) -> None:
    assert await world.hears(disclosed(site=None)) == []
    assert len(await world.schema.rows("SELECT FROM disclosure WHERE site IS NULL")) == 1


async def test_a_site_that_nobody_discloses_any_more_loses_its_indicators_and_nothing_else_is_said(
    world: World,
) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(), disclosed("disclosure 2", supplier="supplier 2", at=1))

    assert await world.hears(retired("disclosure 2", supplier="supplier 2", at=2)) == []
    gone = await world.hears(retired(at=3))

    assert kinds(gone) == {"indicator.withdrawn.v1": 1}
    assert withdrawn(gone) == {IndicatorEnd.SITE_GONE}
    assert await places(world) == set()


async def test_a_site_that_comes_back_has_the_same_indicators_again(world: World) -> None:
    await listed(world, good(CHINA))
    first = await world.hears(disclosed())
    await world.hears(retired(at=3))

    again = await world.hears(disclosed(at=200))

    ids = [{one.data.indicator for one in news if isinstance(one.data, IndicatorRaised)} for news in (first, again)]
    assert ids[0] == ids[1] != set()


async def test_a_site_has_the_first_supplier_that_names_it_and_another_only_when_that_no_longer_does(
    world: World,
) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed(), disclosed("disclosure 2", supplier="supplier 2", at=1), disclosed(at=9))

    news = await world.hears(retired(at=10))

    assert withdrawn(news) == {IndicatorEnd.SITE_CORRECTED}
    raised = [one.data.supplier for one in news if isinstance(one.data, IndicatorRaised)]
    assert raised == [one.supplier for one in made(news)] == [named("supplier 2")]


async def test_a_corrected_disclosure_moves_to_its_new_site_and_leaves_the_old_one(world: World) -> None:
    await listed(world, good(CHINA), good(MALAYSIA))
    await world.hears(disclosed())

    await world.hears(disclosed(site="site 2", country=MALAYSIA, at=10))

    assert await in_force(world) == {(named("site 2"), "forced_labour")}
    assert await places(world) == {(named("site 2"), "")}


async def test_a_corrected_sector_withdraws_what_rested_on_the_old_one(world: World) -> None:
    await listed(world, good(CHINA))
    await world.hears(disclosed())

    corrected = await world.hears(disclosed(facts=SiteFacts(sector="Footwear"), at=10))

    assert withdrawn(corrected) == {IndicatorEnd.SITE_CORRECTED}
    assert made(corrected)[0].categories[Category.FORCED_LABOUR].finding is Finding.NOT_LISTED


async def test_the_products_and_processes_of_a_site_count_as_its_sectors(world: World) -> None:
    await listed(world, good(CHINA))

    await world.hears(disclosed(facts=SiteFacts(product_types=("Footwear; Electronics",))))

    assert await in_force(world) == {(named("site 1"), "forced_labour")}


async def test_what_is_in_force_is_what_was_published(world: World) -> None:
    """Whatever happens, raising and withdrawing as published leads to the indicators that are kept."""
    chance = Random(7)  # the same course each time
    await listed(world, good(CHINA))
    for step in range(40):
        supplier = chance.choice(("supplier 1", "supplier 2"))
        disclosure, site = f"disclosure {chance.randrange(3)} of {supplier}", f"site {chance.randrange(3)}"
        facts = SiteFacts(sector=chance.choice(("Electronics", "Electronics", "Solar", None)))
        country = chance.choice((CHINA, MALAYSIA))
        again = disclosed(disclosure, site=site, supplier=supplier, country=country, facts=facts, at=step)
        await world.hears(chance.choice((again, retired(disclosure, supplier=supplier, at=step))))
        if chance.random() < 0.1:
            await world.hears(merged("site", "site 0", "site 1", at=step))
    await world.hears(disclosed("disclosure of the last day", site="site 9", at=99))

    standing: dict[UUID, UUID] = {}
    for one in world.concluded:
        if isinstance(one.data, IndicatorRaised):
            assert one.data.indicator not in standing
            standing[one.data.indicator] = one.data.supplier
        elif isinstance(one.data, IndicatorWithdrawn):
            assert standing.pop(one.data.indicator) == one.data.supplier
    kept = await world.schema.rows("SELECT indicator, supplier FROM indicator")
    assert standing == {row["indicator"]: row["supplier"] for row in kept} != {}
    assert kinds(world.concluded)["indicator.withdrawn.v1"] > 1


async def test_a_batch_takes_few_statements_however_large_it_is(world: World) -> None:
    await listed(world, good(CHINA))
    (handler,) = (one for one in build(lambda: SETTINGS) if one.topic == "members.disclosure")
    batch = [disclosed(f"disclosure {n}", site=f"site {n}", at=n) for n in range(300)]
    seen: list[str] = []

    async with world.schema.pool.acquire() as tx, tx.transaction():
        await handler.handle([disclosed("disclosure 999", site="site 999")], tx)  # the driver learns the types
        with tx.query_logger(lambda query: seen.append(query.query)):
            events = await handler.handle(batch, tx)

    assert kinds(events) == {"indicator.raised.v1": 300, "assessment.made.v1": 300}
    assert len(seen) <= 30
