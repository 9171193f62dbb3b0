"""Histories by chance end the same in whatever order they arrive, and when they are rebuilt."""

from random import Random

import pytest

from tests.conftest import EmptySchema
from tests.risk.rebuild.histories import history
from tests.risk.rebuild.stage import Stage
from tests.risk.test_order import end


@pytest.mark.parametrize("seed", range(4))
async def test_a_history_by_chance_ends_the_same_in_another_order(empty_schema: EmptySchema, seed: int) -> None:
    events = history(Random(seed), ["oslo", "bergen"], 80, leaving=seed % 2 == 0)
    expected = await end(await empty_schema("risk"), events)

    found = await end(await empty_schema("risk"), events, Random(seed))

    assert {table: rows for table, rows in found.items() if rows != expected[table]} == {}


@pytest.mark.parametrize("seed", [11, 12])
async def test_a_history_by_chance_is_rebuilt_as_it_was(stage: Stage, seed: int) -> None:
    members = [await stage.new_member("oslo"), await stage.new_member("bergen")]
    events = history(Random(seed), members, 80)
    for start in range(0, len(events), 16):
        await stage.publish(*events[start : start + 16])
        await stage.apply()

    found = await stage.rebuild()

    assert [(table.table, table.first) for table in found.tables if table.differing] == []
    assert found.is_equal
    assert found.events == len(events)
