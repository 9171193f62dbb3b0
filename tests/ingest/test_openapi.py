"""The OpenAPI document says what the doors do: a program that follows it meets nothing else."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from services.ingest.api import build
from shared.postgres import open_pool
from shared.relay import Relay
from shared.service import Runtime
from tests.ingest.conftest import OPERATOR, Doors, settings_of

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
OPERATORS = ("/members", "/workinggroups", "/registry/summary", "/identity")
"""Paths that want the operator's key; the others want a member's."""


@dataclass(frozen=True)
class Listening:
    """The doors on a port, with the document that they publish."""

    url: str
    document: dict[str, Any]
    key: str


@pytest.fixture
async def listening(doors: Doors) -> Any:
    """The doors, served by a thread of its own: schemathesis asks without awaiting."""
    ready = threading.Event()
    port: list[int] = []
    stopping: list[Any] = []

    def serve() -> None:
        asyncio.run(serve_until_stopped(doors, ready, port, stopping))

    thread = threading.Thread(target=serve)
    thread.start()
    await asyncio.to_thread(ready.wait, 20)
    document = (await doors.client.get("/openapi.json")).json()
    yield Listening(f"http://127.0.0.1:{port[0]}", document, doors.keys["oslo"])
    stopping[0]()
    await asyncio.to_thread(thread.join)


async def serve_until_stopped(doors: Doors, ready: threading.Event, port: list[int], stopping: list[Any]) -> None:
    """Serve the doors with connections of this loop's own."""
    changed = settings_of(doors.schema, requests_per_second=1e6, requests_at_once=10**9, events_at_once=10**9)
    pool = await open_pool(doors.schema.dsn, size=4)
    app = build(Runtime("ingest", changed, pool, Relay("ingest", pool, changed)))
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
    met: set[tuple[str, int]] = set()

    def ask(operation: Any) -> None:
        own = operation.path.startswith(OPERATORS) and "export" not in operation.path
        headers = {"authorization": f"Bearer {OPERATOR if own else listening.key}"}

        @BOUNDED
        @given(case=operation.as_strategy())
        def asked(case: Any) -> None:
            response = case.call(headers=headers)
            met.add((operation.label, response.status_code))
            case.validate_response(response, checks=CHECKS)

        asked()

    for operation in every_operation(listening):
        await asyncio.to_thread(ask, operation)

    assert {label for label, _ in met} == {
        f"{method.upper()} {path}" for method, path in operations(listening.document)
    }
    assert not [one for one in met if one[1] in (401, 403, 429) or one[1] >= 500]


async def test_every_operation_is_documented_with_its_problems_and_its_key(doors: Doors) -> None:
    document = (await doors.client.get("/openapi.json")).json()

    for method, path in operations(document):
        operation = document["paths"][path][method]
        assert operation["description"], path
        assert operation["security"] == [{"key": []}], path
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], path
        if method == "post" and not path.endswith("/rotation"):
            assert operation["requestBody"]["content"], path


async def test_a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has(doors: Doors) -> None:
    document = (await doors.client.get("/openapi.json")).json()

    for path, found in document["paths"].items():
        answer = await doors.client.request("PATCH", path.replace("{", "").replace("}", ""))
        assert answer.status_code == 405, path
        assert {one.strip().lower() for one in answer.headers["allow"].split(",")} & set(found)


async def test_the_examples_of_the_document_are_accepted(doors: Doors) -> None:
    document = (await doors.client.get("/openapi.json")).json()
    operation = document["paths"]["/events"]["post"]
    attributes = {one["name"]: one["example"] for one in operation["parameters"] if one["in"] == "header"}

    outcomes = []
    for media_type, content in operation["requestBody"]["content"].items():
        headers = doors.as_member() | {"content-type": media_type} | (attributes if "events" not in media_type else {})
        answer = await doors.client.post("/events", json=content["example"], headers=headers)
        outcomes.append((media_type, answer.json()["receipts"][0]["outcome"]))

    assert [outcome for _, outcome in outcomes] == ["accepted", "duplicate", "duplicate"]
