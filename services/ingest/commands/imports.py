"""Commands about list files."""

import json
from typing import Annotated, Any

import typer

from services.ingest import tables
from services.ingest.commands.options import As, AsJson, GivenFile, console, member_key
from services.ingest.sending import send_file


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("import")(import_file)


def import_file(
    file: GivenFile,
    member: As,
    edition: Annotated[str | None, typer.Option(help="Year, month or day; today unless the file tells it.")] = None,
    list_name: Annotated[str | None, typer.Option("--list", help="Name of the list; the file's unless given.")] = None,
    published: Annotated[bool, typer.Option("--published", help="The source has published this itself.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a supplier list in CSV: Open Supply Hub's columns or Apple's list.

    A row that cannot be read is reported and the rest goes in; the exit code is then 1. A newer edition of a list
    retires the sites that it no longer names. The same file again changes nothing.

    Example: engage import suppliers.csv --member oslo --list framework-2024 --edition 2024-06
    """
    given = {"filename": file.name, "edition": edition, "list": list_name}
    query: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    query |= {"published": published, "dry_run": dry_run}
    report = send_file(file.read_bytes(), member_key(member), query)
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        tables.print_import(console(), file.name, report, dry_run)
    raise typer.Exit(1 if report["rejected"] or report.get("file_invalid") else 0)
