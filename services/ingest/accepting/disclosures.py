"""Disclosures, the requests that they answer, and the clock of each request."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from services.ingest.accepting.batch import Batch
from services.ingest.domain.publication import request_recorded, statement_of
from services.ingest.news import news
from services.ingest.store import contracts, disclosures, requests
from services.ingest.store.contracts import Reference
from services.ingest.store.disclosures import Disclosure
from services.ingest.store.requests import Request
from services.ingest.store.submissions import Became
from shared.events.envelope import Classification, Event
from shared.events.ingest import RequestAnswered
from shared.events.members import DisclosureRequested, DisclosureSubmitted
from shared.postgres import Connection


async def name_contracts(tx: Connection, batch: Batch) -> dict[Reference, UUID]:
    """The ids of the contracts that requests and disclosures of the batch refer to."""
    named = [(batch.member, data.contract) for _, _, data in batch.sent(DisclosureSubmitted) if data.contract]
    named += [(batch.member, data.contract) for _, _, data in batch.sent(DisclosureRequested) if data.contract]
    return await contracts.ids_of(tx, named) if named else {}


async def keep_requests(tx: Connection, batch: Batch, ids: Mapping[Reference, UUID]) -> None:
    """Keep and tell what the member asked of suppliers; the request's id is its receipt."""
    rows: list[Request] = []
    for receipt, submission, data in batch.sent(DisclosureRequested):
        supplier = batch.supplier_of(data.supplier)
        contract = None if data.contract is None else ids[batch.member, data.contract]
        told = request_recorded(data, receipt, batch.member, supplier, contract, batch.self_report_due)
        said = told.model_dump_json(exclude_none=True)
        rows.append(Request(receipt, supplier.id, contract, told.asked_on, told.due, said))
        batch.became(receipt, Became.REQUEST, receipt, supplier=supplier.id)
        batch.events.append(news(told, supplier.id, submission.time, Classification.MEMBER, member=batch.member))
    if rows:
        await requests.insert(tx, batch.member, rows)


async def keep_disclosures(tx: Connection, batch: Batch, ids: Mapping[Reference, UUID]) -> None:
    """Keep the disclosures of a batch; whom to tell is settled afterwards. Refuses answers to what was not asked."""
    await refuse_unasked(tx, batch)
    rows: list[Disclosure] = []
    for receipt, submission, data in batch.sent(DisclosureSubmitted):
        site = batch.site_of(data)
        row = Disclosure(
            id=uuid7(),
            list=data.list.source,
            edition=data.list.edition,
            row=data.list.row,
            supplier=batch.supplier_of(data.supplier).id,
            site=None if site is None else site.id,
            published=data.published,
            said=statement_of(data),
            said_at=submission.time,
            contract=None if data.contract is None else ids[batch.member, data.contract],
            request=data.request,
            source=submission.source,
            submission=submission.id,
        )
        rows.append(row)
        batch.became(receipt, Became.DISCLOSURE, row.id, supplier=row.supplier, site=row.site)
    if rows:
        await disclosures.save(tx, batch.member, rows)
        batch.disclosures += [row.id for row in rows]
        batch.answers |= first_answers(rows)


async def refuse_unasked(tx: Connection, batch: Batch) -> None:
    """Refuse disclosures that answer a request which this member has not made."""
    answering = {data.request for _, _, data in batch.sent(DisclosureSubmitted) if data.request is not None}
    if not answering:
        return
    own = await requests.own(tx, batch.member, answering)
    for receipt, _, data in list(batch.sent(DisclosureSubmitted)):
        if data.request is not None and data.request not in own:
            batch.refuse(receipt, "request_unknown", "/data/request")


def first_answers(rows: list[Disclosure]) -> dict[UUID, UUID]:
    """The first disclosure that answers each request, by the request."""
    return {row.request: row.id for row in reversed(rows) if row.request is not None}


async def tell_answers(
    tx: Connection, member: str, answers: Mapping[UUID, UUID], at: datetime, today: date
) -> list[Event]:
    """Stop the clocks of the requests that disclosures answer for the first time; the events that tell so."""
    if not answers:
        return []
    events: list[Event] = []
    for row in await requests.answer(tx, answers, at):
        told = RequestAnswered(
            request=row["id"], supplier=row["supplier"], disclosure=row["answered_by"], late=today > row["due"]
        )
        events.append(news(told, row["supplier"], at, Classification.MEMBER, member=member))
    return events
