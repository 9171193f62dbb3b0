"""A service says when it can work, and ends itself when it should move and does not."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.local.kafka import Kafka
from deploy.local.ports import free_port
from shared.health import Health
from tests.conftest import Schema
from tests.shared.chain import (
    Member,
    create_topics,
    eventually,
    has_effects,
    linked,
    produce,
    running,
    settings_for,
    status,
    upstream,
)


async def readiness(url: str) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=10) as client:
        found: dict[str, Any] = (await client.get(f"{url}/readyz")).json()
        return found


@contextlib.asynccontextmanager
async def database_away(schema: Schema) -> AsyncIterator[None]:
    """For this service the database takes no connection, and those it has are cut."""
    operator = await asyncpg.connect(schema.operator_dsn)
    try:
        await operator.execute(f"ALTER ROLE {schema.service} CONNECTION LIMIT 0")
        await operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", schema.service
        )
        yield
    finally:
        await operator.execute(f"ALTER ROLE {schema.service} CONNECTION LIMIT -1")
        await operator.close()


async def test_a_service_is_ready_only_once_it_has_its_partitions(
    kafka: str, first: Schema, dead_letter_topics: None
) -> None:
    member = Member(f"m{uuid4().hex[:12]}")
    async with running(upstream(member), settings_for(first, kafka)) as service:
        assert await status(f"{service.url}/livez") == 200
        assert await status(f"{service.url}/readyz") == 503
        assert (await readiness(service.url))["lag"] is None

        await create_topics(kafka, [member.incoming, member.outgoing])

        await eventually(lambda: is_ready(service.url))


async def is_ready(url: str) -> bool:
    return await status(f"{url}/readyz") == 200


async def test_a_process_that_stands_by_without_a_partition_is_ready(kafka: str, first: Schema) -> None:
    member = Member(f"m{uuid4().hex[:12]}")
    await create_topics(kafka, [member.incoming, member.outgoing], partitions=1)
    async with (
        running(upstream(member), settings_for(first, kafka)) as one,
        running(upstream(member), settings_for(first, kafka)) as other,
    ):
        await eventually(lambda: is_ready(other.url))  # it has joined, so one of the two is left without
        await eventually(lambda: is_ready(one.url))
        await eventually(lambda: is_ready(other.url))


async def test_a_service_is_not_ready_while_its_database_is_away_and_goes_on_when_it_is_back(
    kafka: str, member: Member, first: Schema
) -> None:
    async with running(upstream(member), settings_for(first, kafka)) as service:
        await eventually(lambda: is_ready(service.url))
        async with database_away(first):
            await produce(kafka, member.incoming, [linked(member, "a", n, n) for n in (1, 2, 3)])
            await eventually(lambda: is_not_ready(service.url))
            assert (await readiness(service.url))["database"] is False
            assert await status(f"{service.url}/livez") == 200

        await eventually(lambda: has_effects(first, member.incoming, {"a": [1, 2, 3]}))
        await eventually(lambda: is_ready(service.url))


async def is_not_ready(url: str) -> bool:
    return await status(f"{url}/readyz") == 503


class Deaf:
    """A subscription whose consumer has no answer from Kafka any more."""

    last_progress = 0.0

    async def lag(self) -> int | None:
        raise TimeoutError


class Ended(BaseException):
    """What the end of the process is in a test."""


async def test_a_process_that_alone_does_not_hear_kafka_ends_itself(
    kafka: str, first: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(_code: int) -> None:
        raise Ended

    monkeypatch.setattr("shared.health.os._exit", end)
    deaf: Any = Deaf()
    health = Health(first.service, first.pool, [deaf], settings_for(first, kafka, stuck_after=1))

    with pytest.raises(Ended):
        async with asyncio.timeout(20):
            await health.watch()


async def test_a_process_waits_while_kafka_answers_nobody(first: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr("shared.health.os._exit", ended.append)
    deaf: Any = Deaf()
    health = Health(first.service, first.pool, [deaf], settings_for(first, f"127.0.0.1:{free_port()}", stuck_after=1))
    health.heard = time.monotonic() - 3600

    await health.require_hearing(await health.look())

    assert ended == []
    assert health.heard > time.monotonic() - 60


async def test_readiness_and_metrics_tell_what_waits(kafka: str, member: Member, first: Schema) -> None:
    async with running(upstream(member), settings_for(first, kafka)) as service:
        await produce(kafka, member.incoming, [linked(member, "a", 2, 2), linked(member, "a", 3, 3)])
        await eventually(lambda: first.rows("SELECT * FROM inbox_parked"))
        await eventually(lambda: is_ready(service.url))

        found = await readiness(service.url)
        metrics = (await httpx.AsyncClient().get(f"{service.url}/metrics")).text

    assert {name: found[name] for name in ("lag", "outbox", "dead_letters", "parked")} == {
        "lag": 0,
        "outbox": 0,
        "dead_letters": 0,
        "parked": 2,
    }
    assert "engage_parked_events 2.0" in metrics
    assert 'topic="member.{id}.disclosure"' in metrics
    assert member.name not in metrics


@pytest.fixture
def log(tmp_path: Path) -> Iterator[BinaryIO]:
    """A file for what another process logs: a pipe that nobody reads would stop it."""
    with (tmp_path / "log").open("wb") as file:
        yield file


@contextlib.asynccontextmanager
async def own_process(
    schema: Schema, bootstrap: str, member: Member, kind: str, log: BinaryIO, stuck_after: int = 1
) -> AsyncIterator[tuple["asyncio.subprocess.Process", str]]:
    """The service in a process of its own, with a watchdog in a hurry."""
    port = free_port()
    environment = {
        **os.environ,
        "ENGAGE_KAFKA_BOOTSTRAP": bootstrap,
        "ENGAGE_DATABASE_DSN": schema.dsn.get_secret_value(),
        "ENGAGE_HTTP_PORT": str(port),
        "ENGAGE_STUCK_AFTER": str(stuck_after),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.shared.lone_service",
        member.name,
        kind,
        env=environment,
        cwd=Path(__file__).parents[2],
        stderr=log,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_process_that_makes_no_progress_with_events_waiting_ends_itself(
    kafka: str, member: Member, first: Schema, log: BinaryIO
) -> None:
    await produce(kafka, member.incoming, [linked(member, "a", 1, 1)])
    async with own_process(first, kafka, member, "hanging", log) as (process, _):
        async with asyncio.timeout(60):
            await process.wait()

    assert process.returncode == 70
    assert json.loads(Path(log.name).read_text().splitlines()[-1])["event"] == "no progress with events waiting"


async def lives_for(process: "asyncio.subprocess.Process", seconds: float) -> None:
    """Wait so long, and see that it still runs."""
    since = time.monotonic()
    await eventually(lambda: process.returncode is not None or time.monotonic() > since + seconds)
    assert process.returncode is None


async def meanwhile(process: "asyncio.subprocess.Process", holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds; fails at once where the process has ended."""

    async def holds_or_ended() -> bool:
        return process.returncode is not None or await holds()

    await eventually(holds_or_ended, within=60)
    assert process.returncode is None


async def test_a_process_lives_on_while_idle_and_while_its_database_is_away_and_ends_well_when_asked(
    kafka: str, member: Member, first: Schema, log: BinaryIO
) -> None:
    async with own_process(first, kafka, member, "good", log, stuck_after=4) as (process, url):
        await meanwhile(process, lambda: is_ready(url))
        await lives_for(process, 6)
        await produce(kafka, member.incoming, [linked(member, "a", 1, 1)])
        await meanwhile(process, lambda: has_effects(first, member.incoming, {"a": [1]}))

        async with database_away(first):
            await produce(kafka, member.incoming, [linked(member, "a", 2, 2)])
            await lives_for(process, 6)
        await meanwhile(process, lambda: has_effects(first, member.incoming, {"a": [1, 2]}))

        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0


async def test_a_process_lives_on_while_kafka_is_away_and_goes_on_when_it_is_back(
    kafka: str, kafka_server: Kafka, member: Member, first: Schema, log: BinaryIO
) -> None:
    async with own_process(first, kafka, member, "good", log, stuck_after=12) as (process, url):
        await meanwhile(process, lambda: is_ready(url))
        await produce(kafka, member.incoming, [linked(member, "a", 1, 1)])
        await meanwhile(process, lambda: has_effects(first, member.incoming, {"a": [1]}))

        kafka_server.kill()
        await lives_for(process, 14)
        kafka_server.launch()
        await asyncio.to_thread(kafka_server.wait_ready)
        await produce(kafka, member.incoming, [linked(member, "a", 2, 2)])

        await meanwhile(process, lambda: has_effects(first, member.incoming, {"a": [1, 2]}))
        assert process.returncode is None
