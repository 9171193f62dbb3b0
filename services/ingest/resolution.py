"""From what a source calls a supplier or site to the entry that the registry has for it, made at first sight."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.domain.registry import Site, Supplier, grown, joined
from services.ingest.news import news
from services.ingest.store import registry as store
from shared.events.envelope import Event
from shared.postgres import Connection


@dataclass(slots=True)
class Resolved:
    """The entries that the registry has, by key; which of them are new; and the events that tell so."""

    suppliers: dict[bytes, Supplier] = field(default_factory=dict)
    sites: dict[bytes, Site] = field(default_factory=dict)
    new_suppliers: set[bytes] = field(default_factory=set)
    new_sites: set[bytes] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)


async def resolve_suppliers(tx: Connection, named: Sequence[Supplier], at: datetime, resolved: Resolved) -> None:
    """Add the registry's entries for these suppliers; the ids of the named ones hold only for those that are new.

    Safe under concurrent calls: whoever comes second waits and finds the first one's entries. Take suppliers before
    sites, and both before anything is published: all transactions then lock in the same order.
    """
    if not named:
        return
    wanted = joined(list(named))
    fresh = await store.insert_suppliers(tx, list(wanted.values()))
    known = await store.read_suppliers(tx, wanted)
    more = grown(known, {key: one for key, one in wanted.items() if key not in fresh})
    if more:
        more = await store.complete_suppliers(tx, more)
        known |= {one.key: one for one in more}
    told = [known[key] for key in wanted if key in fresh] + more
    resolved.events += [news(one.event(), one.id, at) for one in told]
    resolved.suppliers |= known
    resolved.new_suppliers |= fresh


async def resolve_sites(tx: Connection, named: Sequence[Site], at: datetime, resolved: Resolved) -> None:
    """Add the registry's entries for these sites, as `resolve_suppliers` does for suppliers."""
    if not named:
        return
    wanted = joined(list(named))
    fresh = await store.insert_sites(tx, list(wanted.values()))
    known = await store.read_sites(tx, wanted)
    more = grown(known, {key: one for key, one in wanted.items() if key not in fresh})
    if more:
        more = await store.complete_sites(tx, more)
        known |= {one.key: one for one in more}
    told = [known[key] for key in wanted if key in fresh] + more
    resolved.events += [news(one.event(), one.id, at) for one in told]
    resolved.sites |= known
    resolved.new_sites |= fresh
