"""HTTP for case handlers: the watch for retaliation. Coordinators see which checks are due, by references only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.remedy import audit
from services.remedy.api.callers import AtOffice, Body, Coordinator, Handler, acting, lock_assigned, refusals_answered
from services.remedy.api.writing import Motivated, Words, noted
from services.remedy.audit import Act, Action
from services.remedy.casework import Work, act, read_dossier
from services.remedy.domain import watch
from services.remedy.domain.clocks import Deadline
from services.remedy.domain.dossier import Dossier
from services.remedy.office import Office
from services.remedy.reprisals import open_reprisal
from services.remedy.store import plans as store
from shared.events.remedy.words import DeadlineKind, RetaliationForm, RetaliationResult, RetaliationStep
from shared.events.values import Count
from shared.events.vocabulary import Known
from shared.http import Fault, Problem
from shared.postgres import borrow

router = APIRouter()

SHOWN = frozenset({RetaliationResult.SUSPECTED, RetaliationResult.CONFIRMED})
"""Results that have forms: of somebody who was not reached nothing was seen."""


class Check(Body):
    """What a check showed. `number`: the check planned for so many days after a contact; without it, an unplanned one.

    A confirmed one says in `note` what happened: with it the case of the reprisal opens.
    """

    result: Known[RetaliationResult]
    forms: Annotated[tuple[Known[RetaliationForm], ...], Field(max_length=10)] = ()
    number: Count | None = None
    note: Words | None = None


class FollowUp(Body):
    """What was done about a sign."""

    step: Known[RetaliationStep]
    note: Words | None = None


class CheckView(BaseModel):
    """A check still to be made: so many days after a contact, from when it can be made, and until when."""

    number: int | None
    opens: datetime
    due: datetime
    basis: str
    missed: bool


class WatchView(BaseModel):
    """The watch as it stands. `reprisal` is the reference of the case that was opened with this request, if one was."""

    contacted_on: date | None
    last: RetaliationResult | None
    sign: RetaliationResult | None
    forms: Sequence[RetaliationForm]
    trusted_contact_told: bool
    escalated: bool
    calm: bool
    checks: list[CheckView]
    reprisal: str | None = None


class Reprisal(BaseModel):
    """The reference of the case that was opened."""

    reference: str


class DueCheck(BaseModel):
    """A check for retaliation whose time has come, in whichever case."""

    reference: str
    number: int | None
    due: datetime
    basis: str
    missed: bool


@router.get("/watch/due")
async def list_due_checks(office: AtOffice, _person: Coordinator) -> list[DueCheck]:
    """The checks of all cases whose time has come, the first due first."""
    async with borrow(office.runtime.pool) as connection:
        return [DueCheck(**dict(row)) for row in await store.read_checks_at_hand(connection)]


@router.get("/cases/{reference}/watch")
async def show_watch(office: AtOffice, person: Handler, reference: str) -> WatchView:
    """The watch of a case, and its checks still to be made."""
    async with office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        return view(await read_dossier(tx, case["case_id"]))


@router.post("/cases/{reference}/watch/checks")
async def note_check(office: AtOffice, person: Handler, reference: str, body: Check) -> WatchView:
    """A check was made. Where it confirms a reprisal, a case about that opens with it, unless one is open already."""
    refuse_contradiction(body)
    reprisal = await key_for_reprisal(office) if body.result is RetaliationResult.CONFIRMED else None
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        known = await store.has_open_reprisal(tx, case["case_id"])
        work = Work(
            acting(person),
            Action.CHECKED,
            lambda dossier, moment: watch.check(dossier, moment, body.result, body.forms, body.number),
            noted(body.note),
        )
        acts: list[Act] = []
        shown = view((await act(office, tx, case, work, acts)).dossier)
        if reprisal and body.note and not known:
            shown.reprisal = await open_reprisal(office, tx, case, person, reprisal, body.note, acts)
        await audit.record(tx, acts)
        return shown


@router.post("/cases/{reference}/watch/follow-ups")
async def note_follow_up(office: AtOffice, person: Handler, reference: str, body: FollowUp) -> WatchView:
    """Something was done about a sign: first of all the worker's trusted contact was told."""
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        work = Work(
            acting(person), Action.CHECKED, lambda dossier, _: watch.follow_up(dossier, body.step), noted(body.note)
        )
        return view((await act(office, tx, case, work)).dossier)


@router.post("/cases/{reference}/watch/reprisal", status_code=201)
async def note_reprisal(office: AtOffice, person: Handler, reference: str, body: Motivated) -> Reprisal:
    """A reprisal was heard of in another way than by a check: it becomes a case of its own, with the shortest clock."""
    reprisal = await key_for_reprisal(office)
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        acts: list[Act] = []
        reference = await open_reprisal(office, tx, case, person, reprisal, body.motivation, acts)
        await audit.record(tx, acts)
        return Reprisal(reference=reference)


async def key_for_reprisal(office: Office) -> UUID:
    """The id of a case to come, which has its keys. Where it does not come to be, they are of no use to anybody."""
    case = uuid4()
    await office.vault.make_keys([case])
    return case


def refuse_contradiction(body: Check) -> None:
    """Raises Problem 422 where a confirmed check does not say what happened, or forms were seen where nothing was."""
    faults = []
    if body.forms and body.result not in SHOWN:
        faults.append(Fault(pointer="/forms", code="forms_without_sign", remedy="Leave the forms out."))
    if body.result is RetaliationResult.CONFIRMED:
        if not body.forms:
            faults.append(Fault(pointer="/forms", code="missing", remedy="Say in which form."))
        if not body.note:
            faults.append(Fault(pointer="/note", code="missing", remedy="Say what happened: a case opens with it."))
    if faults:
        raise Problem(422, "schema_invalid", "The request does not fit the schema.", faults)


def view(dossier: Dossier) -> WatchView:
    """The watch as handlers see it."""
    found = dossier.watch
    return WatchView(
        contacted_on=found.contacted_on,
        last=found.last,
        sign=found.sign,
        forms=found.forms,
        trusted_contact_told=found.trusted_contact_told,
        escalated=found.escalated,
        calm=found.calm,
        checks=[view_check(one) for one in dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)],
    )


def view_check(one: Deadline) -> CheckView:
    """A check as handlers see it."""
    return CheckView(number=one.key.number, opens=one.warn, due=one.due, basis=one.basis, missed=one.missed)
