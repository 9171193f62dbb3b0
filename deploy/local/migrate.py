"""`engage migrate`: set up engines that others operate, as `engage up` does for its own. Every step may be repeated."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.keys import SecretFolder
from deploy.local.preparing import prepare_databases
from deploy.local.servers import Servers, with_password_of
from deploy.local.state import SERVICES, StateFolder
from shared.topics import ensure_topics


def prepare(folder: StateFolder, report: Callable[[str], None]) -> None:
    """Roles, schemas, migrations and secrets on ENGAGE_POSTGRES_DSN, topics on ENGAGE_KAFKA_BOOTSTRAP.

    Cases and their keys go to servers of their own where `Servers.around` finds these set. Raises StackError naming the
    setting that is missing, or what a database or Kafka refused.
    """
    servers = Servers.around(admin_dsn())
    for secrets in prepare_databases(servers, SecretFolder(folder.secrets), SERVICES, report):
        hand_over(secrets)
    report("kafka: topics")
    asyncio.run(ensure_topics(required("ENGAGE_KAFKA_BOOTSTRAP")))


def admin_dsn() -> str:
    """The administrator's DSN; its password may lie in the file that ENGAGE_POSTGRES_PASSWORD_FILE names."""
    return with_password_of(required("ENGAGE_POSTGRES_DSN"), "ENGAGE_POSTGRES_PASSWORD_FILE")


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
