"""Where the tests of `risk` begin."""

import pytest

from tests.conftest import EmptySchema
from tests.risk.world import World


@pytest.fixture
async def world(empty_schema: EmptySchema) -> World:
    """`risk` before it has heard of anything."""
    return World(await empty_schema("risk"))
