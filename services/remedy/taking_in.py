"""Boxes are opened by the clock: what each holds is sealed anew under keys of its case, and the box is destroyed.

What a box holds is read here for a moment and kept nowhere but sealed. Every step can be the last one of a process:
keys of a case are made once, and all that follows is one transaction, which begins with the box still there.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from asyncpg import Record, UniqueViolationError

from services.remedy import casework
from services.remedy.audit import Act, Action
from services.remedy.boxes import Unpacked, consents_in, unpack, writings_of
from services.remedy.casework import CLOCK, REPORTER, Work
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.office import Office, office_of
from services.remedy.store import cases
from services.remedy.store import receiving as store
from services.remedy.trustee import Keyring
from services.remedy.vault import OF_IDENTITY, KeyLost, Part, Writing
from shared.events.remedy.cases import CaseFact, CaseLinked, CaseMoved, CaseTakenIn, MessageLeft
from shared.events.remedy.words import CaseReason, CaseState, Erased, LinkKind, Party
from shared.logs import log
from shared.postgres import Connection, borrow, is_transient
from shared.service import Runtime

AT_ONCE = 16
"""Boxes that are held open at the same time; a receipt takes tens of milliseconds, two are computed at a time."""


async def take_in(runtime: Runtime) -> bool:
    """Take in what has arrived, some at a time; True while more may wait.

    One process at a time does it, so that no receipt is computed twice. A box that no key opens, or that cannot be
    taken in for whatever reason, stays, is set aside, and is tried again each hour (`trustee.rotate`).
    """
    async with borrow(runtime.pool) as door:
        if not await store.hold_the_door(door):
            return False
        try:
            return await take_in_some(office_of(runtime))
        finally:
            await store.leave_the_door(door)


async def take_in_some(office: Office) -> bool:
    """Take in the oldest boxes; True while more may wait."""
    async with borrow(office.runtime.pool) as connection:
        waiting = await store.read_waiting(connection, AT_ONCE)
    if not waiting:
        return False
    unpacked = await unpack(office, await Keyring.read(office), waiting)
    await office.vault.make_keys([one.case for one in unpacked])
    for one in sorted(unpacked, key=lambda one: one.earlier is not None):  # what others belong to comes first
        await take_in_safely(office, one)
    return len(waiting) == AT_ONCE


async def take_in_safely(office: Office, one: Unpacked) -> None:
    """Take in one box; whatever is wrong with it harms no other."""
    try:
        await take_in_one(office, one)
    except UniqueViolationError:
        log.info("a receipt came twice at the same time, trying again")
    except Exception as error:
        if is_transient(error):
            raise
        log.error("a box of testimony cannot be taken in and is set aside", reason=type(error).__name__)
        async with office.runtime.transaction() as tx:
            await store.set_aside(tx, [one.case])


async def take_in_one(office: Office, one: Unpacked) -> None:
    """Take in one box, in one transaction; nothing where another process has.

    What belongs to a case whose keys are just being destroyed becomes a case of its own.
    """
    try:
        await take_in_with(office, one, find_earlier)
    except KeyLost:
        await take_in_with(office, one, find_none)


async def take_in_with(
    office: Office, one: Unpacked, find: Callable[[Connection, Unpacked], Awaitable[Record | None]]
) -> None:
    """The same, where `find` tells to which earlier case a box belongs."""
    async with office.runtime.transaction() as tx:
        case = await store.lock_waiting(tx, one.case)
        if case is None:
            return
        known = one.receipt is not None and await store.find_by_receipt(tx, one.receipt) is not None
        kept = None if known else one.receipt
        earlier = await find(tx, one)
        if earlier is not None and not one.box.reprisal:
            await join(office, tx, case, earlier, one, has_receipt=kept is not None)
        else:
            await keep(office, tx, case, earlier, one, has_receipt=kept is not None)
        await store.empty_box(tx, one.case, kept)


async def find_earlier(tx: Connection, one: Unpacked) -> Record | None:
    """The case that a box says it belongs to, locked: by the earlier receipt, else by its own where that is known.

    A case that was joined to another leads there. None where no receipt is known, or where the case was erased or is
    about to be: what was added to it would go with it.
    """
    for receipt in (one.earlier, one.receipt):
        found = await store.find_by_receipt(tx, receipt) if receipt else None
        seen: set[UUID] = set()
        while found is not None and found not in seen:
            seen.add(found)
            row = await cases.lock_by_id(tx, found)
            life = (await casework.read_dossier(tx, found)).life
            if life.joined is None:
                return None if life.erasing or Erased.CONTENT in life.erased else row
            found = life.joined
    return None


async def find_none(_tx: Connection, _one: Unpacked) -> None:
    """No earlier case."""


async def keep(
    office: Office,
    tx: Connection,
    case: Record,
    earlier: Record | None,
    one: Unpacked,
    has_receipt: bool,
    first: Sequence[CaseFact] = (),
    acts: list[Act] | None = None,
) -> None:
    """Make what a box holds a case of its own; one that tells of reprisal is linked to the earlier one.

    `first` is what happened to it before, where nothing is written down of it yet; `acts` as `casework.act` has it.
    """
    writings = writings_of(one.box)
    facts = [*first, taken_in(one, writings, has_receipt), *consents_in(one.box, one.case)]
    if earlier is not None:
        facts.append(CaseLinked(case=one.case, to=earlier["case_id"], kind=LinkKind.REPRISAL))
    await casework.act(office, tx, case, Work(REPORTER, Action.TAKEN_IN, lambda *_: facts, writings), acts)


async def join(office: Office, tx: Connection, case: Record, earlier: Record, one: Unpacked, has_receipt: bool) -> None:
    """Add what a box holds to the earlier case, as a message of its reporter, and close the new one."""
    to: UUID = earlier["case_id"]
    left = MessageLeft(case=to, by=Party.REPORTER, attachments=len(one.box.attachments))
    added: list[CaseFact] = [left, *consents_in(one.box, to)]
    writings = writings_of(one.box, told_as=Part.MESSAGE_IN)
    await casework.act(office, tx, earlier, Work(REPORTER, Action.WROTE, lambda *_: added, writings))
    await casework.act(office, tx, case, Work(CLOCK, Action.TAKEN_IN, partial(joined, one, to, has_receipt)))


def joined(one: Unpacked, to: UUID, has_receipt: bool, dossier: Dossier, _moment: Moment) -> list[CaseFact]:
    """The facts of a case that was joined to another; a handler may have acknowledged it before."""
    before = dossier.life.state
    return [
        taken_in(one, (), has_receipt),
        CaseLinked(case=one.case, to=to, kind=LinkKind.JOINED),
        CaseMoved(case=one.case, before=before, after=CaseState.CLOSED, reason=CaseReason.JOINED),
    ]


def taken_in(one: Unpacked, writings: Sequence[Writing], has_receipt: bool) -> CaseTakenIn:
    """The fact that a case was taken in with these pieces of writing."""
    parts = [writing.part for writing in writings]
    return CaseTakenIn(
        case=one.case,
        filed_by=one.box.filed_by,
        reprisal=one.box.reprisal,
        has_receipt=has_receipt,
        named=not OF_IDENTITY.isdisjoint(parts),
        has_confidant=Part.TRUSTED_CONTACT in parts,
        attachments=parts.count(Part.ATTACHMENT),
    )
