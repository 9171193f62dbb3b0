"""What is told of contract values: of how many, and never so that one can be reckoned from it."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.risk.domain.exposure import LEAST, MOST, Leverage, Limits, Stake, combined, rounded, told
from shared.events.values import Money

BUYERS, PERCENT = 3, 70
LIMITS = Limits(BUYERS, PERCENT)
CENT = Decimal("0.01")
AMOUNTS = st.decimals(min_value=0, max_value=10**12 - 1, places=2, allow_nan=False, allow_infinity=False)
OWNERS = st.dictionaries(st.sampled_from("abcdefgh"), AMOUNTS, min_size=1)


def stakes(owners: dict[str, Decimal], currency: str = "NOK") -> list[Stake]:
    return [Stake(owner, currency, amount) for owner, amount in owners.items()]


def others_with_the_same_first_digit(amount: Decimal) -> list[Decimal]:
    """The least and the greatest amount, in hundredths, that are rounded alike, or all alike count as not known."""
    if amount < LEAST:
        return [Decimal(0), LEAST - CENT]
    told = rounded(amount)
    unit = Decimal(1).scaleb(told.adjusted())
    least = told - unit / 2 if told > unit else told - unit / 20  # below 1000 comes 950, not 500
    return [max(LEAST, least), told + unit / 2 - CENT]


@given(OWNERS, st.data())
@settings(max_examples=300, deadline=None)
def test_nobody_can_reckon_an_amount_whatever_it_knows_of_the_others(
    owners: dict[str, Decimal], data: st.DataObject
) -> None:
    """Who knows all others, and what is told with and without each, still knows it to a tenth of itself at the best."""
    target = data.draw(st.sampled_from(sorted(owners)))
    others = data.draw(st.lists(st.sets(st.sampled_from("abcdefgh")), max_size=4))
    least, greatest = others_with_the_same_first_digit(owners[target])
    guess = owners | {target: data.draw(st.sampled_from([least, greatest]))}

    assert least <= owners[target] <= greatest
    assert (greatest - least) * 10 >= owners[target]
    for present in [set(owners), *others]:
        real = {owner: amount for owner, amount in owners.items() if owner in present}
        imagined = {owner: amount for owner, amount in guess.items() if owner in present}
        assert combined(stakes(real), LIMITS) == combined(stakes(imagined), LIMITS)


@given(OWNERS)
@settings(max_examples=200, deadline=None)
def test_a_sum_is_told_only_of_enough_owners_whose_amount_is_known_and_none_too_great(
    owners: dict[str, Decimal],
) -> None:
    known = [rounded(amount) for amount in owners.values() if amount >= LEAST]
    enough = len(known) >= BUYERS

    assert bool(combined(stakes(owners), Limits(BUYERS, 100))) == enough
    assert bool(combined(stakes(owners), LIMITS)) == (enough and max(known) <= sum(known) * PERCENT / 100)


@given(OWNERS)
@settings(max_examples=200, deadline=None)
def test_a_sum_has_one_significant_digit_and_is_near_the_truth(owners: dict[str, Decimal]) -> None:
    for found in combined(stakes(owners), Limits(1, 100)):
        assert found.amount == found.amount.to_integral_value()
        assert len(str(int(found.amount)).rstrip("0")) == 1
        truth = sum(amount for amount in owners.values() if amount >= LEAST)
        assert found.amount == MOST or truth / 2 <= found.amount <= 2 * truth


def test_contracts_of_one_owner_are_one_stake() -> None:
    several = [Stake("a", "NOK", Decimal(40_000)), Stake("a", "NOK", Decimal(60_000)), Stake("b", "NOK", Decimal(7000))]

    assert combined(several, Limits(3, 100)) == ()
    assert combined(several, Limits(2, 100)) == (Money(amount=Decimal(100_000), currency="NOK"),)


def test_each_currency_is_counted_for_itself() -> None:
    three = dict.fromkeys("abc", Decimal(20_000))
    two = dict.fromkeys("ab", Decimal(20_000))

    assert combined(stakes(three, "SEK") + stakes(two, "EUR"), LIMITS) == (
        Money(amount=Decimal(60_000), currency="SEK"),
    )


def test_contracts_are_counted_only_of_enough_buyers() -> None:
    assert told(Leverage(2, 9, ("example-group",)), [], LIMITS) == Leverage(2, None, ("example-group",))
    assert told(Leverage(3, 9), [], LIMITS) == Leverage(3, 9)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0", "0"), ("1499.99", "1000"), ("1500", "2000"), ("9500", "10000"), ("0.05", "0.05"), ("987654.32", "1000000")],
)
def test_an_amount_is_rounded_half_up_to_its_first_digit(amount: str, expected: str) -> None:
    assert rounded(Decimal(amount)) == Decimal(expected)
    assert "E" not in str(rounded(Decimal(amount)))
