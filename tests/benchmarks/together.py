"""How many events per second the four services take together under an import-like load, and their memory after it.

Disclosures that their source has published: `ingest` registers suppliers and sites, `risk` assesses, `notify` collects.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

import deploy
from tests.benchmarks.door import disclosure, post
from tests.benchmarks.stack import RunningStack, bearer, metrics, total

BATCH = 500
APPLIED = r"engage_events_consumed_total\{outcome=applied,topic=members\.disclosure\}"
ANYTHING_APPLIED = r"engage_events_consumed_total\{outcome=applied,"
WAITING = r"engage_(outbox_pending_events|consumer_lag_events)"
READERS = ("risk", "notify")
LIMIT = 120.0
GOODS = Path(deploy.__file__).parent / "demo" / "ilab_goods_2022.csv"
LOOK_EVERY = 0.25  # seconds; a look costs each service some queries


@dataclass(frozen=True, slots=True)
class Together:
    """What the services did with the load; seconds from the first POST, memory in bytes."""

    events: int
    posted_after: float
    applied_after: float
    consumed: int
    memory: dict[str, int]
    faults: tuple[str, ...]


async def measure(stack: RunningStack, count: int) -> Together:
    """Post the disclosures and wait until every reader has applied them and nothing is left in a queue."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        await load_facts(client, stack)
        before, consumed = await applied(client, stack), await consumed_by_all(client, stack)
        began = time.monotonic()
        for first in range(0, count, BATCH):
            await post(client, stack, [disclosure(number) for number in range(first, min(count, first + BATCH))])
        posted = time.monotonic() - began
        while not await settled(client, stack, before, count) and time.monotonic() - began < LIMIT:
            await asyncio.sleep(LOOK_EVERY)
        took = time.monotonic() - began
        after = await applied(client, stack)
        faults = [
            f"{reader} applied {after[reader] - before[reader]} of {count} disclosures"
            for reader in READERS
            if after[reader] - before[reader] != count
        ]
        consumed = await consumed_by_all(client, stack) - consumed
        return Together(count, posted, took, consumed, stack.memory(), tuple(faults))


async def load_facts(client: httpx.AsyncClient, stack: RunningStack) -> None:
    """Give `risk` the goods list that the demo uses, so that it has something to say of each site."""
    about = {"format": "ilab-goods", "source": "US Department of Labor, ILAB", "edition": "2022"}
    answer = await client.post(
        f"{stack.url('risk')}/facts", params=about, content=GOODS.read_bytes(), headers=bearer(stack.operator_key)
    )
    answer.raise_for_status()


async def applied(client: httpx.AsyncClient, stack: RunningStack) -> dict[str, int]:
    """How many disclosures each reader has applied since it was started."""
    return {reader: total(await metrics(client, stack, reader), APPLIED) for reader in READERS}


async def consumed_by_all(client: httpx.AsyncClient, stack: RunningStack) -> int:
    """How many events of any kind all services have applied since they were started."""
    return sum([total(await metrics(client, stack, name), ANYTHING_APPLIED) for name in stack.state.services])


async def settled(client: httpx.AsyncClient, stack: RunningStack, before: dict[str, int], count: int) -> bool:
    """Whether every reader has applied `count` more than before, with no lag and no outbox in any service."""
    for reader, done in (await applied(client, stack)).items():
        if done - before[reader] < count:
            return False
    return not any([total(await metrics(client, stack, name), WAITING) for name in stack.state.services])
