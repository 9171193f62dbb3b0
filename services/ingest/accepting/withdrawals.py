"""Taking back what was sent by mistake, whatever it became; testimony is taken back by its reporter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.ingest.accepting.batch import Batch
from services.ingest.domain.events.submission import Submission
from services.ingest.news import news
from services.ingest.store import contracts, disclosures, replies, requests, submissions
from services.ingest.store.submissions import Became
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    DialogueWithdrawn,
    FlagWithdrawn,
    FollowUpWithdrawn,
    ReplyWithdrawn,
    RequestWithdrawn,
)
from shared.events.members import SubmissionWithdrawn, TestimonySubmitted
from shared.events.vocabulary import Retirement
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a member takes back: the submission that says so, and what the one that it names has become."""

    submission: Submission
    data: SubmissionWithdrawn
    became: Record


async def withdraw(tx: Connection, batch: Batch) -> None:
    """Take back what the members' submissions have become, once; refuse what names none that still holds."""
    sent = list(batch.sent(SubmissionWithdrawn))
    if not sent:
        return
    names = {(submission.source, data.submission) for _, submission, data in sent}
    found = await submissions.withdraw(tx, batch.member, names)
    missing = names - found.keys()
    testimony = await submissions.without_consequence(tx, batch.member, missing) if missing else set()
    testimony -= {(one.source, one.id) for one in batch.fresh.values() if not isinstance(one.data, TestimonySubmitted)}
    taken: list[Withdrawal] = []
    for receipt, submission, data in sent:
        name = (submission.source, data.submission)
        became = found.pop(name, None)
        if became is None:
            code = "testimony_not_here" if name in testimony else "submission_unknown"
            batch.refuse(receipt, code, "/data/submission")
            continue
        taken.append(Withdrawal(submission, data, became))
        batch.became(receipt, Became.WITHDRAWAL, became["id"])
    await undo(tx, batch, taken)


async def undo(tx: Connection, batch: Batch, taken: Sequence[Withdrawal]) -> None:
    """Undo what was kept, and tell what is for one audience; contracts and disclosures are settled later."""
    by_kind = {kind: [one for one in taken if one.became["kind"] == kind] for kind in Became}
    if gone := ids_of(by_kind[Became.DISCLOSURE]):
        await disclosures.retire(tx, gone, Retirement.WITHDRAWN)
        batch.disclosures += gone
    if said := [one.became["receipt"] for one in by_kind[Became.CONTRACT]]:
        batch.contracts |= await contracts.delete_revisions(tx, said)
    if asked := ids_of(by_kind[Became.REQUEST]):
        await requests.withdraw(tx, asked)
    if replied := ids_of(by_kind[Became.REPLY]):
        await replies.withdraw(tx, replied)
    batch.events += [TOLD[kind](batch, one) for kind, ones in by_kind.items() if kind in TOLD for one in ones]


def ids_of(taken: Sequence[Withdrawal]) -> list[UUID]:
    return [one.became["id"] for one in taken]


def flag_withdrawn(_: Batch, one: Withdrawal) -> Event:
    became, of = one.became, {name: one.became[name] for name in ("supplier", "site")}
    data = FlagWithdrawn.model_validate(of | {"report": became["id"], "reason": one.data.reason})
    return news(data, became["site"] or became["supplier"], one.submission.time)


def reply_withdrawn(_: Batch, one: Withdrawal) -> Event:
    became = one.became
    data = ReplyWithdrawn(reply=became["id"], report=became["report"])
    return news(data, became["site"] or became["supplier"], one.submission.time)


def follow_up_withdrawn(_: Batch, one: Withdrawal) -> Event:
    became, of = one.became, {name: one.became[name] for name in ("report", "supplier", "site")}
    data = FollowUpWithdrawn.model_validate(of | {"entry": became["id"]})
    return news(data, became["site"] or became["supplier"], one.submission.time)


def request_withdrawn(batch: Batch, one: Withdrawal) -> Event:
    became = one.became
    data = RequestWithdrawn(request=became["id"], supplier=became["supplier"], reason=one.data.reason)
    return news(data, became["supplier"], one.submission.time, Classification.MEMBER, member=batch.member)


def dialogue_withdrawn(batch: Batch, one: Withdrawal) -> Event:
    became, of = one.became, {name: one.became[name] for name in ("supplier", "engagement")}
    data = DialogueWithdrawn.model_validate(
        of | {"entry": became["id"], "member": batch.member, "reason": one.data.reason}
    )
    subject, group = became["engagement"] or became["supplier"], became["workinggroup"]
    return news(data, subject, one.submission.time, Classification.GROUP, workinggroup=group)


TOLD: dict[Became, Callable[[Batch, Withdrawal], Event]] = {
    Became.FLAG: flag_withdrawn,
    Became.REPLY: reply_withdrawn,
    Became.FOLLOW_UP: follow_up_withdrawn,
    Became.REQUEST: request_withdrawn,
    Became.DIALOGUE: dialogue_withdrawn,
}
