"""Which of what `ingest` has told belongs to the thread of a subject, and what that leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Kind
from services.ingest.domain.search import search_of
from services.ingest.store import threads
from shared.postgres import Connection
from shared.thread import Found, Thread

MOST_CANDIDATES = 50


class SubjectUnknown(Exception):
    """Nothing that the reader may know of bears this name or reference."""


class Ambiguous(Exception):
    """Several bear this name: `candidates`."""

    def __init__(self, candidates: tuple[Found, ...]) -> None:
        super().__init__()
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class Finding:
    """For whom a thread is found; `reader` None is the operator, who reads all."""

    connection: Connection
    reader: str | None

    async def begin(self, thread: Thread, subject: UUID) -> None:
        """Take in what was told of a subject by any of its ids, and lead to what belongs to it."""
        thread.whole.add(subject)
        if ids := await threads.ids_of(self.connection, Kind.SUPPLIER, subject):
            await self.of_supplier(thread, ids)
        elif ids := await threads.ids_of(self.connection, Kind.SITE, subject):
            await self.of_site(thread, ids)
        elif (contract := await threads.read_contract(self.connection, subject, self.reader)) is not None:
            await self.of_contract(thread, subject, contract)
        else:
            await self.of_report(thread, subject)

    async def follow(self, thread: Thread, one: Found) -> None:
        """Take in what was told of something that a thread led to; of kinds that are another's nothing."""
        if one.kind == "engagement":
            thread.whole.add(one.id)
        elif one.kind == "report":
            await self.of_report(thread, one.id)
        elif one.kind == "contract":
            contract = await threads.read_contract(self.connection, one.id, self.reader)
            if contract is not None:
                await self.of_contract(thread, one.id, contract)

    async def of_supplier(self, thread: Thread, ids: Sequence[UUID]) -> None:
        """All that was told of a supplier, and the reader's contracts with it."""
        thread.whole.update(ids)
        thread.lead_to("supplier", ids, await threads.name_of(self.connection, Kind.SUPPLIER, ids[0]))
        for row in await threads.contracts_of(self.connection, ids, self.reader):
            thread.lead_to("contract", [row["id"]], row["reference"])

    async def of_site(self, thread: Thread, ids: Sequence[UUID]) -> None:
        """All that was told of a site, and the disclosures that name it."""
        thread.whole.update(ids)
        thread.name(await threads.suppliers_at(self.connection, ids), *ids)
        thread.lead_to("site", ids, await threads.name_of(self.connection, Kind.SITE, ids[0]))

    async def of_contract(self, thread: Thread, contract: UUID, row: Record) -> None:
        """All that was told of a contract, the disclosures that belong to it, and its supplier."""
        thread.whole.add(contract)
        thread.lead_to("contract", [contract], row["reference"])
        if row["supplier"] is not None:
            thread.lead_to("supplier", [row["supplier"]], row["supplier_name"])
            thread.name(await threads.ids_of(self.connection, Kind.SUPPLIER, row["supplier"]), contract)
        for told in await threads.disclosures_of(self.connection, contract):
            thread.name([told["supplier"]], told["id"], contract)

    async def of_report(self, thread: Thread, report: UUID) -> None:
        """What was told of a report: the report itself, steps with its flag, replies."""
        thread.name(await threads.keys_of_report(self.connection, report), report)

    async def meant(self, text: str) -> UUID:
        """What a name or a contract's reference means. Raises SubjectUnknown, Ambiguous."""
        if found := await threads.find_contracts(self.connection, text, self.reader, MOST_CANDIDATES):
            return only([Found("contract", row["id"], f"{row['reference']}, {row['member']}") for row in found], text)
        words = search_of(text)
        for kind in (Kind.SUPPLIER, Kind.SITE) if words else ():
            if rows := await threads.find_by_name(self.connection, kind, words or "", MOST_CANDIDATES):
                return only([Found(kind.value, row["id"], row["name"]) for row in rows], text)
        raise SubjectUnknown


def only(found: Sequence[Found], text: str) -> UUID:
    """The one that is meant: the only one, or the only one of exactly this name. Raises Ambiguous."""
    exact = [one for one in found if (one.name or "").casefold() == text.casefold()]
    for several in (found, exact):
        if len(several) == 1:
            return several[0].id
    raise Ambiguous(tuple(exact or found))
