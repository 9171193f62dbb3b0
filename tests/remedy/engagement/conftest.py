"""What tests of engagements start from."""

import pytest

from shared.service import Runtime
from tests.remedy.engagement.shown import World


@pytest.fixture
async def world(runtime: Runtime) -> World:
    """Two groups with their members and keys."""
    world = World(runtime)
    await world.begin()
    return world
