"""What people type to see how the mechanism works."""

from typing import Annotated, Any

import typer

from services.remedy.commands.options import As, AsJson, ask, print_json, print_table, spaced
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

    Examples: `engage figures`, `engage figures --year 2026 --as ingrid`
    """
    if year is None:
        told = call("remedy", "GET", "/figures", None)
        rows = [(one["period"], figure) for one in told for figure in one["figures"] if is_told(figure)]
        instead = "No figure counts ten cases yet."
    else:
        told = ask("GET", f"/measures/{year}", name)
        rows = [(str(year), figure) for figure in told]
        instead = "Nothing happened in this year."
    if as_json:
        print_json(told)
    else:
        print_table(("Year", "Figure", "Value", "Cases"), (figure_row(*row) for row in rows), instead)


def figure_row(period: str, figure: dict[str, Any]) -> list[str]:
    """A figure as a line of the table; where it is known, with how many cases it counts."""
    value = f"{figure['percent']} %" if figure.get("percent") is not None else str(figure.get("value"))
    return [period, spaced(figure["name"]).replace(".", ": "), value, str(figure.get("cases", "10 or more"))]


def is_told(figure: dict[str, Any]) -> bool:
    """Whether a figure was told, or counts too few cases."""
    return figure.get("value") is not None or figure.get("percent") is not None
