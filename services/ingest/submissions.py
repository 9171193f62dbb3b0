"""Passing on what the doors have accepted: each kind of event resolved, kept and published, set-based per batch."""

from uuid_utils.compat import uuid7

from services.ingest import audience
from services.ingest.accepting.batch import Batch, Naming
from services.ingest.accepting.contracts import keep_contracts, restate_contracts
from services.ingest.accepting.dialogue import record_dialogue
from services.ingest.accepting.disclosures import keep_disclosures, keep_requests, name_contracts, tell_answers
from services.ingest.accepting.follow_up import follow_up
from services.ingest.accepting.practices import offer_practices, record_practices
from services.ingest.accepting.reports import keep_replies, tell_flags, tell_follow_ups, tell_testimony
from services.ingest.accepting.withdrawals import withdraw
from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.registry import Site, Supplier
from services.ingest.identity.mentions import keep_submitted
from services.ingest.identity.resolution import resolve_sites, resolve_suppliers
from services.ingest.store import submissions
from shared.events.members import DisclosureSubmitted, FlagRaised
from shared.events.submitted import SubmittedPlace, SubmittedSite, SubmittedSupplier
from shared.postgres import Connection

__all__ = ["Batch", "pass_on"]


async def pass_on(tx: Connection, batch: Batch) -> None:
    """Resolve, keep and tell what a batch says; `refused` then names what cannot be accepted after all.

    What a batch both sends and takes back was never there: of a disclosure and a contract nobody is told.
    """
    await resolve(tx, batch)
    await keep_contracts(tx, batch)
    contracts = await name_contracts(tx, batch)
    await keep_requests(tx, batch, contracts)
    await keep_disclosures(tx, batch, contracts)
    await record_dialogue(tx, batch)
    await record_practices(tx, batch)
    await offer_practices(tx, batch)
    await follow_up(tx, batch)
    tell_flags(batch)
    await keep_consequences(tx, batch)
    await keep_replies(tx, batch)
    await tell_follow_ups(tx, batch)
    await keep_consequences(tx, batch)
    await withdraw(tx, batch)
    await keep_consequences(tx, batch)
    tell_testimony(batch)
    await keep_submitted(tx, batch)
    await settle(tx, batch)


async def keep_consequences(tx: Connection, batch: Batch) -> None:
    """Keep what submissions became so far: what is about a flag of its own batch finds it, a withdrawal finds all."""
    if batch.consequences:
        await submissions.insert(tx, batch.consequences)
        batch.consequences = []


async def settle(tx: Connection, batch: Batch) -> None:
    """Tell whom the contracts and disclosures of the batch concern, which requests are answered, and what follows."""
    await restate_contracts(tx, batch)
    batch.events += await audience.settle(tx, disclosures=batch.disclosures, contracts=batch.contracts, at=batch.at)
    batch.events += await tell_answers(tx, batch.member, batch.answers, batch.at, batch.today)
    batch.events += batch.following


async def resolve(tx: Connection, batch: Batch) -> None:
    """Find the suppliers and sites that the batch names, registering what is new."""
    naming = [s.data for s in batch.fresh.values() if isinstance(s.data, Naming)]
    named = [supplier_named(data.supplier) for data in naming if data.supplier is not None]
    await resolve_suppliers(tx, named, batch.at, batch.resolved)
    sites = [
        site_named(data.site, batch.supplier_of(data.supplier))
        for data in naming
        if isinstance(data, DisclosureSubmitted | FlagRaised) and data.site is not None
    ]
    await resolve_sites(tx, sites, batch.at, batch.resolved)
    batch.events += batch.resolved.events


def supplier_named(supplier: SubmittedSupplier) -> Supplier:
    identifiers = {} if supplier.identifiers is None else supplier.identifiers.model_dump(exclude_none=True)
    key = supplier_key(supplier.name, identifiers.get("lei"))
    return Supplier(uuid7(), key, supplier.name, supplier.country, identifiers)


def site_named(site: SubmittedPlace | SubmittedSite, supplier: Supplier) -> Site:
    identifiers = {} if site.identifiers is None else site.identifiers.model_dump(exclude_none=True)
    sector, native = (site.sector, site.native_name) if isinstance(site, SubmittedSite) else (None, None)
    key = site_key(site.name, site.address, site.country)
    return Site(uuid7(), key, supplier.id, site.name, site.address, site.country, sector, identifiers, native)
