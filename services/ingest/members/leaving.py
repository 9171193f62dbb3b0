"""A member leaves: what it had is exported, what it could do ends, and what it has published stays without its name."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from services.ingest import audience
from services.ingest.members.keys import key_ended, no_such_member
from services.ingest.news import news
from services.ingest.store import contacts, departures, groups, keys, members
from services.ingest.store.departures import Effects
from shared.events.envelope import Event
from shared.events.ingest import MemberLeft, WorkingGroupLeft
from shared.events.vocabulary import MemberKind
from shared.http import Fault, Problem
from shared.postgres import Connection, Pool, borrow, now
from shared.service import Runtime
from shared.topics import member_topics

EXPORT_WITHIN = 600
"""Seconds that one export may take: it holds a connection."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A member that leaves or has left: what ended with it, and how many events its topics still lack."""

    left_at: datetime | None
    effects: Effects
    undelivered: int


async def leave(runtime: Runtime, member: str, dry_run: bool, topics_deleted: bool = False) -> Departure:
    """End a membership: keys, contracts, clocks and working groups, and tell all members. Repeating changes nothing.

    What others were told of the member's unpublished disclosures through its contracts ends with these. Where its
    topics are deleted already, nothing more is queued for them. Raises Problem 404 for a member that is not there, 409
    while it keeps the secretariat of a working group.
    """
    async with runtime.transaction() as tx:
        found = await members.lock_member(tx, member)
        if found is None:
            raise no_such_member()
        effects, left_at = await departures.count_effects(tx, member), found["left_at"]
        if left_at is None:
            await refuse_secretariat(tx, member)
        if left_at is None and not dry_run:
            left_at = await now(tx)
            await runtime.publish(tx, await end(tx, member, MemberKind(found["kind"]), left_at))
        if left_at is not None and topics_deleted:
            await departures.drop_undelivered(tx, member_topics(member))
    return Departure(left_at, effects, await departures.count_undelivered(runtime.pool, member_topics(member)))


async def refuse_secretariat(tx: Connection, member: str) -> None:
    """Raises Problem 409 where a working group would be left without its secretariat."""
    if kept := await departures.secretariats(tx, member):
        remedy = "Give the working group another secretariat first: engage group add"
        faults = [Fault(pointer=f"/workinggroups/{slug}", code="secretariat", remedy=remedy) for slug in kept]
        raise Problem(409, "keeps_secretariat", "This member keeps the secretariat of a working group.", faults)


async def end(tx: Connection, member: str, kind: MemberKind, at: datetime) -> list[Event]:
    """End everything of a member; the events that tell it."""
    ended = [key_ended(member, kid, at, at) for kid in await keys.revoke_all(tx, member)]
    await departures.stop_clocks(tx, member)
    closed = await departures.close_contracts(tx, member, at.astimezone(UTC).date())
    # also to the member itself: services follow its topics
    events = ended + await audience.settle(tx, contracts=closed, at=at)
    await members.end_membership(tx, member)
    events += await audience.part_with(tx, member, at)
    for group in await groups.leave_all(tx, member):
        events.append(news(WorkingGroupLeft(workinggroup=group, member=member), group, at))
    await contacts.end_contacts(tx, member=member)
    return [*events, news(MemberLeft(member=member, kind=kind), member, at)]


async def look(runtime: Runtime, member: str) -> Departure:
    """How far a member's leaving has come. Raises Problem 404 for a member that is not there."""
    found = await members.read_member(runtime.pool, member)
    if found is None:
        raise no_such_member()
    async with borrow(runtime.pool) as connection:
        effects = await departures.count_effects(connection, member)
    return Departure(found["left_at"], effects, await departures.count_undelivered(runtime.pool, member_topics(member)))


async def export(pool: Pool, member: str) -> AsyncIterator[bytes]:
    """What is kept of a member, one JSON object per line, as of one moment."""
    async with (
        asyncio.timeout(EXPORT_WITHIN),
        borrow(pool) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        async for line in departures.export(connection, member):
            yield line.encode() + b"\n"
