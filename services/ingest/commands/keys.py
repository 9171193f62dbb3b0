"""Commands about the keys of members."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ingest import tables
from services.ingest.commands.options import AsJson, console, show_found
from shared.client import call, operator_key, state_folder
from shared.member_keys import PURPOSES, kid_of

OfMember = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's short id.")]
Kid = Annotated[str, typer.Argument(metavar="KID", help="The key's public id, as in 'engage member key list'.")]


def register(member: typer.Typer) -> None:
    """Add the commands to those about members."""
    key = typer.Typer(no_args_is_help=True, help="Keys: made, listed, rotated and revoked. A key is shown once.")
    for name, command in (("add", add_key), ("list", list_keys), ("rotate", rotate_key), ("revoke", revoke_key)):
        key.command(name)(command)
    member.add_typer(key, name="key")


def known(purposes: list[str] | None) -> list[str] | None:
    """The purposes themselves. Raises typer.BadParameter for one that no key can have."""
    if purposes and not set(purposes) <= set(PURPOSES):
        raise typer.BadParameter(f"a purpose is one of {', '.join(PURPOSES)}")
    return purposes


Purposes = Annotated[
    list[str] | None,
    typer.Option(metavar="|".join(PURPOSES), callback=known, help="What it is for. Repeatable; all unless given."),
]


def add_key(
    member: OfMember,
    purpose: Purposes = None,
    label: Annotated[str | None, typer.Option(help="What its owner calls it; shown in lists only.")] = None,
    valid_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days after which it expires; never unless given.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Use it for this stack's commands from now on.")] = False,
) -> None:
    """Make a further key of a member. It is printed this once.

    Example: engage member key add oslo --purpose read --label dashboard --valid-days 365
    """
    said = {"purposes": purpose, "label": label, "valid_days": valid_days}
    order = {word: value for word, value in said.items() if value}
    made = call("ingest", "POST", f"/members/{member}/keys", operator_key(), json=order)
    kept = keep_key(member, made["key"]) if keep else None
    show_key(f"Key {made['kid']} of {member} for {', '.join(made['purposes'])}, shown this once:", made["key"], kept)


def list_keys(member: OfMember, as_json: AsJson = False) -> None:
    """List the keys of a member, never the keys themselves. Example: engage member key list oslo"""
    found = call("ingest", "GET", f"/members/{member}/keys", operator_key())
    show_found(found, tables.of_keys, as_json)


def rotate_key(member: OfMember, kid: Kid) -> None:
    """Make a new key in place of one; the old one stays valid for a grace period, so that systems can change over.

    Example: engage member key rotate oslo 5f2a90c1d3e4
    """
    made = call("ingest", "POST", f"/members/{member}/keys/{kid}/rotation", operator_key())
    kept = keep_key(member, made["key"]) if kept_kid(member) == kid else None
    until = made["replaced_valid_until"]
    show_key(f"Key {made['kid']} replaces {kid}, which is valid until {until}. Shown this once:", made["key"], kept)


def revoke_key(member: OfMember, kid: Kid) -> None:
    """End a key at once. Repeating changes nothing. Example: engage member key revoke oslo 5f2a90c1d3e4"""
    ended: dict[str, Any] = call("ingest", "DELETE", f"/members/{member}/keys/{kid}", operator_key())
    console().print(f"Key {kid} of {member} is revoked since {ended['revoked']}.", markup=False, soft_wrap=True)


def show_key(title: str, key: str, kept: Path | None) -> None:
    """Print a key this once: the key alone on its line, on standard output."""
    screen = console()
    screen.print(title, markup=False, soft_wrap=True)
    print(key)
    if kept is not None:
        screen.print(f"Kept for the commands of this stack in {kept}", markup=False, soft_wrap=True)


def key_file(member: str) -> Path:
    """Where the local stack keeps a member's key for its commands."""
    return state_folder() / "secrets" / "members" / f"{member}.key"


def kept_kid(member: str) -> str | None:
    """The public id of the key that the local stack keeps for a member."""
    try:
        return kid_of(key_file(member).read_text().strip())
    except OSError:
        return None


def keep_key(member: str, key: str) -> Path | None:
    """Keep a member's key beside the local stack's other secrets, for its owner only; None without a local stack."""
    file = key_file(member)
    if not file.parent.parent.is_dir():
        return None
    file.parent.mkdir(mode=0o700, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key)
    partial.replace(file)
    return file


def forget_key(member: str) -> None:
    """Remove the key that the local stack kept for a member."""
    key_file(member).unlink(missing_ok=True)
