"""The clocks: deadlines that come near or pass, each told of once, and not while the clock itself is wrong.

Which deadlines are due is the database's clock's to say, the same for every process. That clock can jump. Each process
therefore compares it with a clock that cannot, and with the latest moment that any process has seen; while the two
disagree nothing is told of as missed and nothing is erased or published, the gauge `engage_remedy_clock_held` is 1, and
the log has an error. It goes on when the clock is right again, or when an operator says that it is (`engage clock
release`). Only the deadlines that protect workers go on meanwhile, by the clock that cannot jump.
A jump ahead while no process runs cannot be told from a pause of that length, and is believed.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record
from prometheus_client import Counter, Gauge

from services.remedy import audit, casework
from services.remedy.audit import Act, Action
from services.remedy.domain import clocks
from services.remedy.office import Office, office_of
from services.remedy.settings import RemedySettings
from services.remedy.store import cases, deadlines
from services.remedy.store.deadlines import ClockWatch
from shared.events.remedy.cases import CaseFact, DeadlineFact
from shared.events.remedy.words import DeadlineKind
from shared.logs import log
from shared.postgres import Connection, borrow, is_transient, now
from shared.service import Runtime

AT_ONCE = 20
"""Cases of one transaction: it is over long before a lock bothers anybody."""

HELD = Gauge("engage_remedy_clock_held", "1 while only protective deadlines fall due, because the clock has jumped.")
TOLD = Counter("engage_remedy_deadlines_told_total", "Deadlines told of, by kind: near or missed.", ["kind", "what"])
OVERDUE = Gauge("engage_remedy_deadlines_overdue", "Deadlines that were missed and are still to be met.", ["kind"])
FAILING = Gauge("engage_remedy_clocks_failing", "Cases whose deadlines this process cannot follow; see its log.")


def seconds_since_boot() -> float:
    """A clock that nobody sets; on Linux it goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(slots=True)
class Witness:
    """What this process knows of time: a moment of the database that it believed, and its own clock at that moment."""

    clock: Callable[[], float] = seconds_since_boot
    at: datetime | None = None
    own: float = 0.0
    released: int = 0

    def judge(self, seen: ClockWatch, settings: RemedySettings) -> str | None:
        """In which direction the database's clock has jumped, or None where it has not.

        A hold that others placed is upheld by who has not seen the time before it.
        """
        if seen.now < seen.high_water - timedelta(seconds=settings.clock_step_back):
            return "back"
        if self.at is None or self.released != seen.released:
            return "ahead" if seen.held == "ahead" else None
        elapsed = timedelta(seconds=self.clock() - self.own)
        return "ahead" if seen.now - self.at > elapsed + timedelta(seconds=settings.clock_step_ahead) else None

    def count_on(self, seen: ClockWatch) -> datetime:
        """The moment by this process's own clock, whatever the database's tells; at least the latest that was believed.

        A process that started afterwards knows that one alone.
        """
        known = seen.high_water if self.at is None else self.at + timedelta(seconds=self.clock() - self.own)
        return max(known, seen.high_water)

    def believe(self, seen: ClockWatch) -> None:
        """The clock was right at this moment."""
        self.at, self.own, self.released = seen.now, self.clock(), seen.released


@dataclass(slots=True)
class Timer:
    """The task of one process."""

    witness: Witness = field(default_factory=Witness)
    failing: set[UUID] = field(default_factory=set)
    """Cases that could not be followed: set aside until the process starts anew, so that they stop no others."""

    async def fire(self, runtime: Runtime) -> bool:
        """Tell of the deadlines of some cases that have come near or passed; True while there may be more.

        Each is told of once, by whichever process has the case; stopped in between, nothing has happened. While the
        clock is wrong these are the protective ones alone, by this process's own clock.
        """
        office = office_of(runtime)
        right = await self.clock_is_right(office)
        kinds = tuple(DeadlineKind) if right else clocks.PROTECTIVE
        async with runtime.transaction() as tx:
            at = await now(tx) if right else self.witness.count_on(await deadlines.watch_clock(tx))
            due = await deadlines.lock_due(tx, at, kinds, self.failing, AT_ONCE)
            told = [fact for case in due for fact in await self.follow(office, tx, case, at, kinds)]
            await audit.record(tx, [Act(Action.CLOCK, None, case) for case in dict.fromkeys(one.case for one in told)])
        count(told)
        if not due:
            await self.measure(runtime)
        return len(due) == AT_ONCE

    async def clock_is_right(self, office: Office) -> bool:
        """Whether things may happen by the clock; what was found is written down for all processes."""
        async with office.runtime.transaction() as tx:
            seen = await deadlines.watch_clock(tx)
            jumped = self.witness.judge(seen, office.settings)
            if jumped is None:
                await deadlines.believe_clock(tx, seen.now)
                self.witness.believe(seen)
            else:
                await deadlines.hold_clock(tx, jumped)
        HELD.set(jumped is not None)
        if jumped and seen.held != jumped:
            log.error("the database's clock has jumped: only protective deadlines go on", state=jumped)
        elif jumped is None and seen.held:
            log.warning("the database's clock is believed again", state="running")
        return jumped is None

    async def follow(
        self, office: Office, tx: Connection, case: Record, at: datetime, kinds: Collection[DeadlineKind]
    ) -> list[CaseFact]:
        """Let what of these kinds is due happen to a locked case; nothing where its facts say that nothing is."""
        try:
            async with tx.transaction():
                dossier = await casework.read_dossier(tx, case["case_id"])
                moment = office.terms.moment(at)
                facts = clocks.fire(dossier, moment, kinds)
                if facts:
                    await casework.happen(office, tx, case, dossier, facts, casework.CLOCK, moment)
                else:
                    await cases.write_standing(tx, dossier)
                return facts
        except Exception as error:
            if is_transient(error):
                raise
            self.failing.add(case["case_id"])
            FAILING.set(len(self.failing))
            log.error("the deadlines of a case cannot be followed", reason=type(error).__name__)
            return []

    async def measure(self, runtime: Runtime) -> None:
        """Count what is overdue, by kind alone."""
        async with borrow(runtime.pool) as connection:
            found = {row["kind"]: row["number"] for row in await deadlines.count_overdue(connection)}
        for kind in DeadlineKind:
            OVERDUE.labels(kind=kind.value).set(found.get(kind, 0))


def count(told: list[CaseFact]) -> None:
    """Count what was told, by kind alone."""
    for fact in told:
        if isinstance(fact, DeadlineFact):
            what = "near" if fact.type.startswith("deadline.approaching") else "missed"
            TOLD.labels(kind=fact.deadline.value, what=what).inc()
