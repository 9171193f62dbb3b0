"""The schema of `remedy`, and its API over it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.remedy.api import build
from shared.service import Runtime
from tests.conftest import EmptySchema, Schema
from tests.remedy.given import SETTINGS


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("remedy")


@pytest.fixture
def runtime(schema: Schema) -> Runtime:
    return schema.runtime(SETTINGS)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(runtime)), base_url="http://remedy") as client:
        yield client
