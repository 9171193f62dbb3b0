"""Who takes part: members, and which laws bind them. An operator's business."""

from dataclasses import dataclass
from typing import Annotated

from asyncpg import Record
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from services.ingest.domain.events.parties import is_readable
from services.ingest.domain.identity.identifiers import problem_of
from services.ingest.members.keys import NewKey, give_key, require_member
from services.ingest.news import news
from services.ingest.store import members
from services.ingest.store.members import Member
from shared.countries import resolve
from shared.events.engagement_words import Regime
from shared.events.ingest import MemberRegistered
from shared.events.values import Country, Label, Name, Slug
from shared.events.vocabulary import Known, MemberKind
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
    """A public body, the secretariat or a partner that joins; laws that bind it stay as they were, where not given."""

    model_config = CLOSED

    member: Slug
    name: ReadableName
    kind: Known[MemberKind] = MemberKind.BUYER
    country: Country | None = None
    organisation_number: Label | None = None
    bound_by: list[Known[Regime]] | None = Field(default=None, max_length=10)


class BindMember(BaseModel):
    """Which laws bind a member, by which it has duties of its own."""

    model_config = CLOSED

    bound_by: list[Known[Regime]] = Field(max_length=10)


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
        laws = None if order.bound_by is None else laws_of(order.bound_by)
        entry = Member(order.member, order.name, order.kind.value, order.country, order.organisation_number, laws)
        is_new, changed = await members.save_member(tx, entry)
        if not is_new:
            await require_present(tx, order.member)
        events, key = [], None
        if changed is not None:
            events.append(news(registered(changed), order.member, await now(tx)))
        if is_new:
            key, issued = await give_key(tx, order.member, list(PURPOSES))
            events.append(issued)
        await runtime.publish(tx, events)
    return Registration(is_new, key)


async def bind_member(runtime: Runtime, member: str, order: BindMember) -> list[Regime]:
    """Set which laws bind a member, and tell all; the laws. Repeating changes nothing. Raises Problem 404 or 409."""
    laws = laws_of(order.bound_by)
    async with runtime.transaction() as tx:
        await require_member(tx, member)
        changed = await members.bind(tx, member, laws)
        await runtime.publish(tx, [] if changed is None else [news(registered(changed), member, await now(tx))])
    return [Regime(law) for law in laws]


def laws_of(given: list[Regime]) -> list[str]:
    """Each law once, in one order."""
    return sorted({law.value for law in given})


def registered(row: Record) -> MemberRegistered:
    """A member as it is told to all."""
    named = {"member": row["slug"], "name": row["name"], "kind": row["kind"], "country": row["country"]}
    return MemberRegistered.model_validate(named | {"bound_by": tuple(row["bound_by"])})


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
