"""A whole local stack for a test: the real `engage up` in a folder of its own, and the commands typed at it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from deploy.local.state import State, StateFolder, service_url
from deploy.local.status import status_of


class LiveStack:
    """A running stack. `environment` holds further settings of its services, such as shorter clocks.

    What its processes and commands keep for a moment goes to a folder of its own, `temporary`.
    """

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.temporary = folder.with_name(f"{folder.name}-temporary")
        own = {"ENGAGE_STATE": str(folder), "COLUMNS": "200", "TMPDIR": str(self.temporary)}
        self.environment = {**os.environ, **(environment or {}), **own}

    def engage(self, *arguments: str, code: int = 0) -> str:
        """Run the `engage` command; what it printed. The exit code is as expected, or the test fails with its words."""
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"engage {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What a command answers with `--json`."""
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"engage {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def status(self) -> Any:
        """What `engage status --json` says, ready or not."""
        return status_of(StateFolder(self.folder)).model_dump()

    def state(self) -> State:
        """The supervisor's own record: ports and processes."""
        return StateFolder(self.folder).read()

    def member_key(self, member: str) -> str:
        """The key that `engage member add` kept for its commands."""
        return (self.folder / "secrets" / "members" / f"{member}.key").read_text().strip()

    def operator_key(self) -> str:
        return (self.folder / "secrets" / "operator.key").read_text().strip()

    def person_key(self, name: str) -> str:
        """The key that `engage handler add` kept for its commands."""
        return (self.folder / "secrets" / "people" / f"{name}.key").read_text().strip()

    def dsn(self, service: str) -> str:
        """The operator's DSN of the database in which a service, or `remedy_keys`, has its tables."""
        state = self.state()
        return state.databases.get(service) or str(state.postgres)

    def ask(self, service: str, path: str, method: str = "GET") -> httpx.Response:
        """Ask a service as its operator."""
        url = f"{service_url(self.state().ports[service])}{path}"
        return httpx.request(method, url, headers={"authorization": f"Bearer {self.operator_key()}"}, timeout=60)

    def mails(self) -> list[Path]:
        """The mails that the sink has accepted, in order of arrival."""
        return sorted((self.folder / "mailbox").glob("*.eml"))

    def settled(self, limit: float = 120) -> Any:
        """Wait until every service is ready, has applied everything and published what follows; its last status.

        Never judge loss before that. It has to hold several times in a row: an event may be between two services.
        """
        quiet, status = 0, self.status()

        def still() -> bool:
            nonlocal quiet, status
            status = self.status()
            services = status["services"].values()
            still = status["ready"] and all(s["lag"] == 0 and s["outbox"] == 0 for s in services)
            quiet = quiet + 1 if still else 0
            return quiet >= 3

        wait_until(still, limit, lambda: f"the stack did not settle: {status}")
        return status


@contextmanager
def running(folder: Path, environment: dict[str, str] | None = None) -> Iterator[LiveStack]:
    """A stack that is ready, and stopped afterwards whatever happened."""
    stack = LiveStack(folder, environment)
    stack.temporary.mkdir(parents=True, exist_ok=True)
    try:
        stack.engage("up", "--detach")
        yield stack
    finally:
        subprocess.run(
            [sys.executable, "-m", "services", "down"], env=stack.environment, capture_output=True, check=False
        )


def wait_until(condition: Callable[[], bool], limit: float, complaint: Callable[[], str] = lambda: "in vain") -> None:
    """Wait for a condition, within a limit in seconds; fails with the complaint."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, complaint()
        time.sleep(0.2)
