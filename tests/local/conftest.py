"""A whole stack with stand-ins for services, run as people run it: a process of its own, killed and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.processes import last_lines
from deploy.local.state import State, StateFolder
from deploy.local.status import Status, status_of
from deploy.local.waiting import becomes_true

LIMIT = 60.0
ROOT = Path(__file__).parents[2]
# What the caller has in its environment: a setting for the services, and two keys that are not for them.
CALLER = {"ENGAGE_LOG_LEVEL": "DEBUG", "ENGAGE_OPERATOR_KEY": "not for them", "ENGAGE_HANDLER_KEY": "nor this"}


class RunningStack:
    """One supervisor over one folder, with what tests ask of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = StateFolder(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.logs.mkdir(parents=True, exist_ok=True)
        with (self.folder.logs / "output.log").open("ab") as output:
            command = [sys.executable, "-m", "tests.local.run_stack", str(self.folder.path)]
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **CALLER}
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until this supervisor, not one before it, says ready and everything answers."""

        def ready() -> bool:
            assert self.process is not None and self.process.poll() is None, self.output()
            return self.state.phase == "ready" and self.supervised() and self.status().ready

        assert becomes_true(ready, LIMIT), self.output()

    def supervised(self) -> bool:
        supervisor, process = self.state.supervisor, self.process
        return supervisor is not None and process is not None and supervisor.pid == process.pid

    def kill_child(self, name: str) -> int:
        """SIGKILL one part, wait until another process has its place and all is ready; returns the new process id."""
        before = self.state.children[name].pid
        psutil.Process(before).kill()
        assert becomes_true(lambda: self.state.children[name].pid != before, LIMIT), self.output()
        self.wait_ready()
        return self.state.children[name].pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(LIMIT)

    @property
    def state(self) -> State:
        return self.folder.read()

    def status(self) -> Status:
        return status_of(self.folder)

    def output(self) -> str:
        return last_lines(self.folder.logs / "output.log", 40)


StartStack = Callable[[str], RunningStack]


@pytest.fixture(scope="session")
def start_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartStack]:
    """Starts a stack in a new folder; all are stopped in the end."""
    started: list[RunningStack] = []

    def start(name: str) -> RunningStack:
        stack = RunningStack(tmp_path_factory.mktemp(name))
        started.append(stack)
        stack.start()
        return stack

    yield start
    for stack in started:
        if stack.process is not None and stack.process.poll() is None:
            stack.stop()


@pytest.fixture(scope="session")
def running(start_stack: StartStack) -> RunningStack:
    """One stack that the tests share; each leaves it running and ready."""
    return start_stack("stack")
