"""How a remedy plan is shown to whoever types."""

from typing import Any

import typer

from services.remedy.commands.options import print_json, print_table, spaced

COLUMNS = ("No", "State", "Form", "Grade", "By", "At cost of", "Due", "Workers", "Paid", "Verified by")


def tell(plan: Any, as_json: bool) -> None:
    """Show a plan."""
    if as_json:
        print_json(plan)
        return
    asked = f"Workers consulted on {plan['consulted_on']}." if plan["consulted_on"] else "Workers not consulted yet."
    standing = ", ".join(f"{word}: {'yes' if plan[word] else 'no'}" for word in ("agreed", "verified", "paid"))
    typer.echo(f"{asked} All {standing}.")
    print_table(COLUMNS, ([str(number), *row_of(item)] for number, item in enumerate(plan["items"], 1)), "No items.")


def row_of(item: dict[str, Any]) -> list[str]:
    """An item as a line of the table."""
    workers = f"{item['workers_paid'] or 0}/{item['workers_entitled']}" if item["workers_entitled"] else ""
    paid = f"{item['amount_paid'] or 0}/{item['amount_promised']} {item['currency']}" if item["amount_promised"] else ""
    words = (spaced(item[name] or "") for name in ("state", "form", "grade", "responsible", "cost_bearer"))
    return [*words, item["due"] or "", workers, paid, spaced(item["verified_by"] or "")]
