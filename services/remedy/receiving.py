"""Testimony comes in: at once as a case with its first clocks, then, by the clock, out of its box and under its keys.

The handler opens nothing: it needs no key, and a batch of any size is a few statements. `take_in` opens each box, makes
the keys of its case, seals anew what it holds, and destroys the box.
"""

import secrets
from collections.abc import Callable, Sequence
from uuid import UUID

from asyncpg import Record

from services.remedy import audit
from services.remedy.audit import Act, Action
from services.remedy.casework import request_mail, restricted
from services.remedy.domain import clocks, mails, references
from services.remedy.domain.clocks import Deadline
from services.remedy.domain.dossier import Dossier, Happened, Moment
from services.remedy.domain.terms import Terms
from services.remedy.settings import RemedySettings
from services.remedy.store import cases
from services.remedy.store import receiving as store
from services.remedy.store.cases import Arrived
from shared.consumer import Handler, consumes
from shared.events.envelope import Event
from shared.events.ingest import TestimonyReceived
from shared.events.remedy.cases import CaseFact, CaseOpened
from shared.events.remedy.words import Party, TestimonyKind
from shared.postgres import Connection, now


def testimony_handler(settings: Callable[[], RemedySettings]) -> Handler:
    """The handler that needs the clocks."""

    @consumes("restricted.testimony")
    async def open_cases(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Make a case of each testimony, once, and start its first clocks. They count from its arrival here."""
        new = await cases.insert(tx, arrived(batch))
        if not new:
            return []
        terms = settings().terms
        moment = terms.moment(await now(tx))  # testimony itself tells the day only
        opened = [Opened(row, moment, terms) for row in new]
        await store.insert_first_facts(tx, moment.at, [told for one in opened for told in one.told])
        await store.insert_first_deadlines(tx, [deadline for one in opened for deadline in one.deadlines])
        await audit.record(tx, [Act(Action.CASE_OPENED, None, one.case) for one in opened])
        return [event for one in opened for event in one.events]

    return open_cases


class Opened:
    """A case that has just been opened: what happened, what follows, and what is told of it."""

    def __init__(self, row: Record, moment: Moment, terms: Terms) -> None:
        self.case: UUID = row["case_id"]
        fact = CaseOpened(case=self.case, kind=TestimonyKind(row["kind"]))
        before = Dossier(self.case)
        after = before.after(Happened(moment.at, Party.REPORTER, fact))
        self.told: list[tuple[Party, CaseFact]] = [(Party.REPORTER, fact)]
        for follows in clocks.follow(before, after, [fact], moment, terms):
            after = after.after(Happened(moment.at, Party.CLOCK, follows))
            self.told.append((Party.CLOCK, follows))
        self.deadlines: list[tuple[UUID, Deadline]] = [(self.case, one) for one in after.clocks.running()]
        self.events = [restricted(told, moment.at) for _, told in self.told]
        for kind in dict.fromkeys(kind for by, told in self.told if (kind := mails.called_for(by, told))):
            self.events.append(request_mail(row["reference"], kind, moment.at, mails.due(after, moment)))


def arrived(batch: Sequence[Event]) -> list[Arrived]:
    """The cases in a batch, each with a reference drawn for it; of two with the same id the first."""
    found: dict[UUID, Arrived] = {}
    for event in batch:
        data = event.data
        if isinstance(data, TestimonyReceived) and data.case not in found:
            found[data.case] = Arrived(data.case, data.kind, draw_reference(), data.key, data.sealed)
    return list(found.values())


def draw_reference() -> str:
    """A reference that nothing leads to: 55 random bits with a check symbol."""
    while (reference := references.reference_of(secrets.randbits(references.REFERENCE_BITS))) is None:
        pass
    return reference
