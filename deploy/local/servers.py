"""Which database each service has, and on which server.

Case work has a database of its own, and the keys of cases another: who may log in to the database of the other
services, or holds a backup of it, finds nothing of a case there, not even how many there are.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

DATABASE = "engage"
KEYS = "remedy_keys"
"""The role and schema of the database that holds keys. It is no service: `remedy` uses it beside its own."""
APART = {"remedy": "engage_remedy", KEYS: "engage_remedy_keys"}


def database_of(service: str) -> str:
    """The name of a service's database."""
    return APART.get(service, DATABASE)


def with_keys(services: Iterable[str]) -> list[str]:
    """The services, and the database of keys after the one that uses it: all that needs a role and a schema."""
    return [name for service in services for name in ((service, KEYS) if service == "remedy" else (service,))]


@dataclass(frozen=True, slots=True)
class Servers:
    """The administrator's DSN of each server; a setting that is not there means the same server as before."""

    common: str
    remedy: str
    keys: str

    @classmethod
    def around(cls, common: str) -> Self:
        """As set: ENGAGE_REMEDY_POSTGRES_DSN for cases and keys, ENGAGE_KEYS_POSTGRES_DSN for keys; else `common`."""
        remedy = os.environ.get("ENGAGE_REMEDY_POSTGRES_DSN")
        keys = os.environ.get("ENGAGE_KEYS_POSTGRES_DSN")
        case_server = with_password_of(remedy, "ENGAGE_REMEDY_POSTGRES_PASSWORD_FILE") if remedy else common
        key_server = with_password_of(keys, "ENGAGE_KEYS_POSTGRES_PASSWORD_FILE") if keys else case_server
        return cls(common, case_server, key_server)

    def of(self, service: str) -> str:
        """The administrator's DSN of the server that holds a service's database."""
        return {"remedy": self.remedy, KEYS: self.keys}.get(service, self.common)


def with_password_of(dsn: str, file_setting: str) -> str:
    """An administrator's DSN; its password may lie in the file that a setting names."""
    parts = urlsplit(dsn)
    if file := os.environ.get(file_setting):
        password = quote(Path(file).read_text().strip(), safe="")
        parts = parts._replace(netloc=f"{parts.username}:{password}@{parts.netloc.rpartition('@')[2]}")
    return urlunsplit(parts)
