"""What people type: senders seal on their own machine, case handlers work on cases, operators open engagements."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from services.remedy.domain import day_of, key_id_of
from shared import sealing
from shared.client import CommandError, call, operator_key, secret
from shared.events.members import TestimonySubmitted

Kind = Literal["grievance", "flag", "evidence", "remedy_report"]
Role = Literal["lead", "collaborating", "supporting"]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Reference = Annotated[str, typer.Argument(metavar="REF", help="The reference, such as R-7K2M-9QXA-4T5C.")]

cases = typer.Typer(no_args_is_help=True, help="Cases, by their references. Needs the case handlers' key.")
engagements = typer.Typer(no_args_is_help=True, help="Engagements of working groups with suppliers.")


def register(app: typer.Typer) -> None:
    """Add this service's commands to `engage`."""
    app.command()(seal)
    app.add_typer(cases, name="case")
    app.add_typer(engagements, name="engagement")


# Sealing, on the sender's machine.


def seal(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The text to seal, or - for standard input.")],
    kind: Annotated[Kind, typer.Option(help="What the text is.")],
    key: Annotated[
        Path | None, typer.Option(help="A file with the trustee's key: then no network is needed.", metavar="FILE")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write here instead of standard output.", metavar="FILE")] = None,
) -> None:
    """Seal testimony so that only the trustee can read it, and print an event that `engage publish` takes.

    The text stays on this machine: it is neither sent nor kept, only the sealed event is.

    Example: `engage seal testimony.txt --kind grievance --out sealed.json`, then
    `engage publish sealed.json --member electronics-watch`.
    """
    source = str(key) if key else "The answer of the remedy service"
    announced = read(str(key)) if key else json.dumps(call("remedy", "GET", "/keys", None)).encode()
    public_key = usable_key(source, announced)
    event = json.dumps(sealed_event(read(file), kind, public_key, datetime.now(UTC)), indent=2) + "\n"
    if out is None:
        sys.stdout.write(event)
        return
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
            target.write(event)
    except OSError as error:
        raise CommandError(f"Cannot write {out}: {error.strerror}.") from None


def sealed_event(text: bytes, kind: str, public_key: str, now: datetime) -> dict[str, Any]:
    """The CloudEvent that holds the sealed text; its time is the day. Raises CommandError where it cannot be sealed."""
    if not text.strip():
        raise CommandError("There is nothing to seal: the text is empty.")
    try:
        box = sealing.seal(text, public_key, sealing.TESTIMONY)
    except ValueError as error:
        raise CommandError(f"The text cannot be sealed: {error}.") from None
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:engage:sealed",
        "type": TestimonySubmitted.type,
        "time": day_of(now).isoformat(),
        "datacontenttype": "application/json",
        "data": {"kind": kind, "key": key_id_of(public_key), "sealed": box},
    }


def read(file: str) -> bytes:
    """The content of a file, or of standard input for "-". Raises CommandError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"Cannot read {file}: {error.strerror}.") from None


def usable_key(source: str, content: bytes) -> str:
    """The public key in a document: what `GET /keys` answers, or the key alone in base64. Raises CommandError."""
    text = content.decode(errors="replace").strip()
    try:
        return trustee_key(json.loads(text) if text.startswith("{") else {"public_key": text})
    except (ValueError, TypeError):
        raise CommandError(
            f"{source} holds no trustee's key: save what GET /keys of the remedy service answers."
        ) from None


def trustee_key(document: dict[str, Any]) -> str:
    """The public key of an announcement. Raises ValueError where there is none, CommandError where it has ended."""
    public_key = document.get("public_key")
    if not isinstance(public_key, str) or len(sealing.decode(public_key)) != 32:
        raise ValueError("not an X25519 public key")
    ends = document.get("valid_to")
    if ends is not None and datetime.fromisoformat(ends) <= datetime.now(UTC):
        raise CommandError("This key of the trustee is out of date: ask for the present one.")
    return public_key


# Cases.


@cases.command("list")
def list_cases(
    state: Annotated[str | None, typer.Option(help="Only cases in this state, such as received.")] = None,
    as_json: AsJson = False,
) -> None:
    """List cases: what is due next comes first.

    Example: `engage case list --state received`
    """
    found = call("remedy", "GET", "/cases", handler_key(), params={"state": state} if state else {})
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    table = Table("Reference", "Kind", "State", "Deadline", "Due (UTC)", "", box=None, header_style="bold")
    for case in found:
        note = "" if case["openable"] else " (cannot be opened)"
        head = [case["reference"], case["kind"].replace("_", " "), case["state"].replace("_", " ") + note]
        for row in case["deadlines"] or [{"kind": "", "due": None, "state": ""}]:
            due = datetime.fromisoformat(row["due"]).astimezone(UTC).strftime("%Y-%m-%d %H:%M") if row["due"] else ""
            table.add_row(*head, row["kind"], due, row["state"].replace("_", " "))
            head = [""] * 3
    show(table, "No cases." if not found else "")


@cases.command("acknowledge")
def acknowledge(reference: Reference) -> None:
    """Tell that the sender has been told of the receipt: the first deadline is met.

    Example: `engage case acknowledge R-7K2M-9QXA-4T5C`
    """
    moved = call("remedy", "POST", f"/cases/{path_safe(reference)}/acknowledge", handler_key())
    sys.stdout.write(f"{moved['reference']} is {moved['state']}.\n")


@cases.command("open")
def open_case(
    reference: Reference,
    motivation: Annotated[str, typer.Option(help="Why you open it; this is recorded.")],
    as_json: AsJson = False,
) -> None:
    """Read testimony. Who asks why it was opened finds your motivation.

    Example: `engage case open R-7K2M-9QXA-4T5C --motivation "First reading, to acknowledge it"`
    """
    path = f"/cases/{path_safe(reference)}/open"
    found = call("remedy", "POST", path, handler_key(), json={"motivation": motivation})
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    elif found["text"] is None:
        raise CommandError("This testimony is no text. Take it as base64 with --json.")
    else:
        sys.stdout.write(harmless(found["text"]).rstrip("\n") + "\n")


def harmless(text: str) -> str:
    """A stranger's text without what could steer a terminal."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def handler_key() -> str:
    return secret("handler.key", "ENGAGE_HANDLER_KEY")


def path_safe(argument: str) -> str:
    """An argument as one step of a path. Raises CommandError where it cannot be an id or a reference."""
    if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in argument) or not argument:
        raise CommandError("An id or reference has letters, digits and - only.")
    return argument


# Engagements.


@engagements.command("list")
def list_engagements(
    group: Annotated[str | None, typer.Option(help="Only those of this working group.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the engagements that are proposed or open.

    Example: `engage engagement list --group apple`
    """
    params = {"workinggroup": group} if group else {}
    found = call("remedy", "GET", "/engagements", operator_key(), params=params)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    table = Table("Group", "Supplier", "Category", "State", "Flags", "Id", box=None, header_style="bold")
    for row in found:
        words = row["workinggroup"], harmless(row["supplier_name"]), row["category"].replace("_", " "), row["state"]
        table.add_row(*words, str(len(row["flags"])), row["engagement"])
    show(table, "No engagements." if not found else "")


@engagements.command("open")
def open_engagement(
    engagement: Annotated[str, typer.Argument(metavar="ID", help="The engagement's id, from the list.")],
    objective: Annotated[str, typer.Option(help="What is to be achieved.")],
    role: Annotated[Role, typer.Option(help="Your part in the working group.")] = "lead",
    as_json: AsJson = False,
) -> None:
    """Open an engagement that was proposed: a person's decision, with its objective.

    Example: `engage engagement open 5b0c... --objective "Recruitment fees are repaid by the end of the year"`
    """
    body = {"objective": objective, "role": role}
    opened = call("remedy", "POST", f"/engagements/{path_safe(engagement)}/open", operator_key(), json=body)
    if as_json:
        sys.stdout.write(json.dumps(opened, indent=2) + "\n")
    else:
        sys.stdout.write(f"Opened: {opened['workinggroup']} engages {harmless(opened['supplier_name'])}.\n")


def show(table: Table, instead: str) -> None:
    """Print a table as wide as it needs where nobody watches, or a word where there is nothing to show."""
    width = None if sys.stdout.isatty() else 200
    Console(highlight=False, markup=False, width=width).print(instead or table)
