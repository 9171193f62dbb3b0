"""HTTP about who a reporter is: a handler asks, somebody else decides, and only who asked may see it, for a time."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter
from pydantic import BaseModel

from services.remedy import audit, casework
from services.remedy.api.callers import (
    AtOffice,
    Custodian,
    Handler,
    Running,
    acting,
    lock_assigned,
    refusals_answered,
)
from services.remedy.api.writing import BrieflyMotivated, Decision, legible, noted
from services.remedy.audit import Act, Action
from services.remedy.casework import Work
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.people import Person
from services.remedy.domain.refusals import Refused, require
from services.remedy.office import Office
from services.remedy.store import cases, contents
from services.remedy.store import identity as store
from services.remedy.vault import OF_IDENTITY, Part
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import CaseRefusal
from shared.http import Problem
from shared.postgres import Connection, borrow, now

router = APIRouter()


class IdentityStanding(BaseModel):
    """How a handler stands with a case's identity. What was denied, has ended or is another's is no grant."""

    waiting: bool
    until: datetime | None = None


class WaitingRequest(BaseModel):
    """A request that waits for a decision."""

    request: UUID
    reference: str
    asked_by: str
    asked: datetime


class MotivatedRequest(WaitingRequest):
    """A request with its motivation."""

    motivation: str


class IdentityPart(BaseModel):
    """A part of what a reporter told of themselves; as base64 where it is not UTF-8."""

    part: Part
    at: datetime
    text: str | None = None
    base64: str | None = None


@router.post("/cases/{reference}/identity/requests", status_code=201)
async def ask(office: AtOffice, handler: Handler, reference: str, body: BrieflyMotivated) -> IdentityStanding:
    """Ask to see who the reporter of an assigned case is. Somebody else decides; custodians are told by mail."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, handler, reference)
        if await store.is_waiting(tx, case["case_id"], handler.id):
            raise Problem(409, "already_asked", "Your request for this case waits for a decision.")
        await casework.call_for_decision(office, tx, case)
        work = Work(acting(handler), Action.IDENTITY_ASKED, identity_kept, noted(body.motivation))
        done = await casework.act(office, tx, case, work)
        await store.insert(tx, store.Asked(uuid4(), case["case_id"], handler.id, done.contents[0]))
    return IdentityStanding(waiting=True)


def identity_kept(dossier: Dossier, _moment: Moment) -> list[CaseFact]:
    """The rule of a request. Raises Refused where nobody can know any more who the reporter is."""
    require((not dossier.life.erased, CaseRefusal.ERASED))
    return []


@router.get("/cases/{reference}/identity/standing")
async def stand(runtime: Running, handler: Handler, reference: str) -> IdentityStanding:
    """Whether a request of your own waits, and until when a grant of your own holds."""
    async with runtime.transaction() as tx:
        case = (await lock_assigned(tx, handler, reference))["case_id"]
        grant = await store.read_grant(tx, case, handler.id)
        waiting = await store.is_waiting(tx, case, handler.id)
    return IdentityStanding(waiting=waiting, until=grant["until"] if grant else None)


@router.post("/cases/{reference}/identity/readings")
async def read(office: AtOffice, handler: Handler, reference: str) -> list[IdentityPart]:
    """See who the reporter is, while a grant of your own holds; each time is audited with the reasons of the grant."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = (await lock_assigned(tx, handler, reference))["case_id"]
        grant = await store.read_grant(tx, case, handler.id)
        if grant is None:
            raise Problem(403, "identity_closed", "You have no grant that holds: ask for one.")
        shown = await open_identity(office, tx, case)
        reasons = (grant["motivation"], grant["decision"])
        await audit.record(tx, [Act(Action.IDENTITY_READ, handler.id, case, reasons)])
    return shown


async def open_identity(office: Office, tx: Connection, case: UUID) -> list[IdentityPart]:
    """What a reporter told of themselves, the oldest first. Raises KeyLost where it was erased."""
    found = await contents.read(tx, case, OF_IDENTITY)
    texts = await office.vault.open([sealed for _, sealed in found])
    return [
        IdentityPart(part=row["part"], at=row["at"], **legible(text))
        for (row, _), text in zip(found, texts, strict=True)
    ]


@router.get("/identity/requests")
async def list_waiting(runtime: Running, custodian: Custodian) -> list[WaitingRequest]:
    """The requests of others that wait for a decision, without their motivations."""
    async with borrow(runtime.pool) as connection:
        return [waiting(row) for row in await store.read_waiting(connection, custodian.id)]


@router.post("/identity/requests/{request}/readings")
async def read_request(office: AtOffice, custodian: Custodian, request: UUID) -> MotivatedRequest:
    """A request with its motivation, for who decides on it; audited. Nothing else of the case is shown."""
    async with office.runtime.transaction() as tx, refusals_answered():
        row = await lock_request(tx, custodian, request)
        motivations = await office.vault.open(await contents.read_by_id(tx, row["motivation"]))
        if not motivations:
            raise Refused(CaseRefusal.ERASED)
        await audit.record(tx, [Act(Action.READ, custodian.id, row["case_id"], (row["motivation"],))])
    return MotivatedRequest(**waiting(row).model_dump(), motivation=motivations[0].decode())


@router.post("/identity/requests/{request}/decision")
async def decide(office: AtOffice, custodian: Custodian, request: UUID, body: Decision) -> IdentityStanding:
    """Grant or deny another person's request, with a motivation. A grant is for who asked, and holds for a time."""
    async with office.runtime.transaction() as tx, refusals_answered():
        row = await lock_request(tx, custodian, request)
        case = await cases.lock_by_id(tx, row["case_id"])
        assert case is not None
        until = await now(tx) + timedelta(hours=office.settings.identity_hours) if body.granted else None
        action = Action.IDENTITY_GRANTED if body.granted else Action.IDENTITY_DENIED
        rule = identity_kept if body.granted else casework.nothing
        work = Work(acting(custodian), action, rule, noted(body.motivation), about=row["asked_by"])
        done = await casework.act(office, tx, case, work)
        await store.decide(tx, request, store.Decided(custodian.id, body.granted, done.contents[0], until))
    return IdentityStanding(waiting=False, until=until)


def waiting(row: Record) -> WaitingRequest:
    """A request from its row."""
    return WaitingRequest(
        request=row["request_id"], reference=row["reference"], asked_by=row["name"], asked=row["asked_at"]
    )


async def lock_request(tx: Connection, custodian: Person, request: UUID) -> Record:
    """A request that waits for this person's decision, locked after its case.

    Raises Problem 404 where there is none, 403 for who asked or works on the case, 409 where it was decided.
    """
    case = await store.read_case_of(tx, request)
    if case is not None:
        await cases.lock_by_id(tx, case)
    found = await store.lock(tx, request, custodian.id)
    if found is None:
        raise Problem(404, "request_unknown", "There is no such request.")
    if found["asked_by"] == custodian.id or found["works_on_it"]:
        raise Problem(403, "own_request", "Nobody decides on a request of their own, or about a case of theirs.")
    if found["decided_at"] is not None:
        raise Problem(409, "already_decided", "This request has been decided.")
    return found
