"""What one process takes in at a time, so that its memory stays bounded whatever clients send, declare or hold back."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "engage.request_id"
ADDED_HEADERS = "engage.added_headers"
"""In a request's scope: its id, and headers (a dict) that its answer carries whichever it is."""
MEBIBYTE = 1024 * 1024
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Answered also when nothing else is: a busy service must not look dead."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, seconds and numbers of requests; the defaults are ours.

    `bodies` bounds all bodies in hand together. A body may take `within`, and longer while it arrives at
    `bytes_per_second`.
    """

    body: int
    headers: int = 16 * 1024
    requests: int = 200
    bodies: int = 64 * MEBIBYTE
    within: float = 20
    bytes_per_second: int = 32 * 1024


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not taken. It `closes` the connection where nobody would wait for the rest of the body."""

    status: int
    code: str
    detail: str
    retry_after: int = 0
    closes: bool = False


class Refused(Exception):
    """Ends the reading of a body; what the application makes of it is held back."""


Answering = Callable[[Scope, Refusal], Awaitable[ASGIApp]]
BUSY = Refusal(503, "busy", "Too much is being taken in at this moment: send the same again later.", retry_after=1)
SLOW = Refusal(408, "too_slow", "The body did not arrive in time: send the same again.", closes=True)
COMPRESSED = Refusal(415, "media_type_unsupported", "Send the body uncompressed, without Content-Encoding.")


class Admission:
    """Refuses what there is no room for, at first sight or while a body arrives; gives each request its id.

    A body counts with its declared length from the start, else as it arrives. A first body is always taken.
    """

    def __init__(self, app: ASGIApp, limits: Limits, answer: Answering) -> None:
        self.app = app
        self.limits = limits
        self.answer = answer
        self.requests = 0
        self.bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[REQUEST_ID], scope[ADDED_HEADERS] = uuid4(), {}
        arriving = Arriving(self, scope, receive, send)
        if scope["path"] in PROBES:
            await self.app(scope, receive, arriving.send_named)
            return
        self.requests += 1
        try:
            await arriving.pass_on()
        finally:
            self.requests -= 1
            self.bytes -= arriving.reserved

    def too_large(self) -> Refusal:
        return Refusal(413, "too_large", f"At most {self.limits.body} bytes are taken at once.")


class Arriving:
    """One request while it is taken in."""

    def __init__(self, admission: Admission, scope: Scope, receive: Receive, send: Send) -> None:
        self.admission = admission
        self.scope = scope
        self.receive = receive
        self.send = send
        self.began = asyncio.get_running_loop().time()
        self.received = 0
        self.reserved = 0
        self.complete = False
        self.answering = False
        self.refusal: Refusal | None = None

    async def pass_on(self) -> None:
        """Let the application have the request, or answer why not."""
        self.refusal = self.at_first_sight()
        if self.refusal is None:
            with contextlib.suppress(Refused):
                await self.admission.app(self.scope, self.receive_within_limits, self.send_unless_refused)
        if self.refusal is not None:
            answer = await self.admission.answer(self.scope, self.refusal)
            await answer(self.scope, self.receive, self.send_named)

    def at_first_sight(self) -> Refusal | None:
        """What is wrong before anything of the body was read; room for a declared body is reserved."""
        limits, headers = self.admission.limits, Headers(scope=self.scope)
        if self.admission.requests > limits.requests:
            return BUSY
        if sum(len(name) + len(value) for name, value in self.scope["headers"]) > limits.headers:
            return Refusal(431, "headers_too_large", f"At most {limits.headers} bytes of headers are taken.")
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            return COMPRESSED
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limits.body:
            return self.admission.too_large()
        return None if self.reserve(int(declared)) else BUSY

    def reserve(self, total: int) -> bool:
        """Whether there is room for this many bytes of this body in all, which is then taken."""
        more = max(0, total - self.reserved)
        others = self.admission.bytes - self.reserved
        if others > 0 and self.admission.bytes + more > self.admission.limits.bodies:
            return False
        self.admission.bytes += more
        self.reserved += more
        return True

    async def receive_within_limits(self) -> Message:
        """The next part of the body. Raises Refused, once and again, where it does not go on."""
        if self.complete or self.answering:
            return await self.receive()
        limits = self.admission.limits
        deadline = self.began + limits.within + self.received / limits.bytes_per_second
        try:
            async with asyncio.timeout_at(deadline):
                message = await self.receive()
        except TimeoutError:
            raise self.refuse(SLOW) from None
        self.received += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        if self.received > limits.body:
            raise self.refuse(self.admission.too_large())
        if not self.reserve(self.received):
            raise self.refuse(BUSY)
        return message

    def refuse(self, refusal: Refusal) -> Refused:
        self.refusal = self.refusal or refusal
        return Refused()

    async def send_unless_refused(self, message: Message) -> None:
        if self.refusal is None:
            self.answering = True
            await self.send_named(message)

    async def send_named(self, message: Message) -> None:
        """Send, with the request's id and what else was added to its headers."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = str(self.scope[REQUEST_ID])
            headers.update(self.scope[ADDED_HEADERS])
        await self.send(message)
