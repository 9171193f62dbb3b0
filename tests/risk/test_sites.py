"""Sites are assessed by what disclosures say of them to each audience, and only what changes is published."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from uuid import UUID

import pytest

from services.risk import assessing, schedule
from services.risk.disclosing import claim_of
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.sites import Claim
from services.risk.handlers import build
from services.risk.loading import Loaded, Upload, load
from services.risk.settings import current_model
from services.risk.store.facts import Provenance
from shared.events.envelope import Classification, Event
from shared.events.ingest import DisclosureAccepted
from shared.events.lifecycles import CauseKind, Finding, IndicatorEnd
from shared.events.risk import AssessmentMade, ContractAssessed, IndicatorRaised, IndicatorWithdrawn
from shared.events.values import SiteFacts, SupplyLink
from shared.events.vocabulary import Category, ContractEnd, MemberKind, Obtained, Representation, SourceClass
from tests.conftest import EmptySchema
from tests.risk.exposure.world import SETTINGS, World
from tests.risk.given import (
    START,
    contract,
    disclosed,
    ended,
    joined,
    left,
    linked,
    merged,
    named,
    released,
    reported,
    retired,
    taken_back,
    unlinked,
)

PAKISTAN, CHINA, MALAYSIA = "PK", "CN", "MY"


@pytest.fixture
async def world(empty_schema: EmptySchema) -> World:
    """`risk` before it has heard of anything."""
    return World(await empty_schema("risk"))


def good(country: str, measure: str = "forced_labour") -> Fact:
    """A list names electronics of a country."""
    return Fact(FactAbout.GOOD, country, "Electronics", measure, f"{country}: Electronics, {measure}")


async def listed(world: World, *facts: Fact, edition: str = "2024") -> Loaded:
    """An edition of a list comes into force."""
    upload = Upload(Provenance("rows", "Example list", edition), facts)
    return await load(world.schema.runtime(SETTINGS), upload, dry_run=False)


def kinds(events: Sequence[Event]) -> Counter[str]:
    return Counter(one.type for one in events)


def made(events: Sequence[Event]) -> list[AssessmentMade]:
    return [one.data for one in events if isinstance(one.data, AssessmentMade)]


def told(events: Sequence[Event], reader: str = "oslo") -> list[ContractAssessed]:
    return [one.data for one in events if isinstance(one.data, ContractAssessed) and one.member == reader]


def withdrawn(events: Sequence[Event]) -> set[IndicatorEnd]:
    return {one.data.reason for one in events if isinstance(one.data, IndicatorWithdrawn)}


async def in_force(world: World, audience: str = "") -> set[tuple[UUID, str]]:
    rows = await world.schema.rows("SELECT site, category FROM indicator WHERE audience = $1", audience)
    return {(row["site"], row["category"]) for row in rows}


async def places(world: World) -> set[tuple[UUID, str]]:
    rows = await world.schema.rows("SELECT site, audience FROM assessment")
    return {(row["site"], row["audience"]) for row in rows}


# What all members are told


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


# What one member alone is told


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


# Time


async def test_a_disclosure_holds_from_the_day_it_was_told_to_the_day_it_was_retired(world: World) -> None:
    day = 86_400
    await world.hears(disclosed(at=day), disclosed(at=3 * day), retired(at=5 * day))

    (row,) = await world.schema.rows("SELECT valid_from, valid_to, retired FROM disclosure")

    assert (row["valid_from"] - START.date()).days == 1
    assert (row["valid_to"] - START.date()).days == 5
    assert row["retired"]


async def test_a_disclosure_holds_as_its_source_says_where_it_does(world: World) -> None:
    """The last day that a source names is one on which the link still holds."""
    link = SupplyLink.model_validate({"valid_from": "2024-01-01", "valid_to": "2024-12-31"})

    await world.hears(disclosed(link=link), disclosed("disclosure 2", effective="2025-06-01", at=1))

    rows = await world.schema.rows("SELECT valid_from, valid_to FROM disclosure ORDER BY valid_from")
    assert [(str(row[0]), str(row[1])) for row in rows] == [("2024-01-01", "2025-01-01"), ("2025-06-01", "None")]


async def test_one_that_was_retired_and_came_back_holds_from_its_return(world: World) -> None:
    day = 86_400
    await world.hears(disclosed(), retired(at=2 * day), disclosed(at=6 * day))

    (row,) = await world.schema.rows("SELECT valid_from, valid_to FROM disclosure")

    assert (row["valid_from"] - START.date()).days == 6
    assert row["valid_to"] is None


# Whose word it is


@pytest.mark.parametrize(
    ("contributor", "obtained", "source"),
    [
        (MemberKind.PARTNER, None, SourceClass.MONITORING_PARTNER),
        (MemberKind.PARTNER, Obtained.SUPPLIER_STATEMENT, SourceClass.MONITORING_PARTNER),
        (MemberKind.BUYER, Obtained.MONITORING_PARTNER, SourceClass.MONITORING_PARTNER),
        (MemberKind.BUYER, Obtained.PUBLIC_LIST, SourceClass.PUBLIC),
        (MemberKind.BUYER, Obtained.SUPPLIER_STATEMENT, SourceClass.SUPPLIER),
        (MemberKind.BUYER, None, SourceClass.SUPPLIER),
    ],
)
def test_a_claim_of_representation_is_the_word_of_who_it_came_from(
    contributor: MemberKind, obtained: Obtained | None, source: SourceClass
) -> None:
    facts = SiteFacts(representation=Representation.INDEPENDENT)
    event = disclosed(contributor=contributor, link=SupplyLink(obtained=obtained), facts=facts)
    assert isinstance(event.data, DisclosureAccepted)

    assert claim_of(event.data) == Claim(source, Representation.INDEPENDENT)


def test_a_disclosure_that_says_nothing_of_representation_claims_nothing() -> None:
    event = disclosed()
    assert isinstance(event.data, DisclosureAccepted)

    assert claim_of(event.data) is None


# What people report


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


# Lists and models


async def test_an_edition_assesses_again_what_it_touches_and_publishes_what_changed_with_the_cause(
    world: World,
) -> None:
    for n, country in enumerate((CHINA, MALAYSIA, PAKISTAN, "NO"), 1):
        await world.hears(disclosed(f"disclosure {n}", site=f"site {n}", country=country))
    await listed(world, good(CHINA), good(MALAYSIA))
    before = (await world.schema.rows("SELECT max(id) FROM outbox"))[0][0]

    answer = await listed(world, good(CHINA), good(PAKISTAN), edition="2026")

    rows = await world.schema.rows("SELECT key, value FROM outbox WHERE id > $1", before)
    assert {row["key"] for row in rows} == {str(named("site 2")), str(named("site 3"))}
    assert all(b'"edition":"2026"' in row["value"] for row in rows if b'"categories"' in row["value"])
    assert (answer.sites, answer.indicators_raised, answer.indicators_withdrawn) == (2, 1, 1)


def newer_model() -> object:
    """The model as of a later version, which finds the same but for the name of its version."""
    model = current_model()
    fields = {name: getattr(model, name) for name in model.__dataclass_fields__}
    return type(model)(**(fields | {"version": "newer"}))


async def test_a_newer_model_assesses_again_page_by_page_and_says_only_what_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world, good(CHINA))
    for n in range(3):
        await world.hears(disclosed(f"disclosure {n}", site=f"site {n}"))
    await world.hears(disclosed("disclosure 9", site="site 9", member="oslo"))
    for module in (assessing, schedule):
        monkeypatch.setattr(module, "current_model", newer_model)
    monkeypatch.setattr(schedule, "PAGE", 3)
    before = await world.schema.rows("SELECT count(*) FROM outbox")
    runtime = world.schema.runtime(SETTINGS)

    assert await schedule.reassess_outdated(runtime) is True
    assert await schedule.reassess_outdated(runtime) is False

    models = await world.schema.rows("SELECT DISTINCT model FROM assessment")
    assert [row["model"] for row in models] == ["newer"]
    assert await world.schema.rows("SELECT count(*) FROM outbox") == before


# Contracts


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
