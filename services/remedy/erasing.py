"""Erasing: keys are destroyed, and then what they sealed is removed; taken up again wherever it was interrupted.

An erasure is decided in one transaction, with the fact `ErasureAsked`. It is carried out by a task, in steps that can
each be repeated: published statements are put down to be taken back, the keys of the case are destroyed in their own
database, and then the rows go and `CaseErased` is told. Killed between any two steps, the next round begins anew.
Codes, days and counts stay as the record of decisions until that clock, too, is over.
"""

from collections.abc import Awaitable
from uuid import UUID, uuid4

from asyncpg import Record
from prometheus_client import Gauge

from services.remedy import audit, casework, releasing
from services.remedy.audit import Act, Action
from services.remedy.casework import REPORTER, Done, Work
from services.remedy.domain import erasure as rules
from services.remedy.domain.clocks import IDENTITY, RECORD
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.office import Office, office_of
from services.remedy.store import cases
from services.remedy.store import erasing as store
from services.remedy.store.erasing import Asked
from services.remedy.timing import Timer
from services.remedy.vault import OF_IDENTITY, Part
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import Erased, ErasureBasis, Pressure
from shared.logs import log
from shared.postgres import Connection, borrow, is_transient, now
from shared.service import Runtime

AT_ONCE = 20
"""Cases that are looked at in one round."""
NARRATIVE = "retention-narrative"
STUCK = Gauge("engage_remedy_erasures_stuck", "Erasures that were decided and cannot be carried out; see the log.")


async def by_reporter(
    office: Office, tx: Connection, case: Record, what: Erased, copy_offered: bool, pressure: Pressure | None
) -> Done:
    """The reporter of a locked case has it erased, or only who they are: decided with this, done within seconds.

    Raises Refused LEGAL_HOLD, COPY_NOT_OFFERED, ERASED, PRESSURE_NOT_ASKED, UNDER_PRESSURE. `copy_offered`: the
    reporter has a copy, or wants none.
    """

    def decide(dossier: Dossier, _moment: Moment) -> list[CaseFact]:
        return rules.by_reporter(dossier, what, copy_offered, pressure)

    done = await casework.act(office, tx, case, Work(REPORTER, Action.ERASURE_ASKED, decide))
    await store.insert(tx, Asked(uuid4(), case["case_id"], what, ErasureBasis.REPORTER_ASKED), granted=True)
    return done


async def erase(runtime: Runtime, timer: Timer) -> bool:
    """Erase what is decided and, while the clock is right, what was kept long enough; True while there may be more."""
    office = office_of(runtime)
    if await timer.clock_is_right(office):
        await decide_by_clock(office)
    async with borrow(runtime.pool) as connection:
        to_do = await store.read_to_do(connection, AT_ONCE)
    done = [await completed(office, row) for row in to_do]
    STUCK.set(done.count(False))
    return len(done) == AT_ONCE and all(done)


async def completed(office: Office, row: Record) -> bool:
    """Whether an erasure could be carried out; one that cannot is tried again, and stops no other."""
    try:
        await carry_out(office, row)
    except Exception as error:
        set_aside(error)
        return False
    return True


def set_aside(error: Exception) -> None:
    """Tell of a case that could not be erased, without naming it. Raises what passes by itself."""
    if is_transient(error):
        raise error
    log.error("a case cannot be erased", reason=type(error).__name__)


async def decide_by_clock(office: Office) -> None:
    """Decide on all that has been kept for long enough; what must still be kept keeps nothing else waiting."""
    for clocks, decide, action in (((IDENTITY, NARRATIVE), decide_on, Action.CLOCK), ((RECORD,), drop, Action.ERASED)):
        found: list[Record] | None = None
        while found is None or len(found) == AT_ONCE:
            after = (found[-1]["received_at"], found[-1]["case_id"]) if found else None
            async with office.runtime.transaction() as tx:
                found = await store.lock_retained(tx, clocks, AT_ONCE, after)
                done = [case["case_id"] for case in found if await attempted(tx, decide(office, tx, case))]
                await audit.record(tx, [Act(action, None, case) for case in done])


async def attempted(tx: Connection, step: Awaitable[bool]) -> bool:
    """What a step about one case says; False, and nothing done, where it fails."""
    try:
        async with tx.transaction():
            return await step
    except Exception as error:
        set_aside(error)
        return False


async def decide_on(office: Office, tx: Connection, case: Record) -> bool:
    """Decide on one locked case whose time is over; False where it must still be kept."""
    dossier, moment = await casework.read_dossier(tx, case["case_id"]), office.terms.moment(await now(tx))
    what = rules.kept_long_enough(dossier, moment)
    if what is None:
        return False
    facts = rules.by_clock(dossier, what)
    await casework.happen(office, tx, case, dossier, facts, casework.CLOCK, moment)
    asked = Asked(uuid4(), case["case_id"], what, ErasureBasis.RETENTION_ENDED)
    await store.insert(tx, asked, granted=True)
    return True


async def drop(office: Office, tx: Connection, case: Record) -> bool:
    """Remove the record of one locked case whose time is over; False where it must still be kept."""
    dossier = await casework.read_dossier(tx, case["case_id"])
    if not rules.record_is_over(dossier, office.terms.moment(await now(tx))):
        return False
    await store.drop_record(tx, case["case_id"])
    return True


async def carry_out(office: Office, row: Record) -> None:
    """Do one erasure, step by step; safe to repeat after any of them, and to be done by two processes at once."""
    case, what, basis = row["case_id"], Erased(row["what"]), ErasureBasis(row["basis"])
    if what is Erased.CONTENT:
        await take_back(office, case)
    await office.vault.destroy(case, what)
    await remove(office, row["erasure_id"], case, what, basis)


async def take_back(office: Office, case: UUID) -> None:
    """Put down what was published of a case to be taken back: it needs the key that is about to be destroyed."""
    async with office.runtime.transaction() as tx:
        if await cases.lock_by_id(tx, case):
            await releasing.take_back(office, tx, case)


async def remove(office: Office, erasure: UUID, case: UUID, what: Erased, basis: ErasureBasis) -> None:
    """Remove what the destroyed keys had sealed, and tell of it, once: the audit names what goes, before it is gone."""
    async with office.runtime.transaction() as tx:
        if what is Erased.CONTENT:
            await store.forget_joined(tx, case)
        locked = await cases.lock_by_id(tx, case)
        if locked is None:
            return
        dossier, moment = await casework.read_dossier(tx, case), office.terms.moment(await now(tx))
        if facts := rules.erased(dossier, what, basis):
            await casework.happen(office, tx, locked, dossier, facts, casework.CLOCK, moment)
            gone = await store.read_to_erase(tx, case, Part if what is Erased.CONTENT else OF_IDENTITY)
            await audit.record(tx, [Act(Action.ERASED, None, case, gone)])
        await (store.erase_content(tx, case) if what is Erased.CONTENT else store.erase_identity(tx, case, OF_IDENTITY))
        await store.finish(tx, erasure)
