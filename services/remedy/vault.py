"""The vault: what people wrote is sealed under keys of its case, and these keys lie apart from it.

Each case has two data keys, one for what is told and one for who told it, each wrapped by a key of the settings or of
a key management service (`KeyService`). Wrapped keys lie in a database of their own, which is not backed up with the
data: where a key is destroyed, whatever it sealed can be read by nobody, in whichever copy it lies.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.remedy.settings import RemedySettings
from services.remedy.store import keys as store
from services.remedy.store.keys import CaseKey, Wrapped
from services.remedy.wrapping import KEY_BYTES, NONCE_BYTES, KeyLost, KeyService, key_service
from shared.events.remedy.words import Erased
from shared.postgres import Pool, borrow, transaction
from shared.sealing import LENGTH_BYTES, SIZE_CLASSES

KINDS = (Erased.CONTENT, Erased.IDENTITY)
VERSION = b"\x01"
"""Of the way in which words are sealed; the first byte of each ciphertext."""


class Part(StrEnum):
    """What a piece of writing is. Each is sealed with the case, the part and its own id as associated data."""

    NARRATIVE = "narrative"
    ABOUT = "about"
    """Site, place, supplier, categories, numbers: JSON. The only join of a case to them."""
    ATTACHMENT = "attachment"
    """JSON of `shared.events.sealed.Attachment`."""
    TRUSTED_CONTACT = "trusted_contact"
    """Whom to tell first of retaliation; chosen by the worker to be called, so not behind the identity's key."""
    MESSAGE_IN = "message_in"
    MESSAGE_OUT = "message_out"
    NOTE = "note"
    """Why a person did something: motivations, assessments, findings."""
    PROTECTION_PLAN = "protection_plan"
    ITEM = "item"
    """Finding, root cause, corrective and preventive action of a remedy item: JSON."""
    STATEMENT = "statement"
    """What was released to members: the only join of a case to its published statements."""
    IDENTITY = "identity"
    CONTACT = "contact"
    CONTRIBUTOR = "contributor"


OF_IDENTITY = frozenset({Part.IDENTITY, Part.CONTACT, Part.CONTRIBUTOR})
"""Sealed under the case's second key: opened only after a second person's decision."""


def key_of(part: Part) -> Erased:
    """Under which of the two keys a part is sealed."""
    return Erased.IDENTITY if part in OF_IDENTITY else Erased.CONTENT


@dataclass(frozen=True, slots=True)
class Writing:
    """A piece of writing to be sealed under a key of its case. `item` names the remedy item that it is about."""

    part: Part
    text: bytes
    item: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A piece of writing as the data's database holds it."""

    id: UUID
    case: UUID
    part: Part
    ciphertext: bytes
    item: UUID | None = None

    @property
    def key(self) -> CaseKey:
        """The key under which it is sealed."""
        return CaseKey(self.case, key_of(self.part))


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens what belongs to cases. Keys are fetched and unwrapped each time, and kept nowhere."""

    service: KeyService
    keys: Pool

    @classmethod
    def of(cls, settings: RemedySettings, keys: Pool) -> Self:
        """The vault as set."""
        return cls(key_service(settings), keys)

    async def make_keys(self, cases: Collection[UUID]) -> None:
        """Afterwards each of the cases has its two keys; those that had them keep them. Safe to repeat.

        A key whose case never comes to be is harmless, and is left: who swept such keys beside a database that is
        just being restored would destroy every case.
        """
        async with borrow(self.keys) as connection:
            known = await store.read_case_keys(connection, cases)
        missing = [key for case in cases for kind in KINDS if (key := CaseKey(case, kind)) not in known]
        if not missing:
            return
        made_with = await self.service.current()
        new = [
            Wrapped(*key, await self.service.wrap(os.urandom(KEY_BYTES), context_of(key)), made_with) for key in missing
        ]
        async with transaction(self.keys) as tx:
            await store.insert_case_keys(tx, new)

    async def seal(self, case: UUID, writings: Sequence[Writing]) -> list[Sealed]:
        """The writings sealed under the keys of their case, each with a new random id. Raises KeyLost."""
        keys = await self.unwrapped({CaseKey(case, key_of(writing.part)) for writing in writings})
        return [seal(case, writing, keys[CaseKey(case, key_of(writing.part))]) for writing in writings]

    async def open(self, sealed: Sequence[Sealed]) -> list[bytes]:
        """The texts, in the same order. Raises KeyLost where a key is gone. Who may open is decided before."""
        keys = await self.unwrapped({one.key for one in sealed})
        return [open_sealed(one, keys[one.key]) for one in sealed]

    async def has_key(self, case: UUID, kind: Erased) -> bool:
        """Whether a key of the case is kept, readable or not: False once it was destroyed."""
        async with borrow(self.keys) as connection:
            return CaseKey(case, kind) in await store.read_case_keys(connection, [case])

    async def destroy(self, case: UUID, what: Erased) -> None:
        """Afterwards no key of this kind is left of the case: CONTENT destroys both. Safe to repeat.

        The bytes of the wrapped key go from the table's file within the minute (`trustee.upkeep`), from the server's
        log of changes when it is recycled; without the wrapping key they are of no use to anybody.
        """
        kinds = KINDS if what is Erased.CONTENT else (Erased.IDENTITY,)
        async with transaction(self.keys) as tx:
            if await store.delete_case_keys(tx, case, kinds):
                await store.note_remains(tx)

    async def unwrapped(self, wanted: Iterable[CaseKey]) -> dict[CaseKey, bytes]:
        """These keys. Raises KeyLost where one is gone."""
        needed = set(wanted)
        async with borrow(self.keys) as connection:
            found = await store.read_case_keys(connection, {key.case for key in needed})
        if not needed <= found.keys():
            raise KeyLost
        return {key: await self.service.unwrap(found[key], context_of(key)) for key in needed}


def context_of(key: CaseKey) -> bytes:
    """What a key of a case is wrapped for."""
    return f"engage/case-key/v1|{key.case}|{key.kind.value}".encode()


def bound_to(sealed: UUID, case: UUID, part: Part, item: UUID | None) -> bytes:
    """The associated data of a piece of writing: put in another's place it does not open."""
    return VERSION + f"engage/content|{case}|{part.value}|{sealed}|{item or ''}".encode()


def seal(case: UUID, writing: Writing, key: bytes) -> Sealed:
    """A piece of writing sealed under a key, its length hidden in a class of sizes."""
    own, nonce = uuid4(), os.urandom(NONCE_BYTES)
    bound = bound_to(own, case, writing.part, writing.item)
    ciphertext = VERSION + nonce + AESGCM(key).encrypt(nonce, padded(writing.text), bound)
    return Sealed(own, case, writing.part, ciphertext, writing.item)


def open_sealed(sealed: Sealed, key: bytes) -> bytes:
    """The text. Raises KeyLost where it was altered, moved, or sealed under another key."""
    start = len(VERSION)
    nonce, ciphertext = sealed.ciphertext[start : start + NONCE_BYTES], sealed.ciphertext[start + NONCE_BYTES :]
    bound = bound_to(sealed.id, sealed.case, sealed.part, sealed.item)
    if sealed.ciphertext[:start] != VERSION:
        raise KeyLost
    try:
        return unpadded(AESGCM(key).decrypt(nonce, ciphertext, bound))
    except (InvalidTag, ValueError):
        raise KeyLost from None


def padded(text: bytes) -> bytes:
    """A text with its length before it, filled up to its class of sizes; beyond the largest to a multiple of it."""
    needed, largest = LENGTH_BYTES + len(text), SIZE_CLASSES[-1]
    size = next((size for size in SIZE_CLASSES if size >= needed), -(-needed // largest) * largest)
    return len(text).to_bytes(LENGTH_BYTES, "big") + text + bytes(size - needed)


def unpadded(padded_text: bytes) -> bytes:
    """The text that `padded` was given."""
    length = int.from_bytes(padded_text[:LENGTH_BYTES], "big")
    return padded_text[LENGTH_BYTES : LENGTH_BYTES + length]


__all__ = [
    "KINDS",
    "OF_IDENTITY",
    "KeyLost",
    "KeyService",
    "Part",
    "Sealed",
    "Vault",
    "Writing",
    "key_of",
]
