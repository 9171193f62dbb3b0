"""A new edition of a list, or a newer model, assesses again what it touches and says only what changed."""

import pytest

from services.risk import assessing, schedule, settling
from tests.risk.given import (
    disclosed,
    named,
)
from tests.risk.seen import CHINA, MALAYSIA, PAKISTAN, good, listed, newer_model
from tests.risk.world import SETTINGS, World


async def test_an_edition_assesses_again_what_it_touches_and_publishes_what_changed_with_the_cause(
    world: World,
) -> None:
    for n, country in enumerate((CHINA, MALAYSIA, PAKISTAN, "NO"), 1):
        await world.hears(disclosed(f"disclosure {n}", site=f"site {n}", country=country))
    await listed(world, good(CHINA), good(MALAYSIA))
    before = (await world.schema.rows("SELECT max(id) FROM outbox"))[0][0]

    answer = await listed(world, good(CHINA), good(PAKISTAN), edition="2026")

    rows = await world.schema.rows("SELECT key, value FROM outbox WHERE id > $1", before)
    assert {row["key"] for row in rows} == {str(named("site 2")), str(named("site 3"))}
    assert all(b'"edition":"2026"' in row["value"] for row in rows if b'"categories"' in row["value"])
    assert (answer.sites, answer.indicators_raised, answer.indicators_withdrawn) == (2, 1, 1)


async def test_a_newer_model_assesses_again_page_by_page_and_says_only_what_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world, good(CHINA))
    for n in range(3):
        await world.hears(disclosed(f"disclosure {n}", site=f"site {n}"))
    await world.hears(disclosed("disclosure 9", site="site 9", member="oslo"))
    for module in (assessing, schedule):
        monkeypatch.setattr(module, "current_model", newer_model)
    monkeypatch.setattr(settling, "PAGE", 3)
    before = await world.schema.rows("SELECT count(*) FROM outbox")
    runtime = world.schema.runtime(SETTINGS)

    assert await schedule.reassess_outdated(runtime) is True
    assert await schedule.reassess_outdated(runtime) is False

    models = await world.schema.rows("SELECT DISTINCT model FROM assessment")
    assert [row["model"] for row in models] == ["newer"]
    assert await world.schema.rows("SELECT count(*) FROM outbox") == before
