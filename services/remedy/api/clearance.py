"""HTTP for case handlers: whether the company may be approached on a statement, and taking back what was told."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from services.remedy import casework, releasing
from services.remedy.api.callers import AtOffice, Body, Handler, acting, lock_assigned, refusals_answered
from services.remedy.api.rungs import LadderView, ladder_of
from services.remedy.api.writing import noted
from services.remedy.audit import Action
from services.remedy.casework import Work, act
from services.remedy.domain import clearance
from services.remedy.store import releases
from shared.events.values import Paragraph
from shared.http import Problem
from shared.postgres import Connection, now

router = APIRouter()


class Motivated(Body):
    """Why it is done."""

    motivation: Annotated[Paragraph, Field(description="Why: kept sealed in the case, and in the audit by its digest.")]


class Clearing(Motivated):
    """Whether the company may be approached on a statement that waits; `statement` only where several do."""

    cleared: bool = True
    statement: UUID | None = None


@router.post("/cases/{reference}/releases/contact")
async def clear_contact(office: AtOffice, person: Handler, reference: str, body: Clearing) -> LadderView:
    """Clear a statement that waits for contact with the company, or (`cleared` false) no longer.

    Refused unless the danger was assessed, the workers are protected, and they agree that employer and brand are told.
    It lapses by itself where that changes before the statement goes out.
    """
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        statement = await waiting_statement(tx, case["case_id"], body.statement)
        decide = clearance.clear if body.cleared else casework.nothing
        action = Action.CONTACT_CLEARED if body.cleared else Action.CONTACT_WITHDRAWN
        await act(office, tx, case, Work(acting(person), action, decide, noted(body.motivation)))
        await releases.clear(tx, statement, await now(tx) if body.cleared else None)
        return await ladder_of(tx, case["case_id"])


async def waiting_statement(tx: Connection, case: UUID, named: UUID | None) -> UUID:
    """The statement that is meant: the one that is named, else the only one that waits.

    Raises Problem 404 `statement_unknown` where none of that id waits, 409 `statement_unclear` where several do.
    """
    waiting = await releases.waiting(tx, case)
    if named is None and len(waiting) > 1:
        raise Problem(409, "statement_unclear", "Several statements of this case wait: name one of them.")
    found = next(iter(waiting), None) if named is None else named
    if found not in waiting:
        raise Problem(
            404,
            "statement_unknown",
            "No such statement of this case waits. What went out is taken back, and told anew.",
        )
    return found


@router.post("/cases/{reference}/releases/taken-back")
async def take_back(office: AtOffice, person: Handler, reference: str, body: Motivated) -> LadderView:
    """Take back what this case told members: what waits is forgotten, what went out is reversed in the next batch.

    Whoever wants to tell it otherwise, such as cleared for contact with the company, releases a new statement.
    """
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        await releasing.take_back(office, tx, case["case_id"])
        await act(office, tx, case, Work(acting(person), Action.TAKEN_BACK, casework.nothing, noted(body.motivation)))
        return await ladder_of(tx, case["case_id"])
