"""What `risk` does by the clock: what is awaited of flags becomes overdue, and sites that another version of the model
assessed are assessed again, page by page.
"""

from services.risk import settling
from services.risk.flagging import fire_overdue
from services.risk.news import Cause
from services.risk.settings import RiskSettings, current_model
from services.risk.store import assessments, turn
from shared.events.lifecycles import CauseKind
from shared.postgres import now
from shared.service import Runtime, Task
from shared.settings import Settings

TIMERS = 200
"""Timers that fire in one transaction."""


async def reassess_outdated(runtime: Runtime) -> bool:
    """Assess a page of sites whose last assessment was by another model; whether there may be more.

    A page is one transaction, so that others get their turn in between.
    """
    assert isinstance(runtime.settings, RiskSettings)
    async with runtime.transaction() as tx:
        await turn.take(tx)
        outdated = await assessments.read_outdated(tx, current_model().version, settling.PAGE)
        if not outdated:
            return False
        cause = Cause(CauseKind.MODEL, await now(tx))
        async for events in settling.settle_again(tx, outdated, cause, runtime.settings):
            await runtime.publish(tx, events)
    return len(outdated) == settling.PAGE


async def fire_overdue_flags(runtime: Runtime) -> bool:
    """Tell, once for each clock, that what is awaited of a flag did not come by its day; whether there may be more."""
    assert isinstance(runtime.settings, RiskSettings)
    async with runtime.transaction() as tx:
        await turn.take(tx)
        told = await fire_overdue(tx, await now(tx), TIMERS, runtime.settings)
        await runtime.publish(tx, told)
    return len(told) == TIMERS


def reassess_every(settings: Settings) -> float:
    """Seconds between two looks."""
    assert isinstance(settings, RiskSettings)
    return settings.reassess_every


def clocks_every(settings: Settings) -> float:
    """Seconds between two looks at the clocks of flags; each runs for days."""
    assert isinstance(settings, RiskSettings)
    return settings.clocks_every


TASKS = (
    Task("outdated assessments", reassess_outdated, reassess_every),
    Task("overdue flags", fire_overdue_flags, clocks_every),
)
