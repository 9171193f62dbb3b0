"""How much one key may send, and how much a process takes in from all of them together."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil
import pytest
import uvicorn

from services.ingest.api import build
from shared.rates import Bucket, Buckets, Rate
from tests.ingest.conftest import BATCHED, Doors, settings_of
from tests.ingest.given import flag

RATE = Rate("requests", per_second=2, at_once=4)
MEBIBYTE = 1024 * 1024


@asynccontextmanager
async def with_settings(doors: Doors, **changed: Any) -> AsyncIterator[Doors]:
    """The same members at doors with other limits."""
    app = build(doors.schema.runtime(settings_of(doors.schema, **changed)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://ingest") as client:
        yield Doors(doors.schema, client, doors.keys)


def test_a_rate_is_spent_at_once_and_comes_back_with_time() -> None:
    bucket = Bucket(RATE, RATE.at_once, at=0.0)

    spent = [bucket.take(1, 0.0) for _ in range(5)]

    assert spent == [0, 0, 0, 0, 0.5]
    assert bucket.take(1, 0.5) == 0
    assert bucket.take(1, 0.6) > 0


def test_what_comes_back_is_no_more_than_there_was() -> None:
    bucket = Bucket(RATE, RATE.at_once, at=0.0)

    assert [bucket.take(1, 1000.0) > 0 for _ in range(5)] == [False] * 4 + [True]


def test_a_batch_larger_than_the_rate_is_slow_and_not_impossible() -> None:
    bucket = Bucket(RATE, RATE.at_once, at=0.0)

    assert bucket.take(100, 0.0) == 0
    assert bucket.take(1, 0.0) == pytest.approx(48.5)
    assert bucket.take(1, 48.5) == 0


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    bucket = Bucket(RATE, RATE.at_once, at=100.0)

    assert bucket.take(1, 50.0) == 0
    assert bucket.level == 3


def test_buckets_that_are_full_again_are_forgotten() -> None:
    buckets = Buckets(RATE, most=2)
    for moment, key in ((0.0, "one"), (9.0, "two"), (10.0, "three")):
        buckets.of(key, moment).take(4, moment)

    assert set(buckets.by_key) == {"two", "three"}


def test_there_are_never_more_buckets_than_there_may_be_and_the_latest_are_kept() -> None:
    buckets = Buckets(RATE, most=4)
    for number in range(50):
        buckets.of(str(number), number / 100).take(4, number / 100)
        assert len(buckets.by_key) <= 4

    assert "49" in buckets.by_key


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(doors: Doors) -> None:
    async with with_settings(doors, requests_at_once=2, requests_per_second=0.1) as limited:
        answers = [await limited.client.get("/registry/members", headers=doors.as_member()) for _ in range(3)]
        other = await limited.client.get("/registry/members", headers=doors.as_member("watch"))

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert 0 < int(answers[2].headers["retry-after"]) <= 10
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=2;w=20'
    assert answers[0].headers["ratelimit"].startswith('"requests";r=1;')
    assert answers[2].headers["ratelimit"].startswith('"requests";r=0;')
    assert other.status_code == 200


async def test_events_are_counted_and_a_refused_batch_leaves_nothing(doors: Doors) -> None:
    async with with_settings(doors, events_at_once=3, events_per_second=0.1) as limited:
        first = await limited.send(*[flag(number) for number in range(5)])
        second = await limited.send(flag(6))

    assert (first.status_code, second.status_code) == (202, 429)
    assert second.json()["detail"].startswith("Too many events")
    assert await doors.count("receipt") == 5


async def test_a_wrong_key_spends_nothing_of_the_right_one(doors: Doors) -> None:
    wrong = {"authorization": f"Bearer {doors.keys['oslo'][:-4]}AAAA"}
    async with with_settings(doors, requests_at_once=1, requests_per_second=0.1) as limited:
        for _ in range(3):
            assert (await limited.client.get("/registry/members", headers=wrong)).status_code == 401
        answer = await limited.client.get("/registry/members", headers=doors.as_member())

    assert answer.status_code == 200


async def test_the_operator_is_not_limited(doors: Doors) -> None:
    async with with_settings(doors, requests_at_once=1, requests_per_second=0.1) as limited:
        answers = [await limited.operate("GET", "/registry/members") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5


@asynccontextmanager
async def listening(doors: Doors) -> AsyncIterator[str]:
    """The doors on a port of this machine, served as the service serves them."""
    app = build(doors.schema.runtime(settings_of(doors.schema)))
    config = uvicorn.Config(app, port=0, log_config=None, h11_max_incomplete_event_size=32 * 1024)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


async def test_memory_stays_bounded_under_two_hundred_large_posts_at_once(doors: Doors) -> None:
    """Each body has 16 MiB: together 3.2 GiB. In hand at a time are 64 MiB, and one body is parsed at a time."""
    headers = doors.as_member() | {"content-type": BATCHED}
    piece = b" " * (64 * 1024)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(256):
            yield piece

    statuses: list[int] = []
    peak = 0
    async with listening(doors) as url:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=120) as client:

            async def post() -> None:
                declared = headers | {"content-length": str(256 * len(piece))}
                statuses.append((await client.post("/events", content=body(), headers=declared)).status_code)

            before = psutil.Process(os.getpid()).memory_info().rss
            posts = [asyncio.create_task(post()) for _ in range(200)]
            while not all(one.done() for one in posts):
                peak = max(peak, psutil.Process(os.getpid()).memory_info().rss)
                await asyncio.sleep(0.02)
            await asyncio.gather(*posts)
            after = await client.get("/registry/members", headers=doors.as_member("watch"))

    assert len(statuses) == 200
    assert set(statuses) <= {400, 503, 429}
    assert statuses.count(503) > 100
    assert after.status_code == 200
    rise = (peak - before) / MEBIBYTE
    print(
        f"resident memory rose by {rise:.0f} MiB, client included; {statuses.count(503)} of 200 were told to come back"
    )
    assert rise < 400


@pytest.mark.parametrize(("size", "status"), [(17 * 1024, 431), (40 * 1024, 431)])
async def test_a_head_beyond_the_limit_is_refused(doors: Doors, size: int, status: int) -> None:
    async with listening(doors) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/registry/members", headers={"x-long": "x" * size})
        after = await client.get("/registry/members", headers=doors.as_member())

    assert (answer.status_code, after.status_code) == (status, 200)
