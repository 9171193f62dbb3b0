"""Passing on what the door has accepted: each kind of event resolved, kept and published, set-based per batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from services.ingest.domain import publication
from services.ingest.domain.identity import site_key, supplier_key
from services.ingest.domain.publication import Dialogue
from services.ingest.domain.registry import Site, Supplier
from services.ingest.domain.submission import Objection, Submission
from services.ingest.news import audience, news, sealed_news
from services.ingest.resolution import Resolved, resolve_sites, resolve_suppliers
from services.ingest.store import disclosures, members, registry
from services.ingest.store.disclosures import SentDisclosure
from shared.events.envelope import Classification, Event
from shared.events.ingest import DisclosureLinked, DisclosureRetired, TestimonyReceived
from shared.events.members import (
    ContractRegistered,
    DisclosureSubmitted,
    DisclosureWithdrawn,
    DoorData,
    FlagRaised,
    TestimonySubmitted,
)
from shared.events.submitted import SubmittedPlace, SubmittedSite, SubmittedSupplier
from shared.events.vocabulary import Retirement
from shared.postgres import Connection

Naming = DisclosureSubmitted | FlagRaised | ContractRegistered


@dataclass(slots=True)
class Batch:
    """Submissions of one member that are new, by receipt; what follows from them is gathered here."""

    member: str
    at: datetime
    fresh: dict[UUID, Submission]
    resolved: Resolved = field(default_factory=Resolved)
    contracts: dict[str, UUID] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    refused: dict[UUID, Objection] = field(default_factory=dict)

    def supplier_of(self, data: Naming) -> Supplier:
        return self.resolved.suppliers[supplier_key(data.supplier.name)]

    def site_of(self, data: DisclosureSubmitted | FlagRaised) -> Site | None:
        site = data.site
        return None if site is None else self.resolved.sites[site_key(site.name, site.address, site.country)]


async def pass_on(tx: Connection, batch: Batch) -> None:
    """Resolve, keep and tell what a batch says; `refused` then names what cannot be accepted after all."""
    await resolve(tx, batch)
    await keep_contracts(tx, batch)
    await keep_disclosures(tx, batch)
    await withdraw_disclosures(tx, batch)
    await record_dialogue(tx, batch)
    for submission in batch.fresh.values():
        match submission.data:
            case FlagRaised() as data:
                batch.events.append(flag_event(batch, submission, data))
            case TestimonySubmitted() as data:
                received = TestimonyReceived(case=uuid4(), kind=data.kind, key=data.key, sealed=data.sealed)
                batch.events.append(sealed_news(received, batch.at))
            case _:
                pass  # told above


async def resolve(tx: Connection, batch: Batch) -> None:
    """Find the suppliers and sites that the batch names, registering what is new."""
    naming = [s.data for s in batch.fresh.values() if isinstance(s.data, Naming)]
    await resolve_suppliers(tx, [supplier_named(data.supplier) for data in naming], batch.at, batch.resolved)
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
    for submission in batch.fresh.values():
        match submission.data:
            case ContractRegistered() as data:
                if data.parent is not None:
                    named.setdefault(data.parent, None)
                named[data.reference] = batch.supplier_of(data).id
            case DisclosureSubmitted(contract=str(reference)):
                named.setdefault(reference, None)
            case _:
                pass  # names no contract
    if not named:
        return
    rows = [(uuid7(), reference, supplier) for reference, supplier in named.items()]
    batch.contracts = await registry.save_contracts(tx, batch.member, rows)
    batch.events += [
        private(batch, publication.contract_recorded(s.data, batch.member, batch.supplier_of(s.data), batch.contracts), s)
        for s in batch.fresh.values()
        if isinstance(s.data, ContractRegistered)
    ]
