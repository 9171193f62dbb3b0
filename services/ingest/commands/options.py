"""Options that several commands have, and the key by which a command acts for a member."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared.client import secret

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
As = Annotated[str, typer.Option("--member", help="The member that sends; its key must be at hand.")]
GivenFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


def member_key(member: str) -> str:
    return secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY")


def console() -> Console:
    return Console(highlight=False)
