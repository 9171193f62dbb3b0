"""How a case is shown to its reporter on a terminal."""

import sys
from typing import Any

from rich.table import Table

from services.remedy.commands.options import show


def tell(standing: dict[str, Any]) -> None:
    """How a case stands, for people."""
    say = sys.stdout.write
    say(f"Stage: {worded(standing['stage'])}")
    say(f", usually until {standing['usually_done_by']}\n" if standing["usually_done_by"] else "\n")
    for name in ("found", "outcome"):
        if standing[name]:
            say(f"{name.capitalize()}: {worded(standing[name])}\n")
    if standing["next"]:
        steps = (worded(one["stage"]) + (f" ({one['within']})" if one["within"] else "") for one in standing["next"])
        say(f"Next: {' or '.join(steps)}\n")
    may = [name for name, against in standing["may"].items() if not against]
    say(f"You may: {', '.join(may)}\n")
    if standing["objection"]:
        say("Your objection stands.\n")
    if standing["held"]:
        say("It is kept for a proceeding: nothing is erased until that has ended.\n")
    due = Table("By", "What", "Rule", box=None, header_style="bold")
    for one in standing["due"]:
        due.add_row(one["last_day"], worded(one["what"]) + (" (missed)" if one["missed"] else ""), one["basis"])
    show(due, "" if standing["due"] else "Nothing is due.")
    tell_remedy(standing)
    tell_ladder(standing)


def tell_remedy(standing: dict[str, Any]) -> None:
    """The remedy plan, where there is one."""
    if not standing["remedy"]:
        return
    table = Table("Item", "State", "Form", "By", "Due", "Workers", "Paid", box=None, header_style="bold")
    for one in standing["remedy"]:
        workers = f"{one['workers_paid'] or 0} of {one['workers_entitled']}" if one["workers_entitled"] else ""
        paid = f"{one['amount_paid'] or 0} of {one['amount_promised']} {one['currency']}" if one["currency"] else ""
        words = (worded(one[name]) for name in ("state", "form", "responsible"))
        table.add_row(str(one["number"]), *words, one["due"] or "", workers, paid)
    show(table, "")


def tell_ladder(standing: dict[str, Any]) -> None:
    """Who may be told, and who was."""
    table = Table("Who", "You agree", "Told", box=None, header_style="bold")
    for one in standing["ladder"]:
        told = one["reached_on"] or ("left out" if one["waived"] else "no")
        table.add_row(one["rung"], "yes" if one["agreed"] else "no", told)
    show(table, "")


def worded(code: str) -> str:
    """A code as people read it."""
    return code.replace("_", " ")
