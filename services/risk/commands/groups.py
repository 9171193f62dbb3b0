"""What people type about working groups: `engage risk groups`, `engage risk salient`."""

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table

from services.risk.commands.options import AsJson, Member, key_of, show
from services.risk.commands.wording import counted, listed, words
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
    show(call("risk", "GET", path, key_of(member), params={"limit": limit}), as_json, tell, soft_wrap=True)


def print_groups(console: Console, answer: Any) -> None:
    table = Table("group", "name", "members", "suppliers", "categories", box=None, pad_edge=False)
    for one in answer["items"]:
        categories = listed(map(words, one["categories"]))
        table.add_row(one["workinggroup"], one["name"], str(one["members"]), str(one["suppliers"]), categories)
    console.print(table if answer["items"] else "There is no working group. See: engage group add --help")


def tell(console: Console, answer: Any) -> None:
    """Print the salient issues, two lines for each."""
    console.print(f"{answer['name']}: {counted(answer['total'], 'issue')}, the most severe for people first.")
    if answer["issues"]:
        for one in answer["issues"]:
            print_issue(console, one, answer["counted_from"])
        console.print(
            f"Severity before likelihood (UNGP 24); ? is unknown and ordered as {answer['unknown_as']}. "
            f"Trend since {answer['since'][:10]}: severity and reports then -> now."
        )
    if answer["only_indicated"]:
        console.print(
            f"Further {answer['only_indicated']} where only public lists point at something: pointers to ask about, "
            "not findings."
        )


def print_issue(console: Console, one: Any, counted_from: int) -> None:
    """One issue: what it is and how grave, then what tells of it and the way it goes."""
    supplier = one["supplier_name"] or str(one["supplier"])
    graded = f"severity {grade(one['severity'])}, likelihood as reported {grade(one['likelihood'])}"
    console.print(f"{one['rank']}. {supplier}: {words(one['category'])}; {graded}")
    told = [*flags_of(one), f"exposed: {exposed(one, counted_from)}", f"trend: {trend_of(one['trend'])}"]
    told += [f"indicators from lists: {one['indicators']}"] if one["indicators"] else []
    console.print(f"   {'; '.join(told)}")


def exposed(one: Any, counted_from: int) -> str:
    """How many members of the group an issue touches, where they are enough for it to be told."""
    if one["exposed_members"] is None:
        return f"fewer than {counted_from} members"
    return f"{one['exposed_members']} members, {one['exposed_contracts']} contracts"


def grade(value: int | None) -> str:
    return "?" if value is None else str(value)


def flags_of(one: Any) -> list[str]:
    """How many flags, at how many sites, and what else tells of an issue."""
    parts = [f"{counted(one['flags'], 'flag')} at {counted(one['sites'], 'site')}"] if one["flags"] else []
    parts += ["said to be mitigated"] if one["mitigated"] else []
    parts += [counted(one["statements"], "released statement")] if one["statements"] else []
    return parts


def trend_of(trend: Any) -> str:
    """The word, with the numbers behind it."""
    if trend["word"] == "new":
        return "new"
    severity = f"{grade(trend['severity_then'])} -> {grade(trend['severity_now'])}"
    return f"{trend['word']} ({severity}; {trend['reports_then']} -> {trend['reports_now']})"
