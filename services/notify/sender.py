"""The sender: claims mails, has several under way, and records what came of them.

A claim is committed before the mail server is spoken to, and no transaction is open while it is. A claim that dies with
its process lapses and is sent again under the same Message-ID: the mail may arrive twice, it is never lost.
"""

import asyncio
import contextlib
import math
import time
from dataclasses import dataclass, field
from uuid import UUID

from services.notify import domain, outcomes, store
from services.notify.domain import Answer, MailState
from services.notify.metrics import MAILS
from services.notify.rendering import Envelope, UnsafeMail, build, read_letter
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
    answered: list[tuple[Claim, Reply]] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    reach: Reach = field(init=False)
    renewed: float = -math.inf

    def __post_init__(self) -> None:
        self.reach = Reach(self.settings.smtp_reconnect_most)

    async def run(self) -> None:
        """Send until cancelled. What a database or mail server does is waited out."""
        async with asyncio.TaskGroup() as lines:
            for _ in range(self.settings.smtp_connections):
                lines.create_task(self.work())
            try:
                await self.send_for_ever()
            finally:
                await self.stop()

    async def send_for_ever(self) -> None:
        while True:
            try:
                busy = await self.step()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("sender interrupted", exc_info=error)
                await asyncio.sleep(0.5)
            else:
                if not busy:
                    await self.rest()

    async def step(self) -> bool:
        """Record what has been answered, then claim what is due; whether there was anything to do."""
        self.stirred.clear()
        settled = await self.settle()
        await self.keep_claims()
        return bool(await self.claim()) or settled

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
        attempts = [self.attempt_of(claim, reply) for claim, reply in answered]
        async with self.runtime.transaction() as tx:
            rows = await outcomes.record(self.runtime, tx, attempts)
        del self.answered[: len(answered)]
        for claim, _ in answered:
            self.under_way.pop(claim.id, None)
        outcomes.count(rows)
        return True

    def attempt_of(self, claim: Claim, reply: Reply) -> Attempt:
        """What follows from a reply."""
        fate = domain.fate(reply.answer, claim.attempts, claim.age, self.settings.patience)
        return Attempt(claim, reply.answer, reply.code, fate)

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
        """Sleep until a mail is answered, something in this process commits, or a moment has passed."""
        committed = self.runtime.relay.committed
        waits = [asyncio.ensure_future(self.stirred.wait())]
        if not committed.is_set():  # set for long, it means that the relay is away: then only the clock wakes us
            waits.append(asyncio.ensure_future(committed.wait()))
        try:
            await asyncio.wait(waits, timeout=self.settings.send_every, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def work(self) -> None:
        """One line: send what is waiting, mail after mail, and hang up when there is nothing for a while."""
        line = Line(self.settings)
        try:
            while (claim := await self.next_claim(line)) is not None:
                self.answered.append((claim, await self.deliver(line, claim)))
                self.stirred.set()
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

    async def stop(self) -> None:
        """Drain while there is time; what is left then is found by its lease."""
        try:
            async with asyncio.timeout(self.settings.drain_within):
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
                self.answered.append((claim, Reply(Answer.NOT_TRIED)))
        for _ in range(self.settings.smtp_connections):
            self.waiting.put_nowait(None)
        while self.under_way:
            self.stirred.clear()
            if not await self.settle():
                await self.stirred.wait()


def write(claim: Claim, address: str, sender: str) -> bytes:
    """The bytes of a claimed mail, the same at each attempt. Raises UnsafeMail."""
    envelope = Envelope(claim.id, sender, address, claim.message_id, claim.created_at)
    return build(read_letter(claim.template, claim.variables), envelope)
