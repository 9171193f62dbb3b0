"""A mail server that does as it is told: refuses, defers, hangs up before or after the dot, or accepts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.smtp import SMTP, Envelope, Session

ACCEPT = "250 2.0.0 Kept"
HANG_UP = "hang up"
"""As a reply: close the connection without one."""


@dataclass
class Post:
    """What the server does: replies by recipient, used up one after the other; then it accepts."""

    at_recipient: dict[str, list[str]] = field(default_factory=dict)
    at_dot: dict[str, list[str]] = field(default_factory=dict)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    """Recipient and Message-ID of each mail accepted, in order."""
    seen: list[tuple[str, str]] = field(default_factory=list)
    """The same of each mail that came to its dot, whatever the reply."""
    connections: int = 0
    gate: asyncio.Event | None = None
    """While it is there and not set, every dot waits for it."""

    async def handle_RCPT(  # noqa: N802 -- the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Sequence[str]
    ) -> str:
        reply = pop(self.at_recipient, address)
        if reply == HANG_UP:
            cut(server)
        if reply == ACCEPT:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 -- the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = (envelope.rcpt_tos[0], str(message_from_bytes(content)["Message-ID"]))
        self.seen.append(mail)
        if self.gate is not None:
            await self.gate.wait()
        reply = pop(self.at_dot, mail[0])
        if reply == HANG_UP:
            cut(server)
        if reply == ACCEPT:
            self.accepted.append(mail)
        return reply

    def session(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="localhost")


def pop(replies: dict[str, list[str]], address: str) -> str:
    """The next reply to a recipient."""
    waiting = replies.get(address)
    return waiting.pop(0) if waiting else ACCEPT


def cut(session: SMTP) -> None:
    """Close a connection as a broken network does: without a word."""
    if isinstance(session.transport, asyncio.Transport):
        session.transport.abort()


@asynccontextmanager
async def serving(post: Post, port: int = 0) -> AsyncIterator[int]:
    """The server on a port of this machine; it and its connections are gone afterwards."""
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(post.session())
        return sessions[-1]

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in sessions:
            cut(one)


async def until(true: Callable[[], object], limit: float = 20.0) -> None:
    """Wait for something to become true. Raises TimeoutError after `limit` seconds."""
    async with asyncio.timeout(limit):
        while not true():
            await asyncio.sleep(0.01)
