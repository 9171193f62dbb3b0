"""From what a source calls a supplier or site to the entry that the registry has for it, made at first sight.

A name that was seen before is found by its key. A new one is compared with those it resembles: it becomes a further
name of an entry, or an entry of its own about which a person may be asked later; nothing waits for the answer.

What is returned and kept is the entry that has the name, even where it is merged into another: an undone merge then
leaves everything where it belongs. Whoever asks what is known as one follows `root`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Generic

from services.ingest.domain.identity.matching import Rules, Thresholds
from services.ingest.domain.registry import Entry, Kind, Site, Supplier, grown, joined
from services.ingest.identity.recognition import Recognised, aliased, keep_names, note_identifiers, recognise
from services.ingest.news import news
from services.ingest.settings import IngestSettings
from services.ingest.store import registry
from shared.events.envelope import Event
from shared.postgres import Connection
from shared.settings import Settings

AT_ONCE = 500
"""New names that are compared between two statements: no transaction is idle for long."""


def rules_of(settings: Settings) -> Rules:
    """The thresholds that the settings of ingest give."""
    assert isinstance(settings, IngestSettings)
    return Rules(
        Thresholds(settings.identity_suppliers_same_from, settings.identity_suppliers_review_from),
        Thresholds(settings.identity_sites_same_from, settings.identity_sites_review_from),
    )


def usual_rules() -> Rules:
    """The thresholds where nothing is set."""
    names = ("suppliers_same_from", "suppliers_review_from", "sites_same_from", "sites_review_from")
    values = [IngestSettings.model_fields[f"identity_{name}"].default for name in names]
    return Rules(Thresholds(*values[:2]), Thresholds(*values[2:]))


@dataclass(slots=True)
class Resolved:
    """The entries that the registry has, by key; which of them are new; and the events that tell so.

    `reasons` says why a name that was new became that of a known entry, and `doubtful` which new entries a person is
    asked about; both by key, as codes of the comparison.
    """

    suppliers: dict[bytes, Supplier] = field(default_factory=dict)
    sites: dict[bytes, Site] = field(default_factory=dict)
    new_suppliers: set[bytes] = field(default_factory=set)
    new_sites: set[bytes] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    reasons: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    doubtful: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    rules: Rules = field(default_factory=usual_rules)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Entry]):
    """The registry's entries of one kind."""

    kind: Kind
    read: Callable[[Connection, Sequence[bytes]], Awaitable[dict[bytes, Entry]]]
    insert: Callable[[Connection, Sequence[Entry]], Awaitable[None]]
    complete: Callable[[Connection, Sequence[Entry]], Awaitable[list[Entry]]]
    thresholds: Thresholds


async def resolve_suppliers(tx: Connection, named: Sequence[Supplier], at: datetime, resolved: Resolved) -> None:
    """Add the registry's entries for these suppliers; the ids of the named ones hold only for those that are new.

    Safe under concurrent calls: whoever comes second waits and finds the first one's entries. Take suppliers before
    sites, and both before other rows that many write: all transactions then lock in the same order.
    """
    shelf = Shelf(
        Kind.SUPPLIER,
        registry.read_suppliers,
        registry.insert_suppliers,
        registry.complete_suppliers,
        resolved.rules.suppliers,
    )
    found, new = await resolve(tx, shelf, joined(named), at, resolved)
    resolved.suppliers |= found
    resolved.new_suppliers |= new


async def resolve_sites(tx: Connection, named: Sequence[Site], at: datetime, resolved: Resolved) -> None:
    """Add the registry's entries for these sites, as `resolve_suppliers` does for suppliers."""
    shelf = Shelf(Kind.SITE, registry.read_sites, registry.insert_sites, registry.complete_sites, resolved.rules.sites)
    found, new = await resolve(tx, shelf, joined(named), at, resolved)
    resolved.sites |= found
    resolved.new_sites |= new


async def resolve(
    tx: Connection, shelf: Shelf[Entry], wanted: Mapping[bytes, Entry], at: datetime, resolved: Resolved
) -> tuple[dict[bytes, Entry], set[bytes]]:
    """The entries that have the wanted names, and the keys of those that are new; the events go to `resolved`.

    Where every name is known and nothing more is told of it, one statement is all.
    """
    if not wanted:
        return {}, set()
    if not resolved.shared:
        await registry.share(tx)
        resolved.shared = True
    known = await shelf.read(tx, list(wanted))
    if len(known) == len(wanted) and not grown(known, wanted):
        return known, set()
    await registry.lock_names(tx)
    known |= await shelf.read(tx, [key for key in wanted if key not in known])
    new: set[bytes] = set()
    unknown = iter([one for key, one in wanted.items() if key not in known])
    while some := list(islice(unknown, AT_ONCE)):
        new |= await register(tx, shelf, some, known, at, resolved)
    await complete(tx, shelf, known, {key: one for key, one in wanted.items() if key not in new}, at, resolved)
    return known, new


async def register(
    tx: Connection,
    shelf: Shelf[Entry],
    named: Sequence[Entry],
    known: dict[bytes, Entry],
    at: datetime,
    resolved: Resolved,
) -> set[bytes]:
    """Keep names that are new, in `known`, too; the keys of those that make an entry of their own."""
    found = await recognise(tx, shelf.kind, named, shelf.thresholds)
    own = [one.named for one in found if one.placed.same is None]
    if own:
        await shelf.insert(tx, own)
    await keep_names(tx, shelf.kind, found)
    known |= {one.key: one for one in own}
    further = [one.named.key for one in found if one.placed.same is not None]
    if further:
        known |= await shelf.read(tx, further)
    explain(found, resolved)
    resolved.events += [news(one.event(), one.id, at) for one in own]
    resolved.events += [news(told, one.entry, at) for one in found if (told := aliased(one)) is not None]
    return {one.key for one in own}


def explain(found: Sequence[Recognised[Entry]], resolved: Resolved) -> None:
    """Say of new names why they belong to known entries, or which of those they resemble."""
    for one in found:
        if one.placed.same is not None:
            resolved.reasons[one.named.key] = one.placed.same.likeness.reasons
        elif one.placed.doubtful:
            resolved.doubtful[one.named.key] = one.placed.doubtful[0].likeness.reasons


async def complete(
    tx: Connection,
    shelf: Shelf[Entry],
    known: dict[bytes, Entry],
    named: Mapping[bytes, Entry],
    at: datetime,
    resolved: Resolved,
) -> None:
    """Write, and tell, what has become known of entries beside their name."""
    more = grown(known, named)
    if not more:
        return
    written = {one.id: one for one in await shelf.complete(tx, more)}
    before = {one.id: one.identifiers for one in known.values()}
    identified = [one for one in written.values() if one.identifiers != before[one.id]]
    if identified:
        await note_identifiers(tx, shelf.kind, identified, shelf.thresholds)
    known |= {key: written[one.id] for key, one in known.items() if one.id in written}
    resolved.events += [news(one.event(), one.id, at) for one in written.values()]
