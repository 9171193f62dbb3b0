"""The leverage of all buyers together: told to all members each time it changes."""

from decimal import Decimal

from shared.events.lifecycles import FlagReason, FlagState
from shared.events.risk import LeverageChanged
from shared.events.values import Money
from tests.risk.exposure.world import World
from tests.risk.given import contract, disclosed, ended, followed_up, named, reported


def nok(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="NOK")


def changes(world: World) -> list[tuple[int, int]]:
    return [(one.data.buyers, one.data.contracts) for one in world.concluded if isinstance(one.data, LeverageChanged)]


async def test_each_buyer_and_each_contract_counts_once(world: World) -> None:
    """A framework is read by its owner and its end users; it is one contract of two buyers."""
    await world.hears(reported())

    await world.hears(contract("frame"), contract("frame", reader="bergen", member="oslo"))
    await world.hears(contract("own", reader="bergen"))

    assert changes(world) == [(1, 1), (2, 1), (2, 2)]


async def test_leverage_is_told_only_where_it_changes(world: World) -> None:
    await world.hears(contract(value=nok(50_000)), disclosed(), reported())

    await world.hears(contract(value=nok(90_000), at=1), disclosed("disclosure 2", at=1), reported("report 2", at=1))

    assert changes(world) == [(1, 1)]


async def test_values_are_told_of_three_owners_and_to_one_digit(world: World) -> None:
    await world.hears(reported())
    for reader, amount in (("oslo", 1_234_567), ("bergen", 880_000), ("bodo", 2_100_000)):
        assert (told := world.leverage()) is None or told.values == ()
        await world.hears(contract(f"of {reader}", reader=reader, value=nok(amount)))

    told = world.leverage()
    assert told is not None
    assert told.values == (nok(4_000_000),)

    await world.hears(ended("of bodo", reader="bodo", at=1))

    told = world.leverage()
    assert told is not None
    assert (told.buyers, told.values) == (2, ())


async def test_a_framework_does_not_count_beside_the_call_offs_under_it(world: World) -> None:
    """Only the lowest level of which the value is known counts, wherever between them it is not known."""
    await world.hears(reported())
    for reader in ("oslo", "bergen", "bodo"):
        await world.hears(contract("frame", reader=reader, member="central", value=nok(90_000_000)))
        await world.hears(contract(f"call-off {reader}", reader=reader, parent=named("frame")))
        await world.hears(
            contract(f"order {reader}", reader=reader, parent=named(f"call-off {reader}"), value=nok(200_000))
        )

    told = world.leverage()

    assert told is not None
    assert (told.buyers, told.contracts) == (3, 7)
    assert told.values == (nok(600_000),)


async def test_contracts_that_are_each_under_the_other_count_for_nothing_and_end_nothing(world: World) -> None:
    await world.hears(contract("one", parent=named("two"), value=nok(5000)), reported())

    await world.hears(contract("two", parent=named("one"), value=nok(5000)))

    assert changes(world)[-1] == (1, 2)


async def test_a_settled_flag_has_no_leverage(world: World) -> None:
    await world.hears(contract(), reported())

    await world.hears(followed_up(FlagState.DISMISSED, reason=FlagReason.NOT_CREDIBLE, at=1))

    assert changes(world) == [(1, 1), (0, 0)]
    assert await world.schema.rows("SELECT FROM leverage") == []


async def test_a_flag_that_touches_nobody_has_no_leverage_to_tell_of(world: World) -> None:
    await world.hears(reported())

    assert changes(world) == []
