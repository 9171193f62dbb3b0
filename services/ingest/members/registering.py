"""Who takes part: members and working groups. An operator's business."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError
from uuid_utils.compat import uuid7

from services.ingest.domain.events.parties import is_readable
from services.ingest.domain.identity.identifiers import problem_of
from services.ingest.domain.identity.keys import supplier_key
from services.ingest.domain.registry import Supplier
from services.ingest.identity.resolution import Resolved, resolve_suppliers, rules_of
from services.ingest.members.keys import NewKey, give_key
from services.ingest.news import news
from services.ingest.store import members
from services.ingest.store.members import Member, WorkingGroup
from shared.countries import resolve
from shared.events.ingest import GroupMember, MemberRegistered, WorkingGroupEstablished
from shared.events.values import Country, Label, Name, Sentence, Slug
from shared.events.vocabulary import Category, GroupRole, Known, MemberKind
from shared.http import CLOSED, Fault, Problem
from shared.member_keys import PURPOSES
from shared.postgres import Connection, now
from shared.service import Runtime


def readable(name: str) -> str:
    """The name itself. Raises PydanticCustomError `name_unreadable` where no letter or digit of it can be seen."""
    if not is_readable(name):
        raise PydanticCustomError("name_unreadable", "a name has a letter or digit that can be seen")
    return name


ReadableName = Annotated[Name, AfterValidator(readable)]


class RegisterMember(BaseModel):
    """A public body, the secretariat or a partner that joins."""

    model_config = CLOSED

    member: Slug
    name: ReadableName
    kind: Known[MemberKind] = MemberKind.BUYER
    country: Country | None = None
    organisation_number: Label | None = None


class RoleInGroup(BaseModel):
    """A member of a working group."""

    model_config = CLOSED

    member: Slug
    role: Known[GroupRole] = GroupRole.COLLABORATING


class EstablishGroup(BaseModel):
    """A working group, the suppliers it speaks with, and its members; suppliers are named and registered if new."""

    model_config = CLOSED

    workinggroup: Slug
    name: ReadableName
    purpose: Sentence
    secretariat: Slug
    categories: list[Known[Category]] = Field(default=[], max_length=10)
    suppliers: list[ReadableName] = Field(default=[], max_length=1000)
    members: list[RoleInGroup] = Field(default=[], max_length=1000)


@dataclass(frozen=True, slots=True)
class Registration:
    """What came of registering a member; `key` is shown this once and kept as a digest only."""

    is_new: bool
    key: NewKey | None


async def register_member(runtime: Runtime, order: RegisterMember) -> Registration:
    """Register a member or correct its entry. A new member gets a key for all purposes. Repeating changes nothing.

    Raises Problem 422 for a country that ISO 3166 does not have or a number that cannot be one, 409 for a member that
    has left: its id is not given again.
    """
    refuse_unknown(order)
    async with runtime.transaction() as tx:
        entry = Member(order.member, order.name, order.kind.value, order.country, order.organisation_number)
        is_new, changed = await members.save_member(tx, entry)
        if not is_new:
            await require_present(tx, order.member)
        events, key = [], None
        if changed:
            told = MemberRegistered(member=order.member, name=order.name, kind=order.kind, country=order.country)
            events.append(news(told, order.member, await now(tx)))
        if is_new:
            key, issued = await give_key(tx, order.member, list(PURPOSES))
            events.append(issued)
        await runtime.publish(tx, events)
    return Registration(is_new, key)


async def require_present(tx: Connection, slug: str) -> None:
    """Keep a member from leaving until the transaction ends. Raises Problem 409 where it has left."""
    found = await members.lock_member(tx, slug)
    if found is not None and found["left_at"] is not None:
        raise Problem(409, "member_left", "This member has left; its id is not given again. Choose another.")


def refuse_unknown(order: RegisterMember) -> None:
    """Raises Problem 422 for a country that is none, or a number of an organisation that cannot be one."""
    if order.country is not None and resolve(order.country) is None:
        fault = Fault(pointer="/country", code="country_unknown", remedy="Use an ISO 3166-1 alpha-2 code, such as NO.")
        raise Problem(422, "country_unknown", "No country has this code.", [fault])
    if order.organisation_number is not None:
        problem = problem_of({"organisation_number": order.organisation_number})
        if problem is not None:
            remedy = "Check the number against the register of its country, or leave it out."
            fault = Fault(pointer=f"/{problem[0]}", code=problem[1], remedy=remedy)
            raise Problem(422, problem[1], "This number cannot be one of its register.", [fault])


async def establish_group(runtime: Runtime, order: EstablishGroup) -> tuple[bool, dict[str, UUID]]:
    """Establish a working group or correct its entry; whether it is new, and the ids of its suppliers by name.

    Raises Problem 422 where the secretariat or a member is not registered: nothing is kept then.
    """
    async with runtime.transaction() as tx:
        named = [(order.secretariat, "/secretariat")]
        named += [(one.member, f"/members/{place}/member") for place, one in enumerate(order.members)]
        if unknown := await members.unknown_members(tx, [slug for slug, _ in named]):
            raise unknown_members([place for slug, place in named if slug in unknown])
        at, resolved = await now(tx), Resolved(rules=rules_of(runtime.settings))
        keys = {name: supplier_key(name) for name in order.suppliers}
        await resolve_suppliers(tx, [Supplier(uuid7(), key, name) for name, key in keys.items()], at, resolved)
        ids = {name: resolved.suppliers[key].id for name, key in keys.items()}
        told = established(order, ids)
        is_new, changed = await members.save_workinggroup(tx, row_of(told))
        events = [news(told, order.workinggroup, at)] if changed else []
        await runtime.publish(tx, resolved.events + events)
    return is_new, ids


def unknown_members(places: list[str]) -> Problem:
    remedy = "Add the member first: engage member add"
    faults = [Fault(pointer=place, code="member_unknown", remedy=remedy) for place in places]
    return Problem(422, "member_unknown", "A working group is made of registered members.", faults)


def established(order: EstablishGroup, suppliers: dict[str, UUID]) -> WorkingGroupEstablished:
    """The group as it is told to all members; each supplier and member once."""
    roles = {one.member: one.role for one in order.members}
    return WorkingGroupEstablished(
        workinggroup=order.workinggroup,
        name=order.name,
        purpose=order.purpose,
        secretariat=order.secretariat,
        categories=tuple(dict.fromkeys(order.categories)),
        suppliers=tuple(dict.fromkeys(suppliers.values())),
        members=tuple(GroupMember(member=member, role=role) for member, role in roles.items()),
    )


def row_of(told: WorkingGroupEstablished) -> WorkingGroup:
    return WorkingGroup(
        slug=told.workinggroup,
        name=told.name,
        purpose=told.purpose,
        secretariat=told.secretariat,
        categories=[category.value for category in told.categories],
        suppliers=list(told.suppliers),
        members={one.member: one.role.value for one in told.members},
    )
