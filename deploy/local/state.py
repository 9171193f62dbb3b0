"""The folder in which one stack keeps everything: data, logs, secrets, mail, and what runs at the moment."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from deploy.local.errors import StackError
from deploy.local.processes import Identity

SERVICES = ("ingest", "risk", "remedy", "notify")
DEMO_MARK = "this-is-the-demo"
"""A file that says that this folder holds nothing but a demo; a stack that a person starts in it takes it away."""

Phase = Literal["stopped", "starting", "ready", "stopping", "failed"]


class State(BaseModel):
    """What `state.json` says: the kept ports, the running processes, and how far the start has come."""

    ports: dict[str, int] = Field(default_factory=dict)
    services: list[str] = Field(default_factory=list)
    postgres: str | None = None
    databases: dict[str, str] = Field(default_factory=dict)
    supervisor: Identity | None = None
    children: dict[str, Identity] = Field(default_factory=dict)
    phase: Phase = "stopped"
    steps: list[str] = Field(default_factory=list)
    failed_part: str | None = None
    failure: str | None = None


class AlreadyRunningError(Exception):
    """Another supervisor holds this state folder."""


class StateFolder:
    """`.engage/` of the current directory, or wherever $ENGAGE_STATE points."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = (path or Path(os.environ.get("ENGAGE_STATE") or ".engage")).absolute()
        self.logs = self.path / "logs"
        self.secrets = self.path / "secrets"
        self.mailbox = self.path / "mailbox"
        self.file = self.path / "state.json"

    def claim(self) -> None:
        """Make the folder its user's own, which no demo clears. The demo starts its stack with ENGAGE_DEMO set."""
        if not os.environ.get("ENGAGE_DEMO"):
            (self.path / DEMO_MARK).unlink(missing_ok=True)

    def read(self) -> State:
        """The state as last written; an empty one in a new folder. Raises StackError when the file is damaged."""
        try:
            return State.model_validate_json(self.file.read_bytes())
        except FileNotFoundError:
            return State()
        except ValidationError as error:
            raise StackError(
                "state", f"{self.file} is damaged. Delete it: the data are elsewhere, only the ports change."
            ) from error

    def write(self, state: State) -> None:
        """Replace the state at once: a reader sees the old or the new one, also after a crash."""
        write_whole(self.file, state.model_dump_json(indent=2))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only supervisor of this folder, until the process ends; raises AlreadyRunningError if there is one."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunningError from error
            yield

    def is_held(self) -> bool:
        """Whether a supervisor runs on this folder now."""
        if not self.path.exists():
            return False
        try:
            with self.held():
                return False
        except AlreadyRunningError:
            return True

    def end_leftovers(self, grace: float = 10.0) -> list[str]:
        """End what a supervisor that was killed has left running, and say what; the caller holds the folder."""
        state = self.read()
        left = {name: child for name, child in state.children.items() if child.running()}
        for child in reversed(left.values()):
            child.end(grace)
        if state.children or state.supervisor:
            self.write(state.model_copy(update={"children": {}, "supervisor": None, "phase": "stopped"}))
        return list(left)


def service_url(port: int) -> str:
    """Where a service answers HTTP."""
    return f"http://127.0.0.1:{port}"


def log_of(folder: StateFolder, part: str) -> Path:
    """The log file of a part."""
    return folder.logs / f"{part}.log"


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, also after a crash."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
