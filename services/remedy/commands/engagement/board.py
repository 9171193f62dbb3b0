"""`engage board`: where every engagement stands, what is due next, and who sees to it."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.remedy.commands.engagement.reading import (
    FORMER,
    GROUP_CLOSED,
    HELD,
    Member,
    console,
    count,
    key_for,
    leverage,
    milestone,
    shortened,
    supplier,
)
from services.remedy.commands.options import AsJson, print_json, spaced
from shared.client import call

State = Literal["open", "proposed", "closed", "all"]
Reached = Literal["M0", "M1", "M2", "M3", "M4", "M5"]
Sort = Literal["due", "age", "milestone"]
DAYS = {"min": 0, "max": 3660}
EMPTY = """No engagement fits.
Without any filter the board shows those open and proposed. An engagement is proposed where a flag
or a released statement gives a working group reason, and a person opens it:
`engage engagement open --help`. `engage group list` shows the groups, `engage risk flags --open`
what may give reason.
"""
LONGEST = 90


def board(
    *,
    group: Annotated[str | None, typer.Option(help="Only this working group's.")] = None,
    supplier: Annotated[str | None, typer.Option(help="Only with this supplier: an id, or words of its name.")] = None,
    state: Annotated[State | None, typer.Option(help="Else those open and proposed.")] = None,
    milestone: Annotated[Reached | None, typer.Option(help="Only at this milestone.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only where something did not come by its day.")] = False,
    due_within: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Only with something due by then.", **DAYS)
    ] = None,
    stalled: Annotated[int | None, typer.Option(metavar="DAYS", help="At one milestone for so long.", **DAYS)] = None,
    sort: Annotated[Sort, typer.Option(help="What comes first.")] = "due",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Engagements on a page.")] = 50,
    page: Annotated[str | None, typer.Option(metavar="CURSOR", help="The next page, as the last one names it.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """Show where engagements stand: milestone and days in it, what is due next, who sees to it, the leverage.

    Examples: `engage board --member oslo`; `engage board --group apple --overdue`; `engage board --stalled 90`
    """
    key, query = key_for(member)
    asked: dict[str, Any] = {
        "workinggroup": group,
        "supplier": supplier,
        "state": None if state == "all" else state,
        "all": True if state == "all" else None,
        "milestone": milestone,
        "overdue": overdue or None,
        "due_within": due_within,
        "stalled": stalled,
        "sort": sort,
        "limit": limit,
        "cursor": page,
    }
    query |= {name: given for name, given in asked.items() if given is not None}
    found = call("remedy", "GET", "/board", key, params=query)
    if as_json:
        print_json(found)
    else:
        print_board(console(), found)


def print_board(out: Console, found: Any) -> None:
    """The board as a table, made for 100 columns and more."""
    if not found["items"]:
        out.print(EMPTY, end="", soft_wrap=True)
        return
    table = Table(
        "Engagement",
        "Stands at",
        "Next due",
        "Owner",
        "Asks and leverage",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    for place, ratio in enumerate((38, 17, 14, 12, 19)):
        table.columns[place].ratio = ratio
        table.columns[place].overflow = "fold"
    for row in found["items"]:
        table.add_row(*cells(row), end_section=True)
        table.add_row()
    table.expand = out.width < 140
    out.print(table)
    shown = len(found["items"])
    more = f" More: the same with --page {cursor_of(found['next'])}" if found["next"] else ""
    out.print(f"{shown:,} of {count(found['total'], 'engagement')}.{more}", soft_wrap=True)


def cells(row: Any) -> Iterable[Text]:
    """An engagement's cells, each of a few lines."""
    head = Text(supplier(row), style="bold")
    what = f"\n{row['workinggroup']}, {spaced(row['category'])}"
    if row["objective"] or row["why"]:
        what += f"\n{shortened(row['objective'] or row['why'], LONGEST)}"
    yield head.append(what, style="not bold").append(f"\n{row['engagement']}", style="not bold dim")
    yield Text("\n".join(standing(row)))
    yield due(row)
    yield Text("\n".join(owner(row)))
    yield Text("\n".join(told(row)))


def standing(row: Any) -> Iterable[str]:
    """State or milestone, with days."""
    if row["state"] != "open":
        yield row["state"] + (f": {spaced(row['outcome'])}" if row["outcome"] else "")
    if row["held"]:
        yield HELD
    if row["group_closed"]:
        yield GROUP_CLOSED
    if row["milestone"]:
        yield milestone(row["milestone"])
        yield f"for {count(row['days'], 'day')}"
    elif row["state"] == "proposed":
        yield "a person opens it"


def due(row: Any) -> Text:
    """What is due next; what is overdue is said in a word, and in colour on a terminal."""
    text = Text()
    if row["next_due"]:
        text.append(f"{row['next_due']['day']}\n{spaced(row['next_due']['kind'] or '')}")
        if row["next_due"]["overdue"]:
            text.append("\noverdue", style="bold red")
    if row["overdue"]:
        text.append(f"{chr(10) if text else ''}{row['overdue']:,} missed", style="bold red")
    return text or Text("nothing")


def owner(row: Any) -> Iterable[str]:
    """Who opened it, who leads the group, and its age."""
    if row["state"] == "proposed" or not row["milestone"]:
        yield from row["leads"] or ["no lead"]
    else:
        yield row["opened_by"] or FORMER
        yield from (f"lead: {one}" for one in row["leads"] if one != row["opened_by"])
    if row["age"] is not None:
        yield f"{count(row['age'], 'day')} old"


def told(row: Any) -> Iterable[str]:
    """Open asks, consultations, the ladder and the leverage."""
    if row["milestone"]:
        yield f"{count(row['open_asks'], 'open ask')}"
    if row["consultations"]:
        yield f"{count(row['consultations'], 'consultation')}"
    elif row["without_rightsholders"]:
        yield "no rightsholder consulted"
    if row["escalation"]:
        yield f"step: {spaced(row['escalation'])}"
    if row["escalation_proposed"]:
        yield f"proposed: {spaced(row['escalation_proposed'])}"
    if row["leverage"]:
        yield leverage(row["leverage"])


def cursor_of(link: str) -> str:
    """What names the next page."""
    return link.rpartition("cursor=")[2].partition("&")[0]
