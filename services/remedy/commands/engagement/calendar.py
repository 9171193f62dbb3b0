"""`engage calendar`, `engage clauses`, `engage asks`: what is due, and the libraries that say why."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.remedy.commands.engagement.finding import checked_day
from services.remedy.commands.engagement.reading import Member, console, count, key_for, shortened
from services.remedy.commands.options import AsJson, harmless, print_json, show, spaced
from shared.client import CommandError, call

EMPTY = """Nothing is due.
A contract with performance conditions brings its own days: `engage publish` a contract.registered.v1 with
`conditions` and `starts`. `engage clauses` shows what of each clause is due by itself.
"""
LONGEST = 60


def calendar(
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The last day shown; else 90 days ahead.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """Show what is due: of your contracts, of yourself, and of your working groups; what is overdue comes first.

    Example: `engage calendar --member oslo --until 2026-12-31`
    """
    key, query = key_for(member)
    if until is not None:
        query["until"] = checked_day(until)
    found = call("remedy", "GET", "/calendar", key, params=query)
    if as_json:
        print_json(found)
    else:
        print_calendar(console(), found)


def print_calendar(out: Console, rows: Iterable[Any]) -> None:
    """What is due, as a table."""
    table = Table("Day", "", "What", "Of", "By which rule", box=None, header_style="bold")
    for row in rows:
        style = "red" if row["missed"] else None
        table.add_row(row["due"], left(row["days_left"]), what(row), whose(row), harmless(row["basis"]), style=style)
    if table.row_count:
        out.print(table)
    else:
        out.print(EMPTY, end="", soft_wrap=True)


def left(days: int) -> str:
    """How far a day is away, or over."""
    if days == 0:
        return "today"
    return f"in {count(days, 'day')}" if days > 0 else f"{count(-days, 'day')} over"


def what(row: Any) -> str:
    """What is due: its kind, and its words where it has any."""
    kind = spaced(row["kind"]).capitalize()
    clause = f" {row['clause']}" if row["clause"] else ""
    return f"{kind}{clause}" + (f": {shortened(row['wording'], LONGEST)}" if row["wording"] else "")


def whose(row: Any) -> str:
    """Of whom it is due: the supplier, with the contract or the group; else the member itself."""
    supplier = row["supplier_name"] or row["supplier"]
    where = row["reference"] or row["workinggroup"]
    return harmless(f"{supplier} ({where})" if supplier else where or row["member"] or "-")


def clauses(
    clause: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this clause, with all about it.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """List the clause library: the conditions that bind suppliers, by reference, and what of them is due by itself.

    Examples: `engage clauses`; `engage clauses dfo-2.1`
    """
    found = chosen(call("remedy", "GET", "/clauses", key_for(member)[0]), clause, "engage clauses")
    if as_json or clause is None:
        show(found, as_json, ("Id", "Clause", "Step", "Title", "Due by itself"), clause_row)
    else:
        print_one(console(), clause_lines(found[0]))


def asks(
    ask: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this ask, with its wording.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """List the standard asks of suppliers, so that every group asks the same in the same words.

    Examples: `engage asks`; `engage asks repay-recruitment-fees`
    """
    found = chosen(call("remedy", "GET", "/asks", key_for(member)[0]), ask, "engage asks")
    if as_json or ask is None:
        show(found, as_json, ("Id", "Title", "About", "Clause", "Within"), ask_row)
    else:
        print_one(console(), ask_lines(found[0]))


def chosen(found: Any, wanted: str | None, listing: str) -> Any:
    """The one of that id in a list; all without one. Raises CommandError where there is none."""
    rows = [row for row in found if wanted in (None, row["id"])]
    if not rows:
        raise CommandError(f"The library has no such id: '{listing}' shows them all.")
    return rows


def clause_row(row: Any) -> list[str]:
    """A clause as a line of the table."""
    due = [one["within"] or "yearly" for one in row["routine"]]
    return [row["id"], harmless(row["clause"]), row["step"] or "", harmless(row["title"]), ", ".join(due)]


def clause_lines(row: Any) -> list[tuple[str, str]]:
    """All about a clause."""
    due = [f"{one['wanted']} ({one['within'] or 'yearly'}): {one['basis']}" for one in row["routine"]]
    return [
        ("Clause", f"{row['clause']} of {row['conditions']}"),
        ("Source", f"{row['source']} [{row['edition']}]"),
        ("In short", row["title"]),
        ("Shown by", row["evidence"]),
        ("Step", row["step"] or "-"),
        ("ILO", ", ".join([*map(spaced, row["categories"]), *row["instruments"]]) or "-"),
        ("Due by itself", "; ".join(due) or "nothing: a member schedules it (`engage condition schedule`)"),
        ("Note", row["note"] or "-"),
    ]


def ask_row(row: Any) -> list[str]:
    """A standard ask as a line of the table."""
    about = ", ".join([spaced(row["category"] or "any issue"), *row["instruments"]])
    return [row["id"], harmless(row["title"]), about, row["clause"], count(row["days"], "day")]


def ask_lines(row: Any) -> list[tuple[str, str]]:
    """All about a standard ask."""
    _, title, about, clause, within = ask_row(row)
    take = f"engage engagement ask ENGAGEMENT --standard {row['id']}"
    return [
        ("Title", title),
        ("Wording", row["wording"]),
        ("About", about),
        ("Clause", f"{clause}: 'engage clauses {clause}'"),
        ("Answer within", f"{within}; ours, no source fixes it"),
        ("Ask it", take),
    ]


def print_one(out: Console, lines: Iterable[tuple[str, str]]) -> None:
    """What is known of one thing, a line for each."""
    table = Table.grid(padding=(0, 2))
    for name, text in lines:
        table.add_row(name, harmless(text))
    out.print(table)
