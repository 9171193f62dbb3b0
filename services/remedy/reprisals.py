"""Reprisal is a case of its own, linked to the one for which somebody suffers it, with the shortest clock (RSC)."""

import asyncio
from uuid import UUID, uuid4

from asyncpg import Record

from services.remedy.audit import Act, Action
from services.remedy.boxes import Unpacked, hashed
from services.remedy.casework import Actor, Work, act
from services.remedy.domain.people import Person
from services.remedy.office import Office
from services.remedy.receiving import draw_reference
from services.remedy.store import people, plans, receiving
from services.remedy.taking_in import keep
from services.remedy.vault import Part, Writing
from shared.events.remedy.cases import CaseFact, CaseLinked, CaseOpened, CaseTakenIn
from shared.events.remedy.words import LinkKind, Party, TestimonyKind
from shared.events.sealed import SealedTestimony
from shared.postgres import Connection


async def open_reprisal(
    office: Office, tx: Connection, of: Record, person: Person, case: UUID, told: str, acts: list[Act]
) -> str:
    """Open a case about reprisal for another, which is locked; the reference of the new one.

    `case` is its id, for which the vault has made keys. It is assigned to who opens it, and tells what they heard.
    Its entries are added to `acts`, which the caller records when no key is needed any more.
    """
    row = await plans.insert_case(tx, case, TestimonyKind.GRIEVANCE, draw_reference())
    await people.assign(tx, case, person.id)
    work = Work(
        Actor(Party.HANDLER, person.id),
        Action.CASE_OPENED,
        lambda *_: opened(case, of["case_id"]),
        (Writing(Part.NARRATIVE, told.encode()),),
    )
    await act(office, tx, row, work, acts)
    acts.append(Act(Action.ASSIGNED, person.id, case, about=person.id))
    reference: str = row["reference"]
    return reference


async def prepared(office: Office, box: SealedTestimony, turn: asyncio.Semaphore) -> Unpacked:
    """What a reporter tells of reprisal, as a case to come that has its keys; a receipt in it is computed in turn."""
    one = Unpacked(uuid4(), box, await hashed(office, box.receipt, turn))
    await office.vault.make_keys([one.case])
    return one


async def open_told(office: Office, tx: Connection, of: Record, one: Unpacked, acts: list[Act]) -> None:
    """Open a case about the reprisal of which the reporter of a locked case tells, as one that comes in a box.

    A new receipt in it leads there; one that leads to a case already leads there still. Coordinators are told at once.
    `acts` as above.
    """
    known = one.receipt is not None and await receiving.find_by_receipt(tx, one.receipt) is not None
    kept = None if known else one.receipt
    row = await plans.insert_case(tx, one.case, TestimonyKind.GRIEVANCE, draw_reference())
    first = [CaseOpened(case=one.case, kind=TestimonyKind.GRIEVANCE)]
    await keep(office, tx, row, of, one, kept is not None, first, acts)
    await receiving.empty_box(tx, one.case, kept)


def opened(case: UUID, of: UUID) -> list[CaseFact]:
    """The facts with which such a case begins: it comes in no box, and is taken in as it opens."""
    return [
        CaseOpened(case=case, kind=TestimonyKind.GRIEVANCE),
        CaseTakenIn(case=case, reprisal=True),
        CaseLinked(case=case, to=of, kind=LinkKind.REPRISAL),
    ]
