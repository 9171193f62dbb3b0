"""HTTP about erasure and what must be kept: a handler asks, somebody else decides; a hold stops both and is shown."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.remedy import audit, casework
from services.remedy.api.callers import (
    AtOffice,
    Custodian,
    Handler,
    Running,
    acting,
    lock_any,
    lock_assigned,
    refusals_answered,
)
from services.remedy.api.writing import BrieflyMotivated, Decision, noted
from services.remedy.audit import Act, Action
from services.remedy.casework import Work, nothing
from services.remedy.domain import erasure as rules
from services.remedy.domain.people import Person
from services.remedy.domain.refusals import Refused
from services.remedy.office import Office
from services.remedy.store import cases, contents
from services.remedy.store import erasing as store
from services.remedy.store.erasing import Asked, Decided
from services.remedy.vault import KeyLost
from shared.events.remedy.words import CaseRefusal, Erased, ErasureBasis
from shared.http import Problem
from shared.postgres import Connection, borrow

router = APIRouter()
DryRun = Annotated[bool, Query(description="Say what would be refused, and ask for nothing.")]


class Request(BrieflyMotivated):
    """What is to be erased and why; the motivation is sealed with the case, and read by who decides."""

    what: Literal["identity", "content"]
    copy_offered: bool = False


class ErasureStanding(BaseModel):
    """Whether a case is held for a proceeding, what of it is gone, and whether erasure waits for a decision."""

    held: bool
    erasing: bool
    erased: list[Erased]
    waiting: bool


class WaitingErasure(BaseModel):
    """A request that waits for a decision."""

    request: UUID
    reference: str
    what: Erased
    asked_by: str
    asked: datetime


class MotivatedErasure(WaitingErasure):
    """A request with its motivation."""

    motivation: str


@router.get("/cases/{reference}/erasure")
async def stand(runtime: Running, handler: Handler, reference: str) -> ErasureStanding:
    """How an assigned case stands with erasure, and whether a hold stops it."""
    async with runtime.transaction() as tx:
        case = await lock_assigned(tx, handler, reference)
        return await standing(tx, case["case_id"])


async def standing(tx: Connection, case: UUID) -> ErasureStanding:
    """How a case stands with erasure."""
    life = (await casework.read_dossier(tx, case)).life
    waiting = await store.is_waiting(tx, case)
    return ErasureStanding(held=life.held, erasing=life.erasing, erased=sorted(life.erased), waiting=waiting)


@router.post("/cases/{reference}/erasure", status_code=202)
async def ask(
    office: AtOffice, handler: Handler, reference: str, body: Request, dry_run: DryRun = False
) -> ErasureStanding:
    """Ask that an assigned case, or who its reporter is, be erased. Somebody who does not work on it decides."""
    what = Erased(body.what)
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, handler, reference)
        if dry_run:
            rules.ask(await casework.read_dossier(tx, case["case_id"]), what, body.copy_offered)
            return await standing(tx, case["case_id"])
        if await store.is_waiting(tx, case["case_id"]):
            raise Problem(409, "already_asked", "A request to erase this case waits for a decision.")
        await casework.call_for_decision(office, tx, case)
        work = Work(
            acting(handler),
            Action.ERASURE_ASKED,
            lambda dossier, _moment: rules.ask(dossier, what, body.copy_offered),
            noted(body.motivation),
        )
        done = await casework.act(office, tx, case, work)
        asked = Asked(uuid4(), case["case_id"], what, ErasureBasis.TWO_PERSONS, handler.id, done.contents[0])
        await store.insert(tx, asked)
        return await standing(tx, case["case_id"])


@router.get("/erasures")
async def list_waiting(runtime: Running, custodian: Custodian) -> list[WaitingErasure]:
    """The requests that wait for your decision, without their motivations."""
    async with borrow(runtime.pool) as connection:
        return [waiting(row) for row in await store.read_waiting(connection, custodian.id)]


@router.post("/erasures/{request}/readings")
async def read_request(office: AtOffice, custodian: Custodian, request: UUID) -> MotivatedErasure:
    """A request with its motivation, for who decides on it; audited. Nothing else of the case is shown."""
    async with office.runtime.transaction() as tx, refusals_answered():
        row, _ = await lock_request(tx, custodian, request)
        try:
            words = await office.vault.open(await contents.read_by_id(tx, row["motivation"]))
        except KeyLost:
            words = []
        if not words:
            raise Refused(CaseRefusal.ERASED)
        await audit.record(tx, [Act(Action.READ, custodian.id, row["case_id"], (row["motivation"],))])
    return MotivatedErasure(**waiting(row).model_dump(), motivation=words[0].decode())


@router.post("/erasures/{request}/decision")
async def decide(office: AtOffice, custodian: Custodian, request: UUID, body: Decision) -> ErasureStanding:
    """Agree to another person's request, or refuse it, with a motivation. What is granted is erased within seconds."""
    async with office.runtime.transaction() as tx, refusals_answered():
        row, case = await lock_request(tx, custodian, request)
        what = Erased(row["what"])
        work = Work(
            acting(custodian),
            Action.ERASURE_GRANTED if body.granted else Action.ERASURE_DENIED,
            (lambda dossier, _moment: rules.grant(dossier, what)) if body.granted else nothing,
            noted(body.motivation),
            about=row["asked_by"],
        )
        done = await casework.act(office, tx, case, work)
        if not await store.decide(tx, request, Decided(custodian.id, body.granted, done.contents[0])):
            raise request_unknown()
        return await standing(tx, row["case_id"])


def request_unknown() -> Problem:
    """There is no such request, or its handler does not work on the case any more."""
    return Problem(404, "request_unknown", "There is no such request.")


async def lock_request(tx: Connection, custodian: Person, request: UUID) -> tuple[Record, Record]:
    """A request that waits for this person's decision, and its case, locked.

    Raises Problem 404 where there is none, 403 for who asked or works on the case, 409 where it was decided.
    """
    found = await store.read(tx, request, custodian.id)
    case = await cases.lock_by_id(tx, found["case_id"]) if found else None
    found = await store.read(tx, request, custodian.id)
    if found is None or case is None:
        raise request_unknown()
    if found["asked_by"] == custodian.id or found["works_on_it"]:
        raise Problem(403, "own_request", "Nobody decides on a request of their own, or about a case of theirs.")
    if found["granted"] is not None:
        raise Problem(409, "already_decided", "This request has been decided.")
    return found, case


def waiting(row: Record) -> WaitingErasure:
    """A request from its row."""
    return WaitingErasure(
        request=row["erasure_id"],
        reference=row["reference"],
        what=row["what"],
        asked_by=row["name"],
        asked=row["asked_at"],
    )


@router.post("/cases/{reference}/hold")
async def place_hold(office: AtOffice, handler: Handler, reference: str, body: BrieflyMotivated) -> ErasureStanding:
    """Keep an assigned case for a proceeding: until the hold is lifted nothing of it is erased, by nobody."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, handler, reference)
        return await hold(office, tx, case, handler, body, placed=True)


@router.post("/cases/{reference}/hold/lift")
async def lift_hold(office: AtOffice, custodian: Custodian, reference: str, body: BrieflyMotivated) -> ErasureStanding:
    """Let a case be erased again when it is due; what became due meanwhile happens then."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_any(tx, reference)
        return await hold(office, tx, case, custodian, body, placed=False)


async def hold(
    office: Office, tx: Connection, case: Record, person: Person, body: BrieflyMotivated, *, placed: bool
) -> ErasureStanding:
    """Place or lift a hold on a locked case."""
    rule = rules.place_hold if placed else rules.lift_hold
    work = Work(acting(person), Action.HELD, lambda dossier, _moment: rule(dossier), noted(body.motivation))
    await casework.act(office, tx, case, work)
    return await standing(tx, case["case_id"])
