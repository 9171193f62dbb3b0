"""HTTP for reporters: everything is asked with a receipt in the body, and what is confidential comes sealed.

The trustee runs this door, behind TLS. It knows no accounts and sets no cookies; a receipt never stands in an address.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.remedy.api.callers import refusals_answered
from services.remedy.api.door_models import (
    COPY_OFFERED,
    HOW_TO_SEAL,
    PRESSURE_ASKED,
    Agreement,
    Asked,
    CaseForReporter,
    Copy,
    Erasing,
    Kept,
    Message,
    Said,
    Step,
    Survey,
    Thanks,
    Withdrawal,
    WithReceipt,
)
from services.remedy.api.writing import legible
from services.remedy.audit import Action
from services.remedy.domain import erasure, ladder, life, moves, survey, told
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.door import SAID_BY_REPORTER as OWN
from services.remedy.door import Door, NotSealed, ReceiptUnknown, Words, now_and_then, read_record
from services.remedy.vault import Part
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import CaseRefusal, Erased, Party, Pressure, Rung, RungStep
from shared.http import Fault, Problem


async def at_the_door(request: Request) -> Door:
    """The door, for somebody who has not tried too often. Raises Problem 429."""
    door: Door = request.app.state.door
    address = request.client.host if request.client else ""
    if seconds := door.throttle.wait(address):
        raise Problem(
            429, "too_many", "This door is tried too often: come back later.", headers={"retry-after": str(seconds)}
        )
    return door


AtDoor = Annotated[Door, Depends(at_the_door)]
router = APIRouter(prefix="/door")


@asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """Turns what the door raises into problems. Raises Problem 404, 409 or 422."""
    try:
        async with refusals_answered():
            yield
    except ReceiptUnknown:
        raise Problem(404, "receipt_unknown", "No case is found with this receipt. Compare it sign by sign.") from None
    except NotSealed:
        faults = [Fault(pointer="/sealed", code="not_sealed", remedy=HOW_TO_SEAL)]
        detail = "This was not sealed to the trustee's key, and was not kept."
        raise Problem(422, "not_sealed", detail, faults) from None


def standing(door: Door, dossier: Dossier) -> told.Standing:
    """How a case stands, for its reporter."""
    erase = partial(erasure.by_reporter, dossier, Erased.CONTENT, copy_offered=True, pressure=Pressure.NO)
    return told.tell(dossier, door.office.terms, {"erase": erase})


@router.post("/case")
async def read_case(door: AtDoor, body: WithReceipt) -> CaseForReporter:
    """Where the case is, what comes next and by when, what may be done, and what was written."""
    async with answered(), door.visit(body.receipt) as visit:
        shown = standing(door, visit.dossier)
        words = await door.words(visit, (Part.MESSAGE_IN, Part.MESSAGE_OUT), Action.REPORTER_READ)
        return CaseForReporter(standing=shown, messages=[said(door, one) for one in words])


@router.post("/messages")
async def write(door: AtDoor, body: Message) -> told.Standing:
    """Answer a question, or add something: sealed on the reporter's own device."""
    async with answered():
        return standing(door, await door.write(body.receipt, body.sealed))


@router.post("/objection")
async def object_to_closure(door: AtDoor, body: WithReceipt) -> told.Standing:
    """Object to closure: the case stays open, or is looked at again, until the objection is heard."""
    async with answered():
        rule = now_and_then(life.object_to_closure)
        return standing(door, await door.act(body.receipt, Action.OBJECTED, rule))


@router.post("/objection/withdraw")
async def take_objection_back(door: AtDoor, body: WithReceipt) -> told.Standing:
    """Object no longer."""
    async with answered():
        rule = now_and_then(partial(life.settle_objection, by=Party.REPORTER))
        return standing(door, await door.act(body.receipt, Action.OBJECTED, rule))


@router.post("/withdraw")
async def withdraw(door: AtDoor, body: Withdrawal) -> told.Standing:
    """Ask for the case to be withdrawn. Whether anybody presses for it is asked first, and must be answered."""
    pressure = told_of_pressure(body.pressure)
    async with answered():
        rule = now_and_then(partial(life.ask_withdrawal, pressure=pressure))
        return standing(door, await door.act(body.receipt, Action.WITHDREW, rule))


def told_of_pressure(pressure: Pressure | None) -> Pressure:
    """The answer to the question about pressure. Raises Problem 422 where it was not answered."""
    if pressure is None:
        faults = [Fault(pointer="/pressure", code=CaseRefusal.PRESSURE_NOT_ASKED, remedy=PRESSURE_ASKED)]
        raise Problem(422, "pressure_not_asked", PRESSURE_ASKED, faults)
    return pressure


@router.post("/consents")
async def agree(door: AtDoor, body: Agreement) -> told.Standing:
    """Agree, or no longer agree, that a rung is told. What is taken back takes back what was told there."""
    async with answered():
        rule = now_and_then(partial(life.consent, rung=body.rung, given=body.given, by=Party.REPORTER))
        return standing(door, await door.act(body.receipt, Action.CONSENT, rule))


@router.post("/ladder")
async def take_rung(door: AtDoor, body: Step) -> told.Standing:
    """Waive a rung, so that a later one may hear before it, or take one back. A waiver replaces no consent."""
    async with answered():
        rule = partial(step_of_reporter, body.rung, RungStep(body.step))
        return standing(door, await door.act(body.receipt, Action.CONSENT, rule))


def step_of_reporter(rung: Rung, step: RungStep, dossier: Dossier, moment: Moment) -> list[CaseFact]:
    """The facts of a rung waived or reversed today. Raises Refused."""
    return ladder.take(dossier, rung, step, moment.today, Party.REPORTER)


@router.post("/appeal")
async def appeal(door: AtDoor, body: WithReceipt) -> told.Standing:
    """Appeal: against a finding, what followed from it, or that the case is not processed."""
    async with answered():
        return standing(door, await door.act(body.receipt, Action.APPEALED, now_and_then(moves.appeal)))


@router.post("/copy")
async def take_copy(door: AtDoor, body: WithReceipt) -> Copy:
    """All that the reporter said and was told, and the record of what happened: to keep before it is erased."""
    async with answered(), door.visit(body.receipt) as visit:
        record = await read_record(visit)
        words = await door.words(visit, OWN, Action.COPIED)
        return Copy(
            words=[kept(door, one) for one in words],
            record=[told.record_of(one, door.office.terms) for one in record],
        )


@router.post("/erase")
async def erase(door: AtDoor, body: Erasing) -> told.Standing:
    """Have who speaks, or all of it, erased: within moments nobody can read it any more, and the receipt is unknown.

    Whether anybody presses for it is asked first; where somebody does, or did at a withdrawal, nothing is erased, and
    the handlers are told. The record of codes and days stays until its own time is over, as UNGP 31 and the audit need
    it. With all of it the watch for retaliation ends, since nobody knows any more whom to ask.
    """
    if body.copied is None:
        faults = [Fault(pointer="/copied", code=CaseRefusal.COPY_NOT_OFFERED, remedy=COPY_OFFERED)]
        raise Problem(422, "copy_not_offered", COPY_OFFERED, faults)
    pressure = told_of_pressure(body.pressure)
    async with answered():
        return standing(door, await door.erase(body.receipt, Erased(body.what), pressure))


@router.get("/survey")
async def read_questions() -> list[Asked]:
    """The questions about the mechanism itself (UNGP 31(h))."""
    return [Asked(code=one.code, text=one.text, source=one.criterion) for one in survey.QUESTIONS]


@router.post("/survey")
async def answer(door: AtDoor, body: Survey) -> Thanks:
    """Answer them, once. Answers are counted by quarter; which case they come from is not kept."""
    try:
        answers = survey.check(body.answers)
    except survey.NotAnswers:
        raise Problem(422, "schema_invalid", "Answer questions of GET /door/survey with 1 to 5.") from None
    async with answered():
        if not await door.count_in(body.receipt, answers):
            raise Problem(409, "already_answered", "These questions were answered with this receipt before.")
    return Thanks(counted=len(answers))


def said(door: Door, words: Words) -> Said:
    """A message as the reporter sees it."""
    return Said(on=door.office.terms.today(words.row["at"]), by=words.row["by"], text=words.text.decode())


def kept(door: Door, words: Words) -> Kept:
    """A piece of the copy."""
    on = door.office.terms.today(words.row["at"])
    return Kept(part=words.part, on=on, by=words.row["by"], **legible(words.text))
