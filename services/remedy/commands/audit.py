"""What people type about the audit: verify it, list it, and see what it holds of oneself."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from services.remedy.commands.options import As, AsJson, ask, print_json, show
from services.remedy.domain.audit import Content, Entry, Fault, Finding, Verification, verify
from shared.client import CommandError, kafka_bootstrap

PAGE = 2000
chain = typer.Typer(no_args_is_help=True, help="The audit chain: who opened, read or changed what. Needs your own key.")

WORDS = {
    Fault.CHANGED: "entry {position} is not what it was",
    Fault.MISSING: "entry {position} is missing",
    Fault.HEAD_DIFFERS: "the head of {day} differs from the one published: entries up to that day were written anew",
    Fault.DAY_MISSING: "the head of {day} was published, but the chain ends before: its tail was cut off",
    Fault.NOT_PUBLISHED: "the head of {day} was never published",
    Fault.DAY_TO_COME: "an entry ends {day}, which is still to come",
    Fault.DAY_OUT_OF_ORDER: "an entry ends {day} after a later day, or a second time",
    Fault.SILENT: "no head was published since that of {day}",
}


@chain.command("verify")
def verify_chain(who: As = None, as_json: AsJson = False) -> None:
    """Recompute the audit chain on this machine, and hold it against the heads on the topic `public.audit` itself.

    Shown is which entry was changed, of which day the head differs, and who has a key, role or grant of which no entry
    tells. Exits 1 where there is any. What was cut off since the last published head (a day at most) cannot be told.
    Needs the key of an auditor, and the way to Kafka (`ENGAGE_KAFKA_BOOTSTRAP`, or a local stack).

    Example: `engage audit verify --as cora`
    """
    heads = published_heads()
    verification = verify(read_entries(who), heads, datetime.now(UTC).date())
    kept = ask("GET", "/audit/chain", who)
    faults = [words_of(one) for one in verification.findings] + words_of_kept(kept)
    if as_json:
        print_json(report(verification, len(heads), kept))
    else:
        tell(verification, len(heads), faults)
    if faults:
        raise typer.Exit(1)


@chain.command("list")
def list_entries(
    after: Annotated[int, typer.Option(help="Only entries after this position.")] = 0,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """List who did what, without a word of any case. Needs the key of an auditor.

    Example: `engage audit list --after 1200 --as cora`
    """
    found = list(read_pages(who, after))
    columns = ("No.", "At", "Action", "By", "Case", "About", "Detail")
    names = ("person_name", "reference", "about_name", "detail")
    show(found, as_json, columns, lambda row: [str(row["position"]), *entry_row(row, names)], "No entries.")


@chain.command("own")
def list_own(who: As = None, as_json: AsJson = False) -> None:
    """List what the audit holds of you. Example: `engage audit own --as amina`"""
    found = ask("GET", "/audit/own", who)
    names = ("reference", "about", "detail")
    show(found, as_json, ("At", "Action", "Case", "About", "Detail"), lambda row: entry_row(row, names), "No entries.")


def entry_row(row: Any, names: Sequence[str]) -> list[str]:
    """An entry as a line of the table: when, what, and these fields of it."""
    return [row["at"][:19], row["action"], *(row[name] or "" for name in names)]


def published_heads() -> set[tuple[date, bytes]]:
    """The heads on the topic. Raises CommandError where Kafka does not answer."""
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - the other commands start without a Kafka client

    from services.remedy.heads import read_published  # noqa: PLC0415 - the same
    from shared.replaying import ReadingStopped  # noqa: PLC0415 - the same

    bootstrap = kafka_bootstrap()
    try:
        return asyncio.run(read_published(bootstrap))
    except (KafkaError, ReadingStopped, OSError, TimeoutError) as error:
        raise CommandError(
            f"The published heads cannot be read from Kafka at {bootstrap} ({type(error).__name__})."
        ) from None


def read_pages(who: str | None, after: int = 0) -> Iterator[Any]:
    """All entries after a position, as the service answers them."""
    while page := ask("GET", "/audit/entries", who, params={"after": after, "limit": PAGE}):
        yield from page
        after = page[-1]["position"]


def read_entries(who: str | None) -> Iterator[Entry]:
    """All entries, from the beginning."""
    return (entry_of(row) for row in read_pages(who))


def entry_of(row: Any) -> Entry:
    """The entry in an answer, by what the chain is computed from alone."""
    return Entry(
        position=row["position"],
        at=datetime.fromisoformat(row["at"]),
        action=row["action"],
        person=UUID(row["person"]) if row["person"] else None,
        case=bytes.fromhex(row["case"]) if row["case"] else None,
        about=UUID(row["about"]) if row["about"] else None,
        detail=row["detail"],
        contents=tuple(Content(UUID(one["id"]), bytes.fromhex(one["sha256"])) for one in row["contents"]),
        head=bytes.fromhex(row["head"]),
    )


def words_of(finding: Finding) -> str:
    """A finding as a person reads it."""
    return WORDS[finding.fault].format(position=finding.position, day=finding.day)


def words_of_kept(kept: Any) -> list[str]:
    """What the service found of its own tables, as a person reads it."""
    altered = [f"words that entry {position} names were exchanged or removed" for position in kept["altered"]]
    people = [
        f"what {one['name']} was granted of {one['reference']} is in no entry"
        if one["reference"]
        else f"{one['name']} has a key or roles that are in no entry"
        for one in kept["unaccounted"]
    ]
    return altered + people


def tell(verification: Verification, heads: int, faults: list[str]) -> None:
    """Print what was found."""
    sys.stdout.write(f"{verification.entries} entries followed, {heads} published heads compared.\n")
    for fault in faults:
        sys.stdout.write(f"NOT AS IT WAS: {fault}.\n")
    if not faults:
        sys.stdout.write("The audit chain is whole.\n")


def report(verification: Verification, heads: int, kept: Any) -> dict[str, Any]:
    """What was found, for machines."""
    return {
        "entries": verification.entries,
        "head": verification.head.hex(),
        "published_heads": heads,
        "findings": [
            {"fault": one.fault, "position": one.position, "day": one.day.isoformat() if one.day else None}
            for one in verification.findings
        ],
        "altered": kept["altered"],
        "unaccounted": kept["unaccounted"],
    }
