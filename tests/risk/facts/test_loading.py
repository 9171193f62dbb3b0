"""A new edition assesses again exactly what it touches, and publishes only what changed, with its cause."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest

from services.risk import settling
from services.risk.assessing import reassess
from services.risk.domain.facts.editions import EditionRefused
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.loading import Loaded
from services.risk.news import Cause
from services.risk.store import assessments
from services.risk.touched import Touched
from shared.events import decode
from shared.events.envelope import Event
from shared.events.lifecycles import CauseKind, Finding
from shared.events.risk import AssessmentMade, IndicatorRaised, IndicatorWithdrawn
from shared.events.values import SiteFacts
from shared.events.vocabulary import Category
from shared.packing import unpack
from tests.conftest import Schema
from tests.risk.facts.conftest import SETTINGS, Disclose, LoadList
from tests.risk.facts.files import about_country, entity, good
from tests.risk.given import START, disclosed, named

CHINA, MALAYSIA, PAKISTAN = (good(country) for country in ("CN", "MY", "PK"))
TABLES = ("fact", "fact_edition", "assessment", "grade", "indicator", "outbox")


async def tables(schema: Schema) -> dict[str, list[Any]]:
    return {name: await schema.rows(f"SELECT * FROM {name} ORDER BY {name}") for name in TABLES}


async def published(schema: Schema) -> list[Event]:
    rows = await schema.rows("SELECT headers, value FROM outbox ORDER BY id")
    return [decode(unpack(row["headers"]), row["value"]) for row in rows]


def subjects(events: list[Event], kind: type) -> set[str | None]:
    return {event.subject for event in events if isinstance(event.data, kind)}


async def three_sites(disclose: Disclose) -> None:
    await disclose(
        disclosed(),
        disclosed("disclosure 2", site="site 2", country="MY"),
        disclosed("disclosure 3", site="site 3", country="PK"),
    )


async def test_an_edition_assesses_again_what_it_touches_and_publishes_only_what_changed(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    await three_sites(disclose)
    await load_list(CHINA, MALAYSIA)
    before = len(await published(schema))

    loaded = await load_list(CHINA, PAKISTAN, edition="2024")

    news = (await published(schema))[before:]
    assert subjects(news, IndicatorWithdrawn) == {str(named("site 2"))}
    assert subjects(news, IndicatorRaised) == {str(named("site 3"))}
    assert subjects(news, AssessmentMade) == {str(named("site 2")), str(named("site 3"))}
    assert (loaded.sites, loaded.assessments_changed) == (2, 2)
    assert (loaded.indicators_raised, loaded.indicators_withdrawn) == (1, 1)
    assert len(loaded.changes) == 2


async def test_an_assessment_names_the_list_and_edition_that_caused_it(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    await disclose(disclosed())

    await load_list(CHINA)

    made = [one.data for one in await published(schema) if isinstance(one.data, AssessmentMade)]
    assert [(one.cause.kind, one.cause.source, one.cause.edition) for one in made] == [
        (CauseKind.DISCLOSURE, None, None),
        (CauseKind.FACTS, "Example list", "2022"),
    ]
    assert [one.categories[Category.FORCED_LABOUR].finding for one in made] == [Finding.UNKNOWN, Finding.INDICATED]


async def test_a_measure_that_is_stated_for_the_first_time_concerns_every_site(
    disclose: Disclose, load_list: LoadList
) -> None:
    await three_sites(disclose)

    first = await load_list(CHINA)
    second = await load_list(good("VN"), source="Another list")
    child = await load_list(good("VN", "child_labour"), source="A third list")

    assert [one.sites for one in (first, second, child)] == [3, 0, 3]


async def test_the_first_list_of_companies_fills_a_gap_everywhere_whether_the_model_uses_it_or_not(
    disclose: Disclose, load_list: LoadList
) -> None:
    await three_sites(disclose)

    loaded = await load_list(entity("Zantrix Mill", "NO", "example_ban"))

    assert (loaded.sites, loaded.assessments_changed) == (3, 3)


async def test_a_fact_about_a_country_concerns_the_sites_there(disclose: Disclose, load_list: LoadList) -> None:
    await three_sites(disclose)
    await load_list(about_country("NO", "v2x_rule", 0.1))

    loaded = await load_list(about_country("NO", "v2x_rule", 0.2), about_country("MY", "v2x_rule", 0.9), edition="2023")

    assert (loaded.sites, loaded.assessments_changed) == (1, 1)


async def test_measures_that_the_model_does_not_use_are_kept_and_assess_nothing(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    await three_sites(disclose)
    await load_list(about_country("NO", "v2x_rule", 0.1))

    loaded = await load_list(about_country("CN", "example_index", 0.9), source="Another list")

    assert (loaded.sites, loaded.unused) == (0, ["country example_index"])
    assert len(await schema.rows("SELECT FROM fact WHERE measure = 'example_index'")) == 1


async def test_an_entity_list_concerns_the_sites_that_bear_a_name_of_it(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    await disclose(
        disclosed(supplier_name="QUORBLE WORKS LTD"),
        disclosed("disclosure 2", site="site 2"),
        disclosed("disclosure 3", site="site 3", site_name="Golden Quorble Factory", country="MY"),
    )
    await load_list(entity("Zantrix Mill Co., Ltd."))

    loaded = await load_list(
        entity("Zantrix Mill Co., Ltd."), entity("Quorble Works Co., Ltd., a/k/a Golden Quorble"), edition="2023"
    )

    raised = [one for one in await published(schema) if isinstance(one.data, IndicatorRaised)]
    assert str(named("site 1")) in {one.subject for one in raised}
    assert str(named("site 2")) not in {one.subject for one in raised}
    assert loaded.sites == len({one.subject for one in raised})
    gone = await load_list(entity("Zantrix Mill Co., Ltd."), edition="2024")
    assert (gone.sites, gone.indicators_withdrawn) == (loaded.sites, loaded.indicators_raised)


async def test_a_fact_about_a_mineral_concerns_the_sites_where_it_is_found(
    disclose: Disclose, load_list: LoadList
) -> None:
    tin = Fact(FactAbout.MINERAL, "CD", "tin", "conflict_affected_area", "as listed")
    gold = Fact(FactAbout.MINERAL, "CD", "gold", "conflict_affected_area", "as listed")
    await disclose(
        disclosed(country="CD", mineral={"mineral": "tin"}),
        disclosed("disclosure 2", site="site 2", country="CD", mineral={"mineral": "gold"}),
    )
    await load_list(tin)

    loaded = await load_list(tin, gold, edition="2023")

    assert loaded.sites == 1


async def test_the_same_edition_again_changes_nothing(schema: Schema, disclose: Disclose, load_list: LoadList) -> None:
    await disclose(disclosed())
    await load_list(CHINA, MALAYSIA)
    before = await tables(schema)

    loaded = await load_list(MALAYSIA, CHINA)

    assert loaded.is_new is False
    assert await tables(schema) == before


async def test_the_same_facts_as_a_newer_edition_assess_nothing_again(disclose: Disclose, load_list: LoadList) -> None:
    await disclose(disclosed())
    await load_list(CHINA)

    loaded = await load_list(CHINA, edition="2024")

    assert (loaded.is_new, loaded.sites, list(loaded.changes)) == (True, 0, [])


@pytest.mark.parametrize(("edition", "code"), [("2021", "edition_older"), ("2022", "edition_differs")])
async def test_an_edition_that_is_refused_leaves_the_tables_as_they_were(
    schema: Schema, disclose: Disclose, load_list: LoadList, edition: str, code: str
) -> None:
    await disclose(disclosed())
    await load_list(CHINA)
    before = await tables(schema)

    with pytest.raises(EditionRefused) as refused:
        await load_list(PAKISTAN, edition=edition)

    assert refused.value.code == code
    assert await tables(schema) == before


async def test_a_dry_run_says_what_a_load_does_and_changes_nothing(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    await three_sites(disclose)
    await load_list(CHINA)
    before = await tables(schema)

    tried = await load_list(MALAYSIA, edition="2024", dry_run=True)
    assert await tables(schema) == before
    done = await load_list(MALAYSIA, edition="2024")

    assert told(tried) == told(done)
    assert tried.indicators_raised == tried.indicators_withdrawn == 1


def told(loaded: Loaded) -> tuple[Any, ...]:
    return loaded.is_new, loaded.changes, loaded.unused, loaded.sites, loaded.published


async def test_a_list_that_says_nearly_what_another_source_says_is_told(load_list: LoadList) -> None:
    ten = [good("CN", f"Good {number}") for number in range(10)]
    await load_list(*ten)

    newer = await load_list(*ten, MALAYSIA, edition="2024")
    other = await load_list(*ten[:9], CHINA, source="Example list two")
    smaller = await load_list(*ten[:5], source="Example list three")

    same = await load_list(*ten, source="Example list four")

    assert (newer.alike, other.alike, smaller.alike) == ([], [], [])  # nine of eleven, five of eleven
    assert same.alike == ["Example list", "Example list two"]  # ten of eleven, nine of ten


async def test_a_new_edition_of_one_list_leaves_another_in_force(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    await three_sites(disclose)
    await load_list(CHINA)
    await load_list(MALAYSIA, source="Another list")

    await load_list(PAKISTAN, edition="2024")

    held = {row["site"] for row in await schema.rows("SELECT site FROM indicator")}
    assert held == {named("site 2"), named("site 3")}


async def test_a_load_is_one_transaction(
    schema: Schema, disclose: Disclose, load_list: LoadList, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three_sites(disclose)
    before = await tables(schema)
    monkeypatch.setattr(settling, "PAGE", 1)
    pages = 0

    async def failing(*arguments: Any) -> list[Event]:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise ZeroDivisionError
        return await reassess(*arguments)

    monkeypatch.setattr(settling, "reassess", failing)

    with pytest.raises(ZeroDivisionError):
        await load_list(CHINA)

    assert pages == 3
    assert await tables(schema) == before


async def test_pages_make_no_difference(
    schema: Schema, disclose: Disclose, load_list: LoadList, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three_sites(disclose)
    await load_list(entity("Zantrix Mill"), source="Entities")
    monkeypatch.setattr(settling, "PAGE", 1)

    loaded = await load_list(CHINA, MALAYSIA)
    entities = await load_list(entity("Zantrix Mill"), entity("Example Electronics"), source="Entities", edition="2023")

    assert (loaded.sites, loaded.indicators_raised, entities.sites) == (3, 2, 3)


async def test_lists_and_disclosures_that_arrive_together_leave_no_site_with_an_old_assessment(
    schema: Schema, disclose: Disclose, load_list: LoadList
) -> None:
    """A list waits for the batches that run, and batches wait for it: none is assessed by an edition that has left."""

    async def say(number: int) -> None:
        await disclose(disclosed(f"disclosure {number}", site=f"site {number}"))

    await asyncio.gather(*(say(n) for n in range(4)), load_list(CHINA), *(say(n) for n in range(4, 8)))

    assert len(await schema.rows("SELECT FROM indicator")) == 8


def some_facts(random: Random) -> list[Fact]:
    """Facts of all kinds about the few things that the sites below are."""
    possible = [
        *(good(c, m) for c in ("CN", "MY", "PK") for m in ("forced_labour", "child_labour", "derived")),
        *(about_country(c, "v2x_rule", v) for c, v in (("CN", 0.2), ("MY", 0.9), ("NO", 0.5))),
        *(about_country(c, "ratified_c087", None, w) for c, w in (("CN", "no"), ("MY", "yes"))),
        *(about_country(c, "example_index", 0.5) for c in ("CN", "MY")),
        *(Fact(FactAbout.MINERAL, c, "tin", "conflict_affected_area", "as listed") for c in ("CN", "CD")),
        Fact(FactAbout.MINERAL, "CD", "tin", "example_mineral", "as listed"),
        Fact(FactAbout.SECTOR, None, "Electronics", "forced_labour", "as listed"),
        Fact(FactAbout.GOOD, None, "Electronics", "child_labour", "as listed"),
        entity("Quorble Works Co., Ltd."),
        entity("Zantrix Mill", None, "listed_example"),
        entity("Zantrix Mill", "MY", "example_ban"),
    ]
    return random.sample(possible, random.randrange(1, 6))


@pytest.mark.parametrize("seed", range(4))
async def test_what_a_load_leaves_out_would_not_have_changed(
    schema: Schema, disclose: Disclose, load_list: LoadList, seed: int
) -> None:
    """After any course of editions, assessing every site anew finds each as the loads have left it."""
    random = Random(seed)  # the same course each time
    await disclose(
        disclosed(supplier_name="Quorble Works"),
        disclosed("disclosure 2", site="site 2", country="MY", site_name="Zantrix Mill"),
        disclosed("disclosure 3", site="site 3", country="CD", mineral={"mineral": "tin"}),
        disclosed("disclosure 4", site="site 4", country="PK", facts=SiteFacts(sector="Unheard of")),
        disclosed("disclosure 5", site="site 5", member="oslo", country="CN"),
    )

    for step in range(8):
        source = random.choice(("Example list", "Another list"))
        await load_list(*some_facts(random), source=source, edition=f"20{10 + step}")
        assert await anew(schema) == Counter()


async def anew(schema: Schema) -> Counter[str]:
    """What is published, and which rows change, when every site is assessed once more."""
    before = await tables(schema)
    async with schema.pool.acquire() as tx, tx.transaction():
        touched = Touched()
        touched.touch(touched.sites, await assessments.all_sites(tx), Cause(CauseKind.MODEL, START))
        events = await reassess(tx, touched, SETTINGS)
    after = await tables(schema)
    left_out = {name: len(rows) for name, rows in after.items() if rows != before[name]}
    return Counter(event.type for event in events) + Counter(left_out)
