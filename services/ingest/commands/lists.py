"""Commands about the lists that a member has imported."""

import json
from typing import Annotated, Any

import typer

from services.ingest import tables
from services.ingest.commands.options import As, AsJson, console, member_key, show_found
from shared.client import call

lists = typer.Typer(no_args_is_help=True, help="Lists that a member has imported: show them, take one back.")


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.add_typer(lists, name="list")


@lists.command("show")
def show(member: As, as_json: AsJson = False) -> None:
    """Show the lists: edition in force, all editions, and the disclosures that hold.

    Example: engage list show --member oslo
    """
    found: list[dict[str, Any]] = call("ingest", "GET", "/lists", member_key(member))
    show_found(found, tables.of_lists, as_json)


@lists.command("withdraw")
def withdraw(
    name: Annotated[str, typer.Argument(help="Name of the list.")],
    member: As,
    edition: Annotated[str | None, typer.Option(help="Only what came with this edition, new or changed.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken back; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take back everything that a list said; whoever was told is told so. The file may be imported again.

    Example: engage list withdraw framework-2024 --member oslo --dry-run
    """
    order = {"list": name, "edition": edition, "dry_run": dry_run}
    found: dict[str, Any] = call("ingest", "POST", "/lists/withdrawals", member_key(member), json=order)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    done = "would be withdrawn (dry run: nothing was changed)" if dry_run else "withdrawn"
    console().print(f"{found['disclosures']} disclosures of {found['sites']} sites {done}", markup=False)
