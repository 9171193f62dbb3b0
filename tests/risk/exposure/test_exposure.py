"""Whose contracts a flag touches: told to each member about its own, from what that member may know."""

from datetime import date

import pytest

from services.risk.exposing import expose
from services.risk.news import Cause
from services.risk.touched import Touched
from shared.events.envelope import Classification
from shared.events.lifecycles import CauseKind, Exposure, FlagReason, FlagState, Reach
from shared.events.risk import ContractAssessed, ExposureChanged
from shared.events.vocabulary import Category, Tier
from tests.risk.given import (
    contract,
    disclosed,
    ended,
    followed_up,
    group,
    group_closed,
    group_joined,
    group_left,
    linked,
    merged,
    named,
    reported,
    retired,
    taken_back,
    unlinked,
    unmerged,
)
from tests.risk.world import DAY, SETTINGS, World, of

FOR_IT, SUPPLIER, THERE = "disclosed_for_contract", "supplier_of_contract", "supplier_at_site"


# How a contract reaches a flag


async def test_a_disclosure_for_a_contract_exposes_it_to_a_flag_of_its_site(world: World) -> None:
    await world.hears(contract(), disclosed(member="oslo", tier=Tier.COMPONENT), linked())

    news = await world.hears(reported())

    (told,) = [one for one in news if isinstance(one.data, ExposureChanged)]
    assert (told.classification, told.member) == (Classification.MEMBER, "oslo")
    assert isinstance(told.data, ExposureChanged)
    assert (told.data.contract, told.data.exposure, told.data.reach, told.data.tier) == (
        named("contract 1"),
        Exposure.EXPOSED,
        Reach.DISCLOSED_FOR_CONTRACT,
        Tier.COMPONENT,
    )
    assert (told.data.site, told.data.supplier, told.data.category) == (
        named("site 1"),
        named("supplier 1"),
        Category.FORCED_LABOUR,
    )


async def test_a_flag_of_a_supplier_exposes_its_contracts(world: World) -> None:
    await world.hears(contract(), contract("contract 2", supplier="supplier 2"), reported(site=None))

    assert world.exposed() == {of("oslo", "contract 1", SUPPLIER)}


async def test_a_supplier_that_works_at_the_site_exposes_its_contracts(world: World) -> None:
    await world.hears(contract(), disclosed(), reported(supplier="supplier 9"))

    assert world.exposed() == {of("oslo", "contract 1", THERE)}


async def test_the_supplier_that_a_report_names_exposes_its_contracts_where_nothing_is_disclosed(world: World) -> None:
    await world.hears(contract(), reported(), reported("report 2", supplier="supplier 2"))
    await world.hears(contract("contract 2", reader="bergen", supplier="supplier 2"))

    assert world.exposed() == {of("oslo", "contract 1", THERE), of("bergen", "contract 2", THERE)}


async def test_a_report_that_was_taken_back_exposes_nobody(world: World) -> None:
    await world.hears(contract("contract 2", supplier="supplier 2"), reported())
    await world.hears(reported("report 2", supplier="supplier 2", at=1))
    assert world.exposed() == {of("oslo", "contract 2", THERE)}

    await world.hears(taken_back("report 2", supplier="supplier 2", at=2))

    assert world.exposed() == set()


async def test_the_surest_reach_and_the_nearest_tier_are_told(world: World) -> None:
    await world.hears(contract(), reported(), disclosed("disclosure 2", tier=Tier.MINE))
    await world.hears(disclosed("disclosure 3", tier=Tier.COMPONENT), disclosed("disclosure 4"))
    assert world.exposed() == {of("oslo", "contract 1", THERE)}
    (row,) = await world.schema.rows("SELECT tier FROM exposure")
    assert row["tier"] == "component"

    await world.hears(linked("disclosure 4"))

    assert world.exposed() == {of("oslo", "contract 1", FOR_IT)}


@pytest.mark.parametrize("known", ["first", "last"])
async def test_it_makes_no_difference_whether_the_flag_or_the_contract_is_known_first(world: World, known: str) -> None:
    ours = [contract(), disclosed(member="oslo"), linked()]
    await world.hears(*([reported(), *ours] if known == "first" else [*ours, reported()]))

    assert world.exposed() == {of("oslo", "contract 1", FOR_IT)}


async def test_what_is_told_again_changes_nothing(world: World) -> None:
    events = [contract(), disclosed(member="oslo"), linked(), reported()]
    await world.hears(*events)

    again = await world.hears(contract(at=9), disclosed(member="oslo", at=9), linked(at=9))

    assert [one.type for one in again if one.type.startswith(("exposure", "leverage"))] == []


async def test_how_a_contract_stands_is_told_with_the_flags_that_touch_it(world: World) -> None:
    await world.hears(contract(), contract("contract 2", supplier="supplier 2"))

    news = await world.hears(reported())

    told = [one.data for one in news if isinstance(one.data, ContractAssessed)]
    assert [(one.member, one.contract, one.flags) for one in told] == [("oslo", named("contract 1"), 1)]


async def test_the_cause_of_what_a_member_is_told_is_its_own_where_several_hear_at_once(world: World) -> None:
    await world.hears(reported())
    ours, theirs = contract(), contract("contract 2", reader="bergen")

    news = await world.hears_at_once(ours, theirs)

    told = {one.member: one.causationid for one in news if isinstance(one.data, ExposureChanged)}
    assert told == {"oslo": str(ours.id), "bergen": str(theirs.id)}


# When it ends


async def test_an_unlinked_disclosure_no_longer_exposes_for_its_contract(world: World) -> None:
    await world.hears(contract(supplier="supplier 2"), disclosed(member="oslo"), linked(), reported())
    assert world.exposed() == {of("oslo", "contract 1", FOR_IT)}

    news = await world.hears(unlinked(at=1))

    assert [one.data.exposure for one in news if isinstance(one.data, ExposureChanged)] == [Exposure.NO_LONGER_EXPOSED]
    assert world.exposed() == set()


async def test_a_disclosure_that_is_linked_again_exposes_again(world: World) -> None:
    await world.hears(contract(supplier="supplier 2"), disclosed(member="oslo"), linked(), reported(), unlinked(at=1))

    await world.hears(linked(at=2))

    assert world.exposed() == {of("oslo", "contract 1", FOR_IT)}


async def test_a_link_is_what_was_told_of_it_last_even_where_the_last_word_comes_first(world: World) -> None:
    """A disclosure that moved to another supplier comes under two keys, between which there is no order."""
    await world.hears(contract(supplier="supplier 2"), disclosed(member="oslo"), reported())

    await world.hears(unlinked(at=5), linked(at=2))

    assert world.exposed() == set()


async def test_a_retired_disclosure_exposes_nobody(world: World) -> None:
    await world.hears(contract(supplier="supplier 2"), disclosed(member="oslo"), linked(), reported())

    await world.hears(retired(member="oslo", at=9 * DAY))

    assert world.exposed() == set()


async def test_a_disclosure_that_was_over_before_the_flag_was_raised_exposes_nobody(world: World) -> None:
    await world.hears(contract(), disclosed(link={"valid_to": date(2025, 12, 31)}))

    await world.hears(reported(supplier="supplier 9"))

    assert world.exposed() == set()


@pytest.mark.parametrize("how", ["ended", "not awarded"])
async def test_a_contract_that_does_not_bind_is_not_exposed(world: World, how: str) -> None:
    await world.hears(contract(), disclosed(member="oslo"), linked(), reported())

    await world.hears(ended(at=1) if how == "ended" else contract(supplier=None, at=1))

    assert world.exposed() == set()


async def test_a_contract_that_is_recorded_again_after_its_end_is_exposed_again(world: World) -> None:
    await world.hears(contract(), disclosed(), reported(), ended(at=1))

    await world.hears(contract(at=2))

    assert world.exposed() == {of("oslo", "contract 1", THERE)}


async def test_an_end_and_a_new_beginning_in_one_batch_end_where_two_batches_do(world: World) -> None:
    await world.hears(disclosed(), reported())

    await world.hears_at_once(
        contract(at=0), ended(at=1), contract(at=2), contract("contract 2"), ended("contract 2", at=3)
    )

    assert world.exposed() == {of("oslo", "contract 1", THERE)}


async def test_a_settled_flag_touches_nobody_and_a_reopened_one_does_again(world: World) -> None:
    await world.hears(contract(), disclosed(), reported())

    await world.hears(followed_up(FlagState.DISMISSED, reason=FlagReason.NOT_CREDIBLE, at=1))
    assert world.exposed() == set()

    await world.hears(reported("report 2", at=2))
    assert world.exposed() == {of("oslo", "contract 1", THERE)}


# Merges


async def test_a_flag_of_a_site_reaches_what_was_disclosed_of_it_under_another_id(world: World) -> None:
    await world.hears(contract(), disclosed(member="oslo", site="site 2"), linked(site="site 2"))
    await world.hears(reported(supplier="supplier 9"))
    assert world.exposed() == set()

    await world.hears(merged("site", "site 2", "site 1", at=1))
    assert world.exposed() == {of("oslo", "contract 1", FOR_IT)}

    await world.hears(unmerged("site", "site 2", "site 1", at=2))
    assert world.exposed() == set()


async def test_a_flag_follows_its_site_to_the_id_by_which_it_is_known_now(world: World) -> None:
    await world.hears(contract(), disclosed(member="oslo"), linked(), reported())

    await world.hears(merged("site", "site 1", "site 2", at=1))

    rows = await world.schema.rows("SELECT f.site FROM exposure JOIN flag f USING (flag)")
    assert [row["site"] for row in rows] == [named("site 2")]
    assert world.exposed() == {of("oslo", "contract 1", FOR_IT)}


async def test_a_contract_with_a_supplier_that_is_known_by_another_id_is_exposed(world: World) -> None:
    await world.hears(contract(supplier="supplier 2"), disclosed(), reported(), reported("report 2", site=None))
    assert world.exposed() == set()

    await world.hears(merged("supplier", "supplier 2", "supplier 1", at=1))
    assert world.exposed() == {of("oslo", "contract 1", THERE), of("oslo", "contract 1", SUPPLIER)}

    await world.hears(unmerged("supplier", "supplier 2", "supplier 1", at=2))
    assert world.exposed() == set()


# Working groups


async def test_a_member_is_told_which_of_its_groups_the_flag_concerns(world: World) -> None:
    await world.hears(
        *group("by-supplier", "oslo", "bergen", suppliers=("supplier 1",)),
        *group("by-category", "oslo", categories=(Category.FORCED_LABOUR,)),
        *group("other-category", "oslo", categories=(Category.CHILD_LABOUR,)),
        *group("other-supplier", "oslo", suppliers=("supplier 2",), categories=(Category.FORCED_LABOUR,)),
        *group("without-oslo", "bergen", suppliers=("supplier 1",)),
    )
    news = await world.hears(contract(), disclosed(), reported())

    (told,) = [one.data for one in news if isinstance(one.data, ExposureChanged)]
    assert told.workinggroups == ("by-category", "by-supplier")

    news = await world.hears(group_left("by-supplier", "oslo", at=1))
    (told,) = [one.data for one in news if isinstance(one.data, ExposureChanged)]
    assert told.workinggroups == ("by-category",)

    leverage = world.leverage()
    assert leverage is not None
    assert leverage.workinggroups == ("by-category", "by-supplier", "without-oslo")

    await world.hears(*group("without-oslo", "bergen", suppliers=("supplier 2",), at=2))
    leverage = world.leverage()
    assert leverage is not None
    assert leverage.workinggroups == ("by-category", "by-supplier")


async def test_a_closed_group_is_concerned_with_nothing_any_more(world: World) -> None:
    await world.hears(*group("closing", "oslo", suppliers=("supplier 1",)), contract(), disclosed(), reported())

    news = await world.hears(group_closed("closing", at=1))

    (told,) = [one.data for one in news if isinstance(one.data, ExposureChanged)]
    assert (told.exposure, told.workinggroups) == (Exposure.EXPOSED, ())
    leverage = world.leverage()
    assert leverage is not None
    assert leverage.workinggroups == ()
    assert await world.hears(group_joined("closing", "bergen", at=2)) == []


# Many at once


async def test_a_batch_takes_few_statements_however_many_flags_it_raises(world: World) -> None:
    counts = []
    for size in (3, 60):
        reports = [reported(f"report {size}/{n}", site=f"site {size}/{n}") for n in range(size)]
        touched = Touched()
        touched.touch(touched.suppliers, [named("supplier 1")], Cause.of(CauseKind.FLAG, reports[0]))
        await world.hears(contract(), *reports)
        await world.schema.rows("DELETE FROM exposure")
        seen: list[str] = []
        async with world.schema.pool.acquire() as tx, tx.transaction():
            await expose(tx, touched, SETTINGS)  # the driver learns the types
            await tx.execute("DELETE FROM exposure")
            with tx.query_logger(lambda query, seen=seen: seen.append(query.query)):
                events = await expose(tx, touched, SETTINGS)
        assert len([one for one in events if isinstance(one.data, ExposureChanged)]) >= size
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 6
