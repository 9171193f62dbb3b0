"""Flags, what is replied to them, what members did about them, and testimony."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID, uuid4

from asyncpg import Record
from uuid_utils.compat import uuid7

from services.ingest.accepting.batch import Batch
from services.ingest.domain.events.submission import Submission
from services.ingest.domain.publication import flag_reported, follow_up_recorded
from services.ingest.news import news, sealed_news
from services.ingest.store import replies, submissions
from services.ingest.store.replies import Reply
from services.ingest.store.submissions import Became
from shared.events.ingest import ReplyRecorded, TestimonyReceived
from shared.events.members import FlagFollowedUp, FlagRaised, ReplyGiven, TestimonySubmitted
from shared.postgres import Connection

AboutReport = TypeVar("AboutReport", ReplyGiven, FlagFollowedUp)


def tell_flags(batch: Batch) -> None:
    """Tell all members of the flags that were raised."""
    for receipt, submission, data in batch.sent(FlagRaised):
        supplier, site = batch.supplier_of(data.supplier), batch.site_of(data)
        told = flag_reported(data, uuid7(), batch.member, batch.kind, supplier, site)
        batch.became(receipt, Became.FLAG, told.report, supplier=told.supplier, site=told.site)
        batch.events.append(news(told, told.site or told.supplier, submission.time))


async def with_reports(
    tx: Connection, batch: Batch, kind: type[AboutReport]
) -> Sequence[tuple[UUID, Submission, AboutReport, Record]]:
    """Each submission of a kind that is about a report, with that report; refuses those about what is not reported."""
    sent = list(batch.sent(kind))
    if not sent:
        return []
    reports = await submissions.read_reports(tx, {data.report for _, _, data in sent})
    for receipt, _, data in sent:
        if data.report not in reports:
            batch.refuse(receipt, "report_unknown", "/data/report")
    return [(receipt, submission, data, reports[data.report]) for receipt, submission, data in batch.sent(kind)]


async def keep_replies(tx: Connection, batch: Batch) -> None:
    """Keep and tell what suppliers and sites reply to reports, after these; refuses replies to what is not reported."""
    rows: list[Reply] = []
    for receipt, submission, data, about in await with_reports(tx, batch, ReplyGiven):
        told = ReplyRecorded.model_validate(
            data.model_dump() | {"reply": uuid7(), "supplier": about["supplier"], "site": about["site"]}
        )
        statement = None if data.statement is None else data.statement.model_dump(mode="json", exclude_none=True)
        words = (data.speaker.value, data.stance.value, data.said_on, statement)
        rows.append(Reply(told.reply, told.report, told.supplier, told.site, *words))
        of = {"supplier": told.supplier, "site": told.site, "report": told.report}
        batch.became(receipt, Became.REPLY, told.reply, **of)
        batch.events.append(news(told, told.site or told.supplier, submission.time))
    if rows:
        await replies.insert(tx, rows)


async def tell_follow_ups(tx: Connection, batch: Batch) -> None:
    """Tell all members what members did about flags, after the reports; refuses steps with what is not reported.

    Whether the flag takes the step is decided by `risk`, which keeps flags.
    """
    for receipt, submission, data, about in await with_reports(tx, batch, FlagFollowedUp):
        told = follow_up_recorded(data, uuid7(), batch.member, batch.kind, about["supplier"], about["site"])
        of = {"supplier": told.supplier, "site": told.site, "report": told.report}
        batch.became(receipt, Became.FOLLOW_UP, told.entry, **of)
        batch.events.append(news(told, told.site or told.supplier, submission.time))


def tell_testimony(batch: Batch) -> None:
    """Pass on sealed boxes under case ids drawn at random; nothing that is kept leads from the member to the case."""
    for _, _, data in batch.sent(TestimonySubmitted):
        told = TestimonyReceived(case=uuid4(), kind=data.kind, key=data.key, sealed=data.sealed)
        batch.events.append(sealed_news(told, batch.at))
