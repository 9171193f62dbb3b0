"""Child processes: started so that they end with their parent, recognised again later, ended in good order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel

from deploy.local.errors import StackError
from deploy.local.waiting import becomes_true

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


class Identity(BaseModel, frozen=True):
    """What tells a process from a later one that was given the same id."""

    pid: int
    created: float
    command: tuple[str, ...]
    stop_signal: int = signal.SIGTERM

    @classmethod
    def of(cls, pid: int, stop_signal: int = signal.SIGTERM) -> "Identity":
        """Describe a running process; raises psutil.NoSuchProcess when it is gone."""
        process = psutil.Process(pid)
        return cls(
            pid=pid, created=process.create_time(), command=tuple(process.cmdline()), stop_signal=int(stop_signal)
        )

    def running(self) -> bool:
        """Whether this very process still runs, as opposed to none or to a stranger with its id."""
        return self._process() is not None

    def end(self, grace: float) -> None:
        """End the process: its own stop signal first, SIGKILL after `grace` seconds. Nothing happens if it is gone."""
        process = self._process()
        if process is None:
            return
        try:
            process.send_signal(self.stop_signal)
            process.wait(grace)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(grace)
        except psutil.NoSuchProcess:
            return

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            # Two seconds, because the kernel's start time is turned into wall time, which may be corrected in between.
            same = abs(process.create_time() - self.created) < 2 and tuple(process.cmdline()) == self.command
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class Child:
    """One process of the stack, with its output appended to a log file. It may be started again after it has ended."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        owner: tuple[int, int] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 20.0,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = environment
        self.folder = folder
        self.owner = owner
        self.stop_signal = stop_signal
        self.grace = grace
        self.identity: Identity | None = None
        self._asked: float | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the process and return. Call it from the main thread: the child ends with the thread that began it."""
        user, group = self.owner or (None, None)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
                user=user,
                group=group,
                extra_groups=[] if self.owner else None,
                start_new_session=True,  # Ctrl-C at the terminal reaches the supervisor alone, which stops its children
                preexec_fn=_ending_with_parent(self.stop_signal),  # noqa: PLW1509 - two system calls, no lock
            )
        self.identity = _identity(self._process.pid, self.stop_signal)
        self._asked = None

    @property
    def pid(self) -> int | None:
        """The id of the process while it runs."""
        return self._process.pid if self._process is not None and self.alive() else None

    def alive(self) -> bool:
        """Whether the process runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How the last run ended (negative: by that signal); None while it runs or before it was started."""
        return None if self._process is None else self._process.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal, once, and return; `stop` then waits. So several children can end at the same time."""
        if self._process is not None and self.alive() and self._asked is None:
            self._asked = time.monotonic()
            self._process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """End the process in its own orderly way, and by SIGKILL once its grace is over. Safe to repeat."""
        self.ask_to_stop()
        if self._process is None or self._asked is None:
            return
        try:
            self._process.wait(max(0.0, self._asked + self.grace - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process by SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def require(self, ready: Callable[[], bool], limit: float) -> None:
        """Wait until `ready` holds; raises StackError, with the log's end, if the process ends or time runs out."""
        becomes_true(lambda: not self.alive() or ready(), limit)
        if not self.alive():
            raise StackError(self.name, f"{self.name} ended with code {self.exit_code} while starting.{self.excerpt()}")
        if not ready():
            raise StackError(self.name, f"{self.name} did not answer within {limit:.0f} s.{self.excerpt()}")

    def excerpt(self) -> str:
        """Where the log is and its last lines, for an error that a person reads."""
        return f" Its log is {self.log}:\n{last_lines(self.log)}"


def complete(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    stdin: int = subprocess.DEVNULL,
    owner: tuple[int, int] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a tool to its end and return what it wrote; its exit code is for the caller to judge."""
    user, group = owner or (None, None)
    return subprocess.run(
        command,
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd=folder,
        user=user,
        group=group,
        extra_groups=[] if owner else None,
    )


def last_lines(log: Path, count: int = 15) -> str:
    """The last lines of a log file, indented; empty when there is no such file."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-count:])


def _identity(pid: int, stop_signal: signal.Signals) -> Identity | None:
    try:
        return Identity.of(pid, stop_signal)
    except psutil.NoSuchProcess:
        return None


def _ending_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_kernel
