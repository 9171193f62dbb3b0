"""What senders type: testimony is sealed on their own machine, before anybody else holds it."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from services.remedy.commands.boxes import METADATA, Told, box_of, encoded, inventory, known_receipt, read
from services.remedy.domain.references import key_id_of
from services.remedy.receipts import draw_receipt
from shared import sealing
from shared.client import CommandError, call
from shared.events.envelope import day_of
from shared.events.members import TestimonySubmitted
from shared.events.remedy.words import Filer
from shared.events.sealed import SealedTestimony

Kind = Literal["grievance", "flag", "evidence", "remedy_report"]
FILERS = ", ".join(one.value for one in Filer if one is not Filer.OTHER)
KeyFile = Annotated[
    Path | None, typer.Option("--key", help="A file with the trustee's key: then no network is needed.", metavar="FILE")
]


def text_option(help_text: str) -> Any:
    """An option that names a file: what is confidential is not typed, for shells keep what is typed."""
    return typer.Option(metavar="FILE", help=help_text)


File = Annotated[str, typer.Argument(metavar="FILE", help="The text to seal, or JSON; - for standard input.")]
Out = Annotated[Path | None, typer.Option(help="Write here instead of standard output.", metavar="FILE")]
Attach = Annotated[list[Path] | None, typer.Option(metavar="FILE", help="A file to add; may be repeated.")]
Consents = Annotated[list[str] | None, typer.Option(help="Who may be told: employer, brand, members, public.")]
FiledBy = Annotated[str | None, typer.Option(help=f"Who speaks, by kind: {FILERS}.")]
Reprisal = Annotated[bool, typer.Option("--reprisal", help="It tells of reprisal for having spoken.")]
NoReceipt = Annotated[bool, typer.Option("--no-receipt", help="Draw none: the case cannot be followed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be inside, by size; seal nothing.")]


def seal(
    file: File,
    *,
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    key: KeyFile = None,
    out: Out = None,
    identity: Annotated[Path | None, text_option("Who speaks. Opened only by two persons together.")] = None,
    contact: Annotated[Path | None, text_option("How the reporter can be reached safely.")] = None,
    trusted_contact: Annotated[Path | None, text_option("Whom to tell first, should there be retaliation.")] = None,
    place: Annotated[Path | None, text_option("Where it happened: a name, or JSON.")] = None,
    attach: Attach = None,
    consent: Consents = None,
    filed_by: FiledBy = None,
    reprisal: Reprisal = False,
    belongs_to: Annotated[Path | None, text_option("The receipt of an earlier case that this adds to.")] = None,
    receipt_to: Annotated[Path | None, text_option("Write the receipt here instead of showing it.")] = None,
    no_receipt: NoReceipt = False,
    dry_run: DryRun = False,
) -> None:
    """Seal testimony so that only the trustee can read it, and print an event that `engage publish` takes.

    What is sealed stays on this machine: it is neither sent nor kept, only the sealed event is. A receipt is drawn and
    shown once, on standard error: with it, and nothing else, the case can be followed (`engage report status`).

    Example: `engage seal testimony.txt --kind grievance --identity who.txt --out sealed.json`, then
    `engage publish sealed.json --member electronics-watch`.

    FILE may be JSON of the shape in deploy/contracts/sealed/testimony.v1.json, which also has language, categories,
    number of workers and contributor; an option goes before what FILE says.
    """
    texts = {"identity": identity, "contact": contact, "trusted_contact": trusted_contact}
    told = Told(texts, place, belongs_to, attach or (), consent or (), filed_by, reprisal)
    box = box_of(read(file), told)
    if dry_run:
        sys.stdout.write(json.dumps(inventory(box), indent=2) + "\n")
        return
    must_be_new(out, receipt_to)
    public_key = announced_key(key)
    box = box if no_receipt else with_receipt(box)
    event = json.dumps(sealed_event(encoded(box), kind, public_key, datetime.now(UTC)), indent=2) + "\n"
    hand_over_receipt(box, receipt_to)
    if box.attachments:
        sys.stderr.write(METADATA + "\n")
    write_privately(out, event) if out else sys.stdout.write(event)


def with_receipt(box: SealedTestimony) -> SealedTestimony:
    """The box with a receipt: the one that it has, else a new one. Raises CommandError where that is mistyped."""
    receipt = known_receipt(box.receipt) if box.receipt else draw_receipt()
    return box.model_copy(update={"receipt": receipt})


def hand_over_receipt(box: SealedTestimony, file: Path | None) -> None:
    """Give the receipt to the reporter, once: it is kept nowhere else in a form that can be read."""
    if box.receipt is None:
        return
    if file:
        write_privately(file, box.receipt + "\n")
    else:
        sys.stderr.write(f"Receipt: {box.receipt}\nWrite it down and keep it safe. It is shown only now.\n")


def must_be_new(*files: Path | None) -> None:
    """Refuse names that are taken before a receipt is drawn. Raises CommandError.

    A box that is written over was perhaps never sent: its receipt would lead nowhere. A receipt is drawn once.
    """
    for file in files:
        if file and file.exists():
            raise CommandError(f"{file} is there already, and is not written over: name another, or move it.")


def write_privately(file: Path, text: str) -> None:
    """Write a new file that only its owner reads. Raises CommandError, also where it is there already."""
    must_be_new(file)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(text)
    except OSError as error:
        raise CommandError(f"Cannot write {file}: {error.strerror}.") from None


def sealed_event(plain: bytes, kind: str, public_key: str, now: datetime) -> dict[str, Any]:
    """The CloudEvent that holds what was sealed; its time is the day, and its id random."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:engage:sealed",
        "type": TestimonySubmitted.type,
        "time": day_of(now).isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "kind": kind,
            "key": key_id_of(public_key),
            "sealed": sealing.seal(plain, public_key, sealing.TESTIMONY),
        },
    }


def announced_key(file: Path | None) -> str:
    """The trustee's key: from a file, else from the remedy service. Raises CommandError."""
    source = str(file) if file else "The answer of the remedy service"
    return usable_key(source, read(str(file)) if file else json.dumps(call("remedy", "GET", "/keys", None)).encode())


def usable_key(source: str, content: bytes) -> str:
    """The public key in a document: what `GET /keys` answers, or the key alone in base64. Raises CommandError."""
    text = content.decode(errors="replace").strip()
    try:
        return trustee_key(json.loads(text) if text.startswith("{") else {"public_key": text})
    except (ValueError, TypeError):
        raise CommandError(
            f"{source} holds no trustee's key: save what GET /keys of the remedy service answers."
        ) from None


def trustee_key(document: dict[str, Any]) -> str:
    """The public key of an announcement. Raises ValueError where there is none, CommandError where it has ended."""
    public_key = document.get("public_key")
    if not isinstance(public_key, str) or len(sealing.decode(public_key)) != 32:
        raise ValueError("not an X25519 public key")
    ends = document.get("valid_to")
    if ends is not None and datetime.fromisoformat(ends) <= datetime.now(UTC):
        raise CommandError("This key of the trustee is out of date: ask for the present one.")
    return public_key
