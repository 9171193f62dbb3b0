"""The one way in which something is done to a case: decide on its dossier, keep the facts, the words sealed, the audit.

Everything happens in one transaction. What follows by itself (deadlines, checks, mail) is concluded here, so that no
part of the procedure can forget it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from asyncpg import Record

from services.remedy import audit
from services.remedy.audit import Act, Action
from services.remedy.domain import clocks, mails
from services.remedy.domain.dossier import Dossier, Happened, Moment, fold
from services.remedy.domain.refusals import Refused
from services.remedy.office import SOURCE, Office
from services.remedy.store import cases, contents
from services.remedy.vault import Writing
from shared.events.envelope import Classification, Event, day_of
from shared.events.remedy import MailRequested
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import CaseRefusal, Erased, MailKind, Party
from shared.postgres import Connection, now

Decide = Callable[[Dossier, Moment], Sequence[CaseFact]]
"""A rule of the domain: the facts that follow from what is asked, or Refused."""


def nothing(_dossier: Dossier, _moment: Moment) -> Sequence[CaseFact]:
    """The rule of what is only written down and audited."""
    return ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a handler by id, a reporter or the clock without one."""

    by: Party
    person: UUID | None = None


REPORTER = Actor(Party.REPORTER)
CLOCK = Actor(Party.CLOCK)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the case as it now stands, the facts, and the ids of the words that were kept."""

    dossier: Dossier
    facts: tuple[CaseFact, ...]
    contents: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done to a case: who does it, what the audit calls it, the rule, and the words that go with it."""

    actor: Actor
    action: Action
    decide: Decide
    writings: tuple[Writing, ...] = ()
    about: UUID | None = None
    """The person to whom it is done, for the audit."""


async def act(office: Office, tx: Connection, case: Record, work: Work, unrecorded: list[Act] | None = None) -> Done:
    """Do something to a case that `cases.lock` has locked. Raises Refused, and then nothing has happened.

    Who may do it is decided before. Written down are the facts, the deadlines as they then run, the words (sealed) and
    one entry of the audit; published are the facts on `restricted.case`, and the mail that they call for. Where more
    follows in `tx` that needs keys, its caller records the entry last, which is put into `unrecorded`: whoever adds to
    the audit lets all others wait.
    """
    moment = office.terms.moment(await now(tx))
    dossier = await read_dossier(tx, case["case_id"])
    if Erased.CONTENT in dossier.life.erased:
        raise Refused(CaseRefusal.ERASED)
    facts = list(work.decide(dossier, moment))
    sealed = await office.vault.seal(dossier.case, work.writings) if work.writings else []
    await contents.insert(tx, sealed, work.actor.by)
    after = await happen(office, tx, case, dossier, facts, work.actor, moment)
    entry = Act(work.action, work.actor.person, dossier.case, tuple(one.id for one in sealed), work.about)
    if unrecorded is None:
        await audit.record(tx, [entry])
    else:
        unrecorded.append(entry)
    return Done(after, tuple(facts), tuple(one.id for one in sealed))


async def happen(
    office: Office, tx: Connection, case: Record, before: Dossier, facts: list[CaseFact], actor: Actor, moment: Moment
) -> Dossier:
    """Let facts happen to a locked case, with what follows from them: they are kept and published. Adds to `facts`."""
    after = before
    for fact in facts:
        after = after.after(Happened(moment.at, actor.by, fact))
    consequences = clocks.follow(before, after, facts, moment, office.terms)
    for fact in consequences:
        after = after.after(Happened(moment.at, Party.CLOCK, fact))
    told = [(actor, fact) for fact in facts] + [(CLOCK, fact) for fact in consequences]
    facts += consequences
    await cases.append(tx, before.case, moment.at, [(one.by, fact) for one, fact in told])
    await cases.write_standing(tx, after)
    kinds = dict.fromkeys(kind for one, fact in told if (kind := mails.called_for(one.by, fact)))
    requests = [request_mail(case["reference"], kind, moment.at, mails.due(after, moment)) for kind in kinds]
    await office.runtime.publish(tx, [restricted(fact, moment.at) for _, fact in told] + requests)
    return after


async def read_dossier(tx: Connection, case: UUID) -> Dossier:
    """A case as it stands."""
    return fold(case, await cases.read_facts(tx, case))


def restricted(fact: CaseFact, at: datetime) -> Event:
    """A fact for the handlers' own systems. The id is random: v7 would tell the time."""
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=fact.type,
        subject=str(fact.case),
        time=at,
        classification=Classification.RESTRICTED,
        data=fact,
    )


async def call_for_decision(office: Office, tx: Connection, case: Record) -> None:
    """Ask by mail that another person decides on what is asked for about a locked case."""
    moment = office.terms.moment(await now(tx))
    due = mails.due(await read_dossier(tx, case["case_id"]), moment)
    mail = request_mail(case["reference"], MailKind.DECISION_AWAITED, moment.at, due)
    await office.runtime.publish(tx, [mail])


def request_mail(reference: str, kind: MailKind, at: datetime, due: datetime) -> Event:
    """A request for mail that leads back to nothing: a random id, no cause, and in its data no time finer than a day.

    That the mail itself leaves at once, and when, cannot be hidden from who operates Kafka or the mail server.
    """
    data = MailRequested(reference=reference, kind=kind, due=day_of(due))
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=data.type,
        subject=reference,
        time=day_of(at),
        classification=Classification.OPERATORS,
        data=data,
    )
