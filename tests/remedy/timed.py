"""Cases whose clocks started some time ago, and the clock that a test turns."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from asyncpg import Record

from services.remedy import casework
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.domain.references import key_id_of
from services.remedy.office import Office
from services.remedy.receiving import draw_reference
from services.remedy.store import cases
from services.remedy.timing import Timer, Witness
from shared.events.remedy.cases import CaseFact, CaseOpened
from shared.events.remedy.words import TestimonyKind
from shared.postgres import now
from tests.conftest import Schema
from tests.remedy.given import PUBLIC_KEY


class Turned:
    """The clock of a process, which a test turns against the database's: an hour back is an hour's jump of that one."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def turn(self, **by: float) -> None:
        self.seconds += timedelta(**by).total_seconds()


def timer(clock: Turned | None = None) -> Timer:
    """What a process knows that has just started."""
    return Timer(Witness(clock or Turned()))


async def opened(office: Office, ago: timedelta = timedelta(), number: int = 1) -> list[Record]:
    """Cases that came in so long ago; no box, no keys. Their clocks have run since then, unseen."""
    found = []
    async with office.runtime.transaction() as tx:
        for case in [uuid4() for _ in range(number)]:
            arrived = cases.Arrived(case, TestimonyKind.GRIEVANCE, draw_reference(), key_id_of(PUBLIC_KEY), "none")
            (row,) = await cases.insert(tx, [arrived])
            await tx.execute("UPDATE grievance_case SET sealed = NULL WHERE case_id = $1", case)
            fact = CaseOpened(case=case, kind=TestimonyKind.GRIEVANCE)
            moment = office.terms.moment(await now(tx) - ago)
            await casework.happen(office, tx, row, Dossier(case), [fact], casework.REPORTER, moment)
            found.append(row)
    return found


async def let_happen(office: Office, case: UUID, *facts: CaseFact, ago: timedelta = timedelta()) -> Dossier:
    """Let facts happen to a case, with what follows from them, so long ago."""
    async with office.runtime.transaction() as tx:
        row = await cases.lock_by_id(tx, case)
        assert row is not None
        moment: Moment = office.terms.moment(await now(tx) - ago)
        dossier = await casework.read_dossier(tx, case)
        return await casework.happen(office, tx, row, dossier, list(facts), casework.CLOCK, moment)


async def set_high_water(schema: Schema, ahead: timedelta) -> datetime:
    """Let the database's clock have been seen ahead of what it tells now: it has stepped back by so much."""
    rows = await schema.rows("UPDATE clock_watch SET high_water = clock_timestamp() + $1 RETURNING high_water", ahead)
    at: datetime = rows[0]["high_water"]
    return at
