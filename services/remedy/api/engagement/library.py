"""HTTP: the libraries of clauses and of standard asks, for every member and the operator."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.remedy.api.callers import AtOffice
from services.remedy.api.readers import READERS, reading
from services.remedy.domain.engagement.libraries import Clause, Clauses, Routine
from services.remedy.libraries import read_libraries
from shared.events.vocabulary import Category, DueDiligenceStep, Instrument

router = APIRouter(dependencies=[READERS, Depends(reading)])


class RoutineView(BaseModel):
    """What is due by itself: `within` a span after the start of a contract (ISO 8601), or yearly."""

    wanted: str
    basis: str
    within: str | None
    yearly: bool


class ClauseView(BaseModel):
    """A clause: where it stands, by reference, and what shows that it is kept; `wording` of ours, not of the source."""

    id: str
    conditions: str
    source: str
    edition: str
    clause: str
    title: str
    evidence: str
    step: DueDiligenceStep | None
    categories: list[Category]
    instruments: list[Instrument]
    routine: list[RoutineView]
    note: str


class AskView(BaseModel):
    """A standard ask: its wording, and within how many days an answer is asked for. Without a category it fits any."""

    id: str
    title: str
    wording: str
    category: Category | None
    instruments: list[Instrument]
    clause: str
    days: int


@router.get("/clauses")
async def list_clauses(office: AtOffice) -> list[ClauseView]:
    """The clause library: which conditions bind a supplier, by reference, and what of them is due by itself."""
    clauses = office.settings.follow_up_terms.routine.clauses
    return [clause_view(clauses, one) for one in clauses.clauses]


@router.get("/asks")
async def list_asks(office: AtOffice) -> list[AskView]:
    """The standard asks of suppliers."""
    settings = office.settings
    return [AskView(**one.model_dump()) for one in read_libraries(settings.clauses_file, settings.asks_file).asks]


def clause_view(clauses: Clauses, clause: Clause) -> ClauseView:
    """A clause with the set to which it belongs."""
    found = clauses.set_of(clause)
    return ClauseView(
        id=clause.id,
        conditions=found.name,
        source=found.source,
        edition=found.edition,
        clause=clause.clause,
        title=clause.title,
        evidence=clause.evidence,
        step=clause.step,
        categories=list(clause.categories),
        instruments=list(clause.instruments),
        routine=[routine_view(one) for one in clause.routine],
        note=found.note,
    )


def routine_view(one: Routine) -> RoutineView:
    """What of a clause is due by itself."""
    within = str(one.within) if one.within else None
    return RoutineView(wanted=one.wanted, basis=one.basis, within=within, yearly=one.yearly)
