"""A process takes in no more than it has room for, says so, and takes in more as soon as it can."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request

from shared.http import open_api
from shared.limits import Limits

LIMITS = Limits(body=1000, headers=2000, requests=3, bodies=1500, within=0.3, bytes_per_second=1_000_000)


class Held:
    """A request handler that waits until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.inside = 0


def build(limits: Limits, held: Held) -> FastAPI:
    api = open_api("test", "An application of the tests.", 1, limits)

    @api.post("/hold")
    async def hold(request: Request) -> dict[str, int]:
        body = await request.body()
        held.inside += 1
        await held.go.wait()
        return {"bytes": len(body)}

    @api.get("/livez")
    async def livez() -> dict[str, str]:
        return {}

    return api


@asynccontextmanager
async def serving(held: Held, **changed: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(replace(LIMITS, **changed), held))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, for five seconds at most."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def trickle(pieces: int, pause: Callable[[], Awaitable[Any]]) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield b"x" * 100
        await pause()


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_more_requests_than_there_is_room_for_are_told_when_to_come_back() -> None:
    held = Held()
    async with serving(held) as client:
        inside = [asyncio.create_task(client.post("/hold")) for _ in range(3)]
        await until(lambda: held.inside == 3)

        answer = await client.post("/hold")

        assert refused(answer) == (503, "busy")
        assert int(answer.headers["retry-after"]) >= 1
        held.go.set()
        assert [(await one).status_code for one in inside] == [200] * 3
        assert (await client.post("/hold")).status_code == 200


async def test_a_busy_service_does_not_look_dead() -> None:
    held = Held()
    async with serving(held, requests=1) as client:
        inside = asyncio.create_task(client.post("/hold"))
        await until(lambda: held.inside == 1)

        assert (await client.get("/livez")).status_code == 200

        held.go.set()
        await inside


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
async def test_bodies_beyond_the_room_for_all_together_are_refused_and_the_room_is_given_back(declared: bool) -> None:
    held = Held()

    def body() -> Any:
        return b"x" * 900 if declared else trickle(9, lambda: asyncio.sleep(0))

    async with serving(held) as client:
        inside = asyncio.create_task(client.post("/hold", content=body()))
        await until(lambda: held.inside == 1)

        answer = await client.post("/hold", content=body())

        assert refused(answer) == (503, "busy")
        held.go.set()
        assert (await inside).json() == {"bytes": 900}
        assert (await client.post("/hold", content=body())).json() == {"bytes": 900}


async def test_a_first_body_is_taken_even_where_the_room_is_smaller_than_it() -> None:
    held = Held()
    held.go.set()
    async with serving(held, bodies=10) as client:
        assert (await client.post("/hold", content=b"x" * 900)).status_code == 200


async def test_a_body_that_does_not_arrive_in_time_is_given_up() -> None:
    held = Held()
    held.go.set()
    never = asyncio.Event()
    async with serving(held) as client:
        answer = await client.post("/hold", content=trickle(2, never.wait))

    assert refused(answer) == (408, "too_slow")
    assert answer.headers["connection"] == "close"
    assert held.inside == 0


async def test_a_handler_may_take_longer_than_a_body() -> None:
    held = Held()
    async with serving(held, within=0.05) as client:
        inside = asyncio.create_task(client.post("/hold", content=b"x"))
        await until(lambda: held.inside == 1)
        over = asyncio.get_running_loop().time() + 0.1
        await until(lambda: asyncio.get_running_loop().time() > over)
        held.go.set()

        assert (await inside).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-long": "x" * 2000}, 431, "headers_too_large"),
        ({"content-encoding": "gzip"}, 415, "media_type_unsupported"),
        ({"content-encoding": "br"}, 415, "media_type_unsupported"),
        ({"content-encoding": "identity"}, 200, ""),
        ({"content-length": "1001"}, 413, "too_large"),
        ({"content-length": "-1"}, 413, "too_large"),
    ],
)
async def test_what_headers_say_is_enough_to_refuse(headers: dict[str, str], status: int, code: str) -> None:
    held = Held()
    held.go.set()
    async with serving(held) as client:
        answer = await client.post("/hold", content=b"x", headers=headers)

    assert (answer.status_code, answer.json().get("code", "")) == (status, code)


async def test_every_answer_names_its_request_and_no_client_chooses_the_name() -> None:
    held = Held()
    held.go.set()
    async with serving(held) as client:
        chosen = {"x-request-id": "mine"}
        answers = [await client.post("/hold", headers=chosen), await client.get("/nowhere", headers=chosen)]

    names = [answer.headers["x-request-id"] for answer in answers]
    assert len({UUID(name) for name in names}) == 2
    assert answers[1].json()["instance"] == f"urn:uuid:{names[1]}"


async def test_a_problem_has_all_that_rfc_9457_names() -> None:
    async with serving(Held()) as client:
        answer = await client.put("/hold")

    document = answer.json()
    assert answer.headers["allow"] == "POST"
    assert (document["type"], document["title"], document["status"]) == ("about:blank", "Method Not Allowed", 405)
    assert (document["code"], document["detail"]) == ("method_not_allowed", "Method Not Allowed.")
