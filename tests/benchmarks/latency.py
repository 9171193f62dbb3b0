"""How long it takes from the start of a POST at the door to a mail on the SMTP server's disk, at 200 events/s.

Each event is a flag: it goes through ingest, Kafka, risk, Kafka and notify. A serious one becomes one mail; how many of
them are serious is what tells a usual day from the worst that can be.
"""

import asyncio
import email
import email.policy
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.benchmarks.door import flag, post
from tests.benchmarks.stack import RunningStack

RATE = 200
TICK = 0.01
ARRIVAL_LIMIT = 60.0


@dataclass(slots=True)
class Sent:
    """When the POST of each event began, by the event's number, and how long each POST took; seconds."""

    began: dict[int, float] = field(default_factory=dict)
    posts: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from publication to accepted mail, of a POST alone, and of processor time per event and part."""

    events: int
    mail_every: int
    mail_p50: float
    mail_p99: float
    mail_most: float
    post_p50: float
    post_p99: float
    cpu: dict[str, float]
    faults: tuple[str, ...]


async def measure(stack: RunningStack, numbers: range, mail_every: int) -> Latency:
    """Send the flags of these numbers, each `mail_every`th a serious one, wait for the mails, and compare the two."""
    before = stack.cpu()
    sent = await send(stack, numbers, mail_every)
    arrived = await wait_for_mails(stack.mailbox, {number for number in numbers if number % mail_every == 0})
    cpu = {part: (used - before[part]) / len(sent.began) for part, used in stack.cpu().items()}
    return compare(sent, arrived, cpu, mail_every)


async def wait_for_mails(mailbox: Path, expected: set[int]) -> dict[int, list[float]]:
    """The moments at which mails arrived, once each event has one or the time is over; a digest is no such mail."""
    deadline = time.monotonic() + ARRIVAL_LIMIT
    read: set[Path] = set()
    arrived: dict[int, list[float]] = {}
    while True:
        new = [file for file in mails(mailbox) if file not in read]
        read.update(new)
        for number, moments in arrivals(new).items():
            arrived.setdefault(number, []).extend(moments)
        if expected <= arrived.keys() or time.monotonic() >= deadline:
            return arrived
        await asyncio.sleep(0.1)


async def send(stack: RunningStack, numbers: range, mail_every: int) -> Sent:
    """Send events at the rate, each tick what is due, without waiting for the answers to earlier ones."""
    sent, posts, first = Sent(), set[asyncio.Task[None]](), 0
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        await post(client, stack, [flag(numbers.stop, scale=1)])  # opens the connection, and makes no mail
        began = time.monotonic()
        while first < len(numbers):
            due = min(len(numbers), int((time.monotonic() - began) * RATE) + 1)
            if due > first:
                posts.add(asyncio.create_task(timed_post(client, stack, numbers[first:due], mail_every, sent)))
            first = max(first, due)
            await asyncio.sleep(TICK)
        await asyncio.gather(*posts)
    return sent


async def timed_post(
    client: httpx.AsyncClient, stack: RunningStack, numbers: Sequence[int], mail_every: int, sent: Sent
) -> None:
    """One POST, with the moment it began noted for each of its events."""
    events = [flag(number, scale=1 if number % mail_every else 5) for number in numbers]
    began = time.time()
    await post(client, stack, events)
    sent.posts.append(time.time() - began)
    sent.began |= dict.fromkeys(numbers, began)


def mails(mailbox: Path) -> list[Path]:
    """The messages kept so far."""
    return sorted(mailbox.glob("[0-9]*.eml"))


def arrivals(files: Sequence[Path]) -> dict[int, list[float]]:
    """The moments at which the mails about each event were on the disk: the file takes its name after its contents."""
    found: dict[int, list[float]] = {}
    for file in files:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        said = re.search(r"Example Electronics\s+(\d+)", body.get_content() if body else "")
        if said:
            found.setdefault(int(said[1]), []).append(file.stat().st_ctime)
    return found


def compare(sent: Sent, arrived: dict[int, list[float]], cpu: dict[str, float], mail_every: int) -> Latency:
    """The percentiles, and whether each serious flag became exactly one mail."""
    began = {number: at for number, at in sent.began.items() if number % mail_every == 0}
    counts = Counter(len(arrived.get(number, ())) for number in began)
    delays = sorted(arrived[number][0] - at for number, at in began.items() if number in arrived)
    lost, doubled = counts[0], sum(count for mails, count in counts.items() if mails > 1)
    faults = [f"mail: {lost} events without a mail"] if lost else []
    if doubled:
        faults.append(f"mail: {doubled} events with more than one mail")
    posts = sorted(sent.posts)
    return Latency(
        len(sent.began),
        mail_every,
        percentile(delays, 50),
        percentile(delays, 99),
        percentile(delays, 100),
        percentile(posts, 50),
        percentile(posts, 99),
        cpu,
        tuple(faults),
    )


def percentile(ordered: Sequence[float], part: int) -> float:
    """The value below which so many percent of the ordered values lie; nan where there are none."""
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)] if ordered else float("nan")
