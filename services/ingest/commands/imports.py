"""Commands about files: lists of sites, and contracts."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.ingest import tables
from services.ingest.commands.options import As, AsJson, GivenFile, console, member_key
from services.ingest.imports.row_reports import write_rows
from services.ingest.sending import send_file
from shared.client import CommandError


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("import")(import_file)


def show_fields(wanted: bool) -> None:
    """Teach the fields that a column can be mapped to, and end."""
    if wanted:
        from services.ingest.domain.lists.formats import FIELDS  # noqa: PLC0415 - other commands need not load it

        console().print(tables.of_fields(FIELDS))
        raise typer.Exit


Edition = Annotated[str | None, typer.Option(help="Year, month or day; today unless the file tells it.")]
ListName = Annotated[
    str | None, typer.Option("--list", help="Name of the list, kept over its editions; the file's unless given.")
]
Published = Annotated[bool, typer.Option("--published", help="The source has published this itself.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]
Strict = Annotated[bool, typer.Option("--strict", help="One row that cannot be taken refuses the whole file.")]
Columns = Annotated[
    list[str] | None, typer.Option("--map", help="COLUMN=FIELD: which column (or letter) holds which field. Repeat.")
]
Encoding = Annotated[str | None, typer.Option(help="Of a CSV file; found unless given.")]
Contract = Annotated[str | None, typer.Option(help="Your reference of the contract that the list is for.")]
Answered = Annotated[str | None, typer.Option("--request", help="Receipt of your request that the list answers.")]
RowReport = Annotated[Path | None, typer.Option("--report", help="Write what became of every row to this CSV file.")]
ShowFields = Annotated[
    bool, typer.Option("--show-fields", is_eager=True, callback=show_fields, help="Show the fields for --map.")
]


def import_file(  # noqa: PLR0917 - one parameter per option
    file: GivenFile,
    member: As,
    edition: Edition = None,
    list_name: ListName = None,
    published: Published = False,
    dry_run: DryRun = False,
    strict: Strict = False,
    columns: Columns = None,
    encoding: Encoding = None,
    contract: Contract = None,
    request: Answered = None,
    report: RowReport = None,
    as_json: AsJson = False,
    _show_fields: ShowFields = False,
) -> None:
    """Import a supplier list (CSV, XLSX, ODS or XLS), a smelter list, a self-report, or contracts.

    Known are Open Supply Hub's columns, Apple's list, the CMRT and EMRT, and notices of contracts (OCDS, eForms,
    Doffin). Any other list is imported with --map, which is remembered for the next file with the same header.

    Contracts as rows have the columns reference, supplier_name and level (framework, call_off, end_user, single or
    unknown), and where known supplier_country, organisation_number, lei, parent, parent_member, end_users (ids of
    members, between commas, semicolons or |), ocid, title, starts, ends, value_band, value with
    its currency (1250000.50 and NOK), conditions_name, conditions_edition, clauses (between semicolons or |), ended_on
    and end_reason.

    A row that cannot be read is reported and the rest goes in; the exit code is then 1. A newer edition of a list
    retires the sites that it no longer names: where the file's name changes, say by --list which list it is. The same
    file again changes nothing.

    Example: engage import suppliers.xlsx --member oslo --list framework-2024 --edition 2024-06

    Example: engage import sites.csv --member oslo --map Factory=name --map C=address --map Land=country
    """
    if report is not None:
        check_writable(report)
    given = {
        "filename": file.name, "edition": edition, "list": list_name, "encoding": encoding, "contract": contract,
        "request": request, "map": columns,
    }  # fmt: skip
    query: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    query |= {"published": published, "dry_run": dry_run, "strict": strict, "rows": as_json or report is not None}
    found = sent(file, member_key(member), query, quiet=as_json)
    if report is not None:
        keep_rows(report, found)
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        tables.print_import(console(), file.name, found, dry_run)
    raise typer.Exit(1 if found["rejected"] or found.get("file_invalid") else 0)


def sent(file: Path, key: str, query: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """Send a file, and show on a terminal how long it takes; the report."""
    shown = Console(stderr=True)
    if quiet or not shown.is_terminal:
        return send_file(file.read_bytes(), key, query)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=shown, transient=True) as progress:
        progress.add_task("reading, checking and matching the rows", total=None)
        return send_file(file.read_bytes(), key, query)


def check_writable(file: Path) -> None:
    """See to it before anything is sent that a report can be written there. Raises CommandError."""
    if not is_writable(file):
        raise CommandError(f"{file} cannot be written; nothing was imported. Name a file in a folder that is there.")


def is_writable(file: Path) -> bool:
    """Whether this person can write this file, which need not be there yet; nothing is written."""
    try:
        if file.exists():
            return not file.is_dir() and os.access(file, os.W_OK)
        folder = file.absolute().parent
        return folder.is_dir() and os.access(folder, os.W_OK)
    except OSError:
        return False


def keep_rows(file: Path, report: dict[str, Any]) -> None:
    """Write what became of every row. Raises CommandError."""
    refused = [one | {"outcome": "rejected"} for one in report["errors"]]
    try:
        write_rows(file, report.get("outcomes", refused))
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({type(error).__name__}); the import itself is done.") from None
