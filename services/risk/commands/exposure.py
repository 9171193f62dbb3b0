"""What a member types about its own exposure: `engage risk exposure`."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from services.risk.commands.options import AsJson, choices, key_for, one_of, show
from services.risk.commands.wording import all_buyers, words
from shared.client import CommandError, call, secret
from shared.events.vocabulary import Mineral

Whose = Annotated[str | None, typer.Option("--member", help="Whose contracts; by its own key or the operator's.")]
SHOWN = {"disclosed_for_contract": "disclosed for it", "supplier_of_contract": "its supplier"}


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command("exposure")(exposure)


def exposure(
    site: Annotated[UUID | None, typer.Argument(help="Id of a site; without it, the open flags are shown.")] = None,
    product: Annotated[str | None, typer.Option(help='Instead of a site: "Manufacturer Model".')] = None,
    mineral: Annotated[
        str | None, typer.Option(callback=one_of(Mineral), help=f"Instead of a site: {choices(Mineral)}.")
    ] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="On that day; today if left out.")] = None,
    member: Whose = None,
    as_json: AsJson = False,
) -> None:
    """Say which contracts of a member touch a site, product or mineral, or which open flags touch them.

    Example: engage risk exposure 018f6f1e-0000-7000-8000-000000000000 --member example-city --on 2026-01-15
    """
    about = {"site": site, "product": product, "mineral": mineral}
    query: dict[str, Any] = {name: given for name, given in about.items() if given is not None}
    # Without a name: the key in the environment, which says whose it is.
    key, whose = key_for(member) if member else (own_key(), {})
    if not query:
        if on is not None:
            raise CommandError("Name a site, --product or --mineral: flags are shown as they are today.")
        return show(call("risk", "GET", "/exposure/flags", key, params=whose), as_json, print_flags, soft_wrap=True)
    if on is not None:
        query["on"] = on.date().isoformat()
    return show(call("risk", "GET", "/exposure", key, params=query | whose), as_json, print_paths, soft_wrap=True)


def own_key() -> str:
    """The member's key in the environment. Raises CommandError."""
    try:
        return secret("members/<member>.key", "ENGAGE_MEMBER_KEY")
    except CommandError as error:
        raise CommandError("Give --member, or the member's own key in ENGAGE_MEMBER_KEY.") from error


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
        console.print(f"  from {one['valid_from']} {last_day(one['valid_to'])}")
    if answer["more"]:
        console.print("There are more.")


def print_flags(console: Console, answer: Any) -> None:
    if not answer["flags"]:
        console.print(f"No open flag is known to touch a contract of {answer['member']}.")
        return
    for one in answer["flags"]:
        where = f"{one['site_name'] or one['supplier_name'] or 'not named'} ({one['country'] or 'country not given'})"
        console.print(f"{words(one['category'])}: {where}, flag {one['flag']}")
        console.print(f"  {one['state']}, severity {one['severity']}, priority {one['priority']}")
        for mine in one["mine"]:
            console.print(f"  contract {mine['reference']}: {how(mine)}")
        console.print(f"  {all_buyers(one['together'])}" + sums_of(one["together"]))
    if answer["more"]:
        console.print("There are more.")


def last_day(valid_to: str | None) -> str:
    """The last day on which a path holds; `valid_to` is the first on which it no longer does."""
    if valid_to is None:
        return "until further notice"
    return f"through {date.fromisoformat(valid_to) - timedelta(days=1)}"


def how(path: Any) -> str:
    """How a contract reaches something."""
    tier = "" if path["tier"] == "unknown" else f", {words(path['tier'])}"
    return SHOWN.get(path["reach"], "its supplier works there") + tier


def sums_of(together: Any) -> str:
    """The sums of all buyers, where they are told."""
    told = ", ".join(f"{amount} {currency}" for currency, amount in together["sums"].items())
    return f", together about {told}" if told else ""
