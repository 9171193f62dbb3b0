"""Sealing: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305, padded so that length tells little.

Testimony is sealed by its sender to the trustee's public key; no part of the system but the case store can open it.
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

ALGORITHM = "HPKE-X25519-HKDF-SHA256-ChaCha20Poly1305"
SIZE_CLASSES = (4 * 1024, 16 * 1024, 64 * 1024, 128 * 1024)
"""Bytes before sealing; the largest still fits an event of 256 KiB as base64."""
LENGTH_BYTES = 4
TESTIMONY = b"engage/testimony/v1"
DEAD_LETTER = b"engage/dead-letter/v1"

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class CannotOpen(ValueError):
    """The box was not sealed to this key and purpose, or has been altered."""


def generate_key() -> tuple[str, str]:
    """A new private key and its public key, both raw and base64."""
    private = X25519PrivateKey.generate()
    return encode(private.private_bytes_raw()), encode(private.public_key().public_bytes_raw())


def public_key_of(private_key: str) -> str:
    """The public half (base64) of a private key (base64)."""
    private = X25519PrivateKey.from_private_bytes(decode(private_key))
    return encode(private.public_key().public_bytes_raw())


def seal(plaintext: bytes, public_key: str, purpose: bytes) -> str:
    """Seal to a public key (base64). Returns a base64 box whose length shows the size class only.

    Raises ValueError where the text is larger than the largest class or the key is none.
    """
    needed = len(plaintext) + LENGTH_BYTES
    size = next((size for size in SIZE_CLASSES if size >= needed), None)
    if size is None:
        raise ValueError(f"at most {SIZE_CLASSES[-1] - LENGTH_BYTES} bytes can be sealed")
    padded = len(plaintext).to_bytes(LENGTH_BYTES, "big") + plaintext + bytes(size - needed)
    return encode(SUITE.encrypt(padded, X25519PublicKey.from_public_bytes(decode(public_key)), info=purpose))


def open_box(box: str, private_key: str, purpose: bytes) -> bytes:
    """The text of a box (base64). Raises CannotOpen, which says nothing of the content."""
    try:
        key = X25519PrivateKey.from_private_bytes(decode(private_key))
        padded = SUITE.decrypt(decode(box), key, info=purpose)
    except (InvalidTag, ValueError):
        raise CannotOpen from None
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    return padded[LENGTH_BYTES : LENGTH_BYTES + length]


def looks_sealed(box: str) -> bool:
    """Whether a box (base64) has the length of one of the size classes: a plain text passed off as a box has not."""
    try:
        return len(decode(box)) in {size + 32 + 16 for size in SIZE_CLASSES}  # encapsulated key and tag
    except ValueError:
        return False


def encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
