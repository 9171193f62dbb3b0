"""The OpenAPI document of `risk` says what its doors do: a program that follows it meets nothing else."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from services.risk.api import build
from services.risk.settings import RiskSettings
from shared.events.ingest import KeyIssued
from shared.events.vocabulary import Category
from shared.http import digest
from shared.member_keys import PURPOSES, key_of
from shared.postgres import open_pool
from shared.relay import Relay
from shared.service import Runtime
from tests.conftest import EmptySchema, Schema
from tests.risk.exposure.world import World
from tests.risk.given import (
    contract,
    disclosed,
    event,
    group,
    joined,
    linked,
    named,
    registered,
    reported,
    site_registered,
)

OPERATOR = "operator-key-of-a-test"
KID = "0123456789ab"
KEY = key_of(KID, "k" * 43)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
BOUNDED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATORS = ("/facts", "/summary")
"""Paths that want the operator's key; the others want a member's, or the operator's."""
OTHERS = {"/explanations", "/exposure", "/exposure/flags"}
"""Paths by which a member may ask for another's view, and is refused."""


@dataclass(frozen=True)
class Listening:
    """The doors on a port, with the document that they publish."""

    url: str
    document: dict[str, Any]


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    """What `risk` knows of a member with a contract, a site, a working group and a flag."""
    world = World(await empty_schema("risk"))
    key = KeyIssued(kid=KID, member="oslo", digest=digest(KEY), purposes=PURPOSES)
    await world.hears(
        joined("oslo"),
        event(key, KID, member="oslo"),
        registered(),
        site_registered(),
        group("example-group", "oslo", categories=(Category.FORCED_LABOUR,)),
        contract(),
        disclosed(),
        linked(),
        reported(),
    )
    return world.schema


@pytest.fixture
async def document(schema: Schema) -> dict[str, Any]:
    """The document that the doors publish."""
    async with client_of(schema) as client:
        found: dict[str, Any] = (await client.get("/openapi.json")).json()
        return found


@pytest.fixture
async def listening(schema: Schema, document: dict[str, Any]) -> Any:
    """The doors, served by a thread of its own: schemathesis asks without awaiting."""
    ready = threading.Event()
    port: list[int] = []
    stopping: list[Any] = []
    thread = threading.Thread(target=lambda: asyncio.run(serve_until_stopped(schema, ready, port, stopping)))
    thread.start()
    await asyncio.to_thread(ready.wait, 20)
    yield Listening(f"http://127.0.0.1:{port[0]}", document)
    stopping[0]()
    await asyncio.to_thread(thread.join)


def settings_of(schema: Schema) -> RiskSettings:
    given: dict[str, Any] = {"kafka_bootstrap": "", "database_dsn": schema.dsn, "requests_at_once": 10**9}
    return RiskSettings(**given, operator_key_sha256=SecretStr(digest(OPERATOR)))


def client_of(schema: Schema) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=build(schema.runtime(settings_of(schema))))
    return httpx.AsyncClient(transport=transport, base_url="http://risk")


async def serve_until_stopped(schema: Schema, ready: threading.Event, port: list[int], stopping: list[Any]) -> None:
    """Serve the doors with connections of this loop's own."""
    changed = settings_of(schema)
    pool = await open_pool(schema.dsn, size=4)
    app = build(Runtime("risk", changed, pool, Relay("risk", pool, changed)))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port.append(server.servers[0].sockets[0].getsockname()[1])
    stopping.append(lambda: loop.call_soon_threadsafe(setattr, server, "should_exit", True))
    ready.set()
    await serving
    await pool.close()


def operations(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(method, path) for path, found in document["paths"].items() for method in found]


def every_operation(listening: Listening) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(listening.document)
    schema.config.update(base_url=listening.url)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


async def test_what_the_document_says_is_what_the_doors_do(listening: Listening) -> None:
    met: set[tuple[str, str, int]] = set()

    def ask(operation: Any, key: str) -> None:
        @BOUNDED
        @given(case=operation.as_strategy())
        def asked(case: Any) -> None:
            response = case.call(headers={"authorization": f"Bearer {key}"})
            met.add((operation.method.upper(), operation.path, response.status_code))
            case.validate_response(response, checks=CHECKS)

        asked()

    for operation in every_operation(listening):
        for key in (OPERATOR,) if operation.path.startswith(OPERATORS) else (OPERATOR, KEY):
            await asyncio.to_thread(ask, operation, key)

    assert {(method, path) for method, path, _ in met} == {
        (method.upper(), path) for method, path in operations(listening.document)
    }
    assert not [one for one in met if one[2] in (401, 429) or one[2] >= 500]
    assert {path for _, path, status in met if status == 403} <= OTHERS
    assert len({path for _, path, status in met if status == 200}) >= 5, "little was answered: the world is too small"


async def test_every_operation_is_documented_with_its_problems_and_its_key(document: dict[str, Any]) -> None:
    for method, path in operations(document):
        operation = document["paths"][path][method]
        assert operation["description"], path
        assert operation["security"] == [{"key": []}], path
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], path
        if method == "post":
            assert operation["requestBody"]["content"], path


async def test_no_operation_answers_without_a_key_or_to_one_that_is_not_known(
    schema: Schema, document: dict[str, Any]
) -> None:
    unknown = {"authorization": f"Bearer {key_of('ba9876543210', 'k' * 43)}"}
    async with client_of(schema) as client:
        for method, path in operations(document):
            filled = path.format(flag=named("flag"), group="example-group")
            answers = [await client.request(method, filled, headers=headers) for headers in ({}, unknown)]

            # what is asked is looked at first where FastAPI reads it: nothing of `risk` is told by that
            assert {one.status_code for one in answers} <= {401, 422}, path
            assert not any(one.status_code == 422 and one.json()["code"] != "schema_invalid" for one in answers), path


async def test_what_is_the_operators_is_not_a_members(schema: Schema, document: dict[str, Any]) -> None:
    paths = [(method, path) for method, path in operations(document) if path.startswith(OPERATORS)]
    query = {"format": "rows", "source": "Example list", "edition": "2026"}
    async with client_of(schema) as client:
        for method, path in paths:
            answer = await client.request(
                method, path, params=query, json={}, headers={"authorization": f"Bearer {KEY}"}
            )
            assert answer.status_code == 401 or answer.json()["code"] == "schema_invalid", path

    assert len(paths) >= 4


async def test_a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has(
    schema: Schema, document: dict[str, Any]
) -> None:
    async with client_of(schema) as client:
        for path, found in document["paths"].items():
            answer = await client.request("PATCH", path.replace("{", "").replace("}", ""))
            assert answer.status_code == 405, path
            assert {one.strip().lower() for one in answer.headers["allow"].split(",")} & set(found)
