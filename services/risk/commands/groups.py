"""What people type about working groups: `engage risk groups`, `engage risk salient`."""

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table

from services.risk.commands.options import AsJson, Member, key_of, show
from services.risk.commands.wording import listed, words
from shared.client import call


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("groups")(list_groups)
    app.command("salient")(salient)


def list_groups(member: Member = None, as_json: AsJson = False) -> None:
    """List the working groups, or a member's own. Example: engage risk groups --member oslo"""
    show(call("risk", "GET", "/groups", key_of(member)), as_json, print_groups)


def salient(
    group: Annotated[str, typer.Argument(help="The working group.")],
    member: Member = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Issues to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Rank the issues of a working group: those most severe for people first, with the way each goes.

    Example: engage risk salient apple --member oslo
    """
    path = f"/groups/{quote(group, safe='')}/salient-issues"
    show(call("risk", "GET", path, key_of(member), params={"limit": limit}), as_json, tell)


def print_groups(console: Console, answer: Any) -> None:
    table = Table("group", "name", "members", "suppliers", "categories", box=None, pad_edge=False)
    for one in answer["items"]:
        categories = listed(map(words, one["categories"]))
        table.add_row(one["workinggroup"], one["name"], str(one["members"]), str(one["suppliers"]), categories)
    console.print(table if answer["items"] else "There is no working group. See: engage group add --help")


def tell(console: Console, answer: Any) -> None:
    """Print the salient issues as a table."""
    console.print(f"{answer['name']}: {answer['total']} issues, the most severe for people first.")
    if answer["issues"]:
        console.print(table_of(answer["issues"], answer["counted_from"]))
        console.print(
            f"Severity before likelihood (UNGP 24); ? is unknown and ordered as {answer['unknown_as']}. "
            f"Trend since {answer['since'][:10]}: severity and reports then -> now."
        )
    if answer["only_indicated"]:
        console.print(
            f"Further {answer['only_indicated']} where only public lists point at something: pointers to ask about, "
            "not findings."
        )


def table_of(issues: list[Any], counted_from: int) -> Table:
    """The issues, a line for each."""
    columns = ("", "supplier", "category", "severity", "likelihood", "flags", "trend", "exposed", "lists")
    table = Table(*columns, box=None, pad_edge=False)
    for one in issues:
        table.add_row(
            str(one["rank"]),
            one["supplier_name"] or str(one["supplier"]),
            words(one["category"]),
            grade(one["severity"]),
            grade(one["likelihood"]),
            flags_of(one),
            trend_of(one["trend"]),
            exposed(one, counted_from),
            str(one["indicators"]),
        )
    return table


def exposed(one: Any, counted_from: int) -> str:
    """How many members of the group an issue touches, where they are enough for it to be told."""
    if one["exposed_members"] is None:
        return f"fewer than {counted_from} members"
    return f"{one['exposed_members']} members, {one['exposed_contracts']} contracts"


def grade(value: int | None) -> str:
    return "?" if value is None else str(value)


def flags_of(one: Any) -> str:
    """How many flags, at how many sites, and what else tells of an issue."""
    parts = [f"{one['flags']} at {one['sites']} sites"] if one["flags"] else []
    parts += ["said to be mitigated"] if one["mitigated"] else []
    parts += [f"{one['statements']} released statements"] if one["statements"] else []
    return ", ".join(parts)


def trend_of(trend: Any) -> str:
    """The word, with the numbers behind it."""
    if trend["word"] == "new":
        return "new"
    severity = f"{grade(trend['severity_then'])} -> {grade(trend['severity_now'])}"
    return f"{trend['word']} ({severity}; {trend['reports_then']} -> {trend['reports_now']})"
