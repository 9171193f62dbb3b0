"""The broker: one Apache Kafka node in KRaft mode on loopback ports, its data in one folder."""

import base64
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.engine import Engine
from deploy.local.errors import StackError
from deploy.local.jars import ensure_jars, require_java
from deploy.local.ports import free_port
from deploy.local.processes import Child, complete
from deploy.local.waiting import accepts, run_apart

JVM = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
JVM += [
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
]

# One node, so every internal topic has one replica. An event is at most 256 KiB; a topic may allow more (dead letters:
# 2 MiB), and then its replicas must be able to fetch it. Offsets are kept for ten years: a consumer that was off for a
# month goes on where it was. After a crash the broker is let in again only when its former session has run out: three
# seconds instead of nine.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
delete.topic.enable=true
message.max.bytes=262144
replica.fetch.max.bytes=4194304
min.insync.replicas=1
offsets.topic.num.partitions=10
offsets.topic.replication.factor=1
offsets.retention.minutes=5256000
transaction.state.log.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""


class Kafka(Engine):
    """One broker over one folder. What it acknowledged is there again after `kill` and `start` on the same folder."""

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        controller_port: int | None = None,
        report: Callable[[str], None] = print,
        properties: Mapping[str, str] | None = None,
        client: Mapping[str, Any] | None = None,
    ) -> None:
        """`properties` replace or add to the settings above; `client` is what a client then needs to log in."""
        self.folder = folder.absolute()
        self.port = port or free_port()
        self.controller_port = controller_port or free_port()
        self.report = report
        self.properties, self.client = properties or {}, client or {}
        self.child = Child("kafka", [], self.folder / "kafka.log")

    @property
    def bootstrap(self) -> str:
        """The address that clients connect to first."""
        return f"127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Begin to start the broker and return; a folder is formatted once. Raises StackError without Java or jars."""
        java, jars = require_java(), ensure_jars(self.report)
        run = [java, *JVM, "-cp", f"{jars}/*"]
        if not (self.folder / "data").exists():
            self._format(run)
        settings = self._write_settings("server.properties", "data")
        self.child.command = [*run, "kafka.Kafka", str(settings)]
        self.child.launch()

    def answers(self) -> bool:
        """Whether the broker answers a metadata request with itself in it, not merely whether its port is open."""
        return accepts(self.port) and run_apart(_has_broker(self.bootstrap, self.client))

    def _format(self, run: list[str]) -> None:
        # Under another name until it is whole, so that a crash here leaves nothing that looks like a formatted folder.
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        settings = self._write_settings("format.properties", partial.name)
        command = [*run, "kafka.tools.StorageTool", "format", "--config", str(settings), "--cluster-id", _cluster_id()]
        done = complete(command)
        if done.returncode != 0:
            raise StackError("kafka", f"Kafka could not format {partial}:\n{done.stdout}{done.stderr}")
        partial.rename(self.folder / "data")

    def _write_settings(self, name: str, data: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        text = SETTINGS.format(port=self.port, controller_port=self.controller_port, data=self.folder / data)
        path.write_text(text + "".join(f"{name}={value}\n" for name, value in self.properties.items()))
        return path


def _cluster_id() -> str:
    # 22 characters of base64 are the 16 bytes it demands; "e" in front, as it would take a leading dash for an option.
    return "e" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


async def _has_broker(bootstrap: str, security: Mapping[str, Any]) -> bool:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000, **security)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
