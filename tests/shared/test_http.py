"""HTTP as every service speaks it: limits hold, keys are asked for, and no answer repeats what was sent."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, SecretStr

from shared.http import Fault, Problem, bearer, digest, open_api, require_key

CANARY = "canary-9a7f"
LIMIT = 1_000


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    age: int


def build() -> FastAPI:
    api = open_api("test", "An application of the tests.", LIMIT)

    @api.post("/raw")
    async def raw(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @api.post("/person")
    async def person(person: Person) -> dict[str, int]:
        return {"age": person.age}

    @api.get("/secret")
    async def secret(request: Request) -> dict[str, str]:
        require_key(request, SecretStr(digest("the key")))
        return {"key": digest(bearer(request))[:6]}

    @api.get("/unavailable")
    async def unavailable() -> None:
        raise asyncpg.TooManyConnectionsError(CANARY)

    @api.get("/problem")
    async def problem() -> None:
        raise Problem(409, "taken", "Choose another.", [Fault(pointer="/name", code="taken", remedy="Choose another.")])

    return api


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def in_pieces(length: int) -> AsyncIterator[bytes]:
    for _ in range(0, length, 100):
        yield b"x" * 100


@pytest.mark.parametrize("path", ["/raw", "/person"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
async def test_a_body_beyond_the_limit_is_refused_however_it_is_sent(
    client: httpx.AsyncClient, path: str, declared: bool
) -> None:
    body: Any = b"x" * (LIMIT + 100) if declared else in_pieces(LIMIT + 100)

    answer = await client.post(path, content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_what_follows_after_the_limit_is_not_even_read(client: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        async for piece in in_pieces(LIMIT * 1_000):
            read += len(piece)
            yield piece

    answer = await client.post("/raw", content=endless())

    assert answer.status_code == 413
    assert read <= LIMIT + 200


async def test_a_body_of_just_the_limit_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=in_pieces(LIMIT))).json() == {"bytes": LIMIT}


@pytest.mark.parametrize(
    "body",
    [
        f'{{"age": "{CANARY}"}}',
        f'{{"age": 1, "{CANARY}": 2}}',
        f'{{"age": 1, "x": {CANARY}',
        f'"{CANARY}"',
        f'{{"{CANARY}": {{"age": 3}}}}',
    ],
)
async def test_a_refusal_repeats_nothing_of_the_request(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/person", content=body, headers={"content-type": "application/json"})

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text


async def test_a_refusal_names_the_place_by_our_own_names(client: httpx.AsyncClient) -> None:
    answer = await client.post("/person", json={"age": "old"})

    assert answer.json()["errors"] == [{"pointer": "/age", "code": "int_parsing"}]


async def test_a_path_that_is_not_there_is_not_repeated(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/{CANARY}")

    assert answer.status_code == 404
    assert CANARY not in answer.text


async def test_a_key_is_asked_for_and_checked(client: httpx.AsyncClient) -> None:
    missing = await client.get("/secret")
    wrong = await client.get("/secret", headers={"authorization": f"Bearer {CANARY}"})
    other = await client.get("/secret", headers={"authorization": "Basic the key"})
    right = await client.get("/secret", headers={"authorization": "Bearer the key"})

    assert [answer.status_code for answer in (missing, wrong, other, right)] == [401, 401, 401, 200]
    assert missing.headers["www-authenticate"] == "Bearer"
    assert CANARY not in wrong.text


async def test_while_the_database_is_away_the_same_request_may_be_sent_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/unavailable")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert CANARY not in answer.text


async def test_a_problem_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problem")

    assert answer.status_code == 409
    assert answer.json()["errors"] == [{"pointer": "/name", "code": "taken", "remedy": "Choose another."}]
