"""Who asks: by which key, in which role, and whether the case that they name is theirs to see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from asyncpg import Record
from fastapi import Depends, Request
from pydantic import BaseModel

from services.remedy.casework import Actor
from services.remedy.domain import references
from services.remedy.domain.people import RIGHTS, Person, Right, Role
from services.remedy.domain.refusals import REMEDIES, Refused
from services.remedy.office import Office
from services.remedy.store import cases, people
from services.remedy.vault import KeyLost
from shared.events.remedy.words import Party
from shared.http import CLOSED, Fault, Problem, bearer, digest, key_unknown, require_key
from shared.postgres import Connection
from shared.service import Runtime


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def office_at(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def require_operator(request: Request) -> None:
    """Let only the operator's key pass. Raises Problem 401."""
    require_key(request, runtime_of(request).settings.operator_key_sha256)


Running = Annotated[Runtime, Depends(runtime_of)]
AtOffice = Annotated[Office, Depends(office_at)]


class Body(BaseModel):
    """What a request may say: these fields and no others."""

    model_config = CLOSED


async def holder(request: Request) -> Person:
    """The person whose key a request carries, read anew each time. Raises Problem 401 for an unknown or ended key.

    Looked for is the digest of what was sent, so that the time it takes tells nothing of any key.
    """
    row = await people.read_by_key(runtime_of(request).pool, digest(bearer(request)))
    if row is None:
        raise key_unknown()
    return Person(row["person_id"], row["name"], frozenset(Role(one) for one in row["roles"]))


@dataclass(frozen=True, slots=True)
class PersonWith:
    """A dependency: the person whose key a request carries, who has one of these roles.

    Raises Problem 401 for a key that is not known or has ended, 403 `role_missing` for a person without the role.
    """

    roles: frozenset[Role]

    async def __call__(self, request: Request) -> Person:
        found = await holder(request)
        if not found.roles & self.roles:
            raise Problem(403, "role_missing", f"This needs one of the roles: {', '.join(sorted(self.roles))}.")
        return found


def person_with(*roles: Role) -> PersonWith:
    """The dependency for a person who has one of these roles."""
    return PersonWith(frozenset(roles))


def person_who_may(right: Right) -> PersonWith:
    """The dependency for a person with a role that has this right."""
    return PersonWith(RIGHTS[right])


Handler = Annotated[Person, Depends(person_who_may(Right.WORK_ON_CASE))]
Coordinator = Annotated[Person, Depends(person_who_may(Right.ASSIGN))]
Custodian = Annotated[Person, Depends(person_who_may(Right.DECIDE))]
Auditor = Annotated[Person, Depends(person_who_may(Right.READ_AUDIT))]
Anyone = Annotated[Person, Depends(person_who_may(Right.KNOW_COLLEAGUES))]


def acting(person: Person) -> Actor:
    """A person as the actor of what is done to a case."""
    return Actor(Party.HANDLER, person.id)


async def lock_assigned(tx: Connection, person: Person, reference: str) -> Record:
    """A case that is assigned to this person, locked.

    Raises Problem 404 `case_unknown`, the same whether the reference is mistyped, another's, or there is no such case.
    """
    written = references.as_written(reference)
    case = await people.lock_assigned(tx, person.id, written or "")
    if case is None:
        raise case_unknown()
    return case


async def lock_any(tx: Connection, reference: str) -> Record:
    """A case, locked, for those who may act on every case. Raises Problem 404 `case_unknown`."""
    written = references.as_written(reference)
    case = await cases.lock(tx, written) if written else None
    if case is None:
        raise case_unknown()
    return case


def case_unknown() -> Problem:
    """The one answer to a reference that leads to no case for whoever asks."""
    return Problem(404, "case_unknown", "There is no case with this reference for you.")


@asynccontextmanager
async def refusals_answered() -> AsyncIterator[None]:
    """Turns Refused into Problem 409 `state_conflict`, with every reason and what to do about it; KeyLost into 409."""
    try:
        yield
    except Refused as refused:
        faults = [Fault(pointer="", code=why, remedy=REMEDIES.get(why)) for why in refused.why]
        detail = "This may not be done to the case as it stands."
        raise Problem(409, "state_conflict", detail, faults) from None
    except KeyLost:
        raise Problem(409, "key_gone", "What this case holds can be opened by nobody any more.") from None
