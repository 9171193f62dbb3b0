"""The two databases of `remedy`, the running service over them, and its API."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.remedy.api import build
from services.remedy.office import KEYS, Office, office_of
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
    return schema.runtime(SETTINGS, {KEYS: keys.pool})


@pytest.fixture
def office(runtime: Runtime) -> Office:
    """What work on cases needs. Raises NotImplementedError until the vault stands."""
    return office_of(runtime)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(runtime)), base_url="http://remedy") as client:
        yield client
