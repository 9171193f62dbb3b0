"""What is awaited of a flag becomes overdue by the database's clock, and that is told once."""

import pytest

from services.risk import schedule
from services.risk.domain.flags import flag_of
from shared.events.lifecycles import FlagClock, FlagState
from shared.events.risk import FlagOverdue
from shared.events.vocabulary import Category
from tests.conftest import Schema
from tests.risk.flags.conftest import SETTINGS, Tell
from tests.risk.flags.told import followed_up, published, replied, reported, way_to
from tests.risk.given import named

S = FlagState
DAY = 24 * 60


async def overdue(schema: Schema) -> list[FlagOverdue]:
    """Fire what is due; all that was ever told of it."""
    while await schedule.fire_overdue_flags(schema.runtime(SETTINGS)):
        pass
    return [one.data for one in await published(schema) if isinstance(one.data, FlagOverdue)]


async def due_in(schema: Schema, days: int) -> None:
    """Move the clocks, so that they are due so many days from the database's today."""
    async with schema.pool.acquire() as tx:
        await tx.execute("UPDATE flag SET due = (now() AT TIME ZONE 'UTC')::date + $1::int", days)


async def test_a_flag_that_nobody_looked_at_is_overdue_once(schema: Schema, tell: Tell) -> None:
    await tell(reported())

    (told,) = await overdue(schema)

    assert (told.flag, told.site, told.clock) == (
        flag_of(named("site 1"), Category.FORCED_LABOUR),
        named("site 1"),
        FlagClock.TRIAGE,
    )
    assert (told.due.isoformat(), told.basis) == ("2026-03-16", "14 days to the first step; a rule of this project")
    assert len(await overdue(schema)) == 1


@pytest.mark.parametrize(("days", "told"), [(1, 0), (0, 0), (-1, 1)])
async def test_a_clock_runs_out_after_its_day(schema: Schema, tell: Tell, days: int, told: int) -> None:
    await tell(reported())
    await due_in(schema, days)

    assert len(await overdue(schema)) == told


async def test_a_company_that_does_not_answer_a_confirmed_flag_is_overdue(schema: Schema, tell: Tell) -> None:
    await tell(*way_to(S.CONFIRMED))

    assert [one.clock for one in await overdue(schema)] == [FlagClock.RESPONSE]


async def test_nothing_is_overdue_that_was_done(schema: Schema, tell: Tell) -> None:
    await tell(*way_to(S.CONFIRMED), replied())
    await tell(reported("report 2", site="site 2"), followed_up(S.TRIAGED, report="report 2"))

    assert await overdue(schema) == []


async def test_a_clock_that_starts_anew_can_run_out_again_and_one_that_goes_on_cannot(
    schema: Schema, tell: Tell
) -> None:
    await tell(reported())
    await overdue(schema)

    await tell(reported("report 2", at=1))
    assert len(await overdue(schema)) == 1
    await tell(followed_up(S.DISMISSED, at=DAY), reported("report 3", at=2 * DAY))

    assert [one.due.isoformat() for one in await overdue(schema)] == ["2026-03-16", "2026-03-18"]


async def test_many_clocks_run_out_in_pages(schema: Schema, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "TIMERS", 2)
    await tell(*(reported(f"report {n}", site=f"site {n}") for n in range(5)))

    assert len({one.flag for one in await overdue(schema)}) == 5
