"""Publishing figures: once a day, of past years, always the same; who may read which."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from services.remedy import counting
from services.remedy.api import build
from services.remedy.domain.people import Role
from services.remedy.domain.survey import QUESTIONS
from services.remedy.office import KEYS, Office, office_of
from services.remedy.store import survey
from shared.events.remedy.cases import (
    CaseMoved,
    CaseOpened,
    DeadlineMet,
)
from shared.events.remedy.released import Figure, FiguresPublished
from shared.events.remedy.words import (
    CaseReason,
    CaseState,
    DeadlineKind,
    TestimonyKind,
)
from shared.postgres import Connection
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import SETTINGS, data_of, kept_case, published, somebody
from tests.remedy.timed import Turned, timer


@pytest.fixture
def early(schema: Schema, keys: Schema) -> Runtime:
    """The service whose batches go out from midnight."""
    return schema.runtime(SETTINGS.model_copy(update={"batch_hour": 0}), {KEYS: keys.pool})


async def last_year(tx: Connection) -> int:
    year: int = await tx.fetchval("SELECT extract(year FROM now() AT TIME ZONE $1)::int - 1", SETTINGS.zone)
    return year


async def cases_of(tx: Connection, year: int, number: int) -> list[UUID]:
    """So many cases that were received, acknowledged in time and closed in a year."""
    kept = []
    for _ in range(number):
        case = uuid4()
        await kept_case(
            tx,
            CaseOpened(case=case, kind=TestimonyKind.FLAG),
            DeadlineMet(case=case, deadline=DeadlineKind.ACKNOWLEDGE, clock="ours", in_time=True),
            CaseMoved(
                case=case, before=CaseState.RECEIVED, after=CaseState.CLOSED, reason=CaseReason.COMPLAINANT_WITHDREW
            ),
        )
        kept.append(case)
    at = datetime(year, 6, 1, tzinfo=UTC)
    await tx.execute("UPDATE case_fact SET at = $2 WHERE case_id = ANY($1)", kept, at)
    return kept


async def next_day(runtime: Runtime) -> list[FiguresPublished]:
    """Let a day pass; what is published then."""
    before = len(await published(runtime.pool))
    await runtime.pool.execute("UPDATE daily_batch SET day = day - 1")
    await counting.publish_figures(runtime, timer())
    return data_of((await published(runtime.pool))[before:], FiguresPublished)


async def test_while_the_clock_has_jumped_no_figures_are_kept_or_published(early: Runtime) -> None:
    clock = Turned()
    one = timer(clock)
    await one.fire(early)

    clock.turn(hours=-2)
    await counting.publish_figures(early, one)
    assert await early.pool.fetchval("SELECT count(*) FROM figures_of_year") == 0

    clock.turn(hours=2)
    await counting.publish_figures(early, one)
    assert len(data_of(await published(early.pool), FiguresPublished)) == 1


async def test_the_figures_of_the_past_year_are_published_each_day_and_are_always_the_same(
    early: Runtime, schema: Schema
) -> None:
    async with early.transaction() as tx:
        year = await last_year(tx)
        await cases_of(tx, year, 23)
    (first,) = await next_day(early)
    async with early.transaction() as tx:
        await cases_of(tx, year, 40)

    (second,) = await next_day(early)

    assert first == second
    assert first.period == str(year)
    value = {figure.name: figure for figure in first.figures}
    assert value["closed.complainant_withdrew"].value == 25
    assert value["acknowledged_in_time"].percent == 50  # all of 23: that fewer than ten were late is all that is told
    assert value["closed.mediated"] == Figure(name="closed.mediated")


async def test_a_day_without_a_case_looks_like_any_other(early: Runtime) -> None:
    """That figures come says nothing: they come every day, with the same names, to the day, under a random id."""
    (only,) = await next_day(early)

    assert all(figure.value is None and figure.percent is None for figure in only.figures)
    ((topic, event),) = await published(early.pool)
    assert (topic, event.subject, event.id.version, event.time.hour) == ("public.figures", only.period, 4, 0)
    await counting.publish_figures(early, timer())
    assert len(await published(early.pool)) == 1


async def test_figures_are_not_published_before_their_hour(schema: Schema, keys: Schema) -> None:
    late = schema.runtime(SETTINGS.model_copy(update={"batch_hour": 24}), {KEYS: keys.pool})

    assert await next_day(late) == []


async def test_the_year_of_a_fact_is_that_of_the_mechanisms_own_days(early: Runtime) -> None:
    """A case that came in the last half hour of the year by Greenwich came in the next year in Oslo."""
    office = office_of(early)
    async with early.transaction() as tx:
        (case,) = await cases_of(tx, 2024, 1)
        await tx.execute(
            "UPDATE case_fact SET at = $2 WHERE case_id = $1", case, datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
        )
        measured = [await counting.measured(office, tx, year) for year in (2024, 2025)]

    assert [len(one) for one in measured] == [0, 1]


async def test_what_reporters_think_is_a_figure_from_twenty_answers(early: Runtime) -> None:
    office: Office = office_of(early)
    async with early.transaction() as tx:
        year = await last_year(tx)
        for grade in [5] * 14 + [4] * 4 + [1] * 12:
            await survey.add(
                tx, f"{year}-Q2", "2026", {"safe": grade, "learning": 5} if grade == 1 else {"safe": grade}
            )
        told = {one.name: one for one in (await counting.figures_of(office, tx, year)).figures}

    assert told["asked.safe"].percent == 60
    assert told["asked.learning"].percent is None
    assert {f"asked.{question.code}" for question in QUESTIONS} <= told.keys()


async def test_everyone_reads_what_was_published_and_only_coordinators_the_exact_measures(
    early: Runtime, schema: Schema
) -> None:
    async with early.transaction() as tx:
        year = await last_year(tx)
        await cases_of(tx, year, 23)
    coordinator, handler = await somebody(schema.pool, Role.COORDINATOR), await somebody(schema.pool, Role.HANDLER)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(early)), base_url="http://remedy") as client:
        before = await client.get("/figures")
        await next_day(early)
        public = await client.get("/figures")
        exact = await client.get(f"/measures/{year}", headers=coordinator.headers)
        refused = [await client.get(f"/measures/{year}", headers=who) for who in ({}, handler.headers)]

    assert before.json() == []
    assert [one["period"] for one in public.json()] == [str(year)]
    assert {"name": "cases_received", "cases": 23, "value": 23, "percent": None} in exact.json()
    assert {"name": "acknowledged_in_time", "cases": 23, "value": None, "percent": 100} in exact.json()
    assert [one.status_code for one in refused] == [401, 403]
