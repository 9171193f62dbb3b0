"""Doors that are asked whatever their OpenAPI document allows: a program that follows it meets nothing else."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from shared.postgres import open_pool
from shared.relay import Relay
from shared.service import Runtime
from shared.settings import Settings

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
Build = Callable[[Runtime], FastAPI]
Met = set[tuple[str, str, int]]
"""Method, path and status of what was asked and answered."""


@asynccontextmanager
async def served(service: str, build: Build, changed: Settings) -> AsyncIterator[str]:
    """Where the doors listen, served by a thread of its own: schemathesis asks without awaiting."""
    ready = threading.Event()
    port: list[int] = []
    stopping: list[Callable[[], Any]] = []

    async def serve() -> None:
        pool = await open_pool(changed.database_dsn, size=4)  # connections of this loop's own
        app = build(Runtime(service, changed, pool, Relay(service, pool, changed)))
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

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert await asyncio.to_thread(ready.wait, 20)
    try:
        yield f"http://127.0.0.1:{port[0]}"
    finally:
        stopping[0]()
        await asyncio.to_thread(thread.join)


def operations(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Method and path of each operation."""
    return [(method, path) for path, found in document["paths"].items() for method in found]


async def met_at(url: str, document: dict[str, Any], keys_of: Callable[[str], tuple[str, ...]]) -> Met:
    """What each operation answers to what its document allows, with each key of `keys_of` its path.

    Fails where an answer is none that the document tells of, or an operation was never asked.
    """
    met: Met = set()
    for operation in every_operation(url, document):
        for key in keys_of(operation.path):
            await asyncio.to_thread(ask, operation, key, met)
    asked = {(method, path) for method, path, _ in met}
    assert asked == {(method.upper(), path) for method, path in operations(document)}
    return met


def every_operation(url: str, document: dict[str, Any]) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def ask(operation: Any, key: str, met: Met) -> None:
    """Ask one operation what its document allows."""

    @BOUNDED
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        response = case.call(headers={"authorization": f"Bearer {key}"})
        met.add((operation.method.upper(), operation.path, response.status_code))
        case.validate_response(response, checks=CHECKS)

    asked()


def is_documented(document: dict[str, Any], without_body: str = " ") -> None:
    """Every operation tells its key and its problems; and its body where it takes one, unless it ends so."""
    for method, path in operations(document):
        operation = document["paths"][path][method]
        assert operation["description"], path
        assert operation["security"] == [{"key": []}], path
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], path
        if method == "post" and not path.endswith(without_body):
            assert operation["requestBody"]["content"], path


async def tells_its_methods(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    """A method that a path does not have is answered with those that it has."""
    for path, found in document["paths"].items():
        strange = "PATCH" if "patch" not in found else "PUT"
        answer = await client.request(strange, path.replace("{", "").replace("}", ""))
        assert answer.status_code == 405, path
        assert {one.strip().lower() for one in answer.headers["allow"].split(",")} & set(found)
