"""What people type about flags: `engage risk flags`, `engage risk flag ID`."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from services.risk.commands.options import AsJson, Member, choices, key_of, one_of, show
from services.risk.commands.wording import all_buyers, counted, listed, words
from shared.client import call
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category

OneState = Annotated[str | None, typer.Option(callback=one_of(FlagState), help=f"One of {choices(FlagState)}.")]
OneCategory = Annotated[str | None, typer.Option(callback=one_of(Category), help=f"One of {choices(Category)}.")]


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("flags")(flags)
    app.command("flag")(flag)


def flags(
    is_open: Annotated[bool | None, typer.Option("--open/--ended", help="Only those open, or ended.")] = None,
    state: OneState = None,
    category: OneCategory = None,
    site: Annotated[UUID | None, typer.Option(help="Id of a site.")] = None,
    supplier: Annotated[UUID | None, typer.Option(help="Id of a supplier that a report names.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """List flags, the most severe for people first. Example: engage risk flags --open --category forced_labour"""
    asked = {"open": is_open, "state": state, "category": category, "site": site, "supplier": supplier, "limit": limit}
    query = {name: value for name, value in asked.items() if value is not None}
    show(call("risk", "GET", "/flags", key_of(member), params=query), as_json, print_flags, soft_wrap=True)


def flag(
    flag_id: Annotated[UUID, typer.Argument(metavar="FLAG", help="Id of the flag.")],
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """Show a flag with its evidence, what was done about it, and what the company replied.

    Example: engage risk flag 018f6f1e-0000-5000-8000-000000000000
    """
    show(call("risk", "GET", f"/flags/{flag_id}", key_of(member)), as_json, print_flag, soft_wrap=True)


def print_flags(console: Console, answer: Any) -> None:
    if not answer["items"]:
        console.print("No flag is known that fits.")
        return
    for one in answer["items"]:
        console.print(f"{one['priority']}  {words(one['category'])}, {one['state']}: {place_of(one)}")
        told = [counted(one["reports"], "report"), counted(one["buyers"], "buyer"), counted(one["age_days"], "day")]
        console.print(f"    {one['flag']}  {listed(told)}" + (f"; awaited: {text}" if (text := awaited(one)) else ""))
    console.print("A flag is what people reported, not a finding.")
    console.print("Ordered by priority: severity (1-5), then likelihood (1-5) as reported.")
    if answer["next"]:
        console.print("There are more: narrow it down, or give --limit.")


def print_flag(console: Console, answer: Any) -> None:
    parts = answer["parts"]
    console.print(f"{words(answer['category'])}: {place_of(answer)}; {answer['state']}, flag {answer['flag']}")
    if answer["merged_into"]:
        console.print(f"Its reports are held by flag {answer['merged_into']} now.")
    graded = ", ".join(f"{name} {parts[name]}" for name in ("scale", "scope", "irremediability"))
    likelihood = parts["likelihood"] or "unknown"
    console.print(f"  {graded}; likelihood as reported {likelihood}; priority {answer['priority']}")
    console.print(f"  open for {answer['age_days']} days, {answer['state']} for {answer['days_in_state']}")
    console.print(f"  {all_buyers(answer)}")
    if text := awaited(answer):
        console.print(f"  awaited: {text}")
    if answer["following"]:
        console.print(f"  open to it now: {listed(answer['following'])}")
    print_evidence(console, answer["evidence"], answer["more_evidence"])
    print_history(console, answer["history"], answer["more_history"])
    console.print("\nReplies of the company:" if answer["replies"] else "\nThe company has not replied.")
    print_more(console, answer["more_replies"])
    for one in answer["replies"]:
        link = f": {one['statement']['uri']}" if one["statement"] else ""
        console.print(f"  {one['said_on']} {one['speaker']} {words(one['stance'])}{link}")


def print_more(console: Console, more: int) -> None:
    if more:
        console.print(f"  {more:,} older ones are not shown.")


def print_evidence(console: Console, reports: Any, more: int) -> None:
    console.print("\nReported, not verified by this:" if reports else "\nIt holds no report.")
    print_more(console, more)
    for one in reports:
        back = f" (taken back on {day(one['withdrawn_at'])})" if one["withdrawn_at"] else ""
        console.print(f"  {day(one['recorded_at'])} {one['source_class']}, {words(one['actuality'])}{back}")
        console.print(f"    report {one['report']}: name it in flag.followed-up.v1 or reply.given.v1")
        for text in (one["headline"], *(link["uri"] for link in one["evidence"])):
            if text:
                console.print(f"    {text}")


def print_history(console: Console, steps: Any, more: int) -> None:
    console.print("\nWhat was done:" if steps else "\nNobody has taken a step yet.")
    print_more(console, more)
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


def day(moment: str) -> str:
    """The day of a moment."""
    return moment[:10]
