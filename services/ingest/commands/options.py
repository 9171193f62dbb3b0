"""What several commands have: options, the key by which a command acts for a member, and how it shows what it found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from shared.client import secret

Found = TypeVar("Found")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
As = Annotated[str, typer.Option("--member", help="The member that sends; its key must be at hand.")]
GivenFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


def member_key(member: str) -> str:
    return secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY")


def console() -> Console:
    return Console(highlight=False)


def show_found(found: Found, table_of: Callable[[Found], Table], as_json: bool) -> None:
    """Print what was found: as JSON for programs, else as a table."""
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        console().print(table_of(found))
