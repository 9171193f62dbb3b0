"""`engage migrate`: set up engines that others operate, as `engage up` does for its own. Every step may be repeated."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.errors import StackError
from deploy.local.keys import SecretFolder
from deploy.local.state import SERVICES, StateFolder
from shared.topics import ensure_topics


def prepare(folder: StateFolder, report: Callable[[str], None]) -> None:
    """Roles, schemas, migrations and secrets on ENGAGE_POSTGRES_DSN, topics on ENGAGE_KAFKA_BOOTSTRAP.

    Raises StackError naming the setting that is missing, or what the database or Kafka refused.
    """
    admin = admin_dsn()
    keys = SecretFolder(folder.secrets)
    passwords = keys.database_passwords(SERVICES)
    report("database: roles and schemas")
    provision(admin, SERVICES, passwords)
    for service in SERVICES:
        report(f"{service}: migrations and secrets")
        migrate(admin, service)
        hand_over(keys.give(service, service_dsn(admin, service, passwords[service])))
    report("kafka: topics")
    asyncio.run(ensure_topics(required("ENGAGE_KAFKA_BOOTSTRAP")))


def admin_dsn() -> str:
    """The administrator's DSN; its password may lie in the file that ENGAGE_POSTGRES_PASSWORD_FILE names."""
    parts = urlsplit(required("ENGAGE_POSTGRES_DSN"))
    if file := os.environ.get("ENGAGE_POSTGRES_PASSWORD_FILE"):
        password = quote(Path(file).read_text().strip(), safe="")
        parts = parts._replace(netloc=f"{parts.username}:{password}@{parts.netloc.rpartition('@')[2]}")
    return urlunsplit(parts)


def hand_over(secrets: Path) -> None:
    """Give a service's secrets to the user that runs it in a container (ENGAGE_SECRETS_OWNER, a number)."""
    if owner := os.environ.get("ENGAGE_SECRETS_OWNER"):
        for path in (secrets, *secrets.iterdir()):
            os.chown(path, int(owner), int(owner))


def required(name: str) -> str:
    """A setting that must be there."""
    if value := os.environ.get(name):
        return value
    raise StackError("migrate", f"{name} is not set: it names what is to be prepared.")
