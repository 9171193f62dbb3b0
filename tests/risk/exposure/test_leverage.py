"""The leverage of all buyers together: told to all members each time it changes."""

from decimal import Decimal

from shared.events.lifecycles import FlagReason, FlagState
from shared.events.risk import LeverageChanged
from shared.events.values import Money
from tests.risk.given import contract, disclosed, ended, followed_up, named, reported, taken_back
from tests.risk.world import World


def nok(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="NOK")


def changes(world: World) -> list[tuple[int, int | None]]:
    return [(one.data.buyers, one.data.contracts) for one in world.concluded if isinstance(one.data, LeverageChanged)]


async def test_each_buyer_and_each_contract_counts_once(world: World) -> None:
    """A framework is read by its owner and its end users; it is one contract of two buyers."""
    await world.hears(reported())

    await world.hears(contract("frame"), contract("frame", reader="bergen", member="oslo"))
    await world.hears(contract("frame", reader="bodo", member="oslo"))
    await world.hears(contract("own", reader="bergen"))

    assert changes(world) == [(1, None), (2, None), (3, 1), (3, 2)]


async def test_of_two_buyers_neither_learns_how_many_contracts_the_other_has(world: World) -> None:
    """Who raises a flag to see what it touches, and takes it back, has learnt how many buyers there are."""
    await world.hears(contract("mine"), *(contract(f"theirs {n}", reader="bergen") for n in range(7)))

    await world.hears(reported(), contract("theirs 8", reader="bergen", at=1), taken_back(at=2))

    assert changes(world) == [(2, None), (0, None)]
    told = [one.data.encoded.decode() for one in world.concluded if isinstance(one.data, LeverageChanged)]
    assert not [text for text in told if "contracts" in text]


async def test_with_the_third_buyer_gone_the_contracts_are_told_no_more(world: World) -> None:
    await world.hears(reported(), *(contract(f"of {reader}", reader=reader) for reader in ("oslo", "bergen", "bodo")))

    await world.hears(ended("of bodo", reader="bodo", at=1))

    assert changes(world) == [(1, None), (2, None), (3, 3), (2, None)]


async def test_no_sum_is_told_of_which_one_owner_has_most(world: World) -> None:
    """Who sees 80 000 000 and has 5 000 000 itself would know what the great one pays."""
    await world.hears(reported())
    for reader, amount in (("oslo", 75_000_000), ("bergen", 5_000_000), ("bodo", 5_000_000)):
        await world.hears(contract(f"of {reader}", reader=reader, value=nok(amount)))

    assert changes(world)[-1] == (3, 3)
    assert (told := world.leverage()) is not None and told.values == ()

    await world.hears(contract("of bergen", reader="bergen", value=nok(40_000_000), at=1))

    assert (told := world.leverage()) is not None and told.values == (nok(100_000_000),)


async def test_leverage_is_told_only_where_it_changes(world: World) -> None:
    await world.hears(contract(value=nok(50_000)), disclosed(), reported())

    await world.hears(contract(value=nok(90_000), at=1), disclosed("disclosure 2", at=1), reported("report 2", at=1))

    assert changes(world) == [(1, None)]


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

    assert changes(world)[-1] == (1, None)


async def test_a_settled_flag_has_no_leverage(world: World) -> None:
    await world.hears(contract(), reported())

    await world.hears(followed_up(FlagState.DISMISSED, reason=FlagReason.NOT_CREDIBLE, at=1))

    assert changes(world) == [(1, None), (0, None)]
    assert await world.schema.rows("SELECT FROM leverage") == []


async def test_a_flag_that_touches_nobody_has_no_leverage_to_tell_of(world: World) -> None:
    await world.hears(reported())

    assert changes(world) == []
