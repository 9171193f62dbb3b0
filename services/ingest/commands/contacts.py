"""Commands about contacts of suppliers: issued for one working group or one ask, listed, and revoked."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from services.ingest.commands.options import AsJson, console, member_key, show_found
from services.ingest.tables import plain
from shared.client import CommandError, call, operator_key
from shared.finding import find_supplier

Acting = Annotated[
    str | None, typer.Option("--member", help="The member that acts, of this group; the operator unless given.")
]

PAGE = 200


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    contact = typer.Typer(no_args_is_help=True, help="Contacts of suppliers, who answer asks by themselves.")
    for name, command in (("issue", issue), ("list", list_contacts), ("revoke", revoke)):
        contact.command(name)(command)
    app.add_typer(contact, name="contact")


def issue(
    supplier: Annotated[str, typer.Argument(metavar="SUPPLIER", help="Its name in the registry, or its id.")],
    group: Annotated[str, typer.Option(help="The working group that the contact answers to.")],
    member: Acting = None,
    ask: Annotated[UUID | None, typer.Option(help="For this ask only: a link for one answer's sake.")] = None,
    label: Annotated[str, typer.Option(help="Which part of the company; never a person's name.")] = "contact",
    days: Annotated[int | None, typer.Option(min=1, max=365, help="Days until it expires; 30 unless set.")] = None,
    as_json: AsJson = False,
) -> None:
    """Issue a link and key with which a supplier answers by itself. They are shown this once; hand on one of them.

    With it the supplier sees what this group asks of it, acknowledges, commits and sends evidence. Its word verifies
    nothing. Example: engage contact issue "Example Electronics" --group phones --member oslo --label "compliance desk"
    """
    key = key_of(member)
    order = {"workinggroup": group, "supplier": find_supplier(supplier, key), "label": label}
    order |= {"ask": str(ask)} if ask else {}
    made = call("ingest", "POST", "/supplier-contacts", key, json=order | ({"valid_days": days} if days else {}))
    if as_json:
        print(json.dumps(made, indent=2))
    else:
        print_new(made)


def list_contacts(
    group: Annotated[str | None, typer.Option(help="Only those of this working group.")] = None,
    member: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List who may answer for suppliers, until when, and when it last did. Example: engage contact list --group phones

    Secrets are never shown: they are kept as digests only.
    """
    show_found(list(read_contacts(group, key_of(member))), of_contacts, as_json)


def read_contacts(group: str | None, key: str) -> Iterator[dict[str, Any]]:
    """The contacts that the holder of a key may know of, page by page."""
    path: str | None = f"/supplier-contacts?{urlencode({'limit': PAGE} | ({'workinggroup': group} if group else {}))}"
    while path is not None:
        page = call("ingest", "GET", path, key)
        yield from page["items"]
        path = page["next"]


def revoke(
    kid: Annotated[str, typer.Argument(metavar="KID", help="Its public id, as in 'engage contact list'.")],
    member: Acting = None,
) -> None:
    """End a contact at once: its link and key answer nothing from now on. Repeating changes nothing.

    What it has answered stays. Example: engage contact revoke 5f2a90c1d3e4 --member oslo
    """
    if not kid.isalnum() or not kid.isascii():
        raise CommandError("A contact's id has letters and digits only: engage contact list")
    ended = call("ingest", "DELETE", f"/supplier-contacts/{kid}", key_of(member))
    text = f"Contact {kid} ({ended['label']}) of {ended['supplier_name']} is revoked since {ended['revoked']}."
    console().print(text, markup=False, soft_wrap=True)


def key_of(member: str | None) -> str:
    """The key to act with: the member's own, or the operator's where none is named. Raises CommandError."""
    return operator_key() if member is None else member_key(member)


def print_new(made: dict[str, Any]) -> None:
    """A contact that was just made, this once: link and key each alone on their line."""
    screen = console()
    whose = f"{made['supplier_name']} ({made['label']}), to answer {made['workinggroup']}"
    title = f"Contact {made['kid']} of {whose}, until {made['expires'][:10]}. The link, shown this once:"
    screen.print(title, markup=False, soft_wrap=True)
    print(made["link"])
    screen.print("The same secret as a key, for the company's own system:")
    print(made["key"])


def of_contacts(found: Sequence[dict[str, Any]]) -> Table:
    """Contacts, one per line, with days instead of moments."""
    table = plain("kid", "group", "supplier", "label", "for", "issued", "by", "last used", "expires", "revoked")
    table.columns[0].no_wrap = True  # it is copied into other commands
    for one in found:
        what = f"ask {one['ask']}" if one["ask"] else "all it is asked"
        used, expires, revoked = ((one[name] or "-")[:10] for name in ("used_on", "expires", "revoked"))
        named = (one["workinggroup"], escape(one["supplier_name"]), escape(one["label"]))
        table.add_row(one["kid"], *named, what, one["issued"][:10], one["issued_by"] or "-", used, expires, revoked)
    return table
