"""What people report and what testimony released bears on the sites that it names."""

from shared.events.lifecycles import CauseKind, Finding
from shared.events.vocabulary import Category
from tests.risk.given import (
    contract,
    disclosed,
    named,
    released,
    reported,
    taken_back,
)
from tests.risk.seen import CHINA, made, places, told
from tests.risk.world import World


async def test_a_report_of_a_site_changes_its_assessment(world: World) -> None:
    await world.hears(disclosed())

    news = await world.hears(reported(scale=5, at=1))

    (assessment,) = made(news)
    assert assessment.cause.kind is CauseKind.FLAG
    assert assessment.categories[Category.FORCED_LABOUR].severity == 5


async def test_a_site_that_only_a_report_names_is_assessed_as_the_report_describes_it(world: World) -> None:
    news = await world.hears(reported())

    (assessment,) = made(news)
    assert (assessment.site, assessment.supplier) == (named("site 1"), named("supplier 1"))
    (row,) = await world.schema.rows("SELECT country, disclosures FROM assessment")
    assert (row["country"], row["disclosures"]) == (CHINA, 0)

    await world.hears(taken_back(at=5))

    assert await places(world) == set()


async def test_what_was_released_of_testimony_reaches_all_sites_of_its_supplier(world: World) -> None:
    await world.hears(
        disclosed(),
        disclosed("disclosure 2", site="site 2"),
        disclosed("disclosure 3", site="site 3", supplier="supplier 2"),
    )

    news = await world.hears(released(at=4))

    assert {one.site for one in made(news)} == {named("site 1"), named("site 2")}
    assert {one.cause.kind for one in made(news)} == {CauseKind.STATEMENT}


async def test_what_was_released_reaches_a_site_that_only_a_report_names_for_its_supplier(world: World) -> None:
    """Whether the report came first or the statement."""
    await world.hears(reported(category=Category.CHILD_LABOUR), released(at=1))
    await world.hears(released("statement 2", supplier="supplier 2", at=2))
    await world.hears(reported("report 2", site="site 2", supplier="supplier 2", category=Category.CHILD_LABOUR, at=3))

    rows = await world.schema.rows("SELECT site, finding FROM grade WHERE category = 'forced_labour'")
    assert {row["site"]: row["finding"] for row in rows} == {
        named("site 1"): "indicated",
        named("site 2"): "indicated",
    }


async def test_what_was_released_reaches_a_site_for_the_one_reader_who_knows_that_its_supplier_works_there(
    world: World,
) -> None:
    await world.hears(disclosed(), disclosed("disclosure 2", supplier="supplier 2", member="oslo"))
    await world.hears(contract(supplier="supplier 2"), contract("contract 2", reader="bergen"))

    news = await world.hears(released(supplier="supplier 2", at=4))

    assert made(news) == []
    assert [one.categories[Category.FORCED_LABOUR].finding for one in told(news)] == [Finding.INDICATED]
    assert told(news, "bergen") == []
