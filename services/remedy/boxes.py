"""Boxes of testimony: opened for a moment, and what they hold as the pieces of writing that the vault keeps."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.references import receipt_as_written
from services.remedy.office import Office
from services.remedy.receipts import receipt_hash
from services.remedy.store import receiving as store
from services.remedy.trustee import Keyring
from services.remedy.vault import Part, Writing
from shared.events.remedy.cases import CaseFact, ConsentGiven
from shared.events.remedy.words import Party, Rung
from shared.events.sealed import SealedTestimony, read_box
from shared.logs import log
from shared.sealing import CannotOpen

ABOUT = {"place", "categories", "workers", "language"}
"""The fields that together are `Part.ABOUT`."""


def writings_of(box: SealedTestimony, told_as: Part = Part.NARRATIVE) -> tuple[Writing, ...]:
    """The pieces of writing in a box; what it says as a narrative, or as a message on a case that is known."""
    texts = {
        told_as: box.narrative,
        Part.ABOUT: about(box),
        Part.TRUSTED_CONTACT: box.trusted_contact,
        Part.IDENTITY: box.identity,
        Part.CONTACT: box.contact,
        Part.CONTRIBUTOR: box.contributor,
    }
    written = [Writing(part, text.encode(errors="backslashreplace")) for part, text in texts.items() if text]
    attached = [Writing(Part.ATTACHMENT, one.model_dump_json().encode()) for one in box.attachments]
    return (*written, *attached)


def about(box: SealedTestimony) -> str | None:
    """What a box says besides words, as JSON; None where it says nothing of the kind."""
    found = box.model_dump_json(include=ABOUT, exclude_none=True, exclude_defaults=True)
    return None if found == "{}" else found


def consents_in(box: SealedTestimony, case: UUID) -> list[CaseFact]:
    """To whom the workers' side agrees that something is told. What is not said is no consent, and takes none back."""
    agreed = box.consents.model_dump()
    return [
        ConsentGiven(case=case, rung=Rung(name), given=True, by=Party.REPORTER)
        for name, given in agreed.items()
        if given
    ]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A box that was opened, with what leads from its receipts to cases."""

    case: UUID
    box: SealedTestimony = field(repr=False)
    receipt: bytes | None = None
    earlier: bytes | None = None


async def unpack(office: Office, keyring: Keyring, waiting: Sequence[Record]) -> list[Unpacked]:
    """The boxes that open, with their receipts computed; the others are marked, whatever is wrong with them."""
    boxes: dict[UUID, SealedTestimony] = {}
    closed = []
    for row in waiting:
        try:
            boxes[row["case_id"]] = read_box(keyring.open(row["sealed"], row["key_id"]))
        except CannotOpen:
            closed.append(row["case_id"])
        except Exception as error:
            log.error("a box of testimony cannot be read and is set aside", reason=type(error).__name__)
            closed.append(row["case_id"])
    if closed:
        log.warning("boxes of testimony do not open", count=len(closed))
        async with office.runtime.transaction() as tx:
            await store.set_aside(tx, closed)
    two_at_a_time = asyncio.Semaphore(2)
    receipts = [hashed(office, receipt, two_at_a_time) for box in boxes.values() for receipt in receipts_of(box)]
    found = iter(await asyncio.gather(*receipts))
    return [Unpacked(case, box, receipt=next(found), earlier=next(found)) for case, box in boxes.items()]


def receipts_of(box: SealedTestimony) -> tuple[str | None, str | None]:
    """The receipt that a box was given, and that of the earlier case to which it belongs."""
    return box.receipt, box.belongs_to


async def hashed(office: Office, receipt: str | None, turn: asyncio.Semaphore) -> bytes | None:
    """By what a receipt is found; None where there is none, or where what is given cannot be one."""
    written = receipt_as_written(receipt) if receipt else None
    async with turn:
        return await asyncio.to_thread(receipt_hash, written, office.settings) if written else None
