"""What is typed to ask why: `engage risk explain`, `engage risk summary`."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.risk.commands.tree import Shown, lines
from services.risk.commands.wording import counted, words, wrapped
from shared.client import (
    NO_ANSWER,
    Answer,
    CommandError,
    call,
    operator_key,
    reason,
    refusal,
    request,
    secret,
    service_url,
)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
STYLES = {"head": "bold", "strong": "bold", "faint": "dim", "plain": ""}
SEVERAL = 2
"""The exit code where a name means several."""


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("explain")(explain)
    app.command("summary")(summary)


def explain(
    subject: Annotated[str, typer.Argument(help="An id, a name, a contract's reference, or a product.")],
    country: Annotated[str | None, typer.Option(help="Where the company is: CN, or China.")] = None,
    member: Annotated[str | None, typer.Option("--member", help="Show what this member may know.")] = None,
    sites: Annotated[int, typer.Option(min=1, max=50, help="How many sites of several are shown.")] = 5,
    everything: Annotated[bool, typer.Option("--all", help="Show every reason, flag and gap.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is known of a site, supplier, product, contract or flag, why, and what would change it.

    Example: engage risk explain "Example Electronics" --country CN
    """
    given = {"subject": subject, "country": country, "sites": sites}
    answer = ask({name: value for name, value in given.items() if value is not None}, member)
    if answer.status == 409:
        show_several(answer.json(), as_json)
        raise typer.Exit(SEVERAL)
    if not answer.is_success:
        raise CommandError(refusal("risk", answer))
    if as_json:
        print(answer.body.decode())
    else:
        show(answer.json(), Shown(everything))


def summary(as_json: AsJson = False) -> None:
    """Count sites, findings, indicators and flags. Example: engage risk summary --json"""
    answer = call("risk", "GET", "/summary", operator_key())
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        show_summary(console(), answer)


def ask(query: dict[str, Any], member: str | None) -> Answer:
    """What the service answers, whatever it is. Raises CommandError where it does not, or no key is at hand."""
    key, query = key_for(member, query)
    url = service_url("risk")
    try:
        return request("GET", f"{url}/explanations", {"authorization": f"Bearer {key}"}, query)
    except NO_ANSWER as error:
        raise CommandError(f"risk at {url} does not answer ({reason(error)}). Try 'engage status'.") from error


def key_for(member: str | None, query: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The key to ask with, and the query: a member's own key where it is at hand, else the operator's.

    Raises CommandError where there is neither.
    """
    if member is None:
        return operator_key(), query
    try:
        return secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY"), query
    except CommandError:
        return operator_key(), query | {"member": member}


def console() -> Console:
    """As wide as the terminal, with colours only on one."""
    return Console(highlight=False, markup=False)


def show(answer: dict[str, Any], shown: Shown) -> None:
    """Print an explanation for a person."""
    out = console()
    for line in lines(answer, shown):
        out.print(wrapped(line, out.width), style=STYLES[line.style], soft_wrap=True)


def show_several(answer: dict[str, Any], as_json: bool) -> None:
    """Print what a name may mean, and how to choose."""
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    out = console()
    table = Table("kind", "name", "country", "supplier", "sites", "id", box=None, pad_edge=False)
    for one in answer["candidates"]:
        told = (one["name"], one.get("country", ""), one.get("supplier_name", ""), str(one.get("sites", "")))
        table.add_row(one["kind"], *told, one["id"])
    out.print("Several bear this name:")
    out.print(table)
    if answer["more"]:
        out.print(f"and {answer['more']} more: name more of its words.")
    out.print("Choose one by its id: engage risk explain ID. Or narrow it down: --country CC.")


def show_summary(out: Console, answer: dict[str, Any]) -> None:
    sites = answer["sites"]
    out.print(f"Sites assessed: {sites['assessed']}; something points at {sites['indicated']} of them.")
    table = Table("category", "indicated", "not listed", "unknown", box=None, pad_edge=False)
    for category, found in answer["findings"].items():
        table.add_row(words(category), *(str(found.get(one, 0)) for one in ("indicated", "not_listed", "unknown")))
    out.print(table)
    for one in answer["indicators"]:
        out.print(f"Indicators, {words(one['kind'])}, {words(one['category'])}: {one['count']}")
    for one in answer["flags"]:
        serious = counted(one["serious"], "serious one")
        out.print(f"Flags, {words(one['state'])}, {words(one['category'])}: {one['count']}, {serious}")
