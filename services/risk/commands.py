"""What operators type about lists and risk: `engage facts`, `engage risk`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from services.risk.domain.facts import FactKind
from shared.client import CommandError, call, operator_key

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    facts = typer.Typer(no_args_is_help=True, help="Public lists of facts: goods by country, and named entities.")
    facts.command("load")(load)
    facts.command("list")(list_editions)
    risk = typer.Typer(no_args_is_help=True, help="What the lists say of disclosed sites, and what is not known.")
    risk.command("explain")(explain)
    risk.command("summary")(summary)
    app.add_typer(facts, name="facts")
    app.add_typer(risk, name="risk")


def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="XML or CSV, as the publisher gives it.")],
    kind: Annotated[str, typer.Option(help="country-goods or entities.")],
    source: Annotated[str, typer.Option(help='The publisher and its list: "US Department of Labor, ILAB".')],
    edition: Annotated[str, typer.Option(help="A year, month or day: 2022, 2022-09, 2022-09-28.")],
    licence: Annotated[str | None, typer.Option(help="Terms of the list: public domain, CC BY 4.0.")] = None,
    retrieved: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day it was fetched.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put an edition of a list into force; sites are assessed again, and what changed is published.

    Example: engage facts load goods.csv --kind country-goods --source "US Department of Labor, ILAB" --edition 2022
    """
    given = {
        "kind": known_kind(kind),
        "source": source,
        "edition": edition,
        "licence": licence,
        "retrieved": retrieved and retrieved.date().isoformat(),
        "dry_run": dry_run or None,
    }
    query = {name: value for name, value in given.items() if value is not None}
    body = file.read_bytes()
    answer = call("risk", "POST", "/facts", operator_key(), params=query, content=body, timeout=600)
    show(answer, as_json, print_loaded)


def list_editions(as_json: AsJson = False) -> None:
    """List the editions that were loaded. Example: engage facts list"""
    show(call("risk", "GET", "/facts", operator_key()), as_json, print_editions)


def explain(
    site: Annotated[UUID, typer.Argument(help="Id of the site.")],
    as_json: AsJson = False,
) -> None:
    """Say what the lists say of a site, why, and what is not known.

    Example: engage risk explain 018f6f1e-0000-7000-8000-000000000000
    """
    show(call("risk", "GET", f"/sites/{site}/explanation", operator_key()), as_json, print_explanation)


def summary(as_json: AsJson = False) -> None:
    """Count sites, findings, indicators and flags. Example: engage risk summary --json"""
    show(call("risk", "GET", "/indicators/summary", operator_key()), as_json, print_summary)


def known_kind(text: str) -> FactKind:
    """The kind of list that was typed. Raises CommandError."""
    try:
        return FactKind(text.replace("-", "_"))
    except ValueError:
        raise CommandError("The kind of a list is country-goods or entities.") from None


def show(answer: Any, as_json: bool, print_answer: Any) -> None:
    """Print an answer for a program or for a person."""
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print_answer(Console(highlight=False, markup=False), answer)


def print_loaded(console: Console, answer: Any) -> None:
    state = "known already" if not answer["new"] else "would be loaded" if answer["dry_run"] else "loaded"
    console.print(f"{answer['source']}, edition {answer['edition']}: {answer['facts']} facts, {state}.")
    console.print(
        f"Sites assessed again: {answer['sites_assessed']}. Indicators raised: {answer['indicators_raised']}, "
        f"withdrawn: {answer['indicators_withdrawn']}."
    )
    console.print("Next: engage risk summary")


def print_editions(console: Console, answer: Any) -> None:
    table = Table("kind", "source", "edition", "facts", "in force", "licence", box=None, pad_edge=False)
    for one in answer["editions"]:
        state = "yes" if one["in_force"] else "no"
        table.add_row(
            one["kind"], one["source"], one["edition"], str(one["facts"]), state, one["licence"] or "not given"
        )
    console.print(
        table if answer["editions"] else "No list is loaded: every finding is unknown. See: engage facts load --help"
    )


def print_explanation(console: Console, answer: Any) -> None:
    place = f"{answer['site_name'] or 'unnamed site'}, {answer['country'] or 'country not given'}"
    console.print(f"{place}; supplier {answer['supplier_name']}; disclosures now: {answer['disclosures']}")
    console.print("What public lists say of its name, or of its country and sector; pointers, no accusations:")
    for category, finding in (answer["categories"] or {}).items():
        console.print(f"  {category.replace('_', ' ')}: {finding.replace('_', ' ')}")
    for one in answer["indicators"]:
        console.print(f"\n{one['statement']}")
        for fact in one["evidence"]:
            console.print(f"  {fact['source']}, edition {fact['edition']}: {fact['text']}")
    if answer["gaps"]:
        console.print("\nNot known: " + "; ".join(answer["gaps"]) + ".")


def print_summary(console: Console, answer: Any) -> None:
    sites = answer["sites"]
    console.print(f"Sites: {sites['assessed']} assessed, {sites['indicated']} with indicators, {sites['gone']} gone.")
    table = Table("category", "indicated", "not listed", "unknown", box=None, pad_edge=False)
    for category, found in answer["findings"].items():
        counts = (str(found.get(finding, 0)) for finding in ("indicated", "not_listed", "unknown"))
        table.add_row(category.replace("_", " "), *counts)
    console.print(table)
    for one in answer["indicators"]:
        console.print(
            f"Indicators, {one['kind'].replace('_', ' ')}, {one['category'].replace('_', ' ')}: {one['count']}"
        )
    for one in answer["flags"]:
        console.print(
            f"Flags, {one['state']}, {one['category'].replace('_', ' ')}: {one['count']} ({one['serious']} serious)"
        )
