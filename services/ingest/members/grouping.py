"""Working groups: formed for a reason, joined and left by members, and closed. An operator's business.

Every change is told to all members, under the group, in the order in which it happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, Field
from uuid_utils.compat import uuid7

from services.ingest.domain.identity.keys import supplier_key
from services.ingest.domain.registry import Supplier
from services.ingest.identity.resolution import Resolved, resolve_suppliers, rules_of
from services.ingest.members.keys import require_member
from services.ingest.members.registering import ReadableName
from services.ingest.news import news
from services.ingest.store import contacts, groups, members
from services.ingest.store.groups import Effects, WorkingGroup
from shared.events.engagement_words import GroupCause, GroupEnd
from shared.events.envelope import Event
from shared.events.ingest import (
    GroupFounding,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.events.values import Sentence, Slug
from shared.events.vocabulary import Category, GroupRole, Instrument, Known
from shared.http import CLOSED, Fault, Problem
from shared.postgres import Connection, now
from shared.service import Runtime


class JoinGroup(BaseModel):
    """A member takes part in a working group, in a role (after Climate Action 100+)."""

    model_config = CLOSED

    member: Slug
    role: Known[GroupRole] = GroupRole.COLLABORATING


class Founding(BaseModel):
    """Why a working group is formed: a compliance concern or a good practice. `about`: a flag, supplier or practice."""

    model_config = CLOSED

    cause: Known[GroupCause]
    reason: Sentence
    about: UUID | None = None


class EstablishGroup(BaseModel):
    """A working group, why it is formed, and its scope; suppliers are named and registered if new.

    `members` join it; nobody leaves it by being left out. A group that exists keeps its founding where none is given.
    """

    model_config = CLOSED

    workinggroup: Slug
    name: ReadableName
    purpose: Sentence
    secretariat: Slug
    founding: Founding | None = None
    categories: list[Known[Category]] = Field(default=[], max_length=10)
    instruments: list[Known[Instrument]] = Field(default=[], max_length=50)
    suppliers: list[ReadableName] = Field(default=[], max_length=1000)
    rightsholders: list[ReadableName] = Field(default=[], max_length=50)
    members: list[JoinGroup] = Field(default=[], max_length=1000)


class CloseGroup(BaseModel):
    """A working group ends, or it is asked what that would end."""

    model_config = CLOSED

    reason: Known[GroupEnd] = GroupEnd.PURPOSE_ACHIEVED
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends when a group is closed, or a member leaves it; `at` is None where nothing has ended (yet)."""

    at: datetime | None
    effects: Effects


async def establish_group(runtime: Runtime, order: EstablishGroup) -> tuple[bool, dict[str, UUID]]:
    """Establish a working group or correct its entry; whether it is new, and the ids of its suppliers by name.

    Raises Problem 422 where the secretariat or a member is not registered, or a new group has no founding, 409 for a
    group that is closed: nothing is kept then.
    """
    async with runtime.transaction() as tx:
        await require_members(tx, order)
        at, resolved = await now(tx), Resolved(rules=rules_of(runtime.settings))
        keys = {name: supplier_key(name) for name in order.suppliers}
        await resolve_suppliers(tx, [Supplier(uuid7(), key, name) for name, key in keys.items()], at, resolved)
        ids = {name: resolved.suppliers[key].id for name, key in keys.items()}
        before = await groups.lock(tx, order.workinggroup)
        if before is not None:
            refuse_closed(before)
        told = established(order, founding_of(order, before), ids)
        events = [news(told, order.workinggroup, at)] if await groups.save(tx, row_of(told)) else []
        events += await take_in(tx, order.workinggroup, order.members, at)
        await runtime.publish(tx, resolved.events + events)
    return before is None, ids


async def require_members(tx: Connection, order: EstablishGroup) -> None:
    """Raises Problem 422 for a secretariat or member that is not registered or has left; the others stay for now."""
    named = [(order.secretariat, "/secretariat")]
    named += [(one.member, f"/members/{place}/member") for place, one in enumerate(order.members)]
    if unknown := await members.unknown_members(tx, sorted({slug for slug, _ in named})):
        raise unknown_members([place for slug, place in named if slug in unknown])


def unknown_members(places: list[str]) -> Problem:
    remedy = "Add the member first: engage member add"
    faults = [Fault(pointer=place, code="member_unknown", remedy=remedy) for place in places]
    return Problem(422, "member_unknown", "A working group is made of registered members.", faults)


def founding_of(order: EstablishGroup, before: Record | None) -> GroupFounding:
    """Why the group was formed. Raises Problem 422 where a new group does not say it."""
    if order.founding is not None:
        return GroupFounding.model_validate(order.founding.model_dump())
    if before is not None:
        return founding_in(before)
    remedy = "Say why it is formed: engage group add SLUG --cause compliance-concern --why '...'"
    fault = Fault(pointer="/founding", code="founding_missing", remedy=remedy)
    raise Problem(422, "founding_missing", "A group is formed for a compliance concern or a good practice.", [fault])


def founding_in(row: Record) -> GroupFounding:
    """Why a group was formed, from its row."""
    return GroupFounding(cause=GroupCause(row["cause"]), reason=row["cause_reason"], about=row["cause_about"])


def established(order: EstablishGroup, founding: GroupFounding, suppliers: dict[str, UUID]) -> WorkingGroupEstablished:
    """The group as it is told to all members; each part of its scope once."""
    return WorkingGroupEstablished(
        workinggroup=order.workinggroup,
        name=order.name,
        purpose=order.purpose,
        secretariat=order.secretariat,
        founding=founding,
        categories=tuple(dict.fromkeys(order.categories)),
        instruments=tuple(dict.fromkeys(order.instruments)),
        suppliers=tuple(dict.fromkeys(suppliers.values())),
        rightsholders=tuple(dict.fromkeys(order.rightsholders)),
    )


def row_of(told: WorkingGroupEstablished) -> WorkingGroup:
    assert told.founding is not None
    return WorkingGroup(
        slug=told.workinggroup,
        name=told.name,
        purpose=told.purpose,
        secretariat=told.secretariat,
        categories=[one.value for one in told.categories],
        instruments=[one.value for one in told.instruments],
        suppliers=told.suppliers,
        rightsholders=told.rightsholders,
        cause=told.founding.cause.value,
        cause_reason=told.founding.reason,
        cause_about=told.founding.about,
    )


async def take_in(tx: Connection, slug: str, joining: Sequence[JoinGroup], at: datetime) -> list[Event]:
    """Let members take part, the last word on each; the events that tell what is new."""
    roles = {one.member: one.role for one in joining}
    fresh = await groups.join(tx, slug, [(member, role.value) for member, role in roles.items()]) if roles else {}
    told = [WorkingGroupJoined(workinggroup=slug, member=one, role=roles[one]) for one in roles if one in fresh]
    return [news(one, slug, at) for one in told]


async def join_group(runtime: Runtime, slug: str, order: JoinGroup) -> bool:
    """Let a member take part in a working group, or in another role than before; whether it took no part before.

    Repeating changes nothing. Raises Problem 404 for a member or group that is not there, 409 for a member that has
    left and a group that is closed.
    """
    async with runtime.transaction() as tx:
        await require_member(tx, order.member)
        refuse_closed(await require_group(tx, slug))
        is_new = await groups.role_of(tx, slug, order.member) is None
        await runtime.publish(tx, await take_in(tx, slug, [order], await now(tx)))
    return is_new


async def leave_group(runtime: Runtime, slug: str, member: str, dry_run: bool) -> Ending:
    """Let a member take no part in a working group any more; what it has said there stays. It may join again.

    Its supplier contacts in the group end. Raises Problem 404 where there is no such group, or the member is not in it.
    """
    async with runtime.transaction() as tx:
        await require_group(tx, slug)
        if await groups.role_of(tx, slug, member) is None:
            raise Problem(404, "not_a_member", "This member takes no part in this working group: engage group show")
        effects = await groups.count_effects(tx, slug, member)
        if dry_run:
            return Ending(None, effects)
        at = await now(tx)
        await groups.leave(tx, slug, member)
        await contacts.end_contacts(tx, workinggroup=slug, member=member)
        await runtime.publish(tx, [news(WorkingGroupLeft(workinggroup=slug, member=member), slug, at)])
    return Ending(at, effects)


async def close_group(runtime: Runtime, slug: str, order: CloseGroup) -> Ending:
    """Close a working group for good: nothing more is taken for it, and its supplier contacts end. Its topics stay.

    Repeating changes nothing. Raises Problem 404 for a group that is not there.
    """
    async with runtime.transaction() as tx:
        found = await require_group(tx, slug)
        effects, closed_at = await groups.count_effects(tx, slug), found["closed_at"]
        if closed_at is None and not order.dry_run:
            closed_at = await now(tx)
            await groups.close(tx, slug, closed_at, order.reason.value)
            await contacts.end_contacts(tx, workinggroup=slug)
            told = WorkingGroupClosed(workinggroup=slug, reason=order.reason)
            await runtime.publish(tx, [news(told, slug, closed_at)])
    return Ending(closed_at, effects)


async def require_group(tx: Connection, slug: str) -> Record:
    """A working group, which only this transaction changes until it ends. Raises Problem 404."""
    found = await groups.lock(tx, slug)
    if found is None:
        raise Problem(404, "group_unknown", "There is no such working group: engage group list")
    return found


def refuse_closed(group: Record) -> None:
    """Raises Problem 409 for a group that has ended."""
    if group["closed_at"] is not None:
        raise Problem(409, "group_closed", "This working group is closed for good; establish another.")
