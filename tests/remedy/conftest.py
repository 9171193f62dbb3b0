"""The two databases of `remedy`, the running service over them, and its API."""

from collections.abc import AsyncIterator, MutableSequence
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from services.remedy import erasing, timing
from services.remedy.api import build
from services.remedy.office import KEYS, READING, Office, office_of
from shared.service import Runtime
from tests.conftest import EmptySchema, Schema
from tests.remedy.given import SETTINGS


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("remedy")


@pytest.fixture
async def keys(empty_schema: EmptySchema) -> Schema:
    """The database of keys, emptied."""
    return await empty_schema("remedy_keys")


@pytest.fixture
def runtime(schema: Schema, keys: Schema) -> Runtime:
    return schema.runtime(SETTINGS, {KEYS: keys.pool, READING: schema.pool})


@pytest.fixture
def office(runtime: Runtime) -> Office:
    """What work on cases needs."""
    return office_of(runtime)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(runtime)), base_url="http://remedy") as client:
        yield client


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> MutableSequence[Any]:
    """What timers log, whatever ran before: a logger that was used once hears of no later configuration."""
    capture = LogCapture()
    for module in (erasing, timing):
        monkeypatch.setattr(module, "log", structlog.wrap_logger(None, [capture]))
    return capture.entries
