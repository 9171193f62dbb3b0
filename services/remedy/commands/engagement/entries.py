"""Single entries of a dialogue: what came of one, and taking back one's own."""

import sys
from typing import Annotated
from uuid import UUID

import typer

from services.remedy.commands.engagement.finding import one_of
from services.remedy.commands.engagement.publishing import DryRun, Member, await_entry, key_of, publish, tell
from services.remedy.commands.options import AsJson
from shared.client import CommandError, call
from shared.events.vocabulary import WithdrawalReason

Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="The entry's id, as the command that made it said.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `engage engagement`."""
    for name, command in (("withdraw", withdraw), ("entry", show_entry)):
        app.command(name)(command)


def withdraw(
    *,
    entry: Entry,
    member: Member,
    because: Annotated[
        str, typer.Option("--because", callback=one_of(WithdrawalReason), help="sent_by_mistake or no_longer_true.")
    ] = WithdrawalReason.SENT_BY_MISTAKE.value,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take back an entry that this member sent. What rests on it stands in the way: take that back first.

    Example: engage engagement withdraw 77aa0c12-7425-40de-944b-e07fc1f90ae7 --member oslo
    """
    key, entry = key_of(member), str(uuid_of(entry))
    sent = call("ingest", "GET", f"/receipts/{entry}", key)
    if dry_run:
        sys.stdout.write(f"Would take back what was sent on {sent['received'][:10]}; nothing was sent.\n")
        return
    publish("submission.withdrawn.v1", {"submission": sent["id"], "reason": because}, key, source=sent["source"])
    found = await_entry(entry, key, done="withdrawal")
    tell(found, as_json, "Taken back", entry, of="withdrawal")


def show_entry(entry: Entry, member: Member, as_json: AsJson = False) -> None:
    """Say what came of an entry: taken, taken back, or why it changed nothing and what would be legal (exit code 1).

    Example: engage engagement entry 77aa0c12-7425-40de-944b-e07fc1f90ae7 --member oslo
    """
    key, named = key_of(member), str(uuid_of(entry))
    found = await_entry(named, key, unheard="You see no decided entry of this id: check it, and 'engage status'.")
    tell(found, as_json, f"This entry was {found.json().get('standing', 'refused')}", named)


def uuid_of(entry: str) -> UUID:
    """The id of an entry as it was typed. Raises CommandError for a part of one."""
    try:
        return UUID(entry)
    except ValueError:
        raise CommandError("Give the entry's whole id (36 characters), as the command that made it said.") from None
