"""Commands about events and their receipts."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from services.ingest import tables
from services.ingest.commands.options import As, AsJson, GivenFile, console, member_key, show_found
from services.ingest.sending import read_events, send_events
from shared.client import call


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("publish")(publish)
    app.command("receipt")(show_receipt)


def publish(file: GivenFile, member: As, as_json: AsJson = False) -> None:
    """Send CloudEvents from a file: one, an array, or one per line. Sending again is harmless.

    The exit code is 1 if any was rejected. Example: engage publish flags.jsonl --member oslo
    """
    events = read_events(file)
    key = member_key(member)
    receipts: list[dict[str, Any]] = []
    with Progress(console=Console(stderr=True), transient=True, disable=as_json or len(events) < 2) as progress:
        task = progress.add_task("sending", total=len(events))
        for answered in send_events(events, key):
            receipts += answered
            progress.advance(task, len(answered))
    if as_json:
        print(json.dumps({"receipts": receipts}, indent=2))
    else:
        tables.print_receipts(console(), receipts)
    raise typer.Exit(1 if any(one["outcome"] == "rejected" for one in receipts) else 0)


def show_receipt(
    receipt: Annotated[str, typer.Argument(help="Id of the receipt.")], member: As, as_json: AsJson = False
) -> None:
    """Show what a receipt stands for. Example: engage receipt 7c9e6679-7425-40de-944b-e07fc1f90ae7 --member oslo"""
    found = call("ingest", "GET", f"/receipts/{receipt}", member_key(member))
    show_found(found, tables.of_receipt, as_json)
