"""A mail server that sends nothing on: it keeps each message as a file, and only then says that it has it.

python -m deploy.local.smtp --host 127.0.0.1 --port 2525 --mailbox FOLDER
"""

import argparse
import asyncio
import itertools
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.engine import Engine
from deploy.local.ports import free_port
from deploy.local.processes import Child
from deploy.local.waiting import accepts

WRITERS = 8  # threads that wait for the disk at the same time, so that one slow write holds up no other message


class Mailbox:
    """A folder of `.eml` files whose names sort by arrival; above each message stand its envelope's addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count()

    def keep(self, sender: str, recipients: list[str], content: bytes) -> Path:
        """Write one message; it is on the disk, name and all, when this returns. Raises OSError if it cannot."""
        name = f"{time.time_ns():020d}-{next(self._numbers):06d}.eml"
        partial, final = self.folder / f".{name}", self.folder / name
        envelope = f"X-Envelope-From: {sender or '<>'}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        try:
            _write(partial, envelope.encode() + content)
            partial.rename(final)
        finally:
            partial.unlink(missing_ok=True)
        self._sync_folder()
        return final

    def messages(self) -> list[Path]:
        """The files of all messages kept, first come first."""
        return sorted(self.folder.glob("[0-9]*.eml"))

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class Sink:
    """The server inside a running event loop: `async with Sink(folder) as sink`, then speak SMTP to `sink.port`."""

    def __init__(self, mailbox: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.mailbox = Mailbox(mailbox)
        self.host = host
        self.port = port
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="mailbox")
        self._server: asyncio.Server | None = None

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self,
        server: SMTP,  # noqa: ARG002 - part of its call
        session: Session,  # noqa: ARG002 - part of its call
        envelope: Envelope,
    ) -> str:
        """Keep the message, then accept it; a full or failing disk is a temporary refusal: the sender tries again."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        keep = (envelope.mail_from or "", list(envelope.rcpt_tos), content)
        try:
            await asyncio.get_running_loop().run_in_executor(self._writers, self.mailbox.keep, *keep)
        except OSError:
            return "451 4.3.0 The message could not be stored, try again later"
        return "250 2.0.0 Kept"

    async def start(self) -> None:
        """Listen; the port that was picked is in `port`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening; every message that was accepted is kept already."""
        if self._server is not None:
            self._server.close()
        self._writers.shutdown(wait=True)

    async def __aenter__(self) -> "Sink":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _session(self) -> SMTP:
        return SMTP(self, hostname="localhost", ident="Engage mail sink", enable_SMTPUTF8=True)


class Smtp(Engine):
    """The server as a process of its own, in the same manner as the broker and the database."""

    def __init__(self, mailbox: Path, log: Path, port: int | None = None) -> None:
        self.mailbox = mailbox.absolute()
        self.host = "127.0.0.1"
        self.port = port or free_port()
        options = ["--host", self.host, "--port", str(self.port), "--mailbox", str(self.mailbox)]
        self.child = Child("smtp", [sys.executable, "-m", "deploy.local.smtp", *options], log, grace=5)

    def launch(self) -> None:
        """Begin to start the server and return."""
        self.child.launch()

    def answers(self) -> bool:
        """Whether the server accepts connections."""
        return accepts(self.port)


async def serve(host: str, port: int, mailbox: Path) -> None:
    """Run the server until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Sink(mailbox, host, port):
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Keep each mail as a file before accepting it.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mailbox", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.host, options.port, options.mailbox))


if __name__ == "__main__":
    main()
