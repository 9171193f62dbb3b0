"""What operators type about lists of facts: `engage facts`."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.risk.commands.fact_tables import print_editions, print_format, print_formats, print_loaded, refused
from services.risk.commands.options import AsJson, console, show
from services.risk.domain.facts.faults import MAXIMUM_FACTS, MAXIMUM_FILE
from services.risk.domain.facts.formats import FORMATS, Format
from shared.client import NO_ANSWER, CommandError, call, operator_key, reason, request, service_url

PATIENCE = 1800
"""Seconds to wait for a load: it assesses every site that the list touches."""
GivenFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file as its publisher gives it.")]
RegisterFile = Annotated[
    Path | None, typer.Option("--register", exists=True, dir_okay=False, help="What each series is (for series).")
]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day it was fetched.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day from which it holds.")]


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("load")(load)
    app.command("list")(list_editions)
    app.command("formats")(formats)


def load(
    file: GivenFile,
    *,
    form: Annotated[str, typer.Option("--format", help="How to read it; see: engage facts formats")],
    source: Annotated[str, typer.Option(help='The publisher and its list: "US Department of Labor, ILAB".')],
    edition: Annotated[str, typer.Option(help="A year, month or day: 2022, 2022-09, 2022-09-28.")],
    licence: Annotated[str | None, typer.Option(help="Terms of the list: public domain, CC BY 4.0.")] = None,
    retrieved: Day = None,
    valid_from: Since = None,
    register_of: RegisterFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put an edition of a list into force; sites that it touches are assessed again, and what changed is published.

    The load is one transaction: all of it, or nothing.

    Example: engage facts load goods.csv --format ilab-goods --source "US Department of Labor, ILAB" --edition 2022
    """
    known_format(form)
    query = {
        "format": form,
        "source": source,
        "edition": edition,
        "licence": licence,
        "retrieved": retrieved and retrieved.date().isoformat(),
        "valid_from": valid_from and valid_from.date().isoformat(),
        "dry_run": dry_run or None,
    }
    given = {name: value for name, value in query.items() if value is not None}
    show(send(given, read(file), read(register_of) if register_of else None), as_json, print_loaded)


def list_editions(as_json: AsJson = False) -> None:
    """List the editions that were loaded. Example: engage facts list"""
    show(call("risk", "GET", "/facts", operator_key()), as_json, print_editions)


def formats(form: Annotated[str | None, typer.Argument(metavar="[FORMAT]", help="One of them.")] = None) -> None:
    """Say how lists are read: each format, or the columns of one with an example.

    Example: engage facts formats rows
    """
    if form is None:
        print_formats(console())
    else:
        print_format(console(), known_format(form))


def known_format(name: str) -> Format:
    """The format that was typed. Raises CommandError."""
    if (found := FORMATS.get(name)) is None:
        raise CommandError(f"The format is one of {', '.join(FORMATS)}. See: engage facts formats")
    return found


def read(file: Path) -> bytes:
    """A file, of which no more is read than may be sent. Raises CommandError where it is larger, or cannot be read."""
    try:
        with file.open("rb") as opened:
            body = opened.read(MAXIMUM_FILE + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({type(error).__name__}).") from None
    if len(body) > MAXIMUM_FILE:
        limit = MAXIMUM_FILE // 1024 // 1024
        raise CommandError(
            f"{file} is larger than {limit} MiB (and a list may hold {MAXIMUM_FACTS:,} facts). Nothing was sent: "
            "is it the right file? If so, split the list and give each part a source of its own."
        )
    return body


def send(query: Mapping[str, Any], body: bytes, register_of: bytes | None) -> Any:
    """Send a list and wait for what came of it. Raises CommandError, with a table of what is wrong with the file."""
    key, url = operator_key(), service_url("risk")
    headers, path, content = {"authorization": f"Bearer {key}"}, "/facts", body
    if register_of is not None:
        both = {"table": base64.b64encode(body).decode(), "register": base64.b64encode(register_of).decode()}
        headers |= {"content-type": "application/json"}
        path, content = "/facts/with-register", json.dumps(both).encode()
    shown = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as progress:
        progress.add_task("reading the list and assessing again the sites that it touches", total=None)
        try:
            answer = request("POST", url + path, headers, query, content, PATIENCE)
        except NO_ANSWER as error:
            raise CommandError(f"risk at {url} does not answer ({reason(error)}). Try 'engage status'.") from error
    if answer.is_success:
        return answer.json()
    raise CommandError(refused(answer))
