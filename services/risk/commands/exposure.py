"""What a member types about its own exposure: `engage risk exposure`."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from shared.client import CommandError, call, operator_key, secret

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Member = Annotated[str | None, typer.Option("--member", help="Whose contracts; by its own key or the operator's.")]
SHOWN = {"disclosed_for_contract": "disclosed for it", "supplier_of_contract": "its supplier"}


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("exposure")(exposure)


def exposure(
    site: Annotated[UUID | None, typer.Argument(help="Id of a site; without it, the open flags are shown.")] = None,
    product: Annotated[str | None, typer.Option(help='Instead of a site: "Manufacturer Model".')] = None,
    mineral: Annotated[str | None, typer.Option(help="Instead of a site: cobalt, tin, gold and so on.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="On that day; today if left out.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """Say which contracts of a member touch a site, product or mineral, or which open flags touch them.

    Example: engage risk exposure 018f6f1e-0000-7000-8000-000000000000 --member example-city --on 2026-01-15
    """
    about = {"site": site, "product": product, "mineral": mineral}
    query: dict[str, Any] = {name: given for name, given in about.items() if given is not None}
    key, whose = key_for(member)
    if not query:
        if on is not None:
            raise CommandError("Name a site, --product or --mineral: flags are shown as they are today.")
        return show(call("risk", "GET", "/exposure/flags", key, params=whose), as_json, print_flags)
    if on is not None:
        query["on"] = on.date().isoformat()
    return show(call("risk", "GET", "/exposure", key, params=query | whose), as_json, print_paths)


def key_for(member: str | None) -> tuple[str, dict[str, str]]:
    """The key to ask with, and what to add to the query: a member's own key where it is at hand, else the operator's.

    Without a member: the key in the environment, which says whose it is. Raises CommandError where none is found.
    """
    if member is None:
        return secret("members/<member>.key", "ENGAGE_MEMBER_KEY"), {}
    try:
        return secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY"), {}
    except CommandError:
        return operator_key(), {"member": member}


def show(answer: Any, as_json: bool, print_answer: Any) -> None:
    """Print an answer for a program or for a person."""
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print_answer(Console(highlight=False, markup=False, soft_wrap=True), answer)


def print_paths(console: Console, answer: Any) -> None:
    if not answer["paths"]:
        console.print(f"No contract of {answer['member']} is known to touch it on {answer['on']}.")
        return
    console.print(f"Contracts of {answer['member']} on {answer['on']}:")
    for one in answer["paths"]:
        title = f" ({one['title']})" if one["title"] else ""
        console.print(f"{one['reference']}{title}: {how(one)}")
        made = ", ".join(one[name] for name in ("product", "component", "mineral") if one[name])
        where = f"{one['site_name'] or 'site not named'} ({one['country'] or 'country not given'})"
        console.print(f"  {one['supplier_name']} at {where}" + (f", for {made}" if made else ""))
        console.print(f"  from {one['valid_from']} until {one['valid_to'] or 'further notice'}")
    if answer["more"]:
        console.print("There are more.")


def print_flags(console: Console, answer: Any) -> None:
    if not answer["flags"]:
        console.print(f"No open flag is known to touch a contract of {answer['member']}.")
        return
    for one in answer["flags"]:
        words = one["category"].replace("_", " ")
        where = one["site_name"] or one["supplier_name"] or "not named"
        console.print(f"{words}: {where} ({one['country'] or 'country not given'}), flag {one['flag']}")
        console.print(f"  {one['state']}, severity {one['severity']}, priority {one['priority']}")
        for mine in one["mine"]:
            console.print(f"  contract {mine['reference']}: {how(mine)}")
        together = one["together"]
        console.print(f"  all buyers: {together['buyers']}, contracts: {together['contracts']}" + sums_of(together))
    if answer["more"]:
        console.print("There are more.")


def how(path: Any) -> str:
    """How a contract reaches something."""
    tier = "" if path["tier"] == "unknown" else f", {path['tier'].replace('_', ' ')}"
    return SHOWN.get(path["reach"], "its supplier works there") + tier


def sums_of(together: Any) -> str:
    """The sums of all buyers, where they are told."""
    told = ", ".join(f"{amount} {currency}" for currency, amount in together["sums"].items())
    return f", together about {told}" if told else ""
