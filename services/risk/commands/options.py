"""What several commands have: options, the key to ask with, and how an answer is shown."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.client import CommandError, operator_key, secret

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Member = Annotated[str | None, typer.Option("--member", help="Ask with this member's key; else with the operator's.")]


def choices(vocabulary: type[StrEnum]) -> str:
    """The words that may be typed; "other" stands for those of later versions, and is not asked for."""
    return ", ".join(one.value for one in vocabulary if one.value != "other")


def one_of(vocabulary: type[StrEnum]) -> Callable[[str | None], str | None]:
    """Lets only the words of a vocabulary through; the error that it raises otherwise lists them."""

    def checked(given: str | None) -> str | None:
        if given is not None and given not in choices(vocabulary).split(", "):
            raise typer.BadParameter(f"It is one of {choices(vocabulary)}.")
        return given

    return checked


def key_of(member: str | None) -> str:
    """The key to ask with: the member's own, or the operator's where none is named. Raises CommandError."""
    return operator_key() if member is None else secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY")


def key_for(member: str) -> tuple[str, dict[str, str]]:
    """The key to ask with, and what to add to the query: a member's own key where it is at hand, else the operator's.

    Raises CommandError where there is neither.
    """
    try:
        return key_of(member), {}
    except CommandError:
        return operator_key(), {"member": member}


def console(*, stderr: bool = False, soft_wrap: bool = False) -> Console:
    """As wide as the terminal, with colours only on one. With `soft_wrap` a line stays one, however long it is."""
    return Console(highlight=False, markup=False, stderr=stderr, soft_wrap=soft_wrap)


def show(answer: Any, as_json: bool, print_answer: Callable[[Console, Any], None], *, soft_wrap: bool = False) -> None:
    """Print an answer for a program or for a person."""
    if as_json:
        print_json(answer)
    else:
        print_answer(console(soft_wrap=soft_wrap), answer)


def print_json(answer: Any) -> None:
    """Print an answer for a program."""
    print(json.dumps(answer, indent=2, ensure_ascii=False))
