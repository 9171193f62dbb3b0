"""What operators type: engagements of working groups with suppliers."""

import json
import sys
from typing import Annotated, Literal

import typer
from rich.table import Table

from services.remedy.commands.options import AsJson, harmless, path_safe, show
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
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    table = Table("Group", "Supplier", "Category", "State", "Flags", "Id", box=None, header_style="bold")
    for row in found:
        words = row["workinggroup"], harmless(row["supplier_name"]), row["category"].replace("_", " "), row["state"]
        table.add_row(*words, str(len(row["flags"])), row["engagement"])
    show(table, "No engagements." if not found else "")


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
    if as_json:
        sys.stdout.write(json.dumps(opened, indent=2) + "\n")
    else:
        sys.stdout.write(f"Opened: {opened['workinggroup']} engages {harmless(opened['supplier_name'])}.\n")
