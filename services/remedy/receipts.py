"""A reporter's receipt: drawn by the sender, known to the reporter alone, kept only as what Argon2id makes of it."""

import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from services.remedy.domain import references
from shared import sealing

if TYPE_CHECKING:
    from services.remedy.settings import RemedySettings

SALT = b"engage/receipt/1"
"""The same for each, for a receipt is looked up by its hash; what a salt is for, 115 random bits and the pepper do."""
HASH_BYTES = 32


def draw_receipt() -> str:
    """A new receipt: 115 random bits with a check symbol, such as 7K2M-9QXA-4T5C-0D3E-8WVB-1ZPH."""
    while (receipt := references.receipt_of(secrets.randbits(references.RECEIPT_BITS))) is None:
        pass
    return receipt


def receipt_hash(receipt: str, settings: "RemedySettings") -> bytes:
    """By what a receipt is kept and found: Argon2id with the pepper; the same receipt always gives the same 32 bytes.

    `receipt` is as `references.receipt_as_written` has it; any other text costs the same work and is never found.
    Takes tens of milliseconds and 19 MiB: run it in a thread.
    """
    derived = Argon2id(
        salt=SALT,
        length=HASH_BYTES,
        iterations=settings.receipt_passes,
        lanes=1,
        memory_cost=settings.receipt_memory,
        secret=sealing.decode(settings.receipt_pepper.get_secret_value()),
    )
    return derived.derive(receipt.encode())
