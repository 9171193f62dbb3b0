"""What `risk` does by the clock: sites that an older version of the model assessed are assessed again."""

from collections.abc import Iterable
from datetime import datetime

from uuid_utils.compat import uuid7

from services.risk.domain.changes import Change, events_of
from services.risk.handlers import SOURCE, reassess
from services.risk.settings import RiskSettings, current_model
from services.risk.store import facts, sites
from shared.events.envelope import Classification, Event
from shared.events.lifecycles import IndicatorEnd
from shared.postgres import now
from shared.service import Runtime, Task
from shared.settings import Settings

PAGE = 2000


async def reassess_outdated(runtime: Runtime) -> bool:
    """Assess a page of sites whose last assessment was by an older model; whether there may be more."""
    model = current_model()
    async with runtime.transaction() as tx:
        await facts.hold(tx)
        outdated = await sites.lock_outdated(tx, model.version, PAGE)
        if not outdated:
            return False
        at = await now(tx)
        changes = await reassess(tx, outdated, at, IndicatorEnd.LIST_CHANGED, model)
        await runtime.publish(tx, list(announcements(changes, at)))
    return len(outdated) == PAGE


def announcements(changes: Iterable[Change], at: datetime) -> Iterable[Event]:
    """The events of changes that no event of another service caused, keyed by the site."""
    for one in changes:
        for data in events_of(one):
            yield Event(
                id=uuid7(),
                source=SOURCE,
                type=data.type,
                subject=str(one.standing.site),
                time=at,
                classification=Classification.MEMBERS,
                data=data,
            )


def reassess_every(settings: Settings) -> float:
    """Seconds between two looks."""
    assert isinstance(settings, RiskSettings)
    return settings.reassess_every


TASKS = (Task("reassess_outdated", reassess_outdated, reassess_every),)
