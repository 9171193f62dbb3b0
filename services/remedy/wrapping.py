"""What wraps keys: a key from the settings, or a key management service that never lets its own out.

A wrapped key can be read only with the wrapping key and the context (which case, which of its keys) that it was
wrapped for.
"""

import os
import ssl
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, Protocol, Self

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.remedy.settings import RemedySettings
from shared.sealing import decode, encode

KEY_BYTES = 32
NONCE_BYTES = 12
NAME_BYTES = 8
WRAPPED_BY_TRANSIT = b"vault:"
ANSWERS_WITHIN = 5.0
"""Seconds; less than the database lets a transaction wait."""


class KeyLost(Exception):
    """The key of a case was destroyed, or cannot be unwrapped with the keys that are set; says nothing of the case."""


class KeyService(Protocol):
    """What wraps keys: keys from the settings, or a key management service.

    Raises OSError where a service does not answer: the same can succeed later.
    """

    async def current(self) -> str:
        """The name of the wrapping key that `wrap` uses now; not secret."""
        ...

    async def wrap(self, key: bytes, context: bytes) -> bytes:
        """The key, readable only with `unwrap` and the same context."""
        ...

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key. Raises KeyLost."""
        ...


def key_service(settings: RemedySettings) -> KeyService:
    """What wraps keys, as set: the key management service where there is one."""
    if settings.kms_address is not None:
        assert settings.kms_token is not None
        before = KeysFromSettings.of(settings)
        return Transit(settings.kms_address, settings.kms_token.get_secret_value(), settings.kms_key, before)
    return KeysFromSettings.of(settings)


@dataclass(frozen=True, slots=True)
class KeysFromSettings:
    """AES-256-GCM under keys that the settings hold: wraps with the first, unwraps with each."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, settings: RemedySettings) -> Self:
        """The keys of the settings, which have checked them."""
        found = [key.get_secret_value() for key in (settings.case_key, settings.case_key_before) if key is not None]
        return cls(tuple(decode(key) for key in found))

    async def current(self) -> str:
        return name_of(self.keys[0]).hex()

    async def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return name_of(self.keys[0]) + nonce + AESGCM(self.keys[0]).encrypt(nonce, key, context)

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        name, rest = wrapped[:NAME_BYTES], wrapped[NAME_BYTES:]
        for key in self.keys:
            if name_of(key) == name:
                try:
                    return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context)
                except (InvalidTag, ValueError):
                    raise KeyLost from None
        raise KeyLost


def name_of(key: bytes) -> bytes:
    """By which a wrapping key is known among others; it leads back to nothing."""
    return sha256(b"engage/wrapping-key/v1" + key).digest()[:NAME_BYTES]


@dataclass(frozen=True, slots=True)
class Transit:
    """A key management service that speaks the HTTP API of the transit engine of OpenBao and HashiCorp Vault.

    The context travels as `associated_data`, which the key's type must take: aes256-gcm96 (their default) does. What
    was wrapped with keys from the settings `before` can still be unwrapped.
    """

    address: str
    token: str = field(repr=False)
    key: str
    before: KeysFromSettings = KeysFromSettings(())

    async def current(self) -> str:
        found = await self.ask("GET", "keys")
        return f"{self.key}:v{found['latest_version']}"

    async def wrap(self, key: bytes, context: bytes) -> bytes:
        sent = {"plaintext": encode(key), "associated_data": encode(context)}
        ciphertext: str = (await self.ask("POST", "encrypt", sent))["ciphertext"]
        return ciphertext.encode()

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        if not wrapped.startswith(WRAPPED_BY_TRANSIT):
            return await self.before.unwrap(wrapped, context)
        sent = {"ciphertext": wrapped.decode(), "associated_data": encode(context)}
        return decode((await self.ask("POST", "decrypt", sent))["plaintext"])

    async def ask(self, method: str, what: str, sent: dict[str, str] | None = None) -> dict[str, Any]:
        """The data of an answer. Raises KeyLost where the service refuses this input, OSError for all else.

        A refused token is an OSError as well: it is mended by an operator, and no key is lost by it.
        """
        url = f"{self.address.rstrip('/')}/v1/transit/{what}/{self.key}"
        try:
            async with httpx.AsyncClient(verify=tls(), timeout=ANSWERS_WITHIN) as client:
                answer = await client.request(method, url, json=sent, headers={"X-Vault-Token": self.token})
        except httpx.HTTPError:
            raise ConnectionError("the key management service does not answer") from None
        if answer.status_code == httpx.codes.BAD_REQUEST and what == "decrypt":
            raise KeyLost
        if answer.status_code != httpx.codes.OK:
            raise ConnectionError(f"the key management service answers {answer.status_code}")
        data: dict[str, Any] = answer.json()["data"]
        return data


@cache
def tls() -> ssl.SSLContext:
    """What servers are trusted; made once, for that is slow."""
    return ssl.create_default_context()
