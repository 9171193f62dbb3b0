"""What several commands have: options, the key to ask with, and how an answer is shown."""

import json
import os
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.client import CommandError, call, secret

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Reference = Annotated[str, typer.Argument(metavar="REF", help="The reference, such as R-7K2M-9QXA-4T5C.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="NAME", help="Act as this person of the local stack; else ENGAGE_HANDLER_KEY holds your key."
    ),
]


def person_key(name: str | None) -> str:
    """The key of the person who types. Raises CommandError."""
    name = name or os.environ.get("ENGAGE_AS") or ""
    return secret(f"people/{name}.key", "ENGAGE_HANDLER_KEY")


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


def show(table: Table, instead: str) -> None:
    """Print a table as wide as it needs where nobody watches, or a word where there is nothing to show."""
    width = None if sys.stdout.isatty() else 200
    Console(highlight=False, markup=False, width=width).print(instead or table)
