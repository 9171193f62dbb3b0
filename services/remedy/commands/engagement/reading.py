"""What the commands that show engagements have in common: whose key asks, and codes as people read them."""

from typing import Annotated, Any

import typer
from rich.console import Console

from services.remedy.commands.options import harmless
from services.remedy.domain.engagement.documents.board import MILESTONES
from shared.client import CommandError, operator_key, secret
from shared.events.engagement_words import Milestone

Member = Annotated[
    str | None, typer.Option("--member", help="As this member sees it: by its own key, else by the operator's.")
]
HELD = "held: a statement it rests on is no longer told"
GROUP_CLOSED = "group closed"
FORMER = "a member that has left"
WIDTH = 100
"""Columns where no terminal says how many there are."""


def key_for(member: str | None) -> tuple[str, dict[str, str]]:
    """The key to ask with, and what to add to the query. Raises CommandError where there is no key."""
    if member is None:
        return operator_key(), {}
    try:
        return secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY"), {}
    except CommandError:
        return operator_key(), {"member": member}


def console() -> Console:
    """As wide as the terminal, or 100 columns where nobody watches; colours on a terminal only."""
    found = Console(highlight=False, markup=False, emoji=False)
    return found if found.is_terminal else Console(highlight=False, markup=False, emoji=False, width=WIDTH)


def milestone(code: str | None) -> str:
    """A milestone by its code and in words."""
    return "not opened" if code is None else MILESTONES[Milestone(code)]


def count(number: int, one: str, many: str = "") -> str:
    """A number with its word."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def by(member: str | None) -> str:
    """Who it was, as far as that is told."""
    return member or FORMER


def shortened(text: str, most: int) -> str:
    """The beginning of a text."""
    text = harmless(" ".join(text.split()))
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def supplier(row: Any) -> str:
    """A supplier by its name, or its id where none is known yet."""
    return harmless(row["supplier_name"] or row["supplier"])


def leverage(told: Any) -> str:
    """What all members are told of the leverage."""
    if told is None:
        return "not told"
    parts = [count(told["buyers"], "buyer")]
    if told["contracts"] is not None:
        parts.append(count(told["contracts"], "contract"))
    parts += [f"{one['currency']} {amount(one['amount'])}" for one in told["sums"]]
    return ", ".join(parts)


def amount(text: str) -> str:
    """An amount with its thousands apart, where it is a plain number."""
    whole = text.partition(".")[0]
    return f"{int(whole):,}" if whole.lstrip("-").isdigit() else text
