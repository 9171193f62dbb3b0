"""Taking a name away from an entry of the registry: it becomes an entry of its own, with what rests on that name."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from services.ingest.audience import settle
from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.registry import Kind, Site, Supplier, parted
from services.ingest.identity.deciding import PERSON, Taken
from services.ingest.news import news
from services.ingest.store import decisions, disclosures, registry, splits
from services.ingest.store.decisions import Decision
from shared.events.envelope import Event, EventData
from shared.events.ingest import SiteSplit, SupplierSplit
from shared.http import Problem
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Leaving:
    """A name that leaves its entry: by which decision, and the entries that it leaves and becomes."""

    decision: UUID
    key: bytes
    entry: Supplier | Site
    new: Supplier | Site


async def leave(tx: Connection, at: datetime, number: int, undoes: UUID | None = None) -> Taken:
    """Let a spelling leave its entry to be one of its own. The caller is the only one who decides.

    The disclosures that rest on it go with it, and so do the ids of others that only its sources gave. Raises Problem
    404 for an unknown spelling, 409 for the first of its entry: what is left would be called by a name that is gone.
    """
    spelling = await splits.read_spelling(tx, number)
    if spelling is None:
        raise Problem(404, "spelling_unknown", "No spelling has this number.")
    if spelling["is_first"]:
        raise Problem(409, "first_name", "An entry keeps the name that it was registered with: split its other names.")
    kind = Kind(spelling["kind"])
    leaving = await part(tx, kind, spelling)
    kept = Decision(
        leaving.decision, kind, "split", leaving.entry.id, leaving.new.id, PERSON, spelling=number, undoes=undoes
    )
    await decisions.insert_decisions(tx, [kept])
    await splits.give_spelling(tx, number, leaving.new.id, leaving.decision)
    events = [news(one.event(), one.id, at) for one in (leaving.new, leaving.entry)]
    events += [news(told_of(leaving), leaving.entry.id, at)]
    events += await move_disclosures(tx, at, leaving)
    return Taken(kept.id, kept.action, kind, leaving.entry.id, leaving.new.id, events)


async def part(tx: Connection, kind: Kind, spelling: Record) -> Leaving:
    """Make the new entry of a spelling; each of both keeps the ids of others that its own sources gave."""
    said = [
        (row["number"] == spelling["number"], json.loads(row["identifiers"]))
        for row in await splits.read_said_identifiers(tx, kind, spelling["entry"])
    ]
    key, name, address = spelling["key"], spelling["name"], spelling["address"]
    leaving: Leaving
    if kind is Kind.SUPPLIER:
        supplier = (await registry.read_suppliers(tx, [key]))[key]
        stays, leaves = parted(supplier.identifiers, said)
        own = Supplier(uuid7(), key, name, spelling["country"], leaves)
        await registry.insert_suppliers(tx, [own])
        leaving = Leaving(uuid7(), key, replace(supplier, identifiers=stays), own)
    else:
        site = (await registry.read_sites(tx, [key]))[key]
        stays, leaves = parted(site.identifiers, said)
        place = replace(site, id=uuid7(), name=name, address=address, identifiers=leaves)
        await registry.insert_sites(tx, [place])
        leaving = Leaving(uuid7(), key, replace(site, identifiers=stays), place)
    await splits.set_identifiers(tx, kind, leaving.entry.id, json.dumps(stays))
    return leaving


def told_of(leaving: Leaving) -> EventData:
    """What is told of a name that left."""
    if isinstance(leaving.new, Site):
        return SiteSplit(
            decision=leaving.decision,
            decided_by=PERSON,
            site=leaving.entry.id,
            new=leaving.new.id,
            name=leaving.new.name,
            address=leaving.new.address,
        )
    return SupplierSplit(
        decision=leaving.decision,
        decided_by=PERSON,
        supplier=leaving.entry.id,
        new=leaving.new.id,
        name=leaving.new.name,
    )


def rests(row: Record, kind: Kind, key: bytes) -> bool:
    """Whether a disclosure is about its entry by the name with this key."""
    said = json.loads(row["said"])
    if kind is Kind.SITE:
        return site_key(said["site_name"], said["address"], said["country"]) == key
    return bool(row["is_named"] or (row["is_listed"] and supplier_key(said["supplier_name"]) == key))


async def move_disclosures(tx: Connection, at: datetime, leaving: Leaving) -> list[Event]:
    """Let what rests on the name be about the new entry, and tell who sees it now and who no longer does."""
    entry, new, key = leaving.entry, leaving.new, leaving.key
    rows = [row for row in await splits.read_resting(tx, new.kind, entry.id, key) if rests(row, new.kind, key)]
    events: list[Event] = []
    if isinstance(new, Site):
        await disclosures.move(tx, [(row["id"], row["supplier"], new.id) for row in rows])
        sites = [entry.id, new.id]
    else:
        await disclosures.move(tx, [(row["id"], new.id, row["site"]) for row in rows])
        moved = [registry.site_in(row) for row in await splits.move_sites(tx, entry.id, new.id, key)]
        events, sites = [news(one.event(), one.id, at) for one in moved], []
    return events + await settle(tx, disclosures=[row["id"] for row in rows], sites=sites, at=at)
