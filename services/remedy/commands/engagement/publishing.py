"""How a typed act becomes an entry: sent to `ingest` by the member's own key, then awaited at `remedy`.

Nothing here goes around the door: a member's own system can send the same events.
"""

import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn
from uuid import uuid4

import typer
from rich.console import Console

from services.remedy.commands.options import harmless, print_json, spaced
from shared.client import Answer, CommandError, refusal, secret, send

SOURCE = "urn:engage:command"
"""Where an event comes from that a person typed."""
WITHIN = 20.0
"""Seconds until a command stops waiting for the answer; what was sent stays sent."""
BETWEEN = 0.2
"""Seconds between two looks."""
Member = Annotated[str, typer.Option("--member", help="The member that acts; its key must be at hand.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would come of it; send nothing.")]


def key_of(member: str) -> str:
    """The key of the member that acts. Raises CommandError where it is not at hand."""
    return secret(f"members/{member}.key", "ENGAGE_MEMBER_KEY")


def act(member: str, kind: str, data: dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    """Send an entry and say what came of it, in a sentence; with `dry_run` what would come of it, sending nothing.

    Exits 1 where it is not taken, with every reason, where it stands and what would be legal. Raises
    CommandError where `ingest` refuses the event, or where nobody answers.
    """
    key, told = key_of(member), told_only(data)
    if dry_run:
        found = asked("remedy", "POST", "/entries/check", key, {"type": kind, "data": told})
        tell(found, as_json, "Would be taken; nothing was sent")
        return
    entry = publish(kind, told, key)["entry"]
    if entry is None:
        raise CommandError("ingest took the event and names no entry for it: nothing more can be said of it here.")
    tell(await_entry(entry, key), as_json, "Taken", entry)


def told_only(data: dict[str, Any]) -> dict[str, Any]:
    """What of an event's data says something."""
    return {name: value for name, value in data.items() if value not in (None, [], ())}


def publish(kind: str, data: dict[str, Any], key: str, **attributes: str) -> dict[str, Any]:
    """Send one event to `ingest`; its receipt. Raises CommandError with every fault where it is rejected."""
    at = datetime.now(UTC).isoformat()
    event = {"specversion": "1.0", "id": str(uuid4()), "source": SOURCE, "type": kind, "time": at, "data": data}
    answer = send("ingest", "POST", "/events", key, json=event | attributes, media_type="application/cloudevents+json")
    try:
        receipt: dict[str, Any] = answer.json()["receipts"][0]
    except (ValueError, KeyError, TypeError, IndexError):
        raise CommandError(refusal("ingest", answer)) from None
    if receipt["outcome"] == "rejected":
        lines = [f"  {one['pointer']}: {one['code']}. {one['remedy']}" for one in receipt["errors"]]
        raise CommandError("\n".join(["ingest does not take this; nothing was recorded.", *lines]))
    return receipt


def await_entry(entry: str, key: str, done: str = "standing", unheard: str | None = None) -> Answer:
    """What `remedy` says of an entry, once it has decided: 200, or 409 where it changed nothing.

    `done` is the field that is filled in then. Raises CommandError after WITHIN seconds, saying that the entry was
    sent; or `unheard` instead, for an id that somebody typed.
    """
    until = time.monotonic() + WITHIN
    with Console(stderr=True).status("sent; waiting for what comes of it") if sys.stderr.isatty() else nullcontext():
        while True:
            found = send("remedy", "GET", f"/entries/{entry}", key)
            if found.status == 409 or (found.is_success and found.json().get(done) is not None):
                return found
            if not found.is_success and found.status != 404:
                raise CommandError(refusal("remedy", found))
            if time.monotonic() > until:
                raise CommandError(
                    unheard
                    or f"Sent as entry {entry}, and not decided within {WITHIN:.0f} seconds. It is not lost: see later "
                    f"with 'engage engagement entry {entry}', and 'engage status' for why it takes long."
                )
            time.sleep(BETWEEN)


def asked(service: str, method: str, path: str, key: str, body: Any = None) -> Answer:
    """An answer that is a success or a conflict of state. Raises CommandError in the service's words otherwise."""
    found = send(service, method, path, key, json=body)
    if found.is_success or found.status == 409:
        return found
    raise CommandError(refusal(service, found))


def tell(found: Answer, as_json: bool, text: str, entry: str | None = None, of: str | None = None) -> None:
    """Say what came of an entry, or of what was done to it (`of`), and where that leaves the engagement.

    Exits 1 where the engagement did not take it.
    """
    told = found.json()
    judged = told if of is None else told[of]
    taken = found.is_success and judged.get("standing") != "refused"
    if as_json:
        print_json(told)
    elif taken:
        sys.stdout.write(in_words(text, told, entry))
    if not taken:
        refuse(judged, as_json)


def in_words(text: str, told: dict[str, Any], entry: str | None) -> str:
    """What came of an entry, in a sentence: where its subject stands, what may come next, and the entry's id."""
    stands = f": it is {harmless(told['stands'])}" if told.get("stands") else ""
    after = "; ".join(spaced(harmless(one)) for one in told.get("legal") or ())
    lines = [f"{text}{stands}.", f"Next: {after}." if after else "", named(told, entry)]
    return "".join(f"{line}\n" for line in lines if line)


def named(told: dict[str, Any], entry: str | None) -> str:
    """The id of an entry and, of what a working group said, that of the engagement, which other commands take."""
    of = f" of engagement {told['subject']}" if told.get("workinggroup") and told.get("subject") else ""
    return f"entry {entry}{of}" if entry else ""


def refuse(told: dict[str, Any], as_json: bool) -> NoReturn:
    """Say why an entry changed nothing: every reason, where the engagement stands, what would be legal. Exits 1."""
    if not as_json:
        lines = ["Not taken; all is as it was.", *(f"  {line}" for line in reasons_of(told))]
        if stood := told.get("stood") or told.get("standing"):
            lines.append(f"  It is {spaced(harmless(stood))}.")
        if told.get("legal"):
            lines.append("  Possible now: " + "; ".join(spaced(harmless(one)) for one in told["legal"]) + ".")
        Console(stderr=True, highlight=False).print("\n".join(lines), markup=False, soft_wrap=True)
    raise typer.Exit(1)


def reasons_of(told: dict[str, Any]) -> list[str]:
    """Every reason of a refusal, with its remedy where there is one."""
    faults = told.get("errors") or [{"code": one} for one in told["refusals"]]
    return [f"{spaced(one['code'])}. {one.get('remedy') or ''}".rstrip() for one in faults]
