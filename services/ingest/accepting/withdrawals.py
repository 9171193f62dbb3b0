"""Taking back what was sent by mistake, whatever it became; testimony is taken back by its reporter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.ingest.accepting.batch import Batch
from services.ingest.domain.events.submission import Submission
from services.ingest.news import news
from services.ingest.store import contracts, disclosures, groups, practices, registry, replies, requests, submissions
from services.ingest.store.submissions import Became
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    DialogueWithdrawn,
    FlagWithdrawn,
    FollowUpEntryWithdrawn,
    FollowUpWithdrawn,
    PracticeWithdrawn,
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
    await withdraw_dialogue(tx, batch, by_kind[Became.DIALOGUE])
    await withdraw_practices(tx, batch, by_kind[Became.PRACTICE], by_kind[Became.PRACTICE_OFFER])
    batch.events += [TOLD[kind](batch, one) for kind, ones in by_kind.items() if kind in TOLD for one in ones]
    batch.following += [follow_up_entry_withdrawn(batch, one) for kind in FOLLOWED_UP for one in by_kind[kind]]


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


async def withdraw_dialogue(tx: Connection, batch: Batch, taken: Sequence[Withdrawal]) -> None:
    """Tell groups what their member takes back: also one that has left the group since, and after the group closed."""
    if not taken:
        return
    parts = await groups.parts_of(tx, batch.member, {one.became["workinggroup"] for one in taken})
    suppliers = await registry.roots_of_suppliers(tx, {one.became["supplier"] for one in taken})
    for one in taken:
        became, group = one.became, one.became["workinggroup"]
        data = DialogueWithdrawn(
            entry=became["id"],
            engagement=became["engagement"],
            supplier=suppliers[became["supplier"]],
            member=batch.member,
            role=parts[group].role,
            reason=one.data.reason,
        )
        at, to = one.submission.time, Classification.GROUP
        batch.events.append(news(data, data.engagement, at, to, workinggroup=group))


async def withdraw_practices(
    tx: Connection, batch: Batch, described: Sequence[Withdrawal], offered: Sequence[Withdrawal]
) -> None:
    """Tell the group that recorded a practice, and those to which it was offered, that it is taken back.

    Where only an offer is taken back, only those are told that heard of the practice by it.
    """
    if offered:
        said = {one.became["receipt"]: one for one in offered}
        for practice, group, receipt in await practices.withdraw_offers(tx, list(said)):
            batch.events.append(practice_withdrawn(said[receipt], practice, group))
    if described:
        gone = {one.became["id"]: one for one in described}
        for practice, group in await practices.withdraw(tx, list(gone)):
            batch.events.append(practice_withdrawn(gone[practice], practice, group))


def practice_withdrawn(one: Withdrawal, practice: UUID, group: str) -> Event:
    data = PracticeWithdrawn(practice=practice, reason=one.data.reason)
    return news(data, practice, one.submission.time, Classification.GROUP, workinggroup=group)


FOLLOWED_UP = (Became.CONDITION, Became.INFORMATION_REQUEST, Became.ACCOUNT)


def follow_up_entry_withdrawn(batch: Batch, one: Withdrawal) -> Event:
    became, about = one.became, one.became["about"]
    data = FollowUpEntryWithdrawn(
        entry=became["id"],
        member=batch.member,
        reason=one.data.reason,
        contract=about if became["kind"] == Became.CONDITION else None,
        request=about if became["kind"] == Became.INFORMATION_REQUEST else None,
    )
    return news(data, about, one.submission.time, Classification.MEMBER, member=batch.member)


TOLD: dict[Became, Callable[[Batch, Withdrawal], Event]] = {
    Became.FLAG: flag_withdrawn,
    Became.REPLY: reply_withdrawn,
    Became.FOLLOW_UP: follow_up_withdrawn,
    Became.REQUEST: request_withdrawn,
}
