"""What must not be known to others: made at random once per stack, kept in files that only their owner may read.

Each service has a folder of its own with the names that its settings look for, and never sees another's.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from deploy.local.state import write_whole


class SecretFolder:
    """The folder `secrets/` of a stack. What exists is never drawn again: data are sealed under it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of_service(self, service: str) -> Path:
        """The folder that holds one service's secrets and nothing else."""
        return self.folder / service

    def database_passwords(self, services: Iterable[str]) -> dict[str, str]:
        """The password of each service's database role, made at the first call."""
        return {service: self._kept(Path("database") / service, _token) for service in services}

    def operator_key(self) -> str:
        """What the command line shows to act as operator: ENGAGE_OPERATOR_KEY, else this stack's own key."""
        return os.environ.get("ENGAGE_OPERATOR_KEY") or self._kept(Path("operator.key"), _token)

    def give(self, service: str, dsn: str, keys_dsn: str | None = None) -> Path:
        """Write the files of a service; returns its folder. Safe to repeat.

        `dsn` is its way to its database; `keys_dsn` that of `remedy` to the database of keys. The key that wraps all
        keys is drawn once and lies in this folder only: to lose it is to lose every case.
        """
        own = {"engage_database_dsn": dsn, "engage_dead_letter_key": self._dead_letter_public_key()}
        own["engage_operator_key_sha256"] = _digest(self._kept(Path("operator.key"), _token))
        if service == "remedy" and keys_dsn:
            own["engage_keys_dsn"] = keys_dsn
        for name, value in own.items():
            self._write(Path(service) / name, value)
        if service == "remedy":
            self._kept(Path(service) / "engage_case_key", _random_bytes)
            self._kept(Path(service) / "engage_receipt_pepper", _random_bytes)
        if service == "ingest":
            self._kept(Path(service) / "engage_receipt_pepper", _token)
        return self.of_service(service)

    def _dead_letter_public_key(self) -> str:
        private = base64.b64decode(self._kept(Path("dead-letter.key"), _private_key))
        return _base64(X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())

    def _kept(self, name: Path, make: Callable[[], str]) -> str:
        path = self.folder / name
        if not path.exists():
            self._write(name, make())
        return path.read_text()

    def _write(self, name: Path, value: str) -> None:
        for folder in (self.folder, (self.folder / name).parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.folder / name, value, mode=0o600)


def _token() -> str:
    return secrets.token_urlsafe(32)


def _random_bytes() -> str:
    return _base64(secrets.token_bytes(32))


def _private_key() -> str:
    return _base64(X25519PrivateKey.generate().private_bytes_raw())


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
