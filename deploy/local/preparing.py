"""Set up the databases of services, and hand each its secrets."""

from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.local.database import migrate, provision, service_dsn
from deploy.local.keys import SecretFolder
from deploy.local.servers import KEYS, Servers, with_keys


def prepare_databases(
    servers: Servers, keys: SecretFolder, services: Iterable[str], report: Callable[[str], None]
) -> list[Path]:
    """Make roles, databases and schemas, bring them up to date, write the secrets; the folders of the secrets.

    Safe to repeat. Raises StackError where a server refuses or a migration fails.
    """
    everyone = with_keys(services)
    passwords = keys.database_passwords(everyone)
    dsns = {name: service_dsn(servers.of(name), name, passwords[name]) for name in everyone}
    for name in everyone:
        report(f"{name}: roles and migrations")
        provision(servers.of(name), [name], passwords)
        migrate(servers.of(name), name)
    return [keys.give(name, dsns[name], dsns.get(KEYS)) for name in everyone if name != KEYS]
