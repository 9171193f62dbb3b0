"""What a working group sees: its salient issues, from events alone, and nobody else's contracts."""

import httpx
import pytest

from services.risk.domain.salience import Trend
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import Category, SourceClass
from tests.risk.given import (
    contract,
    disclosed,
    followed_up,
    group,
    left,
    linked,
    merged,
    named,
    registered,
    released,
    reported,
    site_registered,
    taken_back,
)
from tests.risk.groups.asking import ask, days_ago, key_for, salient
from tests.risk.world import World

SAFETY = Category.SAFETY_AND_HEALTH


async def test_a_group_sees_the_issues_of_its_suppliers_the_most_severe_first(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        registered(),
        *group("apple", "oslo", suppliers=("supplier 1",)),
        reported("mild", category=SAFETY, scale=2, irremediability=2),
        reported("grave", scale=5, likelihood=1),
        reported("of another", supplier="supplier 2", site="site 2", scale=5),
    )

    found = await salient(door, "apple")

    assert [(one["rank"], one["category"], one["severity"]) for one in found] == [
        (1, "forced_labour", 5),
        (2, "safety_and_health", 2),
    ]
    assert found[0]["supplier_name"] == "Example Electronics"
    assert found[0]["issue"] == f"{named('supplier 1')}/forced_labour"


async def test_a_group_that_names_no_supplier_sees_its_categories_at_every_supplier(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("safety", "oslo", categories=(SAFETY,)),
        reported("one", category=SAFETY),
        reported("other", category=SAFETY, supplier="supplier 2", site="site 2"),
        reported("another matter"),
    )

    found = await salient(door, "safety")

    assert {one["supplier"] for one in found} == {str(named("supplier 1")), str(named("supplier 2"))}
    assert {one["category"] for one in found} == {"safety_and_health"}


async def test_several_flags_and_statements_of_one_supplier_and_category_are_one_issue(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        reported("one", scale=2, irremediability=2, likelihood=None),
        reported("again", scale=2, irremediability=2, likelihood=2),
        reported("elsewhere", site="site 2", scale=3),
        reported("of the company", site=None, scale=4),
        released(),
    )

    (found,) = await salient(door, "apple")

    numbers = ("severity", "likelihood", "flags", "reports", "statements", "sites")
    assert [found[one] for one in numbers] == [4, 3, 3, 4, 1, 2]


async def test_suppliers_that_turn_out_to_be_one_are_one_issue(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(
        registered("supplier 1"),
        registered("supplier 2", "Example Electronics Ltd"),
        *group("apple", "oslo", suppliers=("supplier 2",)),
        reported("one"),
        reported("other", supplier="supplier 2", site="site 2"),
    )
    assert len(await salient(door, "apple")) == 1

    await world.hears(merged("supplier", "supplier 2", "supplier 1", at=10))

    (found,) = await salient(door, "apple")
    assert (found["supplier"], found["flags"]) == (str(named("supplier 1")), 2)


async def test_what_only_a_statement_tells_is_of_unknown_severity_and_stands_in_the_middle(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        released(category=Category.DISCRIMINATION),
        reported("less", category=SAFETY, scale=2, irremediability=2, likelihood=5),
        reported("more"),
    )

    found = await salient(door, "apple")

    assert [one["category"] for one in found] == ["forced_labour", "discrimination", "safety_and_health"]
    assert found[1]["severity"] is None


async def test_what_is_said_to_be_mitigated_stays_in_sight_after_what_is_open(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("safety", "oslo", categories=(SAFETY,)),
        reported("a", category=SAFETY, supplier="supplier 1"),
        reported("b", category=SAFETY, supplier="supplier 2", site="site 2"),
    )
    first = (await salient(door, "safety"))[0]["supplier"]
    report, site = ("a", "site 1") if first == str(named("supplier 1")) else ("b", "site 2")

    for at, state in enumerate((FlagState.CONFIRMED, FlagState.MITIGATING, FlagState.MITIGATED), start=1):
        await world.hears(followed_up(state, report=report, site=site, at=at))

    found = await salient(door, "safety")
    assert [one["mitigated"] for one in found] == [False, True]
    assert found[1]["supplier"] == first
    assert {one["severity"] for one in found} == {4}


async def test_a_dismissed_flag_and_a_report_taken_back_are_no_issue(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(
        *group("safety", "oslo", categories=(SAFETY,)),
        reported("a", category=SAFETY),
        reported("b", category=SAFETY, site="site 2"),
    )

    await world.hears(
        followed_up(FlagState.DISMISSED, report="a", reason=FlagReason.NOT_CREDIBLE, at=1),
        taken_back("b", site="site 2", at=1),
    )

    assert await salient(door, "safety") == []


async def test_a_report_that_was_taken_back_no_longer_counts_among_those_that_stand(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        days_ago(200, reported()),
        days_ago(199, reported("report 2", scale=5)),
        days_ago(1, taken_back("report 2", at=1)),
    )

    (found,) = await salient(door, "apple")

    assert (found["severity"], found["reports"], found["trend"]["word"]) == (4, 1, "falling")
    assert (found["trend"]["severity_then"], found["trend"]["reports_then"]) == (5, 2)


async def test_the_members_and_contracts_of_the_group_that_a_flag_touches_are_counted(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", "bergen", "bodo", suppliers=("supplier 1",)),
        disclosed(),
        contract("contract 1", reader="oslo"),
        contract("contract 2", reader="oslo"),
        contract("contract 3", reader="bergen"),
        contract("contract 4", reader="tromso"),
        contract("contract 5", reader="bodo"),
        linked(),
        reported(),
    )

    (found,) = await salient(door, "apple")

    assert (found["exposed_members"], found["exposed_contracts"]) == (3, 4)


async def test_in_a_group_of_two_neither_learns_what_the_other_has(world: World, door: httpx.AsyncClient) -> None:
    """Neither by the numbers nor by the order: of equal issues, the one that touches the other stays where it is."""
    await world.hears(
        *group("apple", "oslo", "bergen", suppliers=("supplier 1", "supplier 2")),
        reported(site=None),
        reported("report 2", site=None, supplier="supplier 2"),
    )
    before = await salient(door, "apple", await key_for(world, "oslo"))
    (last,) = [name for name in ("supplier 1", "supplier 2") if before[1]["supplier"] == str(named(name))]

    await world.hears(contract("theirs", reader="bergen", supplier=last))

    answer = (await ask(door, "/groups/apple/salient-issues", await key_for(world, "oslo"))).json()
    assert answer["issues"] == before
    assert {(one["exposed_members"], one["exposed_contracts"]) for one in before} == {(None, None)}
    assert answer["counted_from"] == 3


async def test_no_contract_and_no_member_is_named(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(
        *group("apple", "oslo", "bergen", "bodo", suppliers=("supplier 1",)),
        contract("contract 1", reader="oslo"),
        contract("contract 2", reader="bodo"),
        disclosed(member="bergen"),
        contract("contract 3", reader="bergen", reference="canary-reference", title="canary title"),
        linked(to="contract 3", reader="bergen"),
        reported(),
    )

    answer = await ask(door, "/groups/apple/salient-issues", await key_for(world, "oslo"))

    assert answer.json()["issues"][0]["exposed_contracts"] == 3
    for secret in ("bergen", "canary", str(named("contract 3"))):
        assert secret not in answer.text


async def test_what_lists_say_of_privately_disclosed_sites_is_not_counted_for_the_group(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(*group("apple", "oslo", "bergen", suppliers=("supplier 1",)), disclosed(member="bergen"))
    await world.hears(reported(), reported("child", category=Category.CHILD_LABOUR))
    await world.schema.pool.execute(
        """INSERT INTO indicator (indicator, audience, site, supplier, kind, category, statement)
           SELECT gen_random_uuid(), audience, $1, $2, 'country_good', category, 'An example list names it.'
           FROM (VALUES ('bergen', 'forced_labour'), ('', 'child_labour'), ('bergen', 'discrimination'))
               AS v (audience, category)""",
        named("site 1"),
        named("supplier 1"),
    )

    answer = (await ask(door, "/groups/apple/salient-issues")).json()

    assert {one["category"]: one["indicators"] for one in answer["issues"]} == {"forced_labour": 0, "child_labour": 1}
    assert answer["only_indicated"] == 0


async def test_where_only_lists_point_at_something_it_is_counted_apart(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(*group("apple", "oslo", suppliers=("supplier 1",)), disclosed())
    await world.schema.pool.execute(
        """INSERT INTO indicator (indicator, audience, site, supplier, kind, category, statement)
           SELECT gen_random_uuid(), '', $1, u, 'country_good', 'child_labour', 'An example list names it.'
           FROM unnest($2::uuid[]) u""",
        named("site 1"),
        [named("supplier 1"), named("supplier 1"), named("supplier 2")],
    )

    answer = (await ask(door, "/groups/apple/salient-issues")).json()

    assert (answer["issues"], answer["total"], answer["only_indicated"]) == ([], 0, 1)


async def test_the_trend_compares_with_what_had_been_recorded_before_its_days(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        days_ago(200, reported("old", scale=3)),
        days_ago(10, reported("newer", scale=5)),
        days_ago(200, reported("steady", category=SAFETY)),
        days_ago(30, reported("new", category=Category.CHILD_LABOUR)),
    )

    found = {one["category"]: one["trend"] for one in await salient(door, "apple")}

    assert found["forced_labour"] == {
        "word": Trend.RISING,
        "severity_then": 3,
        "severity_now": 5,
        "reports_then": 1,
        "reports_now": 2,
    }
    assert found["safety_and_health"]["word"] == Trend.STEADY
    assert found["child_labour"]["word"] == Trend.NEW


async def test_an_issue_falls_when_one_of_its_flags_is_closed(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        days_ago(200, reported("grave", scale=5)),
        days_ago(200, reported("milder", site="site 2", scale=2)),
        days_ago(5, followed_up(FlagState.DISMISSED, report="grave", reason=FlagReason.NOT_CREDIBLE, at=1)),
    )

    (found,) = await salient(door, "apple")

    assert (found["trend"]["word"], found["trend"]["severity_then"], found["severity"]) == ("falling", 5, 3)


async def test_the_suppliers_word_that_it_has_mitigated_makes_no_issue_fall(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        days_ago(200, reported()),
        days_ago(9, followed_up(FlagState.CONFIRMED, at=1)),
        days_ago(8, followed_up(FlagState.MITIGATING, basis=SourceClass.SUPPLIER, at=2)),
        days_ago(7, followed_up(FlagState.MITIGATED, basis=SourceClass.SUPPLIER, at=3)),
    )

    (found,) = await salient(door, "apple")

    assert (found["mitigated"], found["trend"]["word"]) == (True, "steady")


async def test_what_was_released_later_than_the_days_of_the_trend_did_not_stand_then(
    world: World, door: httpx.AsyncClient
) -> None:
    await world.hears(
        *group("apple", "oslo", suppliers=("supplier 1",)),
        days_ago(200, released("one")),
        days_ago(3, released("two")),
    )

    (found,) = await salient(door, "apple")

    assert (found["trend"]["reports_then"], found["trend"]["reports_now"]) == (1, 2)
    assert (found["trend"]["word"], found["trend"]["severity_then"]) == ("rising", None)


async def test_only_the_operator_and_members_of_a_group_may_ask(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(*group("apple", "oslo", suppliers=("supplier 1",)), reported())
    path, stranger = "/groups/apple/salient-issues", await key_for(world, "bergen")

    assert (await ask(door, path)).status_code == 200
    assert (await ask(door, path, await key_for(world, "oslo"))).status_code == 200
    unknown, foreign = await ask(door, "/groups/no-such/salient-issues", stranger), await ask(door, path, stranger)
    assert (unknown.status_code, foreign.status_code) == (404, 404)
    assert unknown.json()["detail"] == foreign.json()["detail"]
    assert (await ask(door, path, "eng_nobody")).status_code == 401


async def test_a_member_that_has_left_may_not_ask_any_more(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(*group("apple", "oslo", suppliers=("supplier 1",)))
    key = await key_for(world, "oslo")

    await world.hears(left("oslo", at=1))

    assert (await ask(door, "/groups/apple/salient-issues", key)).status_code == 401


async def test_groups_are_listed_to_whom_they_concern(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(
        *group("apple", "oslo", "bergen", suppliers=("supplier 1",)), *group("safety", categories=(SAFETY,))
    )

    everything = (await ask(door, "/groups")).json()["items"]
    own = (await ask(door, "/groups", await key_for(world, "oslo"))).json()["items"]

    assert [one["workinggroup"] for one in everything] == ["apple", "safety"]
    assert [(one["workinggroup"], one["members"], one["suppliers"]) for one in own] == [("apple", 2, 1)]


async def test_only_so_many_issues_are_shown_and_all_are_counted(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(*group("apple", "oslo", suppliers=("supplier 1",)))
    for category in (SAFETY, Category.CHILD_LABOUR, Category.FORCED_LABOUR):
        await world.hears(reported(category.value, category=category))

    answer = (await ask(door, "/groups/apple/salient-issues", limit=2)).json()

    assert (len(answer["issues"]), answer["total"]) == (2, 3)


@pytest.mark.parametrize("path", ["/groups/Not%20a%20slug/salient-issues", "/groups/apple/salient-issues?limit=0"])
async def test_what_cannot_be_meant_is_refused(door: httpx.AsyncClient, path: str) -> None:
    assert (await ask(door, path)).status_code == 422


async def test_what_only_a_site_says_adds_nothing(world: World, door: httpx.AsyncClient) -> None:
    await world.hears(*group("apple", "oslo", suppliers=("supplier 1",)), site_registered(), disclosed())

    assert await salient(door, "apple") == []
