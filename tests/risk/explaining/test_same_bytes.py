"""The same knowledge is explained in the same bytes: asked again, by another process, or told in another order."""

import asyncio
import os
import random
import sys

import pytest

from services.risk.domain.flags import flag_of
from shared.events.envelope import Event
from shared.events.vocabulary import Category, SourceClass
from tests.conftest import EmptySchema
from tests.risk.explaining.asking import BITLAND, bytes_of, loads_goods, loads_orders
from tests.risk.given import contract, disclosed, joined, linked, named, registered, released, reported, site_registered
from tests.risk.world import World

SUBJECTS = (
    str(named("site 1")),
    str(named("supplier 1")),
    str(named("contract 1")),
    str(flag_of(named("site 1"), Category.FORCED_LABOUR)),
    "Example Electronics",
    BITLAND,
)

ASK = """
import asyncio, asyncpg, os, sys
from services.risk.domain.assessment import canonical
from services.risk.explaining import explain_subject
from services.risk.settings import RiskSettings

async def main():
    connection = await asyncpg.connect(os.environ["DSN_OF_TEST"])
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = await explain_subject(connection, sys.argv[1], RiskSettings.model_construct(), reader="oslo")
    await connection.close()
    sys.stdout.buffer.write(canonical(found).encode())

asyncio.run(main())
"""


def told() -> list[list[Event]]:
    """What is told, by topic; the order between topics is free."""
    return [
        [joined("oslo"), registered(), site_registered()],
        [disclosed("d1"), disclosed("d2", site="site 2", country="MY", at=2)],
        [disclosed("d3", site="site 3", member="oslo", country="VN", at=3)],
        [contract(), linked("d1")],
        [reported(), reported("report 2", source=SourceClass.MEDIA, at=5, scale=5), reported("report 3", site=None)],
        [released(), released("statement 2", category=Category.CHILD_LABOUR)],
    ]


async def answers(world: World) -> list[str]:
    return [await bytes_of(world, subject, reader="oslo") for subject in SUBJECTS]


async def in_another_process(world: World, subject: str, seed: str) -> str:
    environment = os.environ | {"DSN_OF_TEST": world.schema.dsn.get_secret_value(), "PYTHONHASHSEED": seed}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASK, subject, env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def test_asked_again_or_by_another_process_the_answer_is_the_same(world: World) -> None:
    await loads_goods(world)
    await loads_orders(world)
    for topic in told():
        await world.hears(*topic)

    first = await answers(world)

    assert await answers(world) == first
    for subject, seed in ((SUBJECTS[1], "1"), (SUBJECTS[2], "2")):
        assert await in_another_process(world, subject, seed) == first[SUBJECTS.index(subject)]


@pytest.mark.parametrize("seed", range(3))
async def test_told_in_another_order_the_answer_is_the_same(empty_schema: EmptySchema, seed: int) -> None:
    world = World(await empty_schema("risk"))
    await loads_goods(world)
    await loads_orders(world)
    for topic in told():
        await world.hears(*topic)
    expected = await answers(world)
    shuffled = told()
    random.Random(seed).shuffle(shuffled)

    world = World(await empty_schema("risk"))
    await loads_orders(world)
    for topic in shuffled:
        await world.hears(*topic)
    await loads_goods(world)

    assert await answers(world) == expected
