"""The `engage` command: each service's commands beside those of the local stack and the demo."""

import sys

import typer
from rich.console import Console

import deploy.demo.commands
import deploy.local.commands
import services.ingest.commands
import services.notify.commands
import services.remedy.commands
import services.risk.commands
from shared.client import CommandError

PARTS = (
    deploy.local.commands,
    deploy.demo.commands,
    services.ingest.commands,
    services.risk.commands,
    services.remedy.commands,
    services.notify.commands,
)
HELP = """Public buyers engage their ICT suppliers on human rights.

`engage demo` shows the whole of it. To begin for real: `engage up --detach` starts a stack in this folder,
`engage member add oslo --name "City of Oslo"` adds a member, `engage import FILE --member oslo` sends its list.
"""


def build() -> typer.Typer:
    """The command with all its parts."""
    app = typer.Typer(
        name="engage", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown"
    )
    for part in PARTS:
        part.register(app)
    return app


def main() -> None:
    """Run the command. What a person can mend is printed without a traceback, and the exit code is 1."""
    try:
        build()()
    except CommandError as error:
        Console(stderr=True, highlight=False).print(f"Error: {error}", style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
