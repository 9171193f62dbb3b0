"""What people type about flags: `engage risk flags`, `engage risk flag ID`."""

import json
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from shared.client import call, operator_key, secret

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
As = Annotated[str | None, typer.Option("--member", help="Ask with this member's key; else with the operator's.")]


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("flags")(flags)
    app.command("flag")(flag)


def flags(
    is_open: Annotated[bool | None, typer.Option("--open/--ended", help="Only those open, or ended.")] = None,
    state: Annotated[str | None, typer.Option(help="raised, triaged, confirmed and so on.")] = None,
    category: Annotated[str | None, typer.Option(help="A category of the ILO: forced_labour, child_labour ...")] = None,
    site: Annotated[UUID | None, typer.Option(help="Id of a site.")] = None,
    supplier: Annotated[UUID | None, typer.Option(help="Id of a supplier that a report names.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    member: As = None,
    as_json: AsJson = False,
) -> None:
    """List flags, the most severe for people first. Example: engage risk flags --open --category forced_labour"""
    asked = {"open": is_open, "state": state, "category": category, "site": site, "supplier": supplier, "limit": limit}
    query = {name: value for name, value in asked.items() if value is not None}
    show(call("risk", "GET", "/flags", key_of(member), params=query), as_json, print_flags)


def flag(
    flag_id: Annotated[UUID, typer.Argument(metavar="FLAG", help="Id of the flag.")],
    member: As = None,
    as_json: AsJson = False,
) -> None:
    """Show a flag with its evidence, what was done about it, and what the company replied.

    Example: engage risk flag 018f6f1e-0000-5000-8000-000000000000
    """
    show(call("risk", "GET", f"/flags/{flag_id}", key_of(member)), as_json, print_flag)


def key_of(member: str | None) -> str:
    """The key to ask with. Raises CommandError where it is not at hand."""
    return operator_key() if member is None else secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY")


def show(answer: Any, as_json: bool, print_answer: Any) -> None:
    """Print an answer for a program or for a person."""
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print_answer(Console(highlight=False, markup=False), answer)


def print_flags(console: Console, answer: Any) -> None:
    if not answer["items"]:
        console.print("No flag is known that fits.")
        return
    table = Table("priority", "category", "state", "days", "where", "reports", "buyers", "awaited", "flag", box=None)
    for one in answer["items"]:
        table.add_row(
            str(one["priority"]),
            words(one["category"]),
            one["state"],
            str(one["age_days"]),
            place_of(one),
            str(one["reports"]),
            str(one["buyers"]),
            awaited(one) or "",
            one["flag"],
        )
    console.print(table)
    console.print("A flag is what people reported, not a finding. Priority: severity (1-5), then likelihood (1-5).")
    if answer["next"]:
        console.print("There are more: narrow it down, or give --limit.")


def print_flag(console: Console, answer: Any) -> None:
    parts = answer["parts"]
    console.print(f"{words(answer['category'])}: {place_of(answer)}; {answer['state']}, flag {answer['flag']}")
    if answer["merged_into"]:
        console.print(f"Its reports are held by flag {answer['merged_into']} now.")
    graded = ", ".join(f"{name} {parts[name]}" for name in ("scale", "scope", "irremediability"))
    console.print(f"  {graded}; likelihood {parts['likelihood'] or 'unknown'}; priority {answer['priority']}")
    console.print(f"  open for {answer['age_days']} days, {answer['state']} for {answer['days_in_state']}")
    console.print(f"  all buyers: {answer['buyers']}, contracts: {answer['contracts']}")
    if text := awaited(answer):
        console.print(f"  awaited: {text}")
    print_evidence(console, answer["evidence"])
    print_history(console, answer["history"])
    console.print("\nReplies of the company:" if answer["replies"] else "\nThe company has not replied.")
    for one in answer["replies"]:
        link = f": {one['statement']['uri']}" if one["statement"] else ""
        console.print(f"  {one['said_on']} {one['speaker']} {words(one['stance'])}{link}")


def print_evidence(console: Console, reports: Any) -> None:
    console.print("\nReported, not verified by this:" if reports else "\nIt holds no report.")
    for one in reports:
        back = f" (taken back on {day(one['withdrawn_at'])})" if one["withdrawn_at"] else ""
        console.print(f"  {day(one['recorded_at'])} {one['source_class']}, {words(one['actuality'])}{back}")
        for text in (one["headline"], *(link["uri"] for link in one["evidence"])):
            if text:
                console.print(f"    {text}")


def print_history(console: Console, steps: Any) -> None:
    console.print("\nWhat was done:" if steps else "\nNobody has taken a step yet.")
    for one in steps:
        by = one["member"] or (f"a {one['contributor']}" if one["contributor"] else "by itself")
        why = "; ".join(words(text) for text in (one["reason"], one["basis"] and f"by {one['basis']}") if text)
        console.print(f"  {day(one['at'])} {one['after']}, {by}" + (f" ({why})" if why else "") + fate_of(one))


def fate_of(step: Any) -> str:
    """What became of a step that does not count."""
    if step["withdrawn_at"]:
        return f": taken back on {day(step['withdrawn_at'])}"
    return f": not taken, {words(step['refusal'])}; it stayed {step['before']}" if step["refusal"] else ""


def awaited(one: Any) -> str | None:
    """What is awaited of a flag, and by when."""
    if not (clock := one["clock"]):
        return None
    return f"{clock['awaits']} by {clock['due']}" + (", overdue" if clock["overdue"] else "")


def place_of(one: Any) -> str:
    """The site, else the supplier."""
    where = f"{one['site_name'] or 'a site'}, {one['supplier_name']}" if one["site"] else one["supplier_name"]
    return f"{where} ({one['country']})" if one["country"] else where


def words(code: str) -> str:
    """A code in words."""
    return code.replace("_", " ")


def day(moment: str) -> str:
    """The day of a moment."""
    return moment[:10]
