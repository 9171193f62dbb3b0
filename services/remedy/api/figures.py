"""HTTP: how the mechanism works, in figures: for everyone as published, for coordinators as they are."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from services.remedy import counting
from services.remedy.api.callers import AtOffice, Coordinator, Running
from services.remedy.domain import figures
from services.remedy.store import releases
from shared.events.remedy.released import Figure, FiguresPublished
from shared.postgres import borrow

router = APIRouter()


class FiguresView(BaseModel):
    """The figures of a year. A figure without value and percent counts too few cases to be told."""

    period: str
    figures: list[Figure]


class Measure(BaseModel):
    """A figure as it is; `cases` is how many it counts. Not for publication: it may point at a single case."""

    name: str
    cases: int
    value: int | None
    percent: int | None


@router.get("/figures")
async def read_figures(runtime: Running) -> list[FiguresView]:
    """The figures of past years as they were published, the newest first. Needs no key."""
    async with borrow(runtime.pool) as connection:
        kept = [FiguresPublished.model_validate_json(one) for one in await releases.read_figures(connection)]
    return [FiguresView(period=one.period, figures=list(one.figures)) for one in kept]


@router.get("/measures/{year}")
async def read_measures(
    office: AtOffice, _person: Coordinator, year: Annotated[int, Path(ge=2000, le=2199)]
) -> list[Measure]:
    """The figures of any year, also the present one, neither suppressed nor rounded: counts by class, no case."""
    async with office.runtime.transaction() as tx:
        measured, answers = await counting.measured(office, tx, year), await counting.answers(tx, year)
    return [
        Measure(name=one.name, cases=one.cases, value=one.value, percent=one.percent)
        for one in figures.exact(measured, answers)
    ]
