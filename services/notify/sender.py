"""The sender: claims mails, has several under way, and records what came of them.

A claim is committed before the mail server is spoken to, and no transaction is open while it is. A claim that dies with
its process lapses and is sent again under the same Message-ID: the mail may arrive twice, it is never lost.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from asyncpg import Record

from services.notify import domain, store
from services.notify.domain import Answer, MailState
from services.notify.metrics import DELAY, MAILS
from services.notify.rendering import Envelope, UnsafeMail, build, read_letter
from services.notify.settings import NotifySettings
from services.notify.smtp import Line, Reply
from services.notify.store import Attempt, Claim
from shared.events.envelope import Classification, Event, EventData
from shared.events.notify import NotificationCancelled, NotificationDelivered, NotificationFailed
from shared.logs import log
from shared.postgres import Connection, is_transient
from shared.service import Runtime

FIRST_PAUSE = 0.25


@dataclass(slots=True)
class Reach:
    """Whether the mail server can be reached. While it cannot, one mail after a growing pause tries it."""

    longest: float
    failures: int = 0
    closed_until: float = 0.0

    def learn(self, answers: Sequence[Answer]) -> None:
        """Take in what came of the last mails."""
        if Answer.UNREACHABLE in answers:
            pause = min(self.longest, FIRST_PAUSE * 2 ** min(self.failures, 16))
            self.failures += 1
            self.closed_until = time.monotonic() + pause
        elif any(answer is not Answer.NOT_TRIED for answer in answers):
            self.failures = 0

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
    renewed: float = 0.0

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
                async with asyncio.timeout(self.settings.drain_within):
                    await self.drain()

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
        async with self.runtime.pool.acquire() as tx:
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
        attempts = [attempt_of(claim, reply, self.settings) for claim, reply in answered]
        async with self.runtime.transaction() as tx:
            rows = await record(self.runtime, tx, attempts)
        del self.answered[: len(answered)]
        for claim, _ in answered:
            self.under_way.pop(claim.id, None)
        self.reach.learn([reply.answer for _, reply in answered])
        count(rows)
        return True

    async def keep_claims(self) -> None:
        """Renew the claims under way and let those of dead processes lapse, three times in a lease."""
        if time.monotonic() - self.renewed < self.settings.send_lease / 3:
            return
        own = list(self.under_way)
        async with self.runtime.pool.acquire() as tx:
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
                return await asyncio.wait_for(self.waiting.get(), self.settings.smtp_idle)
            await line.close()
        return await self.waiting.get()

    async def deliver(self, line: Line, claim: Claim) -> Reply:
        """Write one mail and send it."""
        if claim.address is None:
            return Reply(Answer.UNADDRESSED)
        try:
            mail = write(claim, claim.address, self.settings.mail_from)
        except UnsafeMail as error:
            log.error("mail cannot be written", template=claim.template, reason=str(error))
            return Reply(Answer.UNWRITABLE)
        return await line.send(claim.address, mail)

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


def attempt_of(claim: Claim, reply: Reply, settings: NotifySettings) -> Attempt:
    """What follows from a reply."""
    fate = domain.fate(reply.answer, claim.attempts, claim.age, settings.patience)
    return Attempt(claim, reply.answer, reply.code, fate)


async def record(runtime: Runtime, tx: Connection, attempts: Sequence[Attempt]) -> list[Record]:
    """Write what came of attempts and publish each end, once per intent; the rows that changed."""
    rows = await store.settle(tx, attempts)
    ends = {attempt.claim.id: attempt for attempt in attempts}
    outcomes = [outcome(row, data) for row in rows if (data := told(row, ends[row["id"]]))]
    await runtime.publish(tx, outcomes)
    return rows


def outcome(row: Record, data: EventData) -> Event:
    """The event about a mail that has come to its end. Its id tells no time."""
    return Event(
        id=uuid4(),
        source=domain.SOURCE,
        type=data.type,
        subject=domain.lane(row["id"]),
        time=row["at"],
        classification=Classification.OPERATORS,
        data=data,
    )


def told(row: Record, attempt: Attempt) -> EventData | None:
    """What is published of a mail; nothing while it is not at its end."""
    intent, template, attempts, message_id = row["id"], row["template"], row["attempts"], row["message_id"]
    end = attempt.fate.end
    match attempt.fate.state:
        case MailState.SENT:
            return NotificationDelivered(intent=intent, template=template, attempts=attempts, message_id=message_id)
        case MailState.FAILED if end:
            return NotificationFailed(
                intent=intent, template=template, attempts=attempts, reason=end, message_id=message_id
            )
        case MailState.CANCELLED if end:
            return NotificationCancelled(intent=intent, template=template, attempts=attempts, reason=end)
        case _:
            return None


def count(rows: Sequence[Record]) -> None:
    """Tell Prometheus what came of mails."""
    for row in rows:
        MAILS.labels(row["template"], row["state"]).inc()
        if row["delay"] is not None:
            DELAY.labels(row["template"]).observe(max(0.0, row["delay"]))
