"""What one member alone was told is concluded from for that member alone; others see numbers."""

from collections.abc import Iterable
from decimal import Decimal

from shared.events.envelope import Classification, Event
from shared.events.risk import ContractAssessed, ExposureChanged, LeverageChanged
from shared.events.values import Money
from tests.risk.exposure.world import World, of
from tests.risk.given import contract, disclosed, ended, left, linked, named, reported

FOR_IT, SUPPLIER, THERE = "disclosed_for_contract", "supplier_of_contract", "supplier_at_site"


def nok(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="NOK")


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
    assert (told.buyers, told.contracts) == (1, 1)
    for table in ("contract", "link", "exposure"):
        column = "member" if table == "exposure" else "reader"
        assert await world.schema.rows(f"SELECT FROM {table} WHERE {column} = 'oslo'") == []


async def test_a_member_that_has_left_counts_no_more_where_only_its_contract_was_touched(world: World) -> None:
    await world.hears(contract(), contract("theirs", reader="bergen"), reported(site=None))

    await world.hears(left("oslo", at=1))

    told = world.leverage()
    assert told is not None
    assert (told.buyers, told.contracts) == (1, 1)


async def test_it_makes_no_difference_whether_a_member_leaves_before_its_last_events_are_heard(world: World) -> None:
    await world.hears(left("oslo", at=0), contract(at=1), linked(at=1), reported())

    assert world.exposed() == set()
    assert await world.schema.rows("SELECT FROM contract UNION ALL SELECT FROM link") == []
