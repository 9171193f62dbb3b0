"""Commands about a member's export and its leaving."""

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError

from services.ingest.commands.keys import forget_key
from services.ingest.commands.options import AsJson, console
from services.ingest.tables import counted
from shared.client import CommandError, call, kafka_bootstrap, operator_key, refusal, send
from shared.topics import delete_topics, member_topics

OfMember = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's short id.")]
DELIVERED_WITHIN = 120
"""Seconds for the last events to a member's topics; after that a person looks."""
ENDS = {"keys": "key", "contracts": "contract", "workinggroups": "working group", "requests": "open request"}
"""What leaving ends, with the word for one of it."""


def register(member: typer.Typer) -> None:
    """Add the commands to those about members."""
    member.command("export")(export_member)
    member.command("leave")(leave)


def export_member(
    member: OfMember, to: Annotated[Path, typer.Option("--to", dir_okay=False, help="File to write, a line each.")]
) -> None:
    """Write down everything that a member sent and was told, as JSON lines; nothing of testimony.

    Example: engage member export oslo --to oslo.jsonl
    """
    lines = write_export(member, to)
    console().print(f"{counted(lines, 'record')} of {member} written to {to}", markup=False, soft_wrap=True)


def write_export(member: str, to: Path) -> int:
    """Write an export for its owner's eyes only; the number of records. Raises CommandError."""
    answer = send("ingest", "GET", f"/members/{member}/export", operator_key(), timeout=600)
    if not answer.is_success:
        raise CommandError(refusal("ingest", answer))
    to.touch(mode=0o600)
    to.write_bytes(answer.body)
    return answer.body.count(b"\n")


def leave(
    member: OfMember,
    export: Annotated[
        Path | None, typer.Option("--export", dir_okay=False, help="File to write; MEMBER-export.jsonl unless given.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would end; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a member leave: its data is exported, its keys, contracts and topics end. Its id is never given again.

    What it has published stays, attributed to a member of its kind. Repeating finishes what was interrupted.

    Example: engage member leave oslo --export oslo.jsonl
    """
    found = depart(member, dry_run=True)
    if not as_json:
        tell(member, found, dry_run)
    if not dry_run:
        to = None if found["left"] else export or Path(f"{member}-export.jsonl")
        if to is not None:
            confirm(member, yes)
        found |= finish(member, to)
    if as_json:
        print(json.dumps(found, indent=2))
    elif not dry_run:
        console().print(f"Member {member} has left; topics deleted: {len(found['topics_deleted'])}.", markup=False)
        if found["export"]:
            console().print(f"Its export is in {found['export']}", markup=False, soft_wrap=True)


def finish(member: str, export: Path | None) -> dict[str, Any]:
    """Export where a file is given, end the membership, and delete the topics; what came of it."""
    if export is not None:
        write_export(member, export)
    left = depart(member, dry_run=False)["left"]
    deleted = remove_topics(member)
    forget_key(member)
    return {
        "left": left,
        "undelivered": 0,
        "topics_deleted": deleted,
        "export": None if export is None else str(export),
    }


def depart(member: str, **order: bool) -> dict[str, Any]:
    found: dict[str, Any] = call("ingest", "POST", f"/members/{member}/departure", operator_key(), json=order)
    return found


def tell(member: str, found: dict[str, Any], dry_run: bool) -> None:
    """Say what leaving ends, or that the member has left already."""
    if found["left"] is not None:
        console().print(f"Member {member} left on {found['left'][:10]} already.", markup=False, soft_wrap=True)
        return
    ends = ", ".join(counted(found[name], word) for name, word in ENDS.items())
    title = "would end (dry run: nothing was changed)" if dry_run else "ends"
    console().print(f"When {member} leaves, this {title}: {ends}.", markup=False, soft_wrap=True)
    kept = counted(found["disclosures_kept"], "published disclosure")
    console().print(f"What stays, without its name: {kept}.", markup=False)


def confirm(member: str, yes: bool) -> None:
    """Go on only with a person's word. Raises typer.Abort."""
    if not yes:
        typer.confirm(f"End the membership of {member} for good?", abort=True)


def wait_until_delivered(member: str) -> None:
    """Return once nothing more is on its way to the member's topics. Raises CommandError where that takes too long."""
    until = time.monotonic() + DELIVERED_WITHIN
    while call("ingest", "GET", f"/members/{member}/departure", operator_key())["undelivered"]:
        if time.monotonic() > until:
            raise CommandError(
                f"{member} has left, but events to its topics are still queued: 'engage status', then again."
            )
        time.sleep(0.2)


def remove_topics(member: str) -> list[str]:
    """Delete the topics of a member; the names of those that were there. Raises CommandError.

    What it sends first, so that no answer to it comes after the answers are delivered.
    """
    topics = member_topics(member)
    deleted = remove([topic for topic in topics if topic.startswith("intake.")])
    wait_until_delivered(member)
    deleted += remove([topic for topic in topics if topic not in deleted])
    depart(member, topics_deleted=True)
    return deleted


def remove(topics: list[str]) -> list[str]:
    """Delete topics; the names of those that were there. Raises CommandError."""
    bootstrap = kafka_bootstrap()
    try:
        return asyncio.run(delete_topics(bootstrap, topics))
    except (KafkaError, TimeoutError) as error:
        raise CommandError(
            f"Kafka at {bootstrap} does not answer ({type(error).__name__}). Try 'engage status', then this again."
        ) from None
