"""The supervisor: starts every part of the system in order, starts again what ends, stops all in reverse order."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from deploy.local.errors import StackError
from deploy.local.parts import Parts, choose_ports, service_commands
from deploy.local.ports import require_free
from deploy.local.processes import Identity
from deploy.local.state import State, StateFolder, service_url
from deploy.local.watch import Watched
from shared.client import NO_ANSWER, request

LOOK_EVERY = 0.1  # seconds


class StopRequested(BaseException):
    """SIGTERM or SIGINT has come. No Exception, so that nothing on the way takes it for an error it can handle."""


def create_topics(bootstrap: str) -> None:
    """Create what the manifest names and is not there yet."""
    from shared.topics import ensure_topics  # noqa: PLC0415 - the stack starts its engines without the services' runtime

    asyncio.run(ensure_topics(bootstrap))


class Stack:
    """One stack over one state folder. `run` is called from the main thread, in a process that does nothing else."""

    def __init__(
        self,
        folder: StateFolder,
        services: Mapping[str, Sequence[str]] | None = None,
        report: Callable[[str], None] = print,
        topics: Callable[[str], None] = create_topics,
    ) -> None:
        self.folder = folder
        self.services = service_commands() if services is None else services
        self._report = report
        self._topics = topics
        self._watched: list[Watched] = []
        self._state = State()

    def run(self, limit: float = 180.0) -> None:
        """Start everything, keep it running until SIGTERM or SIGINT, then stop it in order.

        Raises AlreadyRunningError when the folder has a supervisor, and StackError, with everything stopped again, when
        a part cannot start or not all is ready within `limit` seconds.
        """
        with self.folder.held(), _signals_raise():
            try:
                self._start(time.monotonic() + limit)
                self._enter("ready")
                self._say("ready")
                self._watch(lambda: False)
            except StopRequested:
                self._end("stopped")
            except StackError as error:
                self._state.failed_part, self._state.failure = error.part, str(error)
                self._note(f"{error.part}: failed")
                self._end("failed")
                raise
            except BaseException:
                self._end("failed")
                raise

    def _start(self, deadline: float) -> None:
        for name in self.folder.end_leftovers():
            self._say(f"{name}: ended, left over from a supervisor that was killed")
        kept = self.folder.read().ports
        ports = choose_ports(kept, list(self.services))
        self._state = State(ports=ports, services=list(self.services), supervisor=Identity.of(os.getpid()))
        self._enter("starting")
        parts = Parts(self.folder, ports, self.services, self._say)
        self._require_ports(parts)
        self._start_engines(parts, deadline)
        self._say("databases: roles, schemas and migrations")
        parts.prepare_database()
        self._say("kafka: topics")
        self._topics(parts.kafka.bootstrap)
        self._start_services(parts, deadline)

    def _require_ports(self, parts: Parts) -> None:
        remedy = f"Stop that program, or delete {self.folder.file} so that other ports are picked."
        for part, port in parts.ports.items():
            if part != "postgres" or parts.postgres:
                require_free(port, part, remedy)

    def _start_engines(self, parts: Parts, deadline: float) -> None:
        for engine in parts.engines:  # all at once, since each mostly waits for the disk or the other processor
            self._say(f"{engine.child.name}: starting")
            self._launch(Watched(engine.child, engine.launch))
        self._state.postgres, self._state.databases = parts.shown_dsn, parts.shown_databases
        for engine in parts.engines:
            engine.wait_ready(_left(deadline))
            self._say(f"{engine.child.name}: ready on 127.0.0.1:{engine.port}")

    def _start_services(self, parts: Parts, deadline: float) -> None:
        for child in parts.services.values():
            self._say(f"{child.name}: starting")
            self._launch(Watched(child, child.launch))
        waiting = dict(parts.services)

        def all_ready() -> bool:
            for name in [name for name in waiting if is_ready(service_url(parts.ports[name]))]:
                del waiting[name]
                self._say(f"{name}: ready at {service_url(parts.ports[name])}")
            return not waiting or time.monotonic() > deadline

        self._watch(all_ready)
        for name, child in waiting.items():
            raise StackError(name, f"{name} was not ready in time.{child.excerpt()}")

    def _launch(self, watched: Watched) -> None:
        self._watched.append(watched)
        watched.launch()
        self._remember(watched)

    def _watch(self, enough: Callable[[], bool]) -> None:
        while not enough():
            for watched in self._watched:
                if line := watched.look():
                    self._remember(watched)
                    self._note(line)
            time.sleep(LOOK_EVERY)

    def _end(self, phase: str) -> None:
        """Stop the services together, then the engines one by one, the database last."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._enter("stopping")
        children = {watched.child.name: watched.child for watched in self._watched}
        services = [child for name, child in children.items() if name in self.services]
        engines = [children[name] for name in ("smtp", "kafka", "postgres") if name in children]
        for child in services:
            child.ask_to_stop()
        for child in (*services, *engines):
            self._note(f"{child.name}: stopping")
            child.stop()
        self._state.children, self._state.supervisor = {}, None
        self._state.phase = "failed" if phase == "failed" else "stopped"
        self.folder.write(self._state)
        self._note("stopped")

    def _remember(self, watched: Watched) -> None:
        if watched.child.identity is not None:
            self._state.children[watched.child.name] = watched.child.identity
            self.folder.write(self._state)

    def _enter(self, phase: str) -> None:
        self._state = State.model_validate({**self._state.model_dump(), "phase": phase})
        self.folder.write(self._state)

    def _say(self, line: str) -> None:
        """Tell whoever waits for the start how far it has come."""
        self._state.steps.append(line)
        if self._state.phase != "stopped":
            self.folder.write(self._state)
        self._note(line)

    def _note(self, line: str) -> None:
        self.folder.logs.mkdir(parents=True, exist_ok=True)
        with (self.folder.logs / "supervisor.log").open("a") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")
        self._report(line)


def is_ready(url: str) -> bool:
    """Whether a service says that it is ready."""
    try:
        return request("GET", f"{url}/readyz", {}, timeout=2).is_success
    except NO_ANSWER:
        return False


def _left(deadline: float) -> float:
    return max(1.0, deadline - time.monotonic())


@contextmanager
def _signals_raise(numbers: Iterable[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StopRequested

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
