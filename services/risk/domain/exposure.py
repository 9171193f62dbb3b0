"""How the leverage of several buyers is told, so that nobody can reckon what another one pays.

What an owner has at stake is taken to one significant digit before it is added to what the others have, and the sum is
rounded once more. So whatever somebody subtracts, and however often it asks or changes its own contracts, it learns of
another's amount at most the first digit: any other amount with the same first digit leads to the very same news. How
many contracts there are is told of as many buyers as a sum is: of two, each would know how many the other has.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from shared.events.values import Money

LEAST = Decimal(1000)
"""Below this an amount counts as not known: its first digit would say nearly all of it. Of any currency; ours."""
MOST = Decimal(900_000_000_000)
"""More than this is told as this: no event holds a greater amount."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many buyers on more is told than how many they are, and of a sum how many percent one owner may have."""

    buyers: int
    dominance_percent: int


@dataclass(frozen=True, slots=True)
class Stake:
    """What the contracts of one owner that a flag touches are worth together, in one currency."""

    owner: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Leverage:
    """How many buyers and contracts a flag touches, the working groups that it concerns, and sums per currency.

    `contracts` is None where it is not told.
    """

    buyers: int = 0
    contracts: int | None = None
    workinggroups: tuple[str, ...] = ()
    sums: tuple[Money, ...] = ()


NONE = Leverage()
"""A flag that touches nobody's contract, and concerns no group."""


def rounded(amount: Decimal) -> Decimal:
    """An amount to one significant digit, half up; 0 stays 0. Amounts are not negative."""
    if not amount:
        return Decimal(0)
    unit = Decimal(1).scaleb(amount.adjusted())
    return ((amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit).quantize(min(unit, Decimal(1)))


def told(counted: Leverage, stakes: Iterable[Stake], limits: Limits) -> Leverage:
    """What all members are told of these counts and amounts."""
    contracts = counted.contracts if counted.buyers >= limits.buyers else None
    return replace(counted, contracts=contracts, sums=combined(stakes, limits))


def combined(stakes: Iterable[Stake], limits: Limits) -> tuple[Money, ...]:
    """What is told of the amounts: a sum for each currency in which enough owners have a known stake, none too great.

    Too great: more of the sum than the (1, k) dominance rule of statistical disclosure control allows.
    """
    known: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for stake in stakes:
        known[stake.currency][stake.owner] += stake.amount
    return tuple(
        Money(amount=total, currency=currency)
        for currency, owners in sorted(known.items())
        if (total := sum_of(owners, limits)) is not None
    )


def sum_of(owners: Mapping[str, Decimal], limits: Limits) -> Decimal | None:
    """The sum that is told of what each owner has at stake; None where it is not told. Dominance is as rounded, too."""
    counted = [rounded(amount) for amount in owners.values() if amount >= LEAST]
    total = sum(counted, Decimal(0))
    if len(counted) < limits.buyers or max(counted) * 100 > total * limits.dominance_percent:
        return None
    return min(rounded(total), MOST)
