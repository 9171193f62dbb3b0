"""What goes into a sealed box: read from files on the sender's own machine, checked, and shown without being told."""

import json
import mimetypes
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.remedy.domain.references import receipt_as_written
from shared import sealing
from shared.client import CommandError
from shared.events.sealed import SealedTestimony

LARGEST = sealing.SIZE_CLASSES[-1] - sealing.LENGTH_BYTES
METADATA = (
    "Names of attached files are not kept. What is inside them is sealed as it is: place, author and time that a "
    "camera or an office program wrote into a file stay there. Remove them first."
)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told beside the text: files, except where a word tells nothing."""

    texts: Mapping[str, Path | None]
    """Fields that are free text, by name."""
    place: Path | None = None
    belongs_to: Path | None = None
    attach: Sequence[Path] = ()
    consent: Sequence[str] = ()
    filed_by: str | None = None
    reprisal: bool = False


def box_of(text: bytes, told: Told) -> SealedTestimony:
    """What will be sealed. Raises CommandError, naming fields and never what they hold."""
    document = document_of(text) | told_beside(told)
    try:
        return SealedTestimony.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise CommandError(f"This cannot be sealed as it is.\n{faults(error)}") from None


def document_of(text: bytes) -> dict[str, Any]:
    """The file: text, or JSON that has the box's shape. Raises CommandError."""
    try:
        written = text.decode().removeprefix("\N{BYTE ORDER MARK}")
    except UnicodeDecodeError:
        raise CommandError("The text is not UTF-8: save it as UTF-8, or attach the file with --attach.") from None
    if not written.strip():
        raise CommandError("There is nothing to seal: the text is empty.")
    if not written.lstrip().startswith("{"):
        return {"narrative": written}
    try:
        document: dict[str, Any] = json.loads(written)
    except ValueError as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "inside"
        raise CommandError(
            f"The text begins as JSON does, and is none ({where}). As plain text, names in it would be read by each "
            "handler: mend it, or begin with another sign."
        ) from None
    return document


def told_beside(told: Told) -> dict[str, Any]:
    """The fields that options give. Raises CommandError where a file cannot be read."""
    found: dict[str, Any] = {name: text_of(file) for name, file in told.texts.items() if file}
    if told.place:
        found["place"] = place_of(text_of(told.place))
    if told.belongs_to:
        found["belongs_to"] = known_receipt(text_of(told.belongs_to))
    if told.attach:
        found["attachments"] = [attachment_of(file) for file in told.attach]
    if told.consent:
        found["consents"] = dict.fromkeys(told.consent, True)
    if told.filed_by:
        found["filed_by"] = told.filed_by
    return found | ({"reprisal": True} if told.reprisal else {})


def read(file: str) -> bytes:
    """The content of a file, or of standard input for "-". Raises CommandError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"Cannot read {file}: {error.strerror}.") from None


def text_of(file: Path) -> str:
    """The text of a file, without blanks around it. Raises CommandError."""
    try:
        return read(str(file)).decode().removeprefix("\N{BYTE ORDER MARK}").strip()
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8.") from None


def place_of(text: str) -> Any:
    """A place: JSON with name, address, country, unit, site or supplier; else its name."""
    try:
        document = json.loads(text)
    except ValueError:
        return {"name": text}
    return document if isinstance(document, dict) else {"name": text}


def known_receipt(typed: str) -> str:
    """A receipt as it is kept. Raises CommandError where it is mistyped: no such one was ever drawn."""
    if (receipt := receipt_as_written(typed)) is None:
        raise CommandError(
            "This is no receipt: one has 24 letters and digits, such as 7K2M-9QXA-..., and checks itself."
        )
    return receipt


def attachment_of(file: Path) -> dict[str, str]:
    """A file as it is attached: its kind, as its name ends, and its bytes. Raises CommandError."""
    kind, _ = mimetypes.guess_type(file.name)
    return {"media_type": kind or "application/octet-stream", "content": sealing.encode(read(str(file)))}


def faults(error: ValidationError) -> str:
    """What does not fit, by place and code only."""
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return "\n".join(f"  {'.'.join(str(step) for step in one['loc'][:3])}: {one['msg']}" for one in found[:20])


def encoded(box: SealedTestimony) -> bytes:
    """What is sealed: JSON without what is not told. Raises CommandError where no size class holds it."""
    plain = box.model_dump_json(exclude_defaults=True).encode()
    if len(plain) > LARGEST:
        raise CommandError(
            f"This is too large to be sealed: {len(plain)} bytes, and a box holds at most {LARGEST}, attachments "
            "included, which take a third more than their files. Leave some out, and add them later with the receipt."
        )
    return plain


def inventory(box: SealedTestimony) -> dict[str, Any]:
    """What is in a box, without a word of it: which parts, how many bytes of each, and the size that others see."""
    inside = json.loads(box.model_dump_json(exclude_defaults=True))
    sizes = {name: len(json.dumps(value, ensure_ascii=False).encode()) for name, value in inside.items()}
    needed = len(encoded(box)) + sealing.LENGTH_BYTES
    return {"parts": sizes, "sealed_bytes": next(size for size in sealing.SIZE_CLASSES if size >= needed)}
