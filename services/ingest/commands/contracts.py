"""Commands about contracts."""

import json
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from services.ingest.commands.options import As, AsJson, member_key, show_found
from services.ingest.tables import plain
from shared.client import CommandError, call

PAGE = 200


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    contract = typer.Typer(no_args_is_help=True, help="Contracts that a member owns, or buys under.")
    contract.command("list")(list_contracts)
    contract.command("show")(show_contract)
    app.add_typer(contract, name="contract")


def list_contracts(member: As, as_json: AsJson = False) -> None:
    """List the contracts that a member owns, or buys under along framework, call-off and end users.

    Contracts come in by `engage import`, from notices or rows, and as events. Example: engage contract list --member
    oslo
    """
    found = list(read_contracts(member_key(member)))
    show_found(found, of_contracts, as_json)


def show_contract(
    contract: Annotated[str, typer.Argument(help="Its reference, as its owner gave it, or its id.")],
    member: As,
    as_json: AsJson = False,
) -> None:
    """Show what holds of a contract. Example: engage contract show 2024/17 --member oslo"""
    found = find_contract(contract, member_key(member))
    show_found(found, of_contract, as_json)


def read_contracts(key: str) -> Iterator[dict[str, Any]]:
    """The contracts that the holder of a key may see, page by page."""
    path: str | None = f"/registry/contracts?limit={PAGE}"
    while path is not None:
        page = call("ingest", "GET", path, key)
        yield from page["items"]
        path = page["next"]


def find_contract(wanted: str, key: str) -> dict[str, Any]:
    """The contract with an id, else the first with a reference. Raises CommandError."""
    if is_id(wanted):
        found: dict[str, Any] = call("ingest", "GET", f"/registry/contracts/{quote(wanted, safe='')}", key)
        return found
    for one in read_contracts(key):
        if one["contract"]["reference"] == wanted:
            return one
    raise CommandError("This member sees no contract with this reference; engage contract list shows those it sees.")


def is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def of_contracts(found: list[dict[str, Any]]) -> Table:
    """The contracts, one per line."""
    table = plain("reference", "owner", "level", "supplier", "ends", "state")
    for one in found:
        told = one["contract"]
        fields = (told.get(name) or "-" for name in ("reference", "member", "level", "supplier_name", "ends"))
        table.add_row(*map(escape, fields), state_of(one))
    return table


def of_contract(found: dict[str, Any]) -> Table:
    """A contract, one fact per line."""
    table = plain("", "")
    for name, value in found["contract"].items():
        if value not in (None, []):
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            table.add_row(name.replace("_", " "), escape(json.dumps(text) if isinstance(text, dict) else str(text)))
    table.add_row("state", state_of(found))
    return table


def state_of(found: dict[str, Any]) -> str:
    """Whether a contract binds, is only announced, or has ended: since when, and why."""
    if found["closed"]:
        return f"ended {found['ended_on'] or ''} ({found['reason'] or 'other'})"
    return "binds" if found["contract"].get("supplier") else "announced"
