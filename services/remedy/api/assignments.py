"""HTTP about who works on which case: coordinators assign and take back, handlers step back by themselves."""

from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter
from pydantic import BaseModel

from services.remedy import audit, casework
from services.remedy.api.callers import (
    AtOffice,
    Body,
    Coordinator,
    Handler,
    Running,
    acting,
    lock_any,
    lock_assigned,
    refusals_answered,
)
from services.remedy.api.people import lock_person
from services.remedy.api.writing import noted
from services.remedy.audit import Act, Action
from services.remedy.casework import Work, nothing
from services.remedy.domain.people import Role
from services.remedy.store import identity
from services.remedy.store import people as store
from shared.events.values import Paragraph, Slug
from shared.http import Problem
from shared.postgres import Connection

router = APIRouter()


class Assignee(Body):
    """Who is to work on a case, by name."""

    name: Slug


class Recusal(Body):
    """Why somebody steps back from a case, for its other handlers: sealed with the case. It may be left out."""

    motivation: Paragraph | None = None


class Assigned(BaseModel):
    """Who works on a case now, by name."""

    reference: str
    handlers: list[str]


@router.get("/cases/{reference}/handlers")
async def list_handlers(runtime: Running, _coordinator: Coordinator, reference: str) -> Assigned:
    """Who works on a case."""
    async with runtime.transaction() as tx:
        return await assigned(tx, await lock_any(tx, reference))


@router.post("/cases/{reference}/handlers")
async def assign_case(runtime: Running, coordinator: Coordinator, reference: str, assignee: Assignee) -> Assigned:
    """Let a handler work on a case; never the coordinator's own self. Repeating changes nothing."""
    async with runtime.transaction() as tx:
        case = await lock_any(tx, reference)
        person = await lock_person(tx, assignee.name)
        await require_assignable(tx, case, person, coordinator.id)
        if await store.assign(tx, case["case_id"], person["person_id"]):
            entry = Act(Action.ASSIGNED, coordinator.id, case["case_id"], about=person["person_id"])
            await audit.record(tx, [entry])
        return await assigned(tx, case)


async def require_assignable(tx: Connection, case: Record, person: Record, coordinator: UUID) -> None:
    """Raises Problem 403 for the coordinator's own self, 409 for no handler or one who stepped back from the case."""
    if person["person_id"] == coordinator:
        raise Problem(403, "own_assignment", "Nobody assigns a case to themselves: ask another coordinator.")
    if Role.HANDLER not in person["roles"]:
        raise Problem(409, "no_handler", "This person is no handler.")
    if await store.is_recused(tx, case["case_id"], person["person_id"]):
        raise Problem(409, "recused", "This person has stepped back from the case.")


@router.delete("/cases/{reference}/handlers/{name}")
async def unassign_case(runtime: Running, coordinator: Coordinator, reference: str, name: Slug) -> Assigned:
    """Let a handler work on a case no longer: what was granted to them of it ends. Repeating changes nothing."""
    async with runtime.transaction() as tx:
        case = await lock_any(tx, reference)
        person = (await lock_person(tx, name))["person_id"]
        if await store.unassign(tx, case["case_id"], person):
            await identity.end_grants(tx, person, case["case_id"])
            await audit.record(tx, [Act(Action.UNASSIGNED, coordinator.id, case["case_id"], about=person)])
        return await assigned(tx, case)


@router.post("/cases/{reference}/recusal", status_code=204)
async def step_back(office: AtOffice, handler: Handler, reference: str, recusal: Recusal) -> None:
    """Step back from a case, as one who is partial must (UNGP 31a): it is not assigned to them again."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, handler, reference)
        await identity.end_grants(tx, handler.id, case["case_id"])
        await store.unassign(tx, case["case_id"], handler.id)
        await store.recuse(tx, case["case_id"], handler.id)
        if recusal.motivation is None:
            await audit.record(tx, [Act(Action.RECUSED, handler.id, case["case_id"])])
            return
        work = Work(acting(handler), Action.RECUSED, nothing, noted(recusal.motivation))
        await casework.act(office, tx, case, work)


async def assigned(tx: Connection, case: Record) -> Assigned:
    """Who works on a case now."""
    names = [row["name"] for row in await store.read_assigned(tx, case["case_id"])]
    return Assigned(reference=case["reference"], handlers=names)
