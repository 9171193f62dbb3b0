"""Readers beside the work: they have connections of their own, wait for turns, and hold nothing while they are slow."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import IO, Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from services.remedy.__main__ import SERVICE
from services.remedy.api import build, readers
from services.remedy.api.engagement import documents
from services.remedy.office import KEYS, READING
from shared.postgres import Pool, borrow, open_pool
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.engagement.shown import World
from tests.remedy.given import OPERATOR_KEY, SETTINGS, bearer

OPERATOR = bearer(OPERATOR_KEY)


@pytest.fixture
async def pool(schema: Schema) -> AsyncIterator[Pool]:
    """The readers' connections: one."""
    pool = await open_pool(schema.dsn, size=1)
    yield pool
    await pool.close()


@pytest.fixture
def api(runtime: Runtime, pool: Pool) -> FastAPI:
    return build(replace(runtime, databases={**runtime.databases, READING: pool}))


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://remedy") as client:
        yield client


def in_use(pool: Pool) -> int:
    """How many of its connections somebody has."""
    return pool.get_size() - pool.get_idle_size()


async def test_however_many_read_the_work_on_cases_goes_on_and_who_reads_is_told_to_come_again(
    world: World, client: httpx.AsyncClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "WAITING", 0.02)
    paths = ("/board", "/engagements", "/calendar", "/conditions", "/practices", "/timeline", "/documents/group/phones")

    async with borrow(pool):
        full = [await client.get(path, headers=OPERATOR) for path in paths]
        full += [await client.get("/board", headers=world.as_member("oslo"))]
        working = await client.get("/people", headers=OPERATOR)
    free = [await client.get(path, headers=world.as_member("oslo")) for path in paths]

    assert {(one.status_code, one.headers.get("retry-after")) for one in full} == {(503, "2")}
    assert working.status_code == 200
    assert {one.status_code for one in free} == {200}


async def test_what_a_reader_asks_for_is_ended_where_it_takes_too_long(
    world: World, client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LONGEST", 50)

    async with borrow(runtime.pool) as other, other.transaction():
        await other.execute("LOCK TABLE engagement")
        answer = await client.get("/engagements", headers=world.as_member("oslo"))

    assert answer.status_code == 503


async def test_no_connection_is_held_while_a_document_is_computed_and_written(
    world: World, client: httpx.AsyncClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    engagement, seen, answer = await world.open(), [], documents.answer

    def watched(*arguments: Any) -> Any:
        seen.append(in_use(pool))
        return answer(*arguments)

    monkeypatch.setattr(documents, "answer", watched)
    asked: dict[str, dict[str, Any]] = {
        "group/phones": {},
        "supplier": {"supplier": str(world.supplier)},
        f"meeting/{engagement}": {},
        "account/oslo": {"year": 2025},
    }
    found = [await client.get(f"/documents/{path}", params=query, headers=OPERATOR) for path, query in asked.items()]

    assert ({one.status_code for one in found}, seen) == ({200}, [0, 0, 0, 0])


async def test_no_connection_is_held_while_a_slow_client_takes_an_archive(
    world: World, client: httpx.AsyncClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await world.open()
    whole = (await client.get("/documents/archive/phones", headers=OPERATOR)).content
    seen, pieces = [], documents.pieces

    def watched(kept: IO[bytes]) -> Iterator[bytes]:
        for piece in pieces(kept):
            seen.append(in_use(pool))
            yield piece

    monkeypatch.setattr(documents, "pieces", watched)
    monkeypatch.setattr(documents, "PIECE", 1000)
    monkeypatch.setattr(documents, "IN_MEMORY", 10)
    found = await client.get("/documents/archive/phones", headers=OPERATOR)

    assert found.content == whole and len(whole.splitlines()) >= 6
    assert len(seen) > 1 and set(seen) == {0}


async def test_a_document_for_which_no_turn_comes_is_refused_until_one_is_free(
    world: World, api: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "WAITING", 0.01)
    paths = ("group/phones", "archive/phones", f"meeting/{UUID(int=1)}")
    for _ in range(documents.AT_ONCE):
        await api.state.documenting.acquire()

    busy = [await client.get(f"/documents/{path}", headers=OPERATOR) for path in paths]
    api.state.documenting.release()
    done = [await client.get(f"/documents/{path}", headers=OPERATOR) for path in paths]

    assert {(one.status_code, one.json()["code"]) for one in busy} == {(503, "busy")}
    assert [one.status_code for one in done] == [200, 200, 404]


def test_the_service_opens_few_connections_for_readers_beside_those_of_the_work() -> None:
    of_readers, of_keys = (SERVICE.databases[name](SETTINGS) for name in (READING, KEYS))

    assert of_readers == (SETTINGS.database_dsn, SETTINGS.readers_pool_size)
    assert of_readers[1] < SETTINGS.pool_size
    assert of_keys == (SETTINGS.keys_dsn, SETTINGS.pool_size)
