"""What people type to see how the mechanism works."""

from typing import Annotated, Any

import typer
from rich.table import Table

from services.remedy.commands.options import As, AsJson, ask, print_json, show
from shared.client import call


def figures(
    year: Annotated[
        int | None, typer.Option(help="The exact measures of this year, for coordinators: needs your own key.")
    ] = None,
    name: As = None,
    as_json: AsJson = False,
) -> None:
    """Show how the grievance mechanism works, in figures (UNGP 31).

    Without a year: what is public. Each figure counts ten cases or more, is rounded to five, and covers a past year;
    a share is "at least". With a year: the measures as they are, which must not be passed on.

    Examples: `engage figures`, `engage figures --year 2026 --as coordinator`
    """
    if year is None:
        told = call("remedy", "GET", "/figures", None)
        rows = [(one["period"], figure) for one in told for figure in one["figures"] if is_told(figure)]
        table, instead = table_of(rows), "No figure counts ten cases yet."
    else:
        told = ask("GET", f"/measures/{year}", name)
        rows = [(str(year), figure) for figure in told]
        table, instead = table_of(rows), "Nothing happened in this year."
    if as_json:
        print_json(told)
    else:
        show(table, "" if rows else instead)


def table_of(rows: list[tuple[str, dict[str, Any]]]) -> Table:
    """The figures as a table; where it is known, with how many cases each counts."""
    table = Table("Year", "Figure", "Value", "Cases", box=None, header_style="bold")
    for period, figure in rows:
        value = f"{figure['percent']} %" if figure.get("percent") is not None else str(figure.get("value"))
        words = figure["name"].replace("_", " ").replace(".", ": ")
        table.add_row(period, words, value, str(figure.get("cases", "10 or more")))
    return table


def is_told(figure: dict[str, Any]) -> bool:
    """Whether a figure was told, or counts too few cases."""
    return figure.get("value") is not None or figure.get("percent") is not None
