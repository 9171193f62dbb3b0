"""The registry as `ingest` tells it: participants and their keys, working groups and who is in them, suppliers.

The newest word on each holds. What is proposed to a group follows from it, too: its scope, and which suppliers are one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.remedy.accounts import Binding, bind
from services.remedy.proposing import Stirred, settle
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import member_keys, registry
from services.remedy.store.engagement.proposals import take_turn
from services.remedy.store.engagement.registry import Part, Place
from shared.consumer import Handler, consumes
from shared.events.engagement_words import Regime
from shared.events.envelope import Event
from shared.events.ingest import (
    MemberLeft,
    MemberRegistered,
    SupplierMerged,
    SupplierRegistered,
    SupplierUnmerged,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.member_keys import keys_told
from shared.postgres import Connection


@consumes(pattern=r"^member\.[a-z0-9-]+\.key$")
async def follow_keys(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Know the keys by which members may read, by their digests, and until when they hold."""
    issued, ended = keys_told(batch)
    await member_keys.issue(tx, issued)
    await member_keys.end(tx, ended)
    return []


def registry_handler(settings: Callable[[], RemedySettings]) -> Handler:
    """The handler of the registry; `settings` is asked at the first batch."""

    @consumes("members.registry")
    async def follow_registry(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Follow members, working groups and which suppliers are one, and propose what follows from that."""
        await take_turn(tx)
        await record_members(tx, batch)
        await bind(tx, bindings(batch), settings().due_terms)
        stirred = Stirred()
        await record_groups(tx, batch, stirred)
        await record_parts(tx, batch)
        await record_suppliers(tx, batch, stirred)
        return await settle(tx, stirred, settings().proposal_rules)

    return follow_registry


def bindings(batch: Sequence[Event]) -> list[Binding]:
    """Which members the Transparency Act binds, as a batch tells it: their annual accounts are due."""
    return [
        Binding(
            event.data.member,
            isinstance(event.data, MemberRegistered) and Regime.TRANSPARENCY_ACT in event.data.bound_by,
            event.told_at,
        )
        for event in batch
        if isinstance(event.data, MemberRegistered | MemberLeft)
    ]


async def record_members(tx: Connection, batch: Sequence[Event]) -> None:
    """Write down who takes part, and who has left, and when first."""
    here = {event.data.member: event.data for event in batch if isinstance(event.data, MemberRegistered)}
    if here:
        await registry.write_members(tx, here.values())
    left: dict[str, tuple[str, datetime]] = {}
    for event in batch:
        if isinstance(event.data, MemberLeft):
            left.setdefault(event.data.member, (event.data.kind.value, event.told_at))
    if left:
        await registry.mark_left(tx, left)


async def record_groups(tx: Connection, batch: Sequence[Event], stirred: Stirred) -> None:
    """Write down the working groups: their scope, and which have ended."""
    groups: dict[str, tuple[WorkingGroupEstablished, datetime]] = {}
    closed: dict[str, datetime] = {}
    for event in batch:
        match event.data:
            case WorkingGroupEstablished(workinggroup=slug) as data:
                since = groups[slug][1] if slug in groups else event.told_at
                groups[slug] = data, since
            case WorkingGroupClosed(workinggroup=slug):
                closed.setdefault(slug, event.told_at)
            case _:
                continue
        stirred.groups[slug] = event
    if groups:
        await registry.write_groups(tx, list(groups.values()))
    if closed:
        await registry.close_groups(tx, closed)


async def record_parts(tx: Connection, batch: Sequence[Event]) -> None:
    """Write down who is in which working group, and in which part; who comes again has joined anew."""
    words = [
        ((event.data.workinggroup, event.data.member), event)
        for event in batch
        if isinstance(event.data, WorkingGroupJoined | WorkingGroupLeft)
    ]
    if not words:
        return
    parts: dict[Place, Part] = await registry.read_parts(tx, {place for place, _ in words})
    for place, event in words:
        parts[place] = part_after(parts.get(place), event)
    await registry.write_parts(tx, parts)


def part_after(part: Part | None, event: Event) -> Part:
    """A member's part in a group after it joined, took another part, or left."""
    at = event.told_at
    if isinstance(event.data, WorkingGroupJoined):
        anew = part is None or part.left_at is not None
        return Part(event.data.role, at) if part is None or anew else replace(part, role=event.data.role)
    return replace(part or Part("other", at), left_at=at)


async def record_suppliers(tx: Connection, batch: Sequence[Event], stirred: Stirred) -> None:
    """Write down what suppliers are called, and which are one; stirred are those newly named, merged or parted."""
    named: dict[UUID, tuple[SupplierRegistered, Event]] = {}
    for event in batch:
        if isinstance(event.data, SupplierRegistered):
            before = named.get(event.data.supplier, (event.data, event))[0]
            country = event.data.country or before.country
            named[event.data.supplier] = event.data.model_copy(update={"country": country}), event
    if named:
        new = await registry.write_suppliers(tx, [data for data, _ in named.values()])
        stirred.suppliers |= {supplier: named[supplier][1] for supplier in new}
    into: dict[UUID, UUID | None] = {}
    for event in batch:
        match event.data:
            case SupplierMerged(supplier=one, into=other):
                into[one] = other
            case SupplierUnmerged(supplier=one, was_into=other):
                into[one] = None
            case _:
                continue
        stirred.suppliers |= dict.fromkeys((one, other), event)
    if into:
        await registry.write_merges(tx, into)
