"""The sender: claims mails, has several under way, and records what came of them.

A claim is committed before the mail server is spoken to, and no transaction is open while it is. A claim that dies with
its process lapses and is sent again under the same Message-ID: the mail may arrive twice, it is never lost.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.notify import domain, outcomes, store
from services.notify.domain import Answer, MailState
from services.notify.mail import Envelope, UnsafeMail, build, read_letter
from services.notify.metrics import MAILS
from services.notify.settings import NotifySettings
from services.notify.smtp import Line, Reply
from services.notify.store import Attempt, Claim
from shared.logs import log
from shared.postgres import borrow, is_transient
from shared.service import Runtime

FIRST_PAUSE = 0.25


@dataclass(slots=True)
class Reach:
    """Whether the mail server can be reached. While it cannot, one mail after a growing pause tries it."""

    longest: float
    failures: int = 0
    closed_until: float = 0.0

    def learn(self, answer: Answer) -> None:
        """Take in what came of a mail; lines that fail together count as one failure."""
        if answer is not Answer.UNREACHABLE:
            self.failures = 0
        elif not self.closed:
            pause = min(self.longest, FIRST_PAUSE * 2 ** min(self.failures, 16))
            self.failures += 1
            self.closed_until = time.monotonic() + pause

    @property
    def closed(self) -> bool:
        return time.monotonic() < self.closed_until


@dataclass(slots=True)
class Sender:
    """Sends for one process. `run` it; when it is cancelled, mails under way are finished and the others released."""

    runtime: Runtime
    settings: NotifySettings
    waiting: "asyncio.Queue[Claim | None]" = field(default_factory=asyncio.Queue)
    under_way: dict[UUID, Claim] = field(default_factory=dict)
    answered: list[tuple[Claim, Reply, float]] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by a line: there is something to record."""
    due: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by each commit in this process, and when there is room again: there may be something to claim."""
    reach: Reach = field(init=False)
    renewed: float = -math.inf
    stopping: bool = False

    def __post_init__(self) -> None:
        self.reach = Reach(self.settings.smtp_reconnect_most)

    async def run(self) -> None:
        """Send until cancelled. What a database or mail server does is waited out."""
        self.runtime.relay.also_woken.append(self.due)
        async with asyncio.TaskGroup() as parts:
            for _ in range(self.settings.smtp_connections):
                parts.create_task(self.work())
            loops = [parts.create_task(self.repeat(step)) for step in (self.hand_out, self.write_down)]
            try:
                await asyncio.wait(loops)
            finally:
                await self.stop(loops)

    async def repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step until the sender stops; while the database is away, try again."""
        while not self.stopping:
            try:
                await step()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("sender interrupted", exc_info=error)
                await asyncio.sleep(0.5)

    async def hand_out(self) -> None:
        """Claim what is due and hand it to the lines; sleep where nothing is."""
        self.due.clear()  # before looking, or a commit in between would be slept over
        await self.keep_claims()
        if not await self.claim():
            await self.rest()

    async def write_down(self) -> None:
        """Record what has been answered, or wait for it."""
        if not await self.settle():
            self.answers.clear()
            await self.answers.wait()

    async def claim(self) -> int:
        """Claim due mails and hand them to the lines; their number. While the server is away, one at a time."""
        room = self.settings.send_batch - len(self.under_way)
        if self.reach.failures:
            room = 0 if self.under_way or self.reach.closed else 1
        if room <= 0:
            return 0
        async with borrow(self.runtime.pool) as tx:
            claims = await store.claim(tx, room, self.settings.mail_domain)
        for claim in claims:
            self.under_way[claim.id] = claim
            self.waiting.put_nowait(claim)
        return len(claims)

    async def settle(self) -> bool:
        """Record answers and publish what is final, in one transaction; they are kept until that has committed."""
        answered = list(self.answered)
        if not answered:
            return False
        attempts = [self.attempt_of(*answer) for answer in answered]
        async with self.runtime.transaction() as tx:
            rows = await outcomes.record(self.runtime, tx, attempts)
        del self.answered[: len(answered)]
        for claim, *_ in answered:
            self.under_way.pop(claim.id, None)
        outcomes.count(rows)
        return True

    def attempt_of(self, claim: Claim, reply: Reply, at: float) -> Attempt:
        """What follows from a reply that came at a moment of the monotonic clock."""
        fate = domain.fate(reply.answer, claim.attempts, claim.age, self.settings.patience)
        return Attempt(claim, reply.answer, reply.code, fate, time.monotonic() - at)

    def answer(self, claim: Claim, reply: Reply) -> None:
        """Take a reply down, to be recorded soon."""
        self.answered.append((claim, reply, time.monotonic()))
        self.answers.set()

    async def keep_claims(self) -> None:
        """Renew the claims under way and let those of dead processes lapse, three times in a lease."""
        if time.monotonic() - self.renewed < self.settings.send_lease / 3:
            return
        own = list(self.under_way)
        async with borrow(self.runtime.pool) as tx:
            if own:
                await store.renew(tx, own)
            for template in await store.lapse(tx, self.settings.send_lease, own):
                MAILS.labels(template, MailState.UNCERTAIN).inc()
        self.renewed = time.monotonic()

    async def rest(self) -> None:
        """Sleep until something in this process has committed, there is room again, or a moment has passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.send_every):
                await self.due.wait()

    async def work(self) -> None:
        """One line: send what is waiting, mail after mail, and hang up when there is nothing for a while."""
        line = Line(self.settings)
        try:
            while (claim := await self.next_claim(line)) is not None:
                self.answer(claim, await self.deliver(line, claim))
        finally:
            await line.close()

    async def next_claim(self, line: Line) -> Claim | None:
        """The next mail; None when the sender stops."""
        if self.waiting.empty():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.settings.smtp_idle):
                    return await self.waiting.get()
            await line.close()
        return await self.waiting.get()

    async def deliver(self, line: Line, claim: Claim) -> Reply:
        """Write one mail and send it."""
        if claim.address is None:
            return Reply(Answer.UNADDRESSED)
        if self.reach.failures and len(self.under_way) > 1:
            return Reply(Answer.NOT_TRIED)
        try:
            mail = write(claim, claim.address, self.settings.mail_from)
        except UnsafeMail as error:
            log.error("mail cannot be written", template=claim.template, reason=str(error))
            return Reply(Answer.UNWRITABLE)
        reply = await line.send(claim.address, mail)
        self.reach.learn(reply.answer)
        return reply

    async def stop(self, loops: Sequence["asyncio.Task[None]"]) -> None:
        """Let both loops end, and drain while there is time; what is left then is found by its lease."""
        self.stopping = True
        self.due.set()
        self.answers.set()
        try:
            async with asyncio.timeout(self.settings.drain_within):
                await asyncio.wait(loops)
                await self.drain()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("mails under way were left to their lease", count=len(self.under_way), exc_info=error)

    async def drain(self) -> None:
        """Finish the mails under way, release those not begun, and record both."""
        while not self.waiting.empty():
            claim = self.waiting.get_nowait()
            if claim is not None:
                self.answer(claim, Reply(Answer.NOT_TRIED))
        for _ in range(self.settings.smtp_connections):
            self.waiting.put_nowait(None)
        while self.under_way:
            self.answers.clear()
            if not await self.settle():
                await self.answers.wait()


def write(claim: Claim, address: str, sender: str) -> bytes:
    """The bytes of a claimed mail, the same at each attempt. Raises UnsafeMail."""
    envelope = Envelope(sender, address, claim.message_id, claim.created_at)
    return build(read_letter(claim.template, claim.variables), envelope)
