"""Publishing figures: once a day, at a fixed hour, those of the past year, whether or not anything happened.

They are computed on the first day after the year and never again; each day the same is published anew, so that neither
a change nor the moment of a publication tells anything.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from uuid import uuid4

from services.remedy.domain import figures, measuring, survey
from services.remedy.domain.measuring import Measured
from services.remedy.office import SOURCE, Office, office_of
from services.remedy.releasing import begins
from services.remedy.store import releases
from services.remedy.store.survey import read_answers
from services.remedy.timing import Timer
from shared.events.envelope import Classification, Event, day_of
from shared.events.remedy.released import FiguresPublished
from shared.postgres import Connection, now
from shared.service import Runtime

BATCH = "figures"


async def publish_figures(runtime: Runtime, timer: Timer) -> bool:
    """Once a day: publish the figures of the past year, which are computed where they were not.

    None are while the clock is wrong: those of a year that is not over would be kept for ever.
    """
    office = office_of(runtime)
    if not await timer.clock_is_right(office):
        return False
    async with runtime.transaction() as tx:
        at = await now(tx)
        if not await begins(office, tx, BATCH, at):
            return False
        year = office.terms.today(at).year - 1
        await runtime.publish(tx, [for_everyone(await figures_of(office, tx, year), at)])
    return False


async def figures_of(office: Office, tx: Connection, year: int) -> FiguresPublished:
    """The public figures of a year that is over: those that were kept, or else computed now and kept for ever."""
    kept = await releases.read_figures_of(tx, str(year))
    if kept is None:
        told = figures.public(await measured(office, tx, year), await answers(tx, year), office.settings.figures_from)
        kept = FiguresPublished(period=str(year), figures=told).model_dump_json()
        await releases.keep_figures(tx, str(year), kept)
    return FiguresPublished.model_validate_json(kept)


async def measured(office: Office, tx: Connection, year: int) -> list[Measured]:
    """What each case adds to the figures of a year, in no order that tells which case it is."""
    zone = office.terms.zone
    begin, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    facts = await releases.read_facts_of_year(tx, [fact.type for fact in measuring.FACTS], begin, end)
    return [
        measuring.measure([one for _, one in of_case], begin, end)
        for _, of_case in groupby(facts, key=lambda found: found[0])
    ]


async def answers(tx: Connection, year: int) -> Mapping[str, Mapping[int, int]]:
    """How many gave which grade to each question of the survey in a year, of all its editions."""
    found: dict[str, dict[int, int]] = {question.code: {} for question in survey.QUESTIONS}
    for row in await read_answers(tx, [f"{year}-Q{quarter}" for quarter in range(1, 5)]):
        grades = found.get(row["question"])
        if grades is not None:
            grades[row["grade"]] = grades.get(row["grade"], 0) + row["number"]
    return found


def for_everyone(told: FiguresPublished, at: datetime) -> Event:
    """Figures for everyone, told to the day."""
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=told.type,
        subject=told.period,
        time=day_of(at),
        classification=Classification.PUBLIC,
        data=told,
    )
