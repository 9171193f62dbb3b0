"""Passing on what the door has accepted: each kind of event resolved, kept and published, set-based per batch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from services.ingest.domain.identity import site_key, supplier_key
from services.ingest.domain.publication import (
    Dialogue,
    contract_recorded,
    dialogue_recorded,
    disclosure_accepted,
    flag_reported,
)
from services.ingest.domain.registry import Site, Supplier
from services.ingest.domain.submission import Objection, Submission
from services.ingest.news import audience, news, sealed_news
from services.ingest.resolution import Resolved, resolve_sites, resolve_suppliers
from services.ingest.store import disclosures, members, registry
from services.ingest.store.disclosures import SentDisclosure
from shared.events.envelope import Classification, Event
from shared.events.ingest import ContractRecorded, DisclosureLinked, DisclosureRetired, TestimonyReceived
from shared.events.members import (
    ContractRegistered,
    DisclosureSubmitted,
    DoorData,
    FlagRaised,
    SubmissionWithdrawn,
    TestimonySubmitted,
)
from shared.events.submitted import SubmittedPlace, SubmittedSite, SubmittedSupplier
from shared.events.vocabulary import MemberKind, Retirement
from shared.postgres import Connection

Naming = DisclosureSubmitted | FlagRaised | ContractRegistered
Data = TypeVar("Data", bound=DoorData)


@dataclass(slots=True)
class Batch:
    """Submissions of one member that are new, by receipt; what follows from them is gathered here."""

    member: str
    kind: MemberKind
    at: datetime
    fresh: dict[UUID, Submission]
    resolved: Resolved = field(default_factory=Resolved)
    contracts: dict[str, UUID] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    refused: dict[UUID, Objection] = field(default_factory=dict)

    def sent(self, kind: type[Data]) -> Iterator[tuple[UUID, Submission, Data]]:
        """Each submission of one kind with its receipt and its data, in the order sent."""
        for receipt, submission in self.fresh.items():
            if isinstance(submission.data, kind):
                yield receipt, submission, submission.data

    def supplier_of(self, data: Naming) -> Supplier:
        assert data.supplier is not None
        return self.resolved.suppliers[supplier_key(data.supplier.name)]

    def site_of(self, data: DisclosureSubmitted | FlagRaised) -> Site | None:
        site = data.site
        return None if site is None else self.resolved.sites[site_key(site.name, site.address, site.country)]

    def tell_member(self, data: ContractRecorded | DisclosureLinked, subject: UUID, at: datetime) -> None:
        self.events.append(news(data, subject, at, Classification.MEMBER, member=self.member))


async def pass_on(tx: Connection, batch: Batch) -> None:
    """Resolve, keep and tell what a batch says; `refused` then names what cannot be accepted after all."""
    await resolve(tx, batch)
    await keep_contracts(tx, batch)
    await keep_disclosures(tx, batch)
    await withdraw_disclosures(tx, batch)
    await record_dialogue(tx, batch)
    tell_flags(batch)
    tell_testimony(batch)


async def resolve(tx: Connection, batch: Batch) -> None:
    """Find the suppliers and sites that the batch names, registering what is new."""
    naming = [s.data for s in batch.fresh.values() if isinstance(s.data, Naming)]
    named = [supplier_named(data.supplier) for data in naming if data.supplier is not None]
    await resolve_suppliers(tx, named, batch.at, batch.resolved)
    sites = [
        site_named(data.site, batch.supplier_of(data))
        for data in naming
        if not isinstance(data, ContractRegistered) and data.site is not None
    ]
    await resolve_sites(tx, sites, batch.at, batch.resolved)
    batch.events += batch.resolved.events


def supplier_named(supplier: SubmittedSupplier) -> Supplier:
    identifiers = {} if supplier.identifiers is None else supplier.identifiers.model_dump(exclude_none=True)
    return Supplier(uuid7(), supplier_key(supplier.name), supplier.name, supplier.country, identifiers)


def site_named(site: SubmittedPlace | SubmittedSite, supplier: Supplier) -> Site:
    identifiers = {} if site.identifiers is None else site.identifiers.model_dump(exclude_none=True)
    sector = site.sector if isinstance(site, SubmittedSite) else None
    key = site_key(site.name, site.address, site.country)
    return Site(uuid7(), key, supplier.id, site.name, site.address, site.country, sector, identifiers)


async def keep_contracts(tx: Connection, batch: Batch) -> None:
    """Keep the contracts that are registered, and stubs of those that are only referred to; tell the former."""
    named: dict[str, UUID | None] = {}
    for _, _, disclosure in batch.sent(DisclosureSubmitted):
        if disclosure.contract is not None:
            named[disclosure.contract] = None
    registered = list(batch.sent(ContractRegistered))
    named |= {data.parent: None for _, _, data in registered if data.parent is not None}
    named |= {
        data.reference: None if data.supplier is None else batch.supplier_of(data).id for _, _, data in registered
    }
    if named:
        rows = [(uuid7(), reference, supplier) for reference, supplier in named.items()]
        batch.contracts = await registry.save_contracts(tx, batch.member, rows)
    for _, submission, data in registered:
        supplier = None if data.supplier is None else batch.supplier_of(data)
        told = contract_recorded(data, batch.member, supplier, batch.contracts)
        batch.tell_member(told, told.contract, submission.time)


async def keep_disclosures(tx: Connection, batch: Batch) -> None:
    """Keep and tell the disclosures of a batch; each link to a contract is told to the member alone."""
    rows: list[SentDisclosure] = []
    for _, submission, data in batch.sent(DisclosureSubmitted):
        supplier, site, disclosure = batch.supplier_of(data), batch.site_of(data), uuid7()
        place = None if site is None else site.id
        name = (submission.source, submission.id)
        rows.append(
            SentDisclosure(disclosure, data.list.source, data.list.edition, supplier.id, place, data.published, *name)
        )
        told = disclosure_accepted(data, disclosure, batch.member, batch.kind, supplier, site)
        batch.events.append(
            news(told, supplier.id, submission.time, audience(data.published), member=owner(batch, data.published))
        )
        if data.contract is not None:
            link = DisclosureLinked(
                disclosure=disclosure, contract=batch.contracts[data.contract], supplier=supplier.id, site=place
            )
            batch.tell_member(link, supplier.id, submission.time)
    if rows:
        await disclosures.insert_sent(tx, batch.member, rows)


async def withdraw_disclosures(tx: Connection, batch: Batch) -> None:
    """End the disclosures that their sender takes back; refuse what names none that still holds."""
    withdrawals = list(batch.sent(SubmissionWithdrawn))
    if not withdrawals:
        return
    names = {(submission.source, data.submission) for _, submission, data in withdrawals}
    rows = await disclosures.withdraw_sent(tx, batch.member, sorted(names))
    found = {(row["source"], row["submission"]): row for row in rows}
    for receipt, submission, data in withdrawals:
        row = found.pop((submission.source, data.submission), None)
        if row is None:
            batch.refused[receipt] = Objection("submission_unknown", "/data/submission")
            continue
        told = DisclosureRetired(
            disclosure=row["id"],
            supplier=row["supplier"],
            site=row["site"],
            reason=Retirement.WITHDRAWN,
            edition=row["edition"],
        )
        scope = audience(row["published"])
        batch.events.append(news(told, row["supplier"], submission.time, scope, member=owner(batch, row["published"])))


async def record_dialogue(tx: Connection, batch: Batch) -> None:
    """Tell a working group what its members report; refuse strangers to the group, and unknown suppliers."""
    entries = [(r, s, s.data) for r, s in batch.fresh.items() if isinstance(s.data, Dialogue)]
    if not entries:
        return
    groups = await members.groups_of_member(tx, batch.member)
    suppliers = await registry.known_suppliers(tx, {data.supplier for _, _, data in entries})
    for receipt, submission, data in entries:
        if data.workinggroup not in groups:
            batch.refused[receipt] = Objection("not_a_member", "/data/workinggroup")
        elif data.supplier not in suppliers:
            batch.refused[receipt] = Objection("supplier_unknown", "/data/supplier")
        else:
            told = dialogue_recorded(data, uuid7(), batch.member)
            subject = data.engagement or data.supplier
            batch.events.append(
                news(told, subject, submission.time, Classification.GROUP, workinggroup=data.workinggroup)
            )


def tell_flags(batch: Batch) -> None:
    for _, submission, data in batch.sent(FlagRaised):
        supplier, site = batch.supplier_of(data), batch.site_of(data)
        told = flag_reported(data, uuid7(), batch.member, batch.kind, supplier, site)
        batch.events.append(news(told, told.site or told.supplier, submission.time))


def tell_testimony(batch: Batch) -> None:
    """Pass on sealed boxes under case ids drawn at random; nothing that is kept leads from the member to the case."""
    for _, _, data in batch.sent(TestimonySubmitted):
        told = TestimonyReceived(case=uuid4(), kind=data.kind, key=data.key, sealed=data.sealed)
        batch.events.append(sealed_news(told, batch.at))


def owner(batch: Batch, published: bool) -> str | None:
    """The member whose topic a disclosure goes to, unless it goes to all."""
    return None if published else batch.member
