"""A whole stack of its own for the benchmark: the four services, started as `engage up --detach` starts them."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.errors import StackError
from deploy.local.keys import SecretFolder
from deploy.local.state import State, StateFolder, service_url
from deploy.local.waiting import becomes_true
from shared.topics import ensure_topics, member_topics

MEMBER = "example-buyer"
READY_LIMIT = 120.0
STOP_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class RunningStack:
    """Where the parts of the stack are, and the keys of its operator and its one member."""

    state: State
    mailbox: Path
    operator_key: str
    member_key: str

    def url(self, service: str) -> str:
        return service_url(self.state.ports[service])

    def memory(self) -> dict[str, int]:
        """The resident memory of each part with its child processes, in bytes."""
        return {name: sum(map(resident, family(child.pid))) for name, child in self.state.children.items()}

    def cpu(self) -> dict[str, float]:
        """The processor time that each part has used so far, with its child processes, in seconds."""
        return {name: sum(map(cpu_seconds, family(child.pid))) for name, child in self.state.children.items()}


@contextmanager
def running_stack(folder: Path) -> Iterator[RunningStack]:
    """Start a stack in the folder with one member and one recipient of mail; it is stopped at the end.

    Raises StackError where it cannot start, or has ended by itself while it was used.
    """
    home = StateFolder(folder)
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "deploy.local", "--state", str(home.path), "--timeout", str(READY_LIMIT)]
    supervisor = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        becomes_true(lambda: home.read().phase == "ready" or supervisor.poll() is not None, READY_LIMIT)
        state = home.read()
        if state.phase != "ready":
            raise StackError(state.failed_part or "supervisor", state.failure or "the stack did not come up in time")
        yield with_people(home, state)
        if supervisor.poll() is not None:
            raise StackError("supervisor", "the stack ended while it was measured")
    finally:
        supervisor.terminate()
        supervisor.wait(STOP_LIMIT)


def with_people(home: StateFolder, state: State) -> RunningStack:
    """Add the member, its topics first, and the recipient."""
    operator = SecretFolder(home.secrets).operator_key()
    asyncio.run(ensure_topics(f"127.0.0.1:{state.ports['kafka']}", member_topics(MEMBER)))
    with httpx.Client(headers=bearer(operator), trust_env=False) as client:
        member = {"member": MEMBER, "name": "Example Buyer", "country": "NO", "kind": "buyer"}
        answer = client.post(f"{service_url(state.ports['ingest'])}/members", json=member).raise_for_status()
        recipient = {"address": "secretariat@example.org", "name": "Example Secretariat", "role": "secretariat"}
        client.post(f"{service_url(state.ports['notify'])}/recipients", json=recipient).raise_for_status()
    return RunningStack(home.read(), home.mailbox, operator, answer.json()["key"])


def family(pid: int) -> list[psutil.Process]:
    """A process and those that it started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def resident(process: psutil.Process) -> int:
    """The memory of one process; of pages that it shares, its share only, where the system tells."""
    try:
        return int(process.memory_full_info().pss)
    except (AttributeError, psutil.AccessDenied):
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def cpu_seconds(process: psutil.Process) -> float:
    """The processor time of one process and of those it started that have ended, 0 where it has ended itself."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"authorization": f"Bearer {key}"}


async def metrics(client: httpx.AsyncClient, stack: RunningStack, service: str) -> dict[str, float]:
    """A service's metrics: each sample by its name and labels, as `name{topic=...,outcome=...}`."""
    text = (await client.get(f"{stack.url(service)}/metrics")).raise_for_status().text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {labelled(sample.name, sample.labels): sample.value for sample in samples}


def labelled(name: str, labels: dict[str, str]) -> str:
    """One text for a sample's name and labels."""
    return name if not labels else f"{name}{{{','.join(f'{key}={labels[key]}' for key in sorted(labels))}}}"


def total(samples: dict[str, float], pattern: str) -> int:
    """The sum of the samples whose text matches the pattern from its beginning."""
    return int(sum(value for text, value in samples.items() if re.match(pattern, text)))
