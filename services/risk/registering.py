"""The registry as `ingest` tells it: names, which entries are one, members, and working groups.

What an entry is called assesses nothing anew: what disclosures say is assessed. A merge does, since from then on one
site has the disclosures, reports and flags of two. A further name and a split change nothing here by themselves: what
follows from them comes as disclosures and reports that name another site.
"""

from collections.abc import Sequence
from uuid import UUID

from services.risk import contracts
from services.risk.domain.merges import roots_of
from services.risk.news import Cause
from services.risk.store import disclosures, registry
from services.risk.store.registry import Kind
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.events.ingest import (
    MemberLeft,
    SiteMerged,
    SiteRegistered,
    SiteUnmerged,
    SupplierMerged,
    SupplierRegistered,
    SupplierUnmerged,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.events.lifecycles import CauseKind
from shared.postgres import Connection


async def record_registry(tx: Connection, batch: Sequence[Event]) -> Touched:
    """Write down what a batch says of the registry: the newest word on each entry, wherever others of its chain stand.

    Touched are the roots of entries that were known by another root before, and those others; what a member that left
    was told; and groups.
    """
    touched = Touched()
    await record_names(tx, batch)
    await record_merges(tx, "supplier", batch, touched)
    await record_merges(tx, "site", batch, touched)
    await record_members(tx, batch, touched)
    await record_groups(tx, batch, touched)
    return touched


async def record_names(tx: Connection, batch: Sequence[Event]) -> None:
    """Write down what suppliers and sites are called."""
    suppliers = {one.data.supplier: one.data for one in batch if isinstance(one.data, SupplierRegistered)}
    sites = {one.data.site: one.data for one in batch if isinstance(one.data, SiteRegistered)}
    if suppliers:
        await registry.write_suppliers(tx, suppliers.values())
    if sites:
        await registry.write_sites(tx, sites.values())


async def record_merges(tx: Connection, kind: Kind, batch: Sequence[Event], touched: Touched) -> None:
    """Write down which entries are one, and follow each chain that changes to its new end."""
    causes: dict[UUID, Cause] = {}
    into: dict[UUID, UUID | None] = {}
    for event in batch:
        if (word := word_on_merge(kind, event)) is not None:
            entry, target, other = word
            into[entry] = target
            causes |= dict.fromkeys((entry, other), Cause.of(CauseKind.REGISTRY, event))
    if not into:
        return
    stubs = into.keys() | {target for target in into.values() if target is not None}
    await registry.add_stubs(tx, **{f"{kind}s": stubs})
    before = await registry.read_chains(tx, kind, stubs)
    await registry.write_merges(tx, kind, into)
    roots = roots_of({entry: into.get(entry, former) for entry, (former, _) in before.items()})
    moved = {entry: root for entry, root in roots.items() if root != before[entry][1]}
    if not moved:
        return
    await registry.write_roots(tx, kind, moved)
    last = max(causes.values(), key=lambda cause: cause.at)
    concerned = set(moved.values()) | {before[entry][1] for entry in moved}
    kinds = touched.sites if kind == "site" else touched.suppliers
    kinds |= {root: causes.get(root, last) for root in concerned}


def word_on_merge(kind: Kind, event: Event) -> tuple[UUID, UUID | None, UUID] | None:
    """An entry, what it is merged into from now on (None: nothing), and the other entry that this concerns."""
    match kind, event.data:
        case "supplier", SupplierMerged(supplier=entry, into=into):
            return entry, into, into
        case "supplier", SupplierUnmerged(supplier=entry, was_into=former):
            return entry, None, former
        case "site", SiteMerged(site=entry, into=into):
            return entry, into, into
        case "site", SiteUnmerged(site=entry, was_into=former):
            return entry, None, former
    return None


async def record_members(tx: Connection, batch: Sequence[Event], touched: Touched) -> None:
    """Write down which members have left. What one was told alone is forgotten: its topics go with it."""
    left = {one.data.member: one for one in batch if isinstance(one.data, MemberLeft)}
    if left:
        await registry.mark_left(tx, left)
        # that it left is for all to know; what it had been told, and with that what now follows, is not
        causes = {member: Cause.of(CauseKind.REGISTRY, event).kept_to(member) for member, event in left.items()}
        for member, site in await disclosures.forget_readers(tx, causes):
            touched.touch(touched.sites, [site], causes[member])
        await contracts.forget(tx, causes, touched)


async def record_groups(tx: Connection, batch: Sequence[Event], touched: Touched) -> None:
    """Write down the working groups: what each is about, who takes part, and which have ended."""
    groups: dict[str, WorkingGroupEstablished] = {}
    parts: dict[tuple[str, str], bool] = {}
    closed: set[str] = set()
    for event in batch:
        match event.data:
            case WorkingGroupEstablished(workinggroup=group) as data:
                groups[group] = data
            case WorkingGroupJoined(workinggroup=group, member=member):
                parts[group, member] = True
            case WorkingGroupLeft(workinggroup=group, member=member):
                parts[group, member] = False
            case WorkingGroupClosed(workinggroup=group):
                closed.add(group)
            case _:
                continue
        touched.groups[group] = Cause.of(CauseKind.REGISTRY, event)
    if groups:
        await registry.add_stubs(tx, suppliers=(supplier for one in groups.values() for supplier in one.suppliers))
        await registry.write_groups(tx, list(groups.values()))
    if parts:
        await registry.write_parts(tx, parts)
    if closed:
        await registry.close_groups(tx, closed)
