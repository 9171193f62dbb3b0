"""One run of one peer: started as a process of its own, timed from outside, and its counts judged after it."""

import asyncio
import os
import re
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from dataclasses import dataclass

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.benchmarks.ground import Ground, Peer, ends
from tests.benchmarks.work import FIRST_BATCH

LOOK_EVERY = 0.02
PATIENCE = 30.0
"""Seconds without anything new after which no more is expected of a peer."""
STOP_LIMIT = 20.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a peer gave. A run that lost or doubled anything has faults."""

    peer: str
    events: int
    applied: int
    published: int
    seconds: float
    cpu_seconds: float
    faults: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Events applied and published per second."""
        return self.published / self.seconds if self.seconds > 0 else 0.0

    @property
    def cpu_microseconds(self) -> float:
        """Processor time of the peer's own process per event; it depends less than the rate on what else runs."""
        return self.cpu_seconds / self.events * 1e6


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in a process's life: the clock, and the processor time it has used so far; seconds."""

    clock: float
    cpu: float


async def run_peer(ground: Ground, peer: Peer, name: str) -> Run:
    """Run the peer over its whole input. The clock runs from its first batch in hand until all is in Kafka."""
    await ground.empty(peer)
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        before = await ends(consumer, peer.output)
        process = await start(ground, peer, name)
        try:
            finished = await wait_until_published(consumer, peer, sum(before.values()) + ground.expected(peer), process)
        finally:
            started = await stop(process)
        return await judge(ground, peer, consumer, before, started or finished, finished)
    finally:
        await consumer.stop()


async def start(ground: Ground, peer: Peer, name: str) -> Process:
    """Start the peer's process; its log is in the benchmark's folder."""
    environment = os.environ | {
        "ENGAGE_KAFKA_BOOTSTRAP": ground.bootstrap,
        "ENGAGE_DATABASE_DSN": ground.dsns[peer.name],
        "ENGAGE_HTTP_PORT": "0",
        "BENCHMARK_INPUT": peer.input,
        "BENCHMARK_OUTPUT": peer.output,
        "BENCHMARK_RUN": name,
    }
    with (ground.folder / f"{peer.name}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"tests.benchmarks.{peer.name}", env=environment, stdout=PIPE, stderr=log
        )


async def wait_until_published(consumer: AIOKafkaConsumer, peer: Peer, wanted: int, process: Process) -> Moment:
    """The moment when the peer's topic held what it has to publish, or when no more is to be hoped for."""
    reached, moved = 0, time.monotonic()
    while (now := sum((await ends(consumer, peer.output)).values())) < wanted:
        if now != reached:
            reached, moved = now, time.monotonic()
        if process.returncode is not None or time.monotonic() > moved + PATIENCE:
            break
        await asyncio.sleep(LOOK_EVERY)
    return Moment(time.time(), cpu_seconds(process.pid))


def cpu_seconds(pid: int) -> float:
    """The processor time of a process, 0 where it has ended."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


async def stop(process: Process) -> Moment | None:
    """End the peer in good order, by SIGKILL if it does not; when its first batch was in hand, if it ever was."""
    if process.returncode is None:
        process.terminate()
    try:
        output, _ = await asyncio.wait_for(process.communicate(), STOP_LIMIT)
    except TimeoutError:
        process.kill()
        output, _ = await process.communicate()
    said = re.search(rf"^{FIRST_BATCH} (\S+) (\S+)$", output.decode(), re.MULTILINE)
    return Moment(float(said[1]), float(said[2])) if said else None


async def judge(
    ground: Ground,
    peer: Peer,
    consumer: AIOKafkaConsumer,
    before: dict[TopicPartition, int],
    started: Moment,
    finished: Moment,
) -> Run:
    """Compare what was applied and published with the input, event by event where the peer names the cause."""
    after = await ends(consumer, peer.output)
    applied, wanted = await ground.applied(peer), ground.expected(peer)
    published = sum(after.values()) - sum(before.values())
    faults = [f"applied {applied} of {wanted}"] if applied != wanted else []
    if published != wanted:
        faults.append(f"published {published} of {wanted}")
    if peer.durable and (distinct := len(await causes(consumer, before, after))) != wanted:
        faults.append(f"published consequences of {distinct} events instead of {wanted}")
    seconds, cpu = finished.clock - started.clock, finished.cpu - started.cpu
    return Run(peer.name, wanted, applied, published, seconds, cpu, tuple(faults))


async def causes(
    consumer: AIOKafkaConsumer, before: dict[TopicPartition, int], after: dict[TopicPartition, int]
) -> Counter[bytes]:
    """The events that caused what was published between these offsets, each with how often."""
    consumer.assign(list(after))
    for partition, offset in before.items():
        consumer.seek(partition, offset)
    found, wanted = Counter[bytes](), sum(after.values()) - sum(before.values())
    while found.total() < wanted:
        fetched = await consumer.getmany(timeout_ms=1000)
        for record in (record for part in fetched.values() for record in part):
            found[next(value for name, value in record.headers if name == "ce_causationid")] += 1
    return found
