"""Reprisal is a case of its own, linked to the one for which somebody suffers it, with the shortest clock (RSC)."""

from uuid import UUID

from asyncpg import Record

from services.remedy import audit
from services.remedy.audit import Act, Action
from services.remedy.casework import Actor, Work, act
from services.remedy.domain.people import Person
from services.remedy.office import Office
from services.remedy.receiving import draw_reference
from services.remedy.store import people, plans
from services.remedy.vault import Part, Writing
from shared.events.remedy.cases import CaseFact, CaseLinked, CaseOpened, CaseTakenIn
from shared.events.remedy.words import LinkKind, Party, TestimonyKind
from shared.postgres import Connection


async def open_reprisal(office: Office, tx: Connection, of: Record, person: Person, case: UUID, told: str) -> str:
    """Open a case about reprisal for another, which is locked; the reference of the new one.

    `case` is its id, for which the vault has made keys. It is assigned to who opens it, and tells what they heard.
    """
    row = await plans.insert_case(tx, case, TestimonyKind.GRIEVANCE, draw_reference())
    await people.assign(tx, case, person.id)
    work = Work(
        Actor(Party.HANDLER, person.id),
        Action.CASE_OPENED,
        lambda *_: opened(case, of["case_id"]),
        (Writing(Part.NARRATIVE, told.encode()),),
    )
    await act(office, tx, row, work)
    await audit.record(tx, [Act(Action.ASSIGNED, person.id, case, about=person.id)])
    reference: str = row["reference"]
    return reference


def opened(case: UUID, of: UUID) -> list[CaseFact]:
    """The facts with which such a case begins: it comes in no box, and is taken in as it opens."""
    return [
        CaseOpened(case=case, kind=TestimonyKind.GRIEVANCE),
        CaseTakenIn(case=case, reprisal=True),
        CaseLinked(case=case, to=of, kind=LinkKind.REPRISAL),
    ]
