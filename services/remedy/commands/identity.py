"""What people type to see who a reporter is: a handler asks, somebody else decides."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from services.remedy.commands.options import As, AsJson, Reference, ask, harmless, path_safe, print_json, show

Why = Annotated[str, typer.Option("--why", help="The motivation; sealed with the case.")]
Request = Annotated[
    str, typer.Argument(metavar="REQUEST", help="The request's id, from 'engage case identity requests'.")
]

identity = typer.Typer(
    no_args_is_help=True,
    help="Who a reporter is: opened only by another person's decision, for who asked, for a limited time.",
)


@identity.command("ask")
def ask_identity(reference: Reference, why: Why, who: As = None) -> None:
    """Ask to see who the reporter of a case is that is assigned to you. A custodian, never you, decides.

    Example: `engage case identity ask R-7K2M-9QXA-4T5C --why "The back pay is paid by name." --as amina`
    """
    ask("POST", f"/cases/{path_safe(reference)}/identity/requests", who, json={"motivation": why})
    sys.stdout.write("Asked. Another person decides: engage case identity standing\n")


@identity.command("standing")
def stand(reference: Reference, who: As = None, as_json: AsJson = False) -> None:
    """Whether your request waits, and until when a grant of yours holds.

    Example: `engage case identity standing R-7K2M-9QXA-4T5C --as amina`
    """
    found = ask("GET", f"/cases/{path_safe(reference)}/identity/standing", who)
    if as_json:
        print_json(found)
    elif found["until"]:
        sys.stdout.write(f"Open to you until {found['until']}.\n")
    else:
        sys.stdout.write("Your request waits.\n" if found["waiting"] else "Closed to you: ask for it.\n")


@identity.command("read")
def read(reference: Reference, who: As = None, as_json: AsJson = False) -> None:
    """See who the reporter is, while a grant of yours holds. Each time is audited.

    Example: `engage case identity read R-7K2M-9QXA-4T5C --as amina`
    """
    found = ask("POST", f"/cases/{path_safe(reference)}/identity/readings", who)
    if as_json:
        print_json(found)
        return
    for part in found:
        sys.stdout.write(f"{part['part']}: {harmless(part['text'] or part['base64'] or '')}\n")
    if not found:
        sys.stdout.write("The reporter told nothing of themselves.\n")


@identity.command("requests")
def list_requests(who: As = None, as_json: AsJson = False) -> None:
    """List what waits for a custodian's decision, without the motivations.

    Example: `engage case identity requests --as bela`
    """
    found = ask("GET", "/identity/requests", who)
    if as_json:
        print_json(found)
        return
    table = Table("Request", "Case", "Asked by", "Asked", box=None, header_style="bold")
    for row in found:
        table.add_row(row["request"], row["reference"], row["asked_by"], row["asked"][:16])
    show(table, "No request waits for your decision." if not found else "")


@identity.command("motivation")
def read_motivation(request: Request, who: As = None, as_json: AsJson = False) -> None:
    """Read why somebody asks, before you decide. Each time is audited.

    Example: `engage case identity motivation 5b0c... --as bela`
    """
    found = ask("POST", f"/identity/requests/{path_safe(request)}/readings", who)
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(f"{found['asked_by']} asks for {found['reference']}: {harmless(found['motivation'])}\n")


@identity.command("grant")
def grant(request: Request, why: Why, who: As = None) -> None:
    """Grant a request, to who asked alone, for as long as is set (a day).

    Example: `engage case identity grant 5b0c... --why "No other way to pay the worker." --as bela`
    """
    found = decide(request, True, why, who)
    sys.stdout.write(f"Granted until {found}.\n")


@identity.command("deny")
def deny(request: Request, why: Why, who: As = None) -> None:
    """Deny a request.

    Example: `engage case identity deny 5b0c... --why "The union can pay it out." --as bela`
    """
    decide(request, False, why, who)
    sys.stdout.write("Denied.\n")


def decide(request: str, granted: bool, why: str, who: str | None) -> str | None:
    """Tell the decision; until when the grant holds."""
    body = {"granted": granted, "motivation": why}
    until: str | None = ask("POST", f"/identity/requests/{path_safe(request)}/decision", who, json=body)["until"]
    return until
