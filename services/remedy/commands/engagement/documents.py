"""What people type to hand something on: reports, trackers, briefs, accounts, and exports for an archive."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.remedy.commands.engagement.archive import export, verify
from services.remedy.commands.engagement.finding import checked_day, engagement_of
from services.remedy.commands.engagement.reading import Member, key_for
from services.remedy.commands.options import path_safe, print_json
from shared.client import CommandError, refusal, send


class Format(StrEnum):
    """How a document is written down."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


ENDINGS = {".html": Format.HTML, ".htm": Format.HTML, ".csv": Format.CSV, ".json": Format.JSON}
documents = typer.Typer(
    no_args_is_help=True,
    help="Documents to hand on: reports, trackers, briefs, accounts, archive exports. Each figure names its events.",
)
Wanted = Annotated[Format | None, typer.Option("--format", help="Else by the ending of --out, else html.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where to write it; else it goes to standard output.")
]
First = Annotated[
    str | None, typer.Option("--from", metavar="DAY", callback=lambda day: day and checked_day(day),
                             help="The first day, such as 2026-01-01; else a year before the last.")
]  # fmt: skip
Last = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="DAY", callback=lambda day: day and checked_day(day), help="The last day; else today."
    ),
]
Table = Annotated[str | None, typer.Option("--table", help="Of a CSV: this table alone, as a spreadsheet shows it.")]
Only = Annotated[str | None, typer.Option("--engagement", metavar="ID", help="Of this engagement alone.")]


@documents.command("group")
def group(
    slug: Annotated[str, typer.Argument(metavar="GROUP", help="The working group.")],
    first: First = None,
    last: Last = None,
    engagement: Only = None,
    written: Wanted = None,
    table: Table = None,
    out: Out = None,
    member: Member = None,
) -> None:
    """Report what a working group did in a period, compared with the period before it.

    Engagements opened, moved and closed, days in each stage, asks and commitments, who was consulted and where nobody
    was, escalation and its effect, what was missed. Print it from a browser (A4), or take one table into a spreadsheet.

    Examples: `engage document group apple --from 2026-01-01 --to 2026-06-30 --out report.html`,
    `engage document group apple --format csv --table asks > asks.csv`
    """
    key, query = key_for(member)
    if engagement:
        query |= {"engagement": engagement_of(engagement, key, query)["engagement"]}
    fetch(f"/group/{path_safe(slug)}", key, query | within(first, last), form(written, out), table, out)


@documents.command("supplier")
def supplier(
    named: Annotated[str, typer.Argument(metavar="SUPPLIER", help="Its id, or words of its name.")],
    first: First = None,
    last: Last = None,
    written: Wanted = None,
    table: Table = None,
    out: Out = None,
    member: Member = None,
) -> None:
    """Track how a supplier performs, over all working groups that you read.

    What was asked, how soon it answered, what it committed itself to and kept, where nothing came and what was done.
    With --member also that member's own contracts with it; no other member's.

    Example: `engage document supplier "Example Electronics" --member oslo --out example.html`
    """
    key, query = key_for(member)
    fetch("/supplier", key, query | {"supplier": named} | within(first, last), form(written, out), table, out)


@documents.command("meeting")
def meeting(
    engagement: Annotated[str, typer.Argument(metavar="ENGAGEMENT", help="Its id, or enough of its beginning.")],
    written: Wanted = None,
    table: Table = None,
    out: Out = None,
    member: Member = None,
) -> None:
    """Brief those who meet a supplier: what may be said to it, what stays in the group, what is said to nobody.

    Example: `engage document meeting 5b0c --member oslo --out brief.html`
    """
    key, query = key_for(member)
    named = engagement_of(engagement, key, query)["engagement"]
    fetch(f"/meeting/{named}", key, query, form(written, out), table, out)


@documents.command("account")
def account(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Whose account; by its own key or the operator's.")],
    year: Annotated[int, typer.Option(help="The year that is accounted for; due on 30 June of the next.")],
    written: Wanted = None,
    table: Table = None,
    out: Out = None,
) -> None:
    """Draft a member's account of due diligence for a year (Transparency Act of Norway, section 5).

    From its contracts, what touched them, the engagements it takes part in and their results. It says what it cannot
    know, and is published by the member, not from here.

    Example: `engage document account oslo --year 2026 --out account.html`
    """
    key, query = key_for(member)
    fetch(f"/account/{path_safe(member)}", key, query | {"year": year}, form(written, out), table, out)


@documents.command("archive")
def archive(
    slug: Annotated[str | None, typer.Argument(metavar="GROUP", help="The working group to export.")] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FOLDER", help="A new folder for the export.")] = None,
    engagement: Only = None,
    check: Annotated[
        Path | None, typer.Option("--verify", metavar="FOLDER", help="Instead: check an export, file by file.")
    ] = None,
    member: Member = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Export a working group for an archive system: every event, the report over its whole life, and a manifest.

    events.jsonl has each event with its attributes, a title that is safe for a public journal and its exemption label;
    the report comes as HTML, JSON and a CSV for each table; manifest.json has the SHA-256 of each file.

    Examples: `engage document archive apple --to apple-archive`, `engage document archive --verify apple-archive`
    """
    if (check is None) == (slug is None or to is None):
        raise CommandError("Give a working group and --to FOLDER to export, or --verify FOLDER to check an export.")
    if check is not None:
        told = verify(check)
        say = f"{told['events']} events in {told['files']} files: complete and unchanged.\n"
    else:
        assert slug is not None and to is not None
        key, query = key_for(member)
        if engagement:
            query |= {"engagement": engagement_of(engagement, key, query)["engagement"]}
        told = export(path_safe(slug), to, lambda path, **more: ask(path, key, query | more))
        say = f"Written to {to}: {told['events']} events. Check it any time: engage document archive --verify {to}\n"
        say += f"Keep this hash of its manifest elsewhere: {told['manifest_sha256']}\n"
    if as_json:
        print_json(told)
    else:
        sys.stdout.write(say)


def within(first: str | None, last: str | None) -> dict[str, str]:
    """The days that were given, as they are asked for."""
    return {name: day for name, day in (("from", first), ("to", last)) if day}


def form(written: Format | None, out: Path | None) -> Format:
    """The form that is wanted: as named, else by the ending of the file, else HTML."""
    return written or (ENDINGS.get(out.suffix.lower(), Format.HTML) if out else Format.HTML)


def fetch(path: str, key: str, query: dict[str, Any], wanted: Format, table: str | None, out: Path | None) -> None:
    """Ask for a document and write it to a file or to standard output. Raises CommandError."""
    if table is not None and wanted is not Format.CSV:
        raise CommandError("--table chooses a table of a CSV: add --format csv.")
    found = ask(path, key, query | {"format": wanted.value} | ({"table": table} if table else {}))
    if out is None:
        sys.stdout.buffer.write(found)
        return
    try:
        out.write_bytes(found)
    except OSError:
        raise CommandError(f"{out} cannot be written: name a file in a folder that exists and is yours.") from None
    sys.stdout.write(f"Written to {out}.\n")


def ask(path: str, key: str, query: dict[str, Any]) -> bytes:
    """What `remedy` answers about a document. Raises CommandError in its words."""
    answer = send("remedy", "GET", f"/documents{quote(path)}", key, params=query, timeout=300)
    if not answer.is_success:
        raise CommandError(refusal("remedy", answer))
    return answer.body
