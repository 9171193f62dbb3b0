"""Importing notices and rows of contracts: made into events, and decided by the door as those of any other sender."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from services.ingest import rehearsal
from services.ingest.domain.events.submission import FORBIDDEN
from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.lists.sheets import Record
from services.ingest.domain.notices import Notice, Notices, read_notices
from services.ingest.domain.notices.plan import Buyers, Framework, Plan, Standing, plan, source_of
from services.ingest.domain.notices.rows import read_rows
from services.ingest.door import Sender, decide
from services.ingest.imports.lists import stem_of
from services.ingest.imports.notice_reports import NoticeReport, note, problem_error
from services.ingest.settings import IngestSettings
from services.ingest.store import contracts, notices
from shared.events.envelope import Event
from shared.events.vocabulary import Outcome
from shared.postgres import Connection, now
from shared.service import Runtime


class Order(Protocol):
    """What a member asks for with a file."""

    @property
    def filename(self) -> str: ...
    @property
    def list_name(self) -> str | None: ...
    @property
    def dry_run(self) -> bool: ...
    @property
    def strict(self) -> bool: ...


async def import_notices(
    runtime: Runtime, settings: IngestSettings, sender: Sender, order: Order, content: bytes
) -> NoticeReport:
    """Import a file of OCDS, eForms or Doffin notices, all that can be taken of it, in one transaction.

    The same notices again change nothing. With `dry_run` nothing is kept. Raises FileInvalid where nothing of the file
    can be taken, with `strict` also where one of its notices cannot.
    """
    if len(content) > settings.maximum_notices_bytes:
        raise FileInvalid(Finding("notices_too_large"))
    found = await asyncio.to_thread(read_notices, content, settings.maximum_notices)
    return await import_found(runtime, settings, sender, order, found)


async def import_contract_rows(
    runtime: Runtime,
    settings: IngestSettings,
    sender: Sender,
    order: Order,
    header: Sequence[str],
    records: Iterable[Record],
) -> NoticeReport:
    """Import contracts as rows, under the same promises as `import_notices`."""
    found = await asyncio.to_thread(read_rows, header, records, settings.maximum_notices)
    if not found.found:
        raise FileInvalid(Finding("no_rows"))
    return await import_found(runtime, settings, sender, order, found)


async def import_found(
    runtime: Runtime, settings: IngestSettings, sender: Sender, order: Order, found: Notices
) -> NoticeReport:
    """Send what a file says through the door, in one transaction."""
    report = NoticeReport(order.list_name or stem_of(order.filename), found)
    async with rehearsal.transaction(runtime, order.dry_run) as tx:
        report.contracts = await contracts_in(tx, sender.member, found.found)
        await runtime.publish(tx, await send(tx, settings, sender, report))
        if not order.dry_run:
            report.contracts = await contracts_in(tx, sender.member, found.found)
        if order.strict and report.errors:
            raise FileInvalid(*report.errors)
    return report


async def contracts_in(tx: Connection, member: str, found: Sequence[Notice]) -> dict[str, UUID]:
    """The ids of the contracts that notices tell of, as far as they have one, by their references."""
    references = storable({one.reference for one in found if one.reference is not None})
    ids = await contracts.read_ids(tx, [(member, reference) for reference in references])
    return {reference: one for (_, reference), one in ids.items()}


async def send(tx: Connection, settings: IngestSettings, sender: Sender, report: NoticeReport) -> list[Event]:
    """Decide on what is news in a file, and note the outcome of each notice; the events to publish."""
    found = report.notices.found
    report.made = await make_plan(tx, sender.member, found, source_of(report.list_name))
    news = [step for step in report.made.steps if step.event is not None]
    decision = await decide(tx, settings, sender, [step.event for step in news])
    for place, notice in enumerate(found):
        report.outcomes[place] = Outcome.DUPLICATE
        if notice.problem is not None:
            report.outcomes[place] = Outcome.REJECTED
            report.errors.append(problem_error(notice))
    places = {id(notice): place for place, notice in enumerate(found)}
    for step, answer in zip(news, decision.answers, strict=True):
        if not step.side:
            note(report, places[id(step.notice)], step, answer)
    report.errors.sort(key=lambda error: error.row or 0)
    return decision.events


async def make_plan(tx: Connection, member: str, found: Sequence[Notice], source: str) -> Plan:
    """What of the notices is news to this member."""
    said = [one for one in found if one.problem is None]
    references = {str(one.reference) for one in said} | {name for one in said for name in one.earlier}
    standing = {
        row["reference"]: Standing(row["newest"], row["registered"], row["said_at"], row["is_announced"])
        for row in await notices.read_standing(tx, member, storable(references))
    }
    keys = storable({one.framework for one in said if one.framework is not None})
    frameworks = [
        Framework(
            row["reference"], frozenset(filter(None, (row["notice"], row["ocid"]))), row["level"], row["supplier"]
        )
        for row in (await notices.read_frameworks(tx, member, keys) if keys else ())
    ]
    rows = await notices.read_buyers(tx, member, storable({number for one in said for number in one.buyers}))
    buyers = Buyers(
        {row["number"]: row["slug"] for row in rows if row["number"] and row["slug"] != member},
        next((row["number"] for row in rows if row["slug"] == member), None),
    )
    return await asyncio.to_thread(plan, said, standing, frameworks, buyers, source, await now(tx))


def storable(texts: Iterable[str]) -> list[str]:
    """In order, the texts that a database can hold: it knows nothing of any other, which the door refuses by itself."""
    return sorted(text for text in texts if FORBIDDEN.search(text) is None)
