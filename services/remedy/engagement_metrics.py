"""Engagements as Prometheus sees them: by state and milestone, how long they stand, what was refused.

Label sets are closed, and no group, supplier or member is a label.
"""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record
from prometheus_client import Gauge

from services.remedy.office import settings_of
from services.remedy.store.engagement import measures
from shared.events.engagement_words import EngagementState, EntryRefusal, Milestone
from shared.postgres import borrow, now
from shared.service import Runtime

NOT_OPENED = "none"
"""The milestone of what nobody has opened."""
STATES = tuple(state for state in EngagementState if state is not EngagementState.OTHER)
MILESTONES = tuple(milestone for milestone in Milestone if milestone is not Milestone.OTHER)

ENGAGEMENTS = Gauge(
    "engage_remedy_engagements",
    "Engagements by state and by the milestone at which they stand.",
    ["state", "milestone"],
)
PROPOSALS_AGE = Gauge(
    "engage_remedy_proposals_oldest_age_days", "Days for which the oldest proposal waits for a person; 0 without any."
)
STANDING_DAYS = Gauge(
    "engage_remedy_engagements_standing_days",
    "Days for which the open engagement that stands longest at a milestone stands there; 0 without any.",
    ["milestone"],
)
REFUSED = Gauge(
    "engage_remedy_entries_refused", "Entries of dialogues that changed nothing, by each reason.", ["reason"]
)


async def measure(runtime: Runtime) -> bool:
    """Set the gauges to what the database says. Repeats only when its time comes."""
    async with borrow(runtime.pool) as connection:
        today = settings_of(runtime.settings).terms.today(await now(connection))
        counted = await measures.count_engagements(connection)
        refused = await measures.count_refused(connection)
    show_engagements(counted, today)
    for reason in EntryRefusal:
        REFUSED.labels(reason).set(refused.get(reason, 0))
    return False


def show_engagements(counted: Sequence[Record], today: date) -> None:
    """Set the gauges of engagements; what there is none of is zero."""
    numbers = {(row["state"], row["milestone"] or NOT_OPENED): row["number"] for row in counted}
    for state in STATES:
        for milestone in (NOT_OPENED, *MILESTONES):
            ENGAGEMENTS.labels(state, milestone).set(numbers.get((state, milestone), 0))
    since = {row["milestone"]: row["since"] for row in counted if row["state"] == EngagementState.OPEN}
    for milestone in MILESTONES:
        STANDING_DAYS.labels(milestone).set(days_since(since.get(milestone), today))
    waiting = [
        row["proposed"].date() for row in counted if row["state"] == EngagementState.PROPOSED and row["proposed"]
    ]
    PROPOSALS_AGE.set(days_since(min(waiting, default=None), today))


def days_since(day: date | None, today: date) -> int:
    """Days from a day to today; 0 without one."""
    return 0 if day is None else max((today - day).days, 0)
