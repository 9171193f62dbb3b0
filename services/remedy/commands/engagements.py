"""What operators type: engagements of working groups with suppliers."""

from typing import Annotated, Any, Literal

import typer

from services.remedy.commands.options import AsJson, harmless, path_safe, say, show, spaced
from shared.client import call, operator_key

Role = Literal["lead", "collaborating", "supporting"]
engagements = typer.Typer(no_args_is_help=True, help="Engagements of working groups with suppliers.")


@engagements.command("list")
def list_engagements(
    group: Annotated[str | None, typer.Option(help="Only those of this working group.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the engagements that are proposed or open.

    Example: `engage engagement list --group apple`
    """
    params = {"workinggroup": group} if group else {}
    found = call("remedy", "GET", "/engagements", operator_key(), params=params)
    columns = ("Group", "Supplier", "Category", "State", "Flags", "Id")
    show(found, as_json, columns, engagement_row, "No engagements.")


def engagement_row(row: dict[str, Any]) -> list[str]:
    """An engagement as a line of the table."""
    words = row["workinggroup"], harmless(row["supplier_name"]), spaced(row["category"]), row["state"]
    return [*words, str(len(row["flags"])), row["engagement"]]


@engagements.command("open")
def open_engagement(
    engagement: Annotated[str, typer.Argument(metavar="ID", help="The engagement's id, from the list.")],
    objective: Annotated[str, typer.Option(help="What is to be achieved.")],
    role: Annotated[Role, typer.Option(help="Your part in the working group.")] = "lead",
    as_json: AsJson = False,
) -> None:
    """Open an engagement that was proposed: a person's decision, with its objective.

    Example: `engage engagement open 5b0c... --objective "Recruitment fees are repaid by the end of the year"`
    """
    body = {"objective": objective, "role": role}
    opened = call("remedy", "POST", f"/engagements/{path_safe(engagement)}/open", operator_key(), json=body)
    say(opened, as_json, f"Opened: {opened['workinggroup']} engages {harmless(opened['supplier_name'])}.\n")
