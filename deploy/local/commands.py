"""What people type to run the system on one machine: `engage up`, `engage down`, `engage status`."""

import subprocess
import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.access import access
from deploy.local.errors import StackError
from deploy.local.processes import last_lines
from deploy.local.state import AlreadyRunningError, State, StateFolder, log_of
from deploy.local.status import Status, status_of
from deploy.local.waiting import becomes_true

STOP_LIMIT = 90.0  # seconds: services, mail, broker and database one after the other, each with its own grace


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.command()(up)
    app.command()(down)
    app.command()(status)
    app.command("migrate")(set_up)
    app.command()(access)


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready; it goes on running.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds until everything must be ready.")] = 180.0,
) -> None:
    """Start Kafka, Postgres, a mail sink and the four services, and keep them running.

    Example: `engage up --detach`; a second stack beside it: `ENGAGE_STATE=/some/folder engage up --detach`
    """
    console, folder = Console(highlight=False), StateFolder()
    folder.claim()
    try:
        code = _up_detached(console, folder, timeout) if detach else _up_here(console, folder, timeout)
    except AlreadyRunningError:
        code = _join(console, folder, timeout)
    except StackError as error:
        code = _failed(console, folder, error.part, str(error))
    raise typer.Exit(code)


def down() -> None:
    """Stop what `engage up` started. The data stay.

    Example: `engage down`
    """
    console, folder = Console(highlight=False), StateFolder()
    try:
        left = _end_leftovers(folder)
    except AlreadyRunningError:
        raise typer.Exit(_stop_supervisor(console, folder)) from None
    told = f"Ended what a killed supervisor had left: {', '.join(left)}." if left else "Nothing runs here."
    console.print(told, markup=False, soft_wrap=True)


def set_up() -> None:
    """Set up engines of your own: roles, schemas, migrations and secrets in Postgres, topics in Kafka.

    For a deployment that others operate, such as compose.yaml; `engage up` does it by itself. Needs ENGAGE_POSTGRES_DSN
    (an administrator's) and ENGAGE_KAFKA_BOOTSTRAP; secrets are written below ENGAGE_STATE. Safe to repeat.
    ENGAGE_REMEDY_POSTGRES_DSN puts cases and their keys on a server of their own, ENGAGE_KEYS_POSTGRES_DSN the keys.

    Example: `ENGAGE_KAFKA_BOOTSTRAP=kafka:9092 ENGAGE_POSTGRES_DSN=postgresql://admin@db/postgres engage migrate`
    """
    from deploy.local.migrate import prepare  # noqa: PLC0415 - the other commands start without a Kafka client

    console = Console(highlight=False)
    try:
        prepare(StateFolder(), lambda line: console.print(line, markup=False))
    except StackError as error:
        Console(stderr=True, highlight=False).print(str(error), markup=False)
        raise typer.Exit(1) from None


def status(json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Say what runs, where, and how far behind it is. The exit code is 0 when all is ready, else 1.

    Example: `engage status --json`
    """
    current = status_of(StateFolder())
    if json:
        print(current.model_dump_json(indent=2))
    else:
        _print_table(Console(highlight=False), current)
    raise typer.Exit(0 if current.ready else 1)


def _up_here(console: Console, folder: StateFolder, timeout: float) -> int:
    from deploy.local.stack import Stack  # noqa: PLC0415 - as above

    progress = _Progress(console)

    def report(line: str) -> None:
        progress.tell(line)
        if line == "ready":
            progress.close()
            _print_ready(console, folder)
            console.print("Ctrl-C stops everything; the data stay.", markup=False, soft_wrap=True)

    try:
        Stack(folder, report=report).run(timeout)
    finally:
        progress.close()
    return 0


def _up_detached(console: Console, folder: StateFolder, timeout: float) -> int:
    if folder.is_held():
        raise AlreadyRunningError
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.logs.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "deploy.local", "--state", str(folder.path), "--timeout", str(timeout)]
    with (folder.logs / "supervisor.log").open("ab") as log:
        supervisor = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        state = _follow(console, folder, supervisor)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait(STOP_LIMIT)
        return 130
    if state is None:
        return _failed(console, folder, "supervisor", f"the supervisor ended with code {supervisor.returncode}.")
    if state.phase != "ready":
        return _failed(console, folder, state.failed_part or "supervisor", state.failure or "it was stopped.")
    _print_ready(console, folder)
    return 0


def _follow(console: Console, folder: StateFolder, supervisor: "subprocess.Popen[bytes]") -> State | None:
    """Show the supervisor's steps until it is ready or has ended; None when it ended without a word in the state."""
    progress, shown, seen = _Progress(console), 0, False
    try:
        while True:
            ended = supervisor.poll() is not None
            state = folder.read()
            seen = seen or (state.supervisor is not None and state.supervisor.pid == supervisor.pid)
            if seen:
                for line in state.steps[shown:]:
                    progress.tell(line)
                shown = len(state.steps)
            if ended:
                return state if seen else None
            if seen and state.phase == "ready":
                return state
            time.sleep(0.1)
    finally:
        progress.close()


def _join(console: Console, folder: StateFolder, timeout: float) -> int:
    """Another supervisor runs on this folder: say so, and wait with it if it is still starting."""
    console.print(f"Already running in {folder.path}.", markup=False, soft_wrap=True)
    becomes_true(lambda: folder.read().phase != "starting" or not folder.is_held(), timeout)
    current = status_of(folder)
    _print_table(console, current)
    return 0 if current.ready else 1


def _end_leftovers(folder: StateFolder) -> list[str]:
    if not folder.path.exists():
        return []
    with folder.held():
        return folder.end_leftovers()


def _stop_supervisor(console: Console, folder: StateFolder) -> int:
    supervisor = folder.read().supervisor
    if supervisor is not None:
        supervisor.end(STOP_LIMIT)
    if not becomes_true(lambda: not folder.is_held(), 5.0):
        console.print(
            f"The supervisor of {folder.path} does not stop; its log is {log_of(folder, 'supervisor')}.", markup=False
        )
        return 1
    console.print("Stopped. The data stay; `engage up` goes on with them.", markup=False, soft_wrap=True)
    return 0


def _failed(console: Console, folder: StateFolder, part: str, message: str) -> int:
    console.print(f"{part} failed: {message}", markup=False, soft_wrap=True, style="red")
    log = log_of(folder, part)
    if str(log) not in message and log.exists():
        console.print(f"The last lines of {log}:\n{last_lines(log)}", markup=False, soft_wrap=True)
    return 1


def _print_ready(console: Console, folder: StateFolder) -> None:
    _print_table(console, status_of(folder))
    console.print(
        "Next: `engage status`, `engage --help`; `engage down` stops it and keeps the data.",
        markup=False,
        soft_wrap=True,
    )


def _print_table(console: Console, current: Status) -> None:
    table = Table("part", "ready", "where", "process", "lag", "outbox", "dead letters", box=None, pad_edge=False)
    for name, service in current.services.items():
        numbers = (service.pid, service.lag, service.outbox, service.dead_letters)
        pid, *counts = ("-" if number is None else str(number) for number in numbers)
        table.add_row(name, "yes" if service.ready else "no", service.url or "-", pid, *counts)
    console.print(table)
    console.print(f"kafka     {current.kafka.bootstrap or '-'}", markup=False, soft_wrap=True)
    console.print(f"postgres  {current.postgres.dsn or '-'}", markup=False, soft_wrap=True)
    for dsn in current.postgres.databases.values():
        console.print(f"          {dsn}", markup=False, soft_wrap=True)
    console.print(
        f"mail      {current.smtp.mailbox} (SMTP on port {current.smtp.port or '-'})", markup=False, soft_wrap=True
    )


class _Progress:
    """Plain lines, each with the seconds since the start; at a terminal the current one also turns a wheel."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._wheel = console.status("starting") if console.is_terminal else None
        if self._wheel:
            self._wheel.start()

    def tell(self, line: str) -> None:
        self._console.print(f"{time.monotonic() - self._began:6.1f} s  {line}", markup=False, soft_wrap=True)
        if self._wheel:
            self._wheel.update(line.partition("\n")[0])

    def close(self) -> None:
        if self._wheel:
            self._wheel.stop()
            self._wheel = None
