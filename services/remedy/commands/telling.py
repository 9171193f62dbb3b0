"""How a case is shown to its reporter on a terminal."""

import sys
from typing import Any

from services.remedy.commands.options import print_table, spaced


def tell(standing: dict[str, Any]) -> None:
    """How a case stands, for people."""
    say = sys.stdout.write
    say(f"Stage: {spaced(standing['stage'])}")
    say(f", usually until {standing['usually_done_by']}\n" if standing["usually_done_by"] else "\n")
    for name in ("found", "outcome"):
        if standing[name]:
            say(f"{name.capitalize()}: {spaced(standing[name])}\n")
    if standing["next"]:
        steps = (spaced(one["stage"]) + (f" ({one['within']})" if one["within"] else "") for one in standing["next"])
        say(f"Next: {' or '.join(steps)}\n")
    may = [name for name, against in standing["may"].items() if not against]
    say(f"You may: {', '.join(may)}\n")
    if standing["objection"]:
        say("Your objection stands.\n")
    if standing["held"]:
        say("It is kept for a proceeding: nothing is erased until that has ended.\n")
    due = (
        [one["last_day"], spaced(one["what"]) + (" (missed)" if one["missed"] else ""), one["basis"]]
        for one in standing["due"]
    )
    print_table(("By", "What", "Rule"), due, "Nothing is due.")
    tell_remedy(standing)
    tell_ladder(standing)


def tell_remedy(standing: dict[str, Any]) -> None:
    """The remedy plan, where there is one."""
    if standing["remedy"]:
        print_table(("Item", "State", "Form", "By", "Due", "Workers", "Paid"), map(item_row, standing["remedy"]))


def item_row(one: dict[str, Any]) -> list[str]:
    """An item as a line of the table."""
    workers = f"{one['workers_paid'] or 0} of {one['workers_entitled']}" if one["workers_entitled"] else ""
    paid = f"{one['amount_paid'] or 0} of {one['amount_promised']} {one['currency']}" if one["currency"] else ""
    words = (spaced(one[name]) for name in ("state", "form", "responsible"))
    return [str(one["number"]), *words, one["due"] or "", workers, paid]


def tell_ladder(standing: dict[str, Any]) -> None:
    """Who may be told, and who was."""
    rows = (
        [
            one["rung"],
            "yes" if one["agreed"] else "no",
            one["reached_on"] or ("left out" if one["waived"] else "no"),
        ]
        for one in standing["ladder"]
    )
    print_table(("Who", "You agree", "Told"), rows)
