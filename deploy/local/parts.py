"""The parts of one stack, each made from its folder and its kept port: engines, and the services that use them."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from deploy.local.database import in_database, without_password
from deploy.local.engine import Engine
from deploy.local.kafka import Kafka
from deploy.local.keys import SecretFolder
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.preparing import prepare_databases
from deploy.local.processes import Child
from deploy.local.servers import APART, Servers
from deploy.local.smtp import Smtp
from deploy.local.state import SERVICES, StateFolder

# What the caller may have set for the stack or for the command line, and no service is to see.
NOT_FOR_SERVICES = (
    "ENGAGE_POSTGRES_DSN",
    "ENGAGE_REMEDY_POSTGRES_DSN",
    "ENGAGE_KEYS_POSTGRES_DSN",
    "ENGAGE_OPERATOR_KEY",
    "ENGAGE_HANDLER_KEY",
    "ENGAGE_MEMBER_KEY",
)


def service_commands() -> dict[str, list[str]]:
    """How each of the four services is started."""
    return {name: [sys.executable, "-m", f"services.{name}"] for name in SERVICES}


class Parts:
    """Every process of a stack, none started yet."""

    def __init__(
        self,
        folder: StateFolder,
        ports: Mapping[str, int],
        services: Mapping[str, Sequence[str]],
        report: Callable[[str], None],
    ) -> None:
        self.folder = folder
        self.ports = ports
        self.keys = SecretFolder(folder.secrets)
        self.kafka = Kafka(folder.path / "kafka", ports["kafka"], ports["kafka-controller"], report)
        self.smtp = Smtp(folder.mailbox, folder.logs / "smtp.log", ports["smtp"])
        self.external_dsn = os.environ.get("ENGAGE_POSTGRES_DSN")
        self.postgres = None if self.external_dsn else Postgres(folder.path / "postgres", ports["postgres"])
        self.kafka.child.log = folder.logs / "kafka.log"
        if self.postgres:
            self.postgres.child.log = folder.logs / "postgres.log"
        self.services = {name: self._service(name, command) for name, command in services.items()}

    @property
    def engines(self) -> list[Engine]:
        """What the services rest on, in the order of starting."""
        return [self.kafka, self.postgres, self.smtp] if self.postgres else [self.kafka, self.smtp]

    @property
    def shown_dsn(self) -> str:
        """The database's address for people: no password in it."""
        return self.postgres.dsn if self.postgres else without_password(in_database(self.external_dsn or ""))

    @property
    def shown_databases(self) -> dict[str, str]:
        """The addresses of the databases that are apart from the common one, for people."""
        if "remedy" not in self.services:
            return {}
        return {name: without_password(in_database(self.servers.of(name), base)) for name, base in APART.items()}

    @property
    def servers(self) -> Servers:
        """The administrator's way to each server."""
        return Servers.around(self.postgres.admin_dsn if self.postgres else self.external_dsn or "")

    def prepare_database(self) -> None:
        """Make databases, roles and schemas, bring them up to date, write each service's secrets. Safe to repeat."""
        prepare_databases(self.servers, self.keys, self.services, lambda _line: None)

    def _service(self, name: str, command: Sequence[str]) -> Child:
        return Child(name, command, self.folder.logs / f"{name}.log", environment=self._environment(name))

    def _environment(self, service: str) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_SERVICES}
        environment |= {
            "PYTHONUNBUFFERED": "1",
            "ENGAGE_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "ENGAGE_HTTP_HOST": "127.0.0.1",
            "ENGAGE_HTTP_PORT": str(self.ports[service]),
            "ENGAGE_SECRETS_DIR": str(self.keys.of_service(service)),
        }
        if service == "notify":
            environment |= {"ENGAGE_SMTP_HOST": self.smtp.host, "ENGAGE_SMTP_PORT": str(self.smtp.port)}
        return environment


def choose_ports(kept: Mapping[str, int], services: Sequence[str]) -> dict[str, int]:
    """The kept ports, and a free one for each part that has none yet; no port twice."""
    ports = dict(kept)
    for name in ("kafka", "kafka-controller", "postgres", "smtp", *services):
        while name not in ports:
            port = free_port()
            if port not in ports.values():
                ports[name] = port
    return ports
