"""What is typed to ask why: `engage risk explain`, `engage risk summary`."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.risk.commands.options import AsJson, console, key_for, show
from services.risk.commands.tree import Shown, lines
from services.risk.commands.wording import counted, listed, words, wrapped
from shared.client import Answer, CommandError, call, operator_key, refusal, send

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
        show(answer.json(), as_json, print_several)
        raise typer.Exit(SEVERAL)
    if not answer.is_success:
        raise CommandError(refusal("risk", answer))
    if as_json:
        print(answer.body.decode())
    else:
        out, found = console(), answer.json()
        if text := found_instead(subject, found["subject"]):
            out.print(text, soft_wrap=True)
        print_explanation(out, found, Shown(everything))


def summary(as_json: AsJson = False) -> None:
    """Count sites, findings, indicators and flags. Example: engage risk summary --json"""
    show(call("risk", "GET", "/summary", operator_key()), as_json, print_summary)


def ask(query: dict[str, Any], member: str | None) -> Answer:
    """What the service answers, whatever it is. Raises CommandError where it does not, or no key is at hand."""
    key, whose = (operator_key(), {}) if member is None else key_for(member)
    return send("risk", "GET", "/explanations", key, params=query | whose)


def found_instead(asked: str, subject: dict[str, Any]) -> str | None:
    """Says so where what was found bears another name than was asked; None where it is asked for by its id, too."""
    names = (subject.get("id"), subject.get("name"), subject.get("reference"))
    if subject["kind"] in ("name", "flag") or asked.strip().casefold() in (one.casefold() for one in names if one):
        return None
    return f"Asked: {asked.strip()}; found: {subject['name']}"


def print_explanation(out: Console, answer: dict[str, Any], shown: Shown) -> None:
    for line in lines(answer, shown):
        out.print(wrapped(line, out.width), style=STYLES[line.style], soft_wrap=True)


def print_several(out: Console, answer: dict[str, Any]) -> None:
    """Print what a name may mean, and how to choose."""
    elsewhere = answer["code"] == "subject_elsewhere"
    out.print("Nothing of this name is known in that country. There is:" if elsewhere else "Several bear this name:")
    for one in answer["candidates"]:
        sites = one.get("sites") and counted(one["sites"], "site")
        told = (one["kind"], one["name"], one.get("country"), one.get("supplier_name"), sites)
        out.print(listed(filter(None, told)), soft_wrap=True)
        out.print(f"    {one['id']}", soft_wrap=True)
    if answer["more"]:
        out.print(f"and {answer['more']} more: name more of its words.")
    narrower = "" if elsewhere else " Or narrow it down: --country CC."
    out.print(f"Choose one by its id: engage risk explain ID.{narrower}")


def print_summary(out: Console, answer: dict[str, Any]) -> None:
    sites = answer["sites"]
    out.print("By what all members may know:")
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
