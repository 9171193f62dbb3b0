"""The database: one PostgreSQL 18 server on a loopback port, every commit on disk before it is answered."""

import os
import secrets
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import asyncpg
import psutil

from deploy.local.engine import Engine
from deploy.local.errors import StackError
from deploy.local.ports import free_port
from deploy.local.postgres_files import data_name, programs, server_owner
from deploy.local.processes import Child, complete
from deploy.local.servers import DATABASE
from deploy.local.waiting import accepts, run_apart

OPERATOR = "operator"

# Given on the command line, where no later ALTER SYSTEM can weaken them. Parameters stay out of the log: they hold what
# people said.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",  # without DETAIL, which quotes the row that broke a constraint
    "shared_buffers": "128MB",
    "max_connections": "100",
    "checkpoint_timeout": "5min",
    "checkpoint_completion_target": "0.9",
    "max_wal_size": "1GB",
    "min_wal_size": "80MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Engine):
    """One server over one folder. What it committed is there again after `kill` and `start` on the same folder."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.absolute()
        self.port = port or free_port()
        self.data = self.folder / "data"
        self.passfile = self.folder / "pgpass"
        # SIGINT is the fast shutdown: sessions are ended, what was committed is flushed.
        self.child = Child("postgres", [], self.folder / "postgres.log", stop_signal=signal.SIGINT)

    @property
    def dsn(self) -> str:
        """The operator's DSN of the engage database. It names the file with the password, not the password."""
        return self.dsn_of(DATABASE)

    @property
    def admin_dsn(self) -> str:
        """The operator's DSN of the database `postgres`, which exists before anything is provisioned."""
        return self.dsn_of("postgres")

    def dsn_of(self, database: str) -> str:
        """The operator's DSN of a database, without its password."""
        return f"postgresql://{OPERATOR}@127.0.0.1:{self.port}/{database}?passfile={quote(str(self.passfile))}"

    def launch(self) -> None:
        """Begin to start the server and return; the folder is initialised on its first use only."""
        self.folder.mkdir(parents=True, exist_ok=True)
        owner = server_owner(self.data)
        bin_folder = programs(owner is not None)
        if not self.data.exists():
            self._initialise(bin_folder, owner)
        _forget_dead_server(self.data)
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        named = data_name(self.data, owner is not None)
        self.child.command = [str(bin_folder / "postgres"), "-D", named, "-p", str(self.port), *options]
        self.child.folder, self.child.owner = self.data, owner
        self.child.launch()

    def answers(self) -> bool:
        """Whether the operator can log in and run a query."""
        return accepts(self.port) and run_apart(_selects(self.admin_dsn))

    def _initialise(self, bin_folder: Path, owner: tuple[int, int] | None) -> None:
        # Under another name until it is whole, so that a crash here leaves nothing that looks like a database.
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        if owner:
            os.chown(partial, *owner)
        named = data_name(partial, owner is not None)
        command = [
            str(bin_folder / "initdb"),
            "-D",
            named,
            "-U",
            OPERATOR,
            "--pwfile=/dev/stdin",
            "--auth=scram-sha-256",
        ]
        command += [
            "-E",
            "UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        with _Readable(owner, self._new_password()) as password:
            done = complete(command, stdin=password, folder=partial, owner=owner)
        if done.returncode != 0:
            raise StackError("postgres", f"PostgreSQL could not initialise {partial}:\n{done.stdout}{done.stderr}")
        partial.rename(self.data)

    def _new_password(self) -> str:
        password = secrets.token_urlsafe(32)
        self.passfile.unlink(missing_ok=True)
        with os.fdopen(os.open(self.passfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"127.0.0.1:*:*:{OPERATOR}:{password}\n")
            file.flush()
            os.fsync(file.fileno())
        return password


class _Readable:
    """A pipe with a text in it that the server's user may open by name: initdb reads the password from a named file."""

    def __init__(self, owner: tuple[int, int] | None, text: str) -> None:
        self.read_end, write_end = os.pipe()
        if owner:
            os.fchown(self.read_end, *owner)
        os.write(write_end, text.encode())
        os.close(write_end)

    def __enter__(self) -> int:
        return self.read_end

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.read_end)


def _forget_dead_server(data: Path) -> None:
    """Remove a lock file whose process is no PostgreSQL: the server would take a stranger with its id for a server."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    first = lock.read_text().partition("\n")[0]
    with suppress(ValueError, psutil.NoSuchProcess):  # an unreadable file or a gone process: nothing holds the folder
        if psutil.Process(int(first)).name() == "postgres":
            return
    lock.unlink()


async def _selects(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        return False
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        await connection.close()
