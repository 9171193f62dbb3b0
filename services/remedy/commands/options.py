"""What several commands have: options, the key to ask with, and how an answer is shown."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.client import CommandError, call, state_folder

LONGEST_PATH = 255
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Reference = Annotated[str, typer.Argument(metavar="REF", help="The reference, such as R-7K2M-9QXA-4T5C.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="NAME", help="Act as this person of the local stack; else ENGAGE_HANDLER_KEY holds your key."
    ),
]
Motivation = Annotated[
    str | None,
    typer.Option(
        "--motivation",
        "--why",
        help="Why; sealed with the case. - reads standard input; left out, you are asked. Shells keep words.",
    ),
]


def person_key(name: str | None) -> str:
    """The key of the person who types: of who is named, else the one in the environment. Raises CommandError."""
    key = os.environ.get("ENGAGE_HANDLER_KEY")
    if name is None and key:
        return key
    named = name or os.environ.get("ENGAGE_AS")
    if not named:
        raise CommandError("Say who you are: --as NAME or ENGAGE_AS on a local stack, else ENGAGE_HANDLER_KEY.")
    try:
        return (state_folder() / "secrets" / "people" / f"{path_safe(named)}.key").read_text().strip()
    except OSError:
        raise CommandError(
            f"The stack at {state_folder()} keeps no key of {named}: 'engage handler list' says who works here."
        ) from None


def ask(method: str, path: str, name: str | None, **options: Any) -> Any:
    """What `remedy` answers to a person. Raises CommandError in its words."""
    return call("remedy", method, path, person_key(name), **options)


def print_json(found: Any) -> None:
    """For machines."""
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def harmless(text: str) -> str:
    """A stranger's text without what could steer a terminal."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def path_safe(argument: str) -> str:
    """An argument as one step of a path. Raises CommandError where it cannot be an id or a reference."""
    if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in argument) or not argument:
        raise CommandError("An id or reference has letters, digits and - only.")
    return argument


def case_path(reference: str, *more: str) -> str:
    """The path of a case, or of something about it. Raises CommandError where the reference cannot be one."""
    return "/".join(["/cases", path_safe(reference), *more])


def words(given: str | None, question: str) -> str:
    """What a person writes: given, read from standard input for -, or asked for. Raises CommandError without any."""
    if given == "-":
        given = sys.stdin.read()
    elif given is None and sys.stdin.isatty():
        given = str(typer.prompt(question))
    if not given or not given.strip():
        raise CommandError(f"Nothing was written. {question} Give the words, or - to read them from standard input.")
    if len(given) < LONGEST_PATH and Path(given).is_file():
        raise CommandError(f"Words are needed here, not the name of a file: give - and < {given}")
    return given


def spaced(code: str) -> str:
    """A code as people read it."""
    return code.replace("_", " ")


def say(found: Any, as_json: bool, text: str) -> None:
    """Print an answer: as it is for machines, in words for people."""
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(text)


def show(
    found: Any, as_json: bool, columns: Sequence[str], row_of: Callable[[Any], Iterable[str]], instead: str = ""
) -> None:
    """Print a list: as it is for machines, as a table for people."""
    if as_json:
        print_json(found)
    else:
        print_table(columns, map(row_of, found), instead)


def print_table(columns: Sequence[str], rows: Iterable[Iterable[str]], instead: str = "") -> None:
    """Print rows under their columns, as wide as they need where nobody watches; without any, what stands instead.

    An id is never cut, as it is copied into other commands.
    """
    table = Table(*columns, box=None, header_style="bold")
    for column in table.columns:
        column.no_wrap, column.overflow = column.header == "Id", "fold"
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 200
    Console(highlight=False, markup=False, width=width).print(table if table.row_count or not instead else instead)
