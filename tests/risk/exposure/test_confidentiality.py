"""What one member alone was told is concluded from for that member alone; others see numbers."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid5

import pytest

from services.risk.news import Cause
from services.risk.touched import Touched
from shared.events.envelope import Classification, Event
from shared.events.lifecycles import CauseKind
from shared.events.risk import ContractAssessed, ExposureChanged, LeverageChanged
from shared.events.values import Money
from tests.risk.given import START, contract, disclosed, ended, joined, left, linked, merged, named, reported
from tests.risk.world import World, of

FOR_IT, SUPPLIER, THERE = "disclosed_for_contract", "supplier_of_contract", "supplier_at_site"


def nok(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="NOK")


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def about_contracts(events: Iterable[Event]) -> set[str]:
    """The members that were told of exposure, or how their contracts stand."""
    return {one.data.member for one in events if isinstance(one.data, ExposureChanged | ContractAssessed)}


async def test_what_one_member_was_told_exposes_no_other_that_buys_from_the_same_supplier(world: World) -> None:
    await world.hears(contract("ours"), contract("theirs", reader="bergen"), reported(supplier="supplier 9"))
    before = len(world.concluded)

    await world.hears(disclosed(member="oslo"), linked(to="ours"))

    assert world.exposed() == {of("oslo", "ours", FOR_IT)}
    assert about_contracts(world.concluded[before:]) == {"oslo"}
    assert all(one.member == "oslo" for one in world.concluded[before:] if one.classification is Classification.MEMBER)


async def test_a_link_of_one_member_makes_no_contract_of_another_surer(world: World) -> None:
    await world.hears(contract("ours"), contract("ours", reader="bergen", member="oslo"), disclosed(), reported())

    await world.hears(linked(to="ours"))

    assert world.exposed() == {of("oslo", "ours", FOR_IT), of("bergen", "ours", THERE)}


async def test_to_a_link_without_the_disclosure_nothing_is_concluded(world: World) -> None:
    """Bergen is told of the link and not, or not yet, of the disclosure that Oslo may read."""
    await world.hears(contract("theirs", reader="bergen", supplier="supplier 2"), reported(supplier="supplier 9"))

    await world.hears(disclosed(member="oslo"), linked(to="theirs", reader="bergen"))
    assert world.exposed() == set()

    await world.hears(disclosed(member="bergen", at=1))
    assert world.exposed() == {of("bergen", "theirs", FOR_IT)}


async def test_all_members_see_counts_and_nothing_that_names_a_member_or_its_contract(world: World) -> None:
    names = ("oslo", "bergen", "bodo", "alta")
    for place, reader in enumerate(names):
        await world.hears(contract(f"of {reader}", reader=reader, value=nok(123_456 + place), title="Laptops"))
    await world.hears(disclosed(member="oslo"), linked(to="of oslo"), reported())
    await world.hears(ended("of alta", reader="alta", at=1))

    open_to_all = [one for one in world.concluded if one.classification is not Classification.MEMBER]
    assert any(isinstance(one.data, LeverageChanged) for one in open_to_all)
    secrets = [*names[1:], "123456", "Laptops", "disclosure 1"] + [str(named(f"of {name}")) for name in names]
    secrets.append(str(named("disclosure 1")))
    for one in open_to_all:
        assert one.data is not None
        written = f"{one.data.encoded.decode()} {one.subject} {one.causationid} {one.correlationid}"
        assert not [secret for secret in secrets if secret in written], one.type


async def test_the_cause_of_leverage_is_not_told_where_only_one_member_may_know_it(world: World) -> None:
    await world.hears(reported(), contract())

    (told,) = [one for one in world.concluded if isinstance(one.data, LeverageChanged)]
    assert (told.causationid, told.correlationid, told.member) == (None, None, None)


async def test_what_all_are_told_of_a_private_cause_has_the_day_and_nothing_finer_to_find_it_by(world: World) -> None:
    """The receipt, the log or the event of the one that sent it has the moment to the microsecond."""
    late = 5000.123456
    await world.hears(reported(site=None), contract(), linked(), disclosed(at=late))

    public = [one for one in world.concluded if one.classification is not Classification.MEMBER]
    (by_contract,) = [one for one in public if isinstance(one.data, LeverageChanged)]
    assert by_contract.time == midnight(START)
    assert by_contract.id.version == 4  # neither of its cause, nor of a moment
    assert {one.time for one in public if one is not by_contract} == {START, START + timedelta(seconds=late)}
    to_itself = [one for one in world.concluded if isinstance(one.data, ExposureChanged)]
    assert [(one.time, one.causationid is not None) for one in to_itself] == [(START, True)]


async def test_what_another_member_alone_was_told_is_the_cause_of_no_members_news(world: World) -> None:
    """Two members' disclosures in one transaction: what follows for the one has no moment of the other."""
    theirs = disclosed("theirs", member="bergen", at=7.5)
    await world.hears(contract(), reported(supplier="supplier 9"))

    (news,) = [
        one
        for one in await world.hears_at_once(disclosed("ours", member="oslo", at=3.25), theirs)
        if isinstance(one.data, ExposureChanged)
    ]

    assert news.member == "oslo"
    assert news.causationid != str(theirs.id)
    assert news.time in (START + timedelta(seconds=3.25), midnight(START))


async def test_a_member_is_told_of_contracts_that_it_was_told_of_itself_and_of_no_other(world: World) -> None:
    await world.hears(contract("frame", reader="oslo"), contract("frame", reader="bergen", member="oslo"))
    await world.hears(contract("call-off", reader="bergen", parent=named("frame")), reported(site=None))

    told = {(one.data.member, one.data.contract) for one in world.concluded if isinstance(one.data, ExposureChanged)}

    assert told == {("oslo", named("frame")), ("bergen", named("frame")), ("bergen", named("call-off"))}
    assert all(one.member == one.data.member for one in world.concluded if isinstance(one.data, ExposureChanged))


async def test_a_member_that_has_left_is_told_nothing_more_and_counts_no_more(world: World) -> None:
    await world.hears(contract(), contract("theirs", reader="bergen"), disclosed(member="oslo"), linked(), reported())
    assert world.leverage() is not None
    before = len(world.concluded)

    await world.hears(left("oslo", at=1))
    await world.hears(contract("late", at=2), disclosed("late", member="oslo", at=2), linked("late", "late", at=2))

    news = world.concluded[before:]
    assert [one.type for one in news if one.member == "oslo"] == []
    told = world.leverage()
    assert told is not None
    assert told.buyers == 1
    assert [one.data.buyers for one in news if isinstance(one.data, LeverageChanged)] == [1]
    for table in ("contract", "link", "exposure"):
        column = "member" if table == "exposure" else "reader"
        assert await world.schema.rows(f"SELECT FROM {table} WHERE {column} = 'oslo'") == []


async def test_a_member_that_has_left_counts_no_more_where_only_its_contract_was_touched(world: World) -> None:
    await world.hears(contract(), contract("theirs", reader="bergen"), reported(site=None))

    await world.hears(left("oslo", at=1))

    told = world.leverage()
    assert told is not None
    assert told.buyers == 1


async def test_what_all_are_told_when_a_member_leaves_does_not_tell_that_it_is_because_of_that(world: World) -> None:
    await world.hears(
        joined("oslo"), contract(), disclosed(member="oslo"), linked(), reported(site=None), reported("report 2")
    )
    gone = left("oslo", at=77.5)

    news = await world.hears(gone)

    assert [one.type for one in news] == ["leverage.changed.v1"] * 2
    for one in news:
        assert one.data is not None
        assert (one.causationid, one.correlationid, one.time, one.id.version) == (None, None, midnight(START), 4)
        assert one.id != uuid5(gone.id, f"{one.type}/members//{one.subject}/{one.data.encoded.decode()}")


@pytest.mark.parametrize("private_first", [True, False])
def test_a_cause_that_all_may_know_is_kept_beside_one_that_only_a_member_may(private_first: bool) -> None:
    """A site merged in the batch in which a member leaves that was told of it is assessed for all, not for it alone."""
    merge = Cause.of(CauseKind.REGISTRY, merged("site", "site 2", "site 1", at=5))
    private = Cause.of(CauseKind.REGISTRY, left("oslo", at=7)).kept_to("oslo")
    touched = Touched()

    for cause in (private, merge) if private_first else (merge, private):
        touched.touch(touched.sites, [named("site 1")], cause)

    assert touched.sites == {named("site 1"): merge}


async def test_it_makes_no_difference_whether_a_member_leaves_before_its_last_events_are_heard(world: World) -> None:
    await world.hears(left("oslo", at=0), contract(at=1), linked(at=1), reported())

    assert world.exposed() == set()
    assert await world.schema.rows("SELECT FROM contract UNION ALL SELECT FROM link") == []
