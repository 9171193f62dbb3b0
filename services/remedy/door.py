"""The reporters' door: what somebody with a receipt can read and do, and how often anybody may try.

A receipt that was never drawn, one that was mistyped and one whose case is erased are answered alike, after the same
work. Of the reporter nothing is written down: no address, no moment beyond that of what they did.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Self
from uuid import UUID

from asyncpg import Record

from services.remedy import audit, casework, erasing, reprisals, trustee
from services.remedy.audit import Act, Action
from services.remedy.boxes import consents_in, writings_of
from services.remedy.casework import REPORTER, Decide, Work, read_dossier
from services.remedy.domain import erasure, life, survey, watch
from services.remedy.domain.dossier import Dossier, Happened, Moment
from services.remedy.domain.references import receipt_as_written
from services.remedy.domain.survey import Answers
from services.remedy.office import Office
from services.remedy.receipts import receipt_hash
from services.remedy.store import cases, contents
from services.remedy.store import receiving as store
from services.remedy.store import survey as answers_kept
from services.remedy.throttle import Throttle
from services.remedy.vault import Part, Writing
from shared import sealing
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import Erased, Party, Pressure, RetaliationResult
from shared.events.sealed import SealedTestimony, read_box
from shared.events.values import quarter_of
from shared.postgres import Connection, borrow, now
from shared.rates import Rate

AT_ONCE = 2
"""Receipts that are computed at a time, with 19 MiB each."""
LONGEST = 100
"""Signs of a receipt that are looked at."""
SAID_BY_REPORTER = (
    Part.NARRATIVE,
    Part.ABOUT,
    Part.ATTACHMENT,
    Part.TRUSTED_CONTACT,
    Part.IDENTITY,
    Part.CONTACT,
    Part.CONTRIBUTOR,
    Part.MESSAGE_IN,
    Part.MESSAGE_OUT,
)
"""What a reporter's copy holds: their own words, and what was written to them. Notes of handlers are not among it."""


class ReceiptUnknown(Exception):
    """No case is found with this receipt: mistyped, never drawn, or erased, which nobody is told apart."""


class NotSealed(ValueError):
    """What was to be sealed is not, or not to a key that the trustee still has."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A case with its reporter before it, locked until the transaction ends."""

    tx: Connection
    case: Record
    dossier: Dossier

    @property
    def id(self) -> UUID:
        return self.dossier.case


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of writing, opened: the row tells by whom and when."""

    row: Record
    part: Part
    text: bytes


@dataclass(frozen=True, slots=True)
class Door:
    """The door of a running service."""

    office: Office
    throttle: Throttle
    computing: asyncio.Semaphore

    @classmethod
    def of(cls, office: Office) -> Self:
        """The door as set."""
        settings = office.settings
        each = Rate("door", settings.door_each_per_minute / 60, settings.door_each_at_once)
        together = Rate("door-together", settings.door_together_per_second, settings.door_together_at_once)
        return cls(office, Throttle(each, together), asyncio.Semaphore(AT_ONCE))

    async def hashed(self, typed: str) -> bytes:
        """By what a case is found, of whatever was typed: what is no receipt costs the same and finds nothing."""
        async with self.computing:
            text = receipt_as_written(typed[:LONGEST]) or f"no receipt: {typed[:LONGEST]}"
            return await asyncio.to_thread(receipt_hash, text, self.office.settings)

    @asynccontextmanager
    async def visit(self, receipt: str) -> AsyncIterator[Visit]:
        """The case to which a receipt leads; one that was joined to another leads there. Raises ReceiptUnknown.

        Also a receipt of a case that was joined to one whose content is erased leads nowhere any more.
        """
        receipt_hash = await self.hashed(receipt)
        async with self.office.runtime.transaction() as tx:
            found = await store.find_by_receipt(tx, receipt_hash)
            case = await cases.lock_by_id(tx, found) if found else None
            if case is None:
                raise ReceiptUnknown
            visit = await follow_joins(tx, case)
            if Erased.CONTENT in visit.dossier.life.erased:
                raise ReceiptUnknown
            yield visit

    async def act(self, receipt: str, action: Action, decide: Decide, writings: Sequence[Writing] = ()) -> Dossier:
        """Do something to a case as its reporter; the case as it then stands. Raises ReceiptUnknown, Refused."""
        async with self.visit(receipt) as visit:
            work = Work(REPORTER, action, decide, tuple(writings))
            return (await casework.act(self.office, visit.tx, visit.case, work)).dossier

    async def write(self, receipt: str, sealed: str) -> Dossier:
        """Add what a reporter sealed. Raises NotSealed, ReceiptUnknown, Refused.

        It is opened at once and sealed under the case's keys in the transaction that keeps it. Nothing of it is opened
        for a receipt that leads nowhere. What tells of reprisal opens a case of its own besides, as it does where it
        comes in a box; a new receipt in it leads there.
        """
        if not sealing.looks_sealed(sealed):
            raise NotSealed
        async with self.visit(receipt) as visit:
            try:
                box = read_box(await trustee.open_box(self.office, sealed))
            except sealing.CannotOpen:
                raise NotSealed from None
            writings = tuple(writings_of(box, told_as=Part.MESSAGE_IN))
            work = Work(REPORTER, Action.WROTE, partial(written, box), writings)
            reprisal = await reprisals.prepared(self.office, box, self.computing) if box.reprisal else None
            acts: list[Act] = []
            done = await casework.act(self.office, visit.tx, visit.case, work, acts)
            if reprisal:
                await reprisals.open_told(self.office, visit.tx, visit.case, reprisal, acts)
            await audit.record(visit.tx, acts)
            return done.dossier

    async def words(self, visit: Visit, parts: Sequence[Part], action: Action) -> list[Words]:
        """Open what belongs to the reporter; that it was read is written down first, and stands or falls with it."""
        found = await contents.read(visit.tx, visit.id, parts)
        texts = await self.office.vault.open([sealed for _, sealed in found])
        await audit.record(visit.tx, [Act(action, None, visit.id)])
        return [Words(row, sealed.part, text) for (row, sealed), text in zip(found, texts, strict=True)]

    async def erase(self, receipt: str, what: Erased, pressure: Pressure) -> Dossier:
        """Have a case erased as its reporter, who was offered a copy. Raises ReceiptUnknown, Refused.

        Who is pressed to it is refused, and the handlers hear of the pressure.
        """
        if pressure is Pressure.YES:
            await self.act(receipt, Action.WITHDREW, now_and_then(erasure.pressed))
        async with self.visit(receipt) as visit:
            return (await erasing.by_reporter(self.office, visit.tx, visit.case, what, True, pressure)).dossier

    async def count_in(self, receipt: str, answers: Answers) -> bool:
        """Count answers about the mechanism in; False where this receipt has answered. Raises ReceiptUnknown.

        Written is no case, no moment and no entry of the audit, and the case is only looked up, in a transaction of its
        own: not even the database's numbers of transactions lead from answers to a case.
        """
        receipt_hash = await self.hashed(receipt)
        async with borrow(self.office.runtime.pool) as connection:
            known = await store.find_by_receipt(connection, receipt_hash)
        written = receipt_as_written(receipt[:LONGEST])
        if known is None or written is None:
            raise ReceiptUnknown
        pepper = sealing.decode(self.office.settings.receipt_pepper.get_secret_value())
        async with self.office.runtime.transaction() as tx:
            if not await answers_kept.mark_answered(tx, survey.token_of(written, pepper)):
                return False
            today = self.office.terms.today(await now(tx))
            await answers_kept.add(tx, quarter_of(today), survey.EDITION, answers)
            return True


async def read_record(visit: Visit) -> list[Happened]:
    """All that happened to the case."""
    return await cases.read_facts(visit.tx, visit.id)


async def follow_joins(tx: Connection, case: Record) -> Visit:
    """The case itself, or the one to which its reporter had it added, locked. Raises ReceiptUnknown if that is gone."""
    seen: set[UUID] = set()
    while True:
        dossier = await read_dossier(tx, case["case_id"])
        seen.add(dossier.case)
        further = dossier.life.joined
        if further is None or further in seen:
            return Visit(tx, case, dossier)
        found = await cases.lock_by_id(tx, further)
        if found is None:
            raise ReceiptUnknown
        case = found


def written(box: SealedTestimony, dossier: Dossier, moment: Moment) -> list[CaseFact]:
    """The facts of a message: that it came, what is agreed to in it, and a sign where it tells of reprisal."""
    facts = life.write(dossier, Party.REPORTER, len(box.attachments)) + consents_in(box, dossier.case)
    return facts + (watch.check(dossier, moment, RetaliationResult.SUSPECTED) if box.reprisal else [])


def now_and_then(rule: Callable[[Dossier], list[CaseFact]]) -> Decide:
    """A rule that does not ask for the moment, as the work on cases calls rules."""
    return lambda dossier, _moment: rule(dossier)
