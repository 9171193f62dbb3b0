"""What people type about recipients and mails."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.notify.domain import MailState, Role
from services.notify.examples import example
from services.notify.letters import Template
from services.notify.rendering import render
from shared.client import call, operator_key

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for machines.")]

recipients = typer.Typer(no_args_is_help=True, help="Who is written to. Addresses stay in the notify service.")
mails = typer.Typer(no_args_is_help=True, help="What became of the mails, and what they look like.")


def register(app: typer.Typer) -> None:
    """Add this service's commands."""
    app.add_typer(recipients, name="recipient")
    app.add_typer(mails, name="mail")


@recipients.command("add")
def add(
    address: Annotated[str, typer.Argument(help="One plain address, like anna@secretariat.example.")],
    name: Annotated[str, typer.Option(help="Whose it is; never part of a mail.")],
    role: Annotated[Role, typer.Option(help="The secretariat is mailed; operators are kept on the list only.")] = (
        Role.SECRETARIAT
    ),
    as_json: AsJson = False,
) -> None:
    """Write to somebody from now on.

    Example: `engage recipient add anna@secretariat.example --name "Anna, secretariat"`

    Adding a known address again changes its name and role.
    """
    answer = call(
        "notify", "POST", "/recipients", operator_key(), json={"address": address, "name": name, "role": role.value}
    )
    if as_json:
        print_json(answer)
    else:
        Console(highlight=False).print(f"{answer['name']} ({answer['role']}) is written to from now on.", markup=False)


@recipients.command("list")
def list_recipients(as_json: AsJson = False) -> None:
    """Show everybody who is written to.

    Example: `engage recipient list`
    """
    answer = call("notify", "GET", "/recipients", operator_key())
    if as_json:
        print_json(answer)
        return
    show_table(("address", "name", "role", "id"), answer, "Nobody is written to yet. Try: engage recipient add --help")


@recipients.command("remove")
def remove(recipient: Annotated[str, typer.Argument(help="The id that `engage recipient list` shows.")]) -> None:
    """Forget somebody and the address; mails to them that were not sent yet are cancelled.

    Example: `engage recipient remove 7f4c0d3e-51c5-4f5e-a1cf-6c8d1d3f5b11`
    """
    call("notify", "DELETE", f"/recipients/{recipient}", operator_key())


@mails.command("list")
def list_mails(
    state: Annotated[MailState | None, typer.Option(help="Only mails in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest mails and what became of them; no addresses.

    Example: `engage mail list --state retry`
    """
    query: dict[str, str | int] = {"limit": limit} | ({"state": state.value} if state else {})
    answer = call("notify", "GET", "/mails", operator_key(), params=query)
    if as_json:
        print_json(answer)
        return
    rows = [mail | {"created": mail["created_at"][:19].replace("T", " ")} for mail in answer]
    show_table(("created", "template", "state", "attempts", "reply"), rows, "No such mail.")


@mails.command("summary")
def summary(as_json: AsJson = False) -> None:
    """Count the mails by template and state, and show how long they took from the event to the mail server.

    Example: `engage mail summary --json`
    """
    answer = call("notify", "GET", "/mails/summary", operator_key())
    if as_json:
        print_json(answer)
        return
    show_table(("template", "state", "mails"), answer["counts"], "No mail yet.")
    delay = answer["delay_seconds"]
    if delay["mails"]:
        text = (
            f"From event to accepted mail: p50 {delay['p50']:.3f} s, p99 {delay['p99']:.3f} s ({delay['mails']} mails)"
        )
        Console(highlight=False).print(text)


@mails.command("preview")
def preview(
    template: Annotated[Template, typer.Argument(help="Which mail.")],
    html: Annotated[bool, typer.Option("--html", help="The HTML part instead of the text.")] = False,
) -> None:
    """Show a mail as it is sent, filled with an invented example. Needs no running service.

    Example: `engage mail preview digest`
    """
    letter = example(template)
    text, markup = render(letter)
    console = Console(highlight=False, soft_wrap=True)
    if html:
        console.print(markup, markup=False, end="")
        return
    console.print(f"Subject: {letter.subject}\n", style="bold", markup=False)
    console.print(text, markup=False, end="")


def print_json(answer: Any) -> None:
    """JSON on standard output, without colour."""
    print(json.dumps(answer, ensure_ascii=False))


def show_table(columns: tuple[str, ...], rows: list[dict[str, Any]], nothing: str) -> None:
    """The rows as a table, or a sentence where there are none."""
    console = Console(highlight=False, markup=False)
    if not rows:
        console.print(nothing)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if row[column] is None else str(row[column]) for column in columns))
    console.print(table)
