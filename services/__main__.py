"""The `engage` command: each service's commands beside those of the local stack and the demo."""

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module

import typer
from rich.console import Console

from shared.client import CommandError

PARTS = {
    "deploy.demo.commands": ("demo",),
    "deploy.local.commands": ("up", "down", "status", "migrate", "access"),
    "services.ingest.commands": (
        "member",
        "group",
        "import",
        "list",
        "contract",
        "contact",
        "publish",
        "receipt",
        "identity",
    ),
    "services.risk.commands": ("facts", "risk"),
    "services.remedy.commands": (
        "seal",
        "report",
        "case",
        "engagement",
        "practice",
        "board",
        "timeline",
        "document",
        "condition",
        "calendar",
        "information-request",
        "account",
        "clauses",
        "asks",
        "handler",
        "audit",
        "figures",
        "benchmarks",
        "clock",
    ),
    "services.notify.commands": ("recipient", "mail"),
}
"""Who knows which command. Only the part that is asked for is loaded: all of them together take a second."""
HELP = """Public buyers engage their ICT suppliers on human rights.

`engage demo` shows the whole of it. To begin for real: `engage up --detach` starts a stack in this folder,
`engage member add oslo --name "City of Oslo"` adds a member, `engage import FILE --member oslo` sends its list.
"""


def build(parts: Iterable[str] = PARTS) -> typer.Typer:
    """The command with some of its parts, or all."""
    app = typer.Typer(
        name="engage", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown", help=HELP
    )
    app.callback()(lambda: None)  # without one, a part with a single command would be that command
    for part in parts:
        import_module(part).register(app)
    return app


def parts_for(words: Sequence[str]) -> list[str]:
    """The part that knows the command typed; all of them where none does, so that the help names everything."""
    command = next((word for word in words if not word.startswith("-")), "")
    return [part for part, commands in PARTS.items() if command in commands] or list(PARTS)


def main() -> None:
    """Run the command. What a person can mend is printed without a traceback, and the exit code is 1."""
    try:
        build(parts_for(sys.argv[1:]))()
    except CommandError as error:
        Console(stderr=True, highlight=False).print(f"Error: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True, highlight=False).print("Interrupted.", markup=False)
        sys.exit(130)


if __name__ == "__main__":
    main()
