"""Disclosures and reports become indicators, assessments and flags, once each, on a real Postgres."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from random import Random
from uuid import UUID

import pytest

from services.risk import schedule
from services.risk.domain.facts import Entity, Fact, FactKind, digest_of
from services.risk.domain.flags import Ranking
from services.risk.domain.model import Model
from services.risk.handlers import assess_disclosures, close_withdrawn_flags, open_reported_flags
from services.risk.loading import Upload, load
from services.risk.settings import RiskSettings, current_model
from shared import outbox
from shared.events.envelope import Event
from shared.events.lifecycles import Finding, FlagState, IndicatorEnd
from shared.events.risk import AssessmentMade, FlagMoved, FlagOpened, IndicatorRaised, IndicatorWithdrawn
from shared.events.vocabulary import Category
from tests.conftest import EmptySchema, Schema
from tests.risk.builders import (
    EXAMPLE,
    OTHER,
    accepted,
    entity,
    good,
    named,
    published,
    replied,
    reported,
    retired,
    taken_back,
)

CHINA = good("CN", child=True, forced=True)
MALAYSIA = good("MY", forced=True)
PAKISTAN = good("PK", child=True)
RANKING = Ranking(serious_from=4, likelihood_unknown=3)
SETTINGS = RiskSettings.model_construct()


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("risk")


async def apply(schema: Schema, *batch: Event) -> list[Event]:
    """What the handler concludes from a batch, committed as the runtime does."""
    async with schema.pool.acquire() as tx, tx.transaction():
        events = await assess_disclosures.handle(batch, tx)
        await outbox.append(tx, events)
    return events


async def loaded(
    schema: Schema, *facts: Fact, edition: str = "2022", source: str = "Example list", dry_run: bool = False
) -> dict[str, object]:
    """Load an edition of a list."""
    kind = FactKind.ENTITIES if isinstance(facts[0], Entity) else FactKind.COUNTRY_GOODS
    upload = Upload(kind, source, edition, "public domain", None, digest_of(facts), facts)
    return await load(schema.runtime(SETTINGS), upload, dry_run=dry_run)


def findings(events: Sequence[Event]) -> dict[str, dict[Category, Finding]]:
    return {
        str(event.subject): dict(event.data.categories) for event in events if isinstance(event.data, AssessmentMade)
    }


def kinds(events: Sequence[Event]) -> Counter[str]:
    return Counter(event.type for event in events)


async def in_force(schema: Schema) -> set[tuple[UUID, str]]:
    return {(row["site"], row["category"]) for row in await schema.rows("SELECT site, category FROM indicator")}


async def test_a_disclosed_site_is_assessed_by_the_lists_in_force(schema: Schema) -> None:
    await loaded(schema, CHINA, MALAYSIA)

    await apply(schema, accepted())

    raised = [event.data for event in await published(schema) if isinstance(event.data, IndicatorRaised)]
    assert {one.category for one in raised} == {Category.CHILD_LABOUR, Category.FORCED_LABOUR}
    assert {(one.site, one.supplier, one.country) for one in raised} == {(named("site 1"), EXAMPLE, "CN")}
    assert {fact.source for one in raised for fact in one.evidence} == {"Example list"}
    assert findings(await published(schema))[str(named("site 1"))][Category.DISCRIMINATION] is Finding.UNKNOWN


async def test_before_any_list_is_loaded_everything_is_unknown(schema: Schema) -> None:
    await apply(schema, accepted())

    assert set(findings(await published(schema))[str(named("site 1"))].values()) == {Finding.UNKNOWN}


async def test_the_same_disclosure_again_says_nothing_new(schema: Schema) -> None:
    await loaded(schema, CHINA)
    await apply(schema, accepted())

    assert await apply(schema, accepted(at=5)) == []
    assert await apply(schema, accepted("disclosure 2", supplier=OTHER, at=6)) == []


async def test_a_disclosure_that_names_no_site_is_passed_over(schema: Schema) -> None:
    assert await apply(schema, accepted(site=None), retired("never seen", site="never seen"), reported()) == []
    assert await schema.rows("SELECT FROM site") == []


async def test_a_site_that_nobody_discloses_any_more_loses_its_indicators_and_nothing_else_is_said(
    schema: Schema,
) -> None:
    await loaded(schema, CHINA)
    await apply(schema, accepted(), accepted("disclosure 2", supplier=OTHER))

    assert await apply(schema, retired("disclosure 2", supplier=OTHER)) == []
    gone = await apply(schema, retired())

    assert [event.data.reason for event in gone if isinstance(event.data, IndicatorWithdrawn)] == [
        IndicatorEnd.SITE_GONE
    ] * 2
    assert len(gone) == 2
    assert await in_force(schema) == set()


async def test_a_site_that_comes_back_has_the_same_indicators_again(schema: Schema) -> None:
    await loaded(schema, CHINA)
    first = await apply(schema, accepted())
    await apply(schema, retired())

    again = await apply(schema, accepted(at=200))

    ids = [
        {event.data.indicator for event in events if isinstance(event.data, IndicatorRaised)}
        for events in (first, again)
    ]
    assert ids[0] == ids[1] != set()
    assert not findings(again)


async def test_a_corrected_disclosure_moves_to_its_new_site_and_leaves_the_old_one(schema: Schema) -> None:
    await loaded(schema, CHINA, MALAYSIA)
    await apply(schema, accepted())

    await apply(schema, accepted(site="site 2", country="MY", at=10))

    assert await in_force(schema) == {(named("site 2"), "forced_labour")}


async def test_a_corrected_sector_withdraws_what_rested_on_the_old_one(schema: Schema) -> None:
    await loaded(schema, CHINA)
    await apply(schema, accepted())

    corrected = await apply(schema, accepted(sector="Footwear", at=10))

    assert {event.data.reason for event in corrected if isinstance(event.data, IndicatorWithdrawn)} == {
        IndicatorEnd.SITE_CORRECTED
    }
    assert findings(corrected)[str(named("site 1"))][Category.FORCED_LABOUR] is Finding.NOT_LISTED


async def test_disclosures_of_different_keys_may_come_in_any_order_and_any_batches(empty_schema: EmptySchema) -> None:
    """Order is kept for one supplier only; a site can be named by two."""
    ours = [accepted(at=0), retired(at=30)]
    theirs = [
        accepted("disclosure 2", supplier=OTHER, sector=None, at=10),
        accepted("disclosure 2", supplier=OTHER, site="site 2", country="MY", at=40),
    ]
    outcomes = set()
    for order in set(permutations((0, 0, 1, 1))):
        for split in range(4):
            schema = await empty_schema("risk")
            await loaded(schema, CHINA, MALAYSIA)
            streams = iter(ours), iter(theirs)
            batch = [next(streams[key]) for key in order]
            await apply(schema, *batch[:split])
            await apply(schema, *batch[split:])
            sites = await schema.rows(
                "SELECT site, supplier, country, sectors, disclosures FROM site WHERE disclosures > 0"
            )
            outcomes.add((frozenset(await in_force(schema)), frozenset(tuple(row) for row in sites)))

    assert len(outcomes) == 1
    assert next(iter(outcomes))[0] == {(named("site 2"), "forced_labour")}


async def test_suppliers_that_name_one_site_at_the_same_moment_raise_its_indicators_once(schema: Schema) -> None:
    """Their events come on different partitions, and so to different processes."""
    await loaded(schema, CHINA)
    suppliers = [named(f"supplier {n}") for n in range(8)]

    await asyncio.gather(*(apply(schema, accepted(f"disclosure of {one}", supplier=one)) for one in suppliers))
    after_naming = kinds(await published(schema))
    await asyncio.gather(*(apply(schema, retired(f"disclosure of {one}", supplier=one)) for one in suppliers))

    assert after_naming == {"indicator.raised.v1": 2, "assessment.made.v1": 1}
    ends = [one.data.reason for one in await published(schema) if isinstance(one.data, IndicatorWithdrawn)]
    assert ends.count(IndicatorEnd.SITE_GONE) == 2
    assert await in_force(schema) == set()


async def test_what_is_in_force_is_what_was_published(schema: Schema) -> None:
    """Whatever happens, raising and withdrawing as published leads to the indicators that are kept."""
    random = Random(7)  # the same course each time
    await loaded(schema, CHINA)
    for step in range(30):
        supplier = random.choice((EXAMPLE, OTHER))
        disclosure, site = f"disclosure {random.randrange(3)} of {supplier}", f"site {random.randrange(3)}"
        country, sector = random.choice(("CN", "MY")), random.choice(("Electronics", "Solar", None))
        again = accepted(disclosure, site=site, supplier=supplier, country=country, sector=sector, at=step)
        await apply(schema, random.choice((again, retired(disclosure, supplier=supplier, at=step))))
        if step == 15:
            await loaded(schema, MALAYSIA, CHINA, edition="2024")

    standing: dict[UUID, UUID] = {}
    for event in await published(schema):
        if isinstance(event.data, IndicatorRaised):
            assert event.data.indicator not in standing
            standing[event.data.indicator] = event.data.supplier
        elif isinstance(event.data, IndicatorWithdrawn):
            assert standing.pop(event.data.indicator) == event.data.supplier
    kept = await schema.rows("SELECT indicator, supplier FROM indicator")
    assert standing == {row["indicator"]: row["supplier"] for row in kept}


async def test_a_batch_takes_few_statements_however_large_it_is(schema: Schema) -> None:
    await loaded(schema, CHINA)
    batch = [accepted(f"disclosure {n}", site=f"site {n}", at=n) for n in range(100, 400)]
    seen: list[str] = []

    async with schema.pool.acquire() as tx, tx.transaction():
        await assess_disclosures.handle([accepted(country="NO")], tx)  # the driver learns the types
        with tx.query_logger(lambda query: seen.append(query.query)):
            events = await assess_disclosures.handle(batch, tx)

    assert kinds(events) == {"indicator.raised.v1": 600, "assessment.made.v1": 300}
    assert len(seen) <= 13


# Lists


async def test_a_list_assesses_again_what_it_can_touch_and_publishes_only_what_changed(schema: Schema) -> None:
    await apply(
        schema,
        accepted(),
        accepted("disclosure 2", site="site 2", country="MY"),
        accepted("disclosure 3", site="site 3", country="PK"),
    )
    await loaded(schema, CHINA, MALAYSIA)
    before = len(await published(schema))

    answer = await loaded(schema, CHINA, PAKISTAN, edition="2024")

    news = (await published(schema))[before:]
    assert {(event.type, event.subject) for event in news} == {
        ("indicator.withdrawn.v1", str(named("site 2"))),
        ("assessment.made.v1", str(named("site 2"))),
        ("indicator.raised.v1", str(named("site 3"))),
        ("assessment.made.v1", str(named("site 3"))),
    }
    assert [event.data.reason for event in news if isinstance(event.data, IndicatorWithdrawn)] == [
        IndicatorEnd.LIST_CHANGED
    ]
    assert (answer["sites_assessed"], answer["indicators_raised"], answer["indicators_withdrawn"]) == (2, 1, 1)


async def test_the_first_list_turns_unknown_into_what_it_says(schema: Schema) -> None:
    await apply(schema, accepted(country="NO"))

    await loaded(schema, CHINA)

    made = [event.data.categories for event in await published(schema) if isinstance(event.data, AssessmentMade)]
    assert [found[Category.FORCED_LABOUR] for found in made] == [Finding.UNKNOWN, Finding.NOT_LISTED]


async def test_the_same_edition_again_changes_nothing(schema: Schema) -> None:
    await apply(schema, accepted())
    await loaded(schema, CHINA, MALAYSIA)
    before = await tables(schema)

    answer = await loaded(schema, MALAYSIA, CHINA)

    assert answer["new"] is False
    assert await tables(schema) == before


async def test_a_dry_run_says_what_would_change_and_changes_nothing(schema: Schema) -> None:
    await apply(schema, accepted())
    before = await tables(schema)

    answer = await loaded(schema, CHINA, dry_run=True)

    assert (answer["new"], answer["indicators_raised"]) == (True, 2)
    assert await tables(schema) == before


async def tables(schema: Schema) -> dict[str, int]:
    names = ("fact_edition", "country_good", "entity", "entity_name", "indicator", "outbox", "site")
    return {name: (await schema.rows(f"SELECT count(*) FROM {name}"))[0][0] for name in names}


async def test_an_entity_list_names_a_supplier_by_name_in_its_country(schema: Schema) -> None:
    await apply(schema, accepted(supplier_name="EXAMPLE LISTED WORKS LTD"), accepted("disclosure 2", site="site 2"))

    await loaded(schema, entity("Example Listed Works Co., Ltd., a/k/a Golden Example"))

    raised = [event for event in await published(schema) if isinstance(event.data, IndicatorRaised)]
    assert [event.subject for event in raised] == [str(named("site 1"))]
    assert "check that it is the same company" in raised[0].data.statement  # type: ignore[union-attr] # filtered above


async def test_a_new_edition_of_one_list_leaves_another_list_in_force(schema: Schema) -> None:
    await apply(schema, accepted(), accepted("disclosure 2", site="site 2", country="MY"))
    await loaded(schema, CHINA)
    await loaded(schema, MALAYSIA, source="Example list of another body")

    await loaded(schema, PAKISTAN, edition="2024")

    assert await in_force(schema) == {(named("site 2"), "forced_labour")}


async def test_lists_and_disclosures_that_arrive_together_leave_no_site_with_an_old_assessment(schema: Schema) -> None:
    """A list waits for the batches that run, and batches wait for it: none is assessed by an edition that has left."""

    async def disclose(number: int) -> None:
        await apply(
            schema, accepted(f"disclosure {number}", site=f"site {number}", supplier=named(f"supplier {number}"))
        )

    await asyncio.gather(*(disclose(n) for n in range(6)), loaded(schema, CHINA), *(disclose(n) for n in range(6, 12)))

    assert len(await in_force(schema)) == 24


# Flags


async def flags(schema: Schema, *batch: Event) -> list[Event]:
    async with schema.pool.acquire() as tx, tx.transaction():
        events = await open_reported_flags(batch, tx, RANKING) + await close_withdrawn_flags(batch, tx)
        await outbox.append(tx, events)
    return events


async def test_a_report_opens_one_flag_however_often_it_comes(schema: Schema) -> None:
    events = await flags(schema, reported(), reported(at=1))
    again = await flags(schema, reported(at=2))

    assert [event.subject for event in events] == [str(named("site 1"))]
    assert again == []
    flag = events[0].data
    assert isinstance(flag, FlagOpened)
    assert (flag.severity, flag.priority, flag.serious) == (4, 43, True)
    assert len(await schema.rows("SELECT FROM flag WHERE state = 'raised' AND serious")) == 1


async def test_reports_of_one_batch_open_a_flag_each(schema: Schema) -> None:
    events = await flags(schema, reported("a", scale=2), reported("b", scale=5), accepted())

    assert {event.data.serious for event in events if isinstance(event.data, FlagOpened)} == {True, False}
    assert [event.data.flag for event in events if isinstance(event.data, FlagOpened)] == [named("a"), named("b")]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_report_that_is_taken_back_closes_its_flag_once(schema: Schema, at_once: bool) -> None:
    batch = [reported(), reported("other"), replied(), taken_back()]
    events = await flags(schema, *batch) if at_once else [one for e in batch for one in await flags(schema, e)]

    assert await flags(schema, taken_back(at=60), taken_back("unknown")) == []
    moved = [event.data for event in events if isinstance(event.data, FlagMoved)]
    assert [(one.flag, one.before, one.after) for one in moved] == [
        (named("report 1"), FlagState.RAISED, FlagState.CLOSED)
    ]
    assert events[-1].subject == str(named("site 1"))
    rows = await schema.rows("SELECT flag FROM flag WHERE state = 'closed'")
    assert [row["flag"] for row in rows] == [named("report 1")]


# The model


async def test_a_newer_model_assesses_again_what_an_older_one_did(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    await loaded(schema, CHINA)
    await apply(schema, accepted(sector="Footwear"))
    newer = Model(current_model().version + 1, {"footwear": frozenset({"electronics"})})
    monkeypatch.setattr(schedule, "current_model", lambda: newer)

    assert await schedule.reassess_outdated(schema.runtime(SETTINGS)) is False

    assert await in_force(schema) == {(named("site 1"), "child_labour"), (named("site 1"), "forced_labour")}
    before = len(await published(schema))
    await schedule.reassess_outdated(schema.runtime(SETTINGS))
    assert len(await published(schema)) == before
