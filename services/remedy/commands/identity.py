"""What people type to see who a reporter is: a handler asks, somebody else decides."""

import sys
from typing import Annotated, Any

import typer

from services.remedy.commands.options import (
    As,
    AsJson,
    Motivation,
    Reference,
    ask,
    case_path,
    harmless,
    path_safe,
    say,
    show,
    words,
)

Request = Annotated[
    str, typer.Argument(metavar="REQUEST", help="The request's id, from 'engage case identity requests'.")
]

identity = typer.Typer(
    no_args_is_help=True,
    help="Who a reporter is: opened only by another person's decision, for who asked, for a limited time.",
)


@identity.command("ask")
def ask_identity(reference: Reference, why: Motivation = None, who: As = None) -> None:
    """Ask to see who the reporter of a case is that is assigned to you. A custodian, never you, decides.

    Example: `engage case identity ask R-7K2M-9QXA-4T5C --why "The back pay is paid by name." --as amina`
    """
    ask("POST", case_path(reference, "identity", "requests"), who, json={"motivation": words(why, "Why?")})
    sys.stdout.write("Asked. Another person decides: engage case identity standing\n")


@identity.command("standing")
def stand(reference: Reference, who: As = None, as_json: AsJson = False) -> None:
    """Whether your request waits, and until when a grant of yours holds.

    Example: `engage case identity standing R-7K2M-9QXA-4T5C --as amina`
    """
    found = ask("GET", case_path(reference, "identity", "standing"), who)
    closed = "Your request waits.\n" if found["waiting"] else "Closed to you: ask for it.\n"
    say(found, as_json, f"Open to you until {found['until']}.\n" if found["until"] else closed)


@identity.command("read")
def read(reference: Reference, who: As = None, as_json: AsJson = False) -> None:
    """See who the reporter is, while a grant of yours holds. Each time is audited.

    Example: `engage case identity read R-7K2M-9QXA-4T5C --as amina`
    """
    found = ask("POST", case_path(reference, "identity", "readings"), who)
    lines = [f"{part['part']}: {harmless(part['text'] or part['base64'] or '')}\n" for part in found]
    say(found, as_json, "".join(lines) or "The reporter told nothing of themselves.\n")


@identity.command("requests")
def list_requests(who: As = None, as_json: AsJson = False) -> None:
    """List what waits for a custodian's decision, without the motivations.

    Example: `engage case identity requests --as bela`
    """
    columns = ("Request", "Case", "Asked by", "Asked")
    show(ask("GET", "/identity/requests", who), as_json, columns, request_row, "No request waits for your decision.")


def request_row(row: dict[str, Any]) -> list[str]:
    """A request as a line of the table."""
    return [row["request"], row["reference"], row["asked_by"], row["asked"][:16]]


@identity.command("motivation")
def read_motivation(request: Request, who: As = None, as_json: AsJson = False) -> None:
    """Read why somebody asks, before you decide. Each time is audited.

    Example: `engage case identity motivation 5b0c... --as bela`
    """
    found = ask("POST", f"/identity/requests/{path_safe(request)}/readings", who)
    say(found, as_json, f"{found['asked_by']} asks for {found['reference']}: {harmless(found['motivation'])}\n")


@identity.command("grant")
def grant(request: Request, why: Motivation = None, who: As = None) -> None:
    """Grant a request, to who asked alone, for as long as is set (a day).

    Example: `engage case identity grant 5b0c... --why "No other way to pay the worker." --as bela`
    """
    found = decide(request, True, why, who)
    sys.stdout.write(f"Granted until {found}.\n")


@identity.command("deny")
def deny(request: Request, why: Motivation = None, who: As = None) -> None:
    """Deny a request.

    Example: `engage case identity deny 5b0c... --why "The union can pay it out." --as bela`
    """
    decide(request, False, why, who)
    sys.stdout.write("Denied.\n")


def decide(request: str, granted: bool, why: str | None, who: str | None) -> str | None:
    """Tell the decision; until when the grant holds."""
    body = {"granted": granted, "motivation": words(why, "Why?")}
    until: str | None = ask("POST", f"/identity/requests/{path_safe(request)}/decision", who, json=body)["until"]
    return until
