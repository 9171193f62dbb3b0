"""HTTP for case handlers: the ladder of publication, rung by rung."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.remedy import casework
from services.remedy.api.callers import AtOffice, Body, Handler, acting, lock_assigned, refusals_answered
from services.remedy.audit import Action
from services.remedy.casework import Decide, Work, act
from services.remedy.domain import clearance, ladder, release
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.refusals import Refused
from services.remedy.store import releases
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import CaseRefusal, Party, Rung, RungStep
from shared.events.vocabulary import Known
from shared.postgres import Connection

router = APIRouter()


class Taking(Body):
    """A rung that was told, on which day (the present one where none is named)."""

    rung: Known[Rung]
    step: Known[RungStep] = RungStep.REACHED
    on: date | None = None


class RungView(BaseModel):
    """One rung: whether the workers' side agrees, when it was reached, whether it was waived, what it may see now."""

    rung: Rung
    agreed: bool
    reached_on: date | None
    waived: bool
    may_see: list[str]


class WaitingView(BaseModel):
    """A statement that waits for its day, by an id that stands for it here only, and whether it is cleared."""

    statement: UUID
    company_contact: bool


class LadderView(BaseModel):
    """The ladder of a case, in its order, and the statements that wait for their day.

    `company_contact`: whether a statement may be cleared for contact with the company as the case stands, and
    `company_contact_needs` what it lacks for that.
    """

    rungs: list[RungView]
    statements_waiting: int
    waiting: list[WaitingView]
    company_contact: bool
    company_contact_needs: list[CaseRefusal]


@router.post("/cases/{reference}/rungs")
async def take_rung(office: AtOffice, person: Handler, reference: str, body: Taking) -> LadderView:
    """Put down that a rung was told. A handler reaches rungs; the workers' side alone waives and reverses.

    Members are told by a released statement, not here.
    """
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        await act(office, tx, case, Work(acting(person), Action.PUBLISHED, taken(body)))
        return await ladder_of(tx, case["case_id"])


def taken(body: Taking) -> Decide:
    """The rule for what is asked of a rung."""

    def decide(dossier: Dossier, moment: Moment) -> list[CaseFact]:
        on = body.on or moment.today
        if body.step is RungStep.REACHED and body.rung is not Rung.MEMBERS:
            return release.tell(dossier, moment, body.rung, on)
        if body.step is RungStep.REACHED:
            raise Refused(CaseRefusal.NOT_FOR_THIS_PARTY)
        return ladder.take(dossier, body.rung, body.step, on, Party.HANDLER)

    return decide


@router.get("/cases/{reference}/ladder")
async def read_ladder(office: AtOffice, person: Handler, reference: str) -> LadderView:
    """Who may be told, who was told, and what each may see now: codes only."""
    async with office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        return await ladder_of(tx, case["case_id"])


async def ladder_of(tx: Connection, case: UUID) -> LadderView:
    """The ladder of a case as it stands."""
    dossier = await casework.read_dossier(tx, case)
    rungs = [
        RungView(
            rung=rung,
            agreed=dossier.ladder.agrees(rung),
            reached_on=dossier.ladder.reached.get(rung),
            waived=rung in dossier.ladder.waived,
            may_see=sorted(ladder.visible(dossier, rung)),
        )
        for rung in ladder.ORDER
    ]
    waiting = await releases.waiting(tx, case)
    needs = [why for holds, why in clearance.guards(dossier) if not holds]
    return LadderView(
        rungs=rungs,
        statements_waiting=len(waiting),
        waiting=[
            WaitingView(statement=one, company_contact=clearance.stands(dossier, cleared_at))
            for one, cleared_at in waiting.items()
        ],
        company_contact=not needs,
        company_contact_needs=list(dict.fromkeys(needs)),
    )
