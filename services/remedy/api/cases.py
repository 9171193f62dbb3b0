"""HTTP for who works on cases: which there are, how one stands, and, with a reason each time, what it says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, Field

from services.remedy import casework
from services.remedy.api.callers import (
    AtOffice,
    Handler,
    Running,
    acting,
    lock_any,
    lock_assigned,
    person_with,
    refusals_answered,
)
from services.remedy.api.standing import CaseLine, Standing, lines, standing
from services.remedy.api.writing import Motivated, legible, noted
from services.remedy.audit import Action
from services.remedy.casework import Work
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.people import Person, Role
from services.remedy.domain.refusals import require
from services.remedy.store import contents, listing
from services.remedy.vault import OF_IDENTITY, Part
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import CaseRefusal, CaseState, Party, TestimonyKind
from shared.events.vocabulary import Known
from shared.postgres import borrow

router = APIRouter()

MayList = Annotated[Person, Depends(person_with(Role.COORDINATOR, Role.HANDLER))]


def not_of_identity(part: Part) -> Part:
    """The part itself. Raises ValueError for what tells who the reporter is: that needs a second person."""
    if part in OF_IDENTITY:
        raise ValueError("who the reporter is needs another person's decision")
    return part


ReadablePart = Annotated[Part, AfterValidator(not_of_identity)]
BY_DEFAULT: list[Part] = [part for part in Part if part not in OF_IDENTITY and part is not Part.ATTACHMENT]


class Reading(Motivated):
    """Why a case is read, and which parts of it: everything but files and who the reporter is, unless it is said."""

    parts: Annotated[list[ReadablePart], Field(min_length=1, max_length=len(Part))] = BY_DEFAULT


class Said(BaseModel):
    """Something that was written about a case; as base64 where it is not UTF-8."""

    part: Part
    by: Party
    at: datetime
    item: UUID | None = None
    text: str | None = None
    base64: str | None = None


class CaseContent(BaseModel):
    """What a case says, the oldest first."""

    reference: str
    kind: TestimonyKind
    said: list[Said]


@router.get("/cases")
async def list_cases(
    runtime: Running,
    person: MayList,
    state: Annotated[Known[CaseState] | None, Query()] = None,
    mine: Annotated[bool, Query()] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> list[CaseLine]:
    """Cases without their content, what is due next first: a coordinator sees all, a handler those assigned to them."""
    of = None if Role.COORDINATOR in person.roles and not mine else person.id
    async with borrow(runtime.pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = await listing.read_cases(connection, of, state, limit)
        deadlines = await listing.read_deadlines(connection, [row["case_id"] for row in found])
    return lines(found, deadlines)


@router.get("/cases/{reference}")
async def show_case(runtime: Running, person: MayList, reference: str) -> Standing:
    """How a case stands: its deadlines, what may be done next, and what is missing for it."""
    async with runtime.transaction() as tx:
        coordinates = Role.COORDINATOR in person.roles
        case = await (lock_any(tx, reference) if coordinates else lock_assigned(tx, person, reference))
        return await standing(tx, case["reference"], await casework.read_dossier(tx, case["case_id"]))


@router.post("/cases/{reference}/read")
async def read_case(office: AtOffice, person: Handler, reference: str, body: Reading) -> CaseContent:
    """Read what a case says. That it was read, and why, stands in the audit before anything is opened."""
    work = Work(acting(person), Action.READ, readable, noted(body.motivation))
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, person, reference)
        found = await contents.read(tx, case["case_id"], body.parts)
        await casework.act(office, tx, case, work)
    async with refusals_answered():
        texts = await office.vault.open([sealed for _, sealed in found])
    said = [
        Said(part=row["part"], by=row["by"], at=row["at"], item=row["item"], **legible(text))
        for (row, _), text in zip(found, texts, strict=True)
    ]
    return CaseContent(reference=case["reference"], kind=case["kind"], said=said)


def readable(dossier: Dossier, _moment: Moment) -> list[CaseFact]:
    """Nothing happens to a case that is read, and it can be read once its box was opened. Raises Refused."""
    require((dossier.life.taken_in, CaseRefusal.NOT_TAKEN_IN))
    return []
