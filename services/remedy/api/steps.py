"""HTTP for who works on cases: what a person does to a case. Each answers how it then stands.

Whatever a person writes is sealed under the case's key; every act stands in the audit.
"""

from typing import Annotated, Literal

from asyncpg import Record
from fastapi import APIRouter
from pydantic import Field

from services.remedy import casework
from services.remedy.api.callers import (
    AtOffice,
    Body,
    Coordinator,
    Handler,
    acting,
    lock_any,
    lock_assigned,
    refusals_answered,
)
from services.remedy.api.standing import Standing, standing
from services.remedy.api.writing import Motivated, Words, noted
from services.remedy.audit import Action
from services.remedy.casework import Decide, Work
from services.remedy.domain import life, moves, references
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.people import Person
from services.remedy.domain.refusals import Refused
from services.remedy.office import Office
from services.remedy.store import listing
from services.remedy.vault import Part, Writing
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    LinkKind,
    Party,
    Pressure,
    Referral,
    Rung,
    SafetyLevel,
)
from shared.events.values import Day
from shared.events.vocabulary import Known
from shared.http import Problem
from shared.postgres import Connection

router = APIRouter()

NEUTRAL = frozenset({Action.ASSIGNED, Action.UNASSIGNED, Action.HEARD})
"""What a person may have done to a case and still judge it: they said who works on it, or heard it before."""


class Move(Motivated):
    """To which state a case goes. A reason is needed where there are several; a referral with `referred`."""

    to: Known[CaseState]
    reason: Known[CaseReason] | None = None
    referral: Known[Referral] | None = None


class Consenting(Motivated):
    """What the workers' side said about telling a rung; `motivation` says who said it, and how."""

    rung: Known[Rung]
    given: bool


class Assessment(Body):
    """How dangerous it is for the workers that the case becomes known, and why it is judged so."""

    level: Known[SafetyLevel]
    assessment: Words


class Protection(Body):
    """How the workers are protected."""

    plan: Words


class Contact(Motivated):
    """The day on which the employer was spoken to; `motivation` says who spoke, and about what."""

    on: Day | None = None


class Message(Body):
    """What the reporter is to read."""

    text: Words


class Withdrawal(Motivated):
    """A reporter without receipt wants to withdraw; "are you under pressure to do this?" was asked, and answered so."""

    pressure: Known[Pressure]


class Link(Motivated):
    """The case of whose reprisal this one tells. Cases are joined by who holds the receipts of both, at the door."""

    to: Annotated[str, Field(max_length=40)]
    kind: Literal[LinkKind.REPRISAL]


class Judgement(Motivated):
    """Whether an appeal is upheld, and why."""

    upheld: bool


# By the handlers of a case.


@router.post("/cases/{reference}/acknowledge")
async def acknowledge(office: AtOffice, person: Handler, reference: str) -> Standing:
    """Tell that the reporter was told of the receipt. Late is better than never: a missed deadline stays missed."""
    return await do(office, person, reference, Action.MOVED, lambda dossier, _: moves.acknowledge(dossier))


@router.post("/cases/{reference}/move")
async def move(office: AtOffice, person: Handler, reference: str, body: Move) -> Standing:
    """Move a case to its next state. `GET /cases/{reference}` tells which there are, and what each still lacks."""

    def decide(dossier: Dossier, moment: Moment) -> list[CaseFact]:
        reason = body.reason or moves.only_reason(dossier, body.to)
        return moves.move(dossier, moment, body.to, reason, body.referral)

    return await do(office, person, reference, Action.MOVED, decide, *noted(body.motivation))


@router.post("/cases/{reference}/consent")
async def record_consent(office: AtOffice, person: Handler, reference: str, body: Consenting) -> Standing:
    """Record what the workers' side said: to whom this may be told, or may be told no longer."""

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return life.consent(dossier, body.rung, body.given, Party.HANDLER)

    return await do(office, person, reference, Action.CONSENT, decide, *noted(body.motivation))


@router.post("/cases/{reference}/safety")
async def assess_safety(office: AtOffice, person: Handler, reference: str, body: Assessment) -> Standing:
    """Record how dangerous it is for the workers that the case becomes known."""

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return life.assess_safety(dossier, body.level)

    return await do(office, person, reference, Action.ASSESSED, decide, *noted(body.assessment))


@router.post("/cases/{reference}/protection")
async def plan_protection(office: AtOffice, person: Handler, reference: str, body: Protection) -> Standing:
    """Record how the workers are protected; this comes before any contact with the employer."""

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return life.plan_protection(dossier)

    plan = Writing(Part.PROTECTION_PLAN, body.plan.encode())
    return await do(office, person, reference, Action.ASSESSED, decide, plan)


@router.post("/cases/{reference}/contact")
async def record_contact(office: AtOffice, person: Handler, reference: str, body: Contact) -> Standing:
    """Record that the employer was spoken to: from that day on retaliation is watched for."""

    def decide(dossier: Dossier, moment: Moment) -> list[CaseFact]:
        return life.contact(dossier, moment, body.on or moment.today)

    return await do(office, person, reference, Action.CONTACTED, decide, *noted(body.motivation))


@router.post("/cases/{reference}/message")
async def write_message(office: AtOffice, person: Handler, reference: str, body: Message) -> Standing:
    """Leave a message for the reporter, who reads it with the receipt."""

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return life.write(dossier, Party.HANDLER)

    message = Writing(Part.MESSAGE_OUT, body.text.encode())
    return await do(office, person, reference, Action.WROTE, decide, message)


@router.post("/cases/{reference}/link")
async def link(office: AtOffice, person: Handler, reference: str, body: Link) -> Standing:
    """Record that a case belongs to another; both are assigned to who says so."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case, other = await lock_both(tx, person, reference, body.to)

        def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
            return life.link(dossier, other["case_id"], body.kind)

        work = Work(acting(person), Action.MOVED, decide, noted(body.motivation))
        done = await casework.act(office, tx, case, work)
        return await standing(tx, case["reference"], done.dossier)


# By somebody who does not handle the case.


@router.post("/cases/{reference}/withdrawal")
async def record_withdrawal(office: AtOffice, person: Coordinator, reference: str, body: Withdrawal) -> Standing:
    """Record, as a coordinator who never worked on the case, that a reporter without receipt wants to withdraw.

    A handler's move then does it, unless they are under pressure: nobody withdraws for a reporter alone.
    """

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return life.ask_withdrawal(dossier, body.pressure, Party.HANDLER)

    return await judge(office, person, reference, decide, body.motivation)


@router.post("/cases/{reference}/objection")
async def settle_objection(office: AtOffice, person: Coordinator, reference: str, body: Motivated) -> Standing:
    """Record that a coordinator who never worked on the case heard the objection, and what came of it."""

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return life.settle_objection(dossier, Party.HANDLER)

    return await judge(office, person, reference, decide, body.motivation)


@router.post("/cases/{reference}/appeal")
async def decide_appeal(office: AtOffice, person: Coordinator, reference: str, body: Judgement) -> Standing:
    """Decide on the reporter's appeal, as a coordinator who never worked on the case: reopened, or as it was."""

    def decide(dossier: Dossier, _: Moment) -> list[CaseFact]:
        return moves.decide_appeal(dossier, body.upheld)

    return await judge(office, person, reference, decide, body.motivation)


# How.


async def do(
    office: Office, person: Person, reference: str, action: Action, decide: Decide, *writings: Writing
) -> Standing:
    """Let a handler do something to an assigned case. Raises Problem 404, or 409 with every refusal."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_assigned(tx, person, reference)
        done = await casework.act(office, tx, case, Work(acting(person), action, decide, writings))
        return await standing(tx, case["reference"], done.dossier)


async def judge(office: Office, person: Person, reference: str, decide: Decide, motivation: str) -> Standing:
    """Let a coordinator who never worked on the case hear the reporter. Raises Problem 404 or 409, as `do`."""
    async with office.runtime.transaction() as tx, refusals_answered():
        case = await lock_any(tx, reference)
        if await listing.has_worked_on(tx, case["case_id"], person.id, NEUTRAL):
            raise Refused(CaseRefusal.NOT_FOR_THIS_PARTY)
        work = Work(acting(person), Action.HEARD, decide, noted(motivation))
        done = await casework.act(office, tx, case, work)
        return await standing(tx, case["reference"], done.dossier)


async def lock_both(tx: Connection, person: Person, reference: str, other: str) -> tuple[Record, Record]:
    """Two different cases that are assigned to this person, always locked in the same order. Raises Problem 404."""
    asked = [references.as_written(one) or "" for one in (reference, other)]
    if asked[0] == asked[1]:
        raise Problem(422, "same_case", "A case belongs to another one, not to itself.")
    found = {one: await lock_assigned(tx, person, one) for one in sorted(asked)}
    return found[asked[0]], found[asked[1]]
