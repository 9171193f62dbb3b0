"""HTTP about the people who work on cases: operators give and end their keys."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.remedy import audit
from services.remedy.api.callers import Anyone, Body, Running, require_operator
from services.remedy.audit import Act, Action
from services.remedy.domain.people import Role
from services.remedy.store import identity
from services.remedy.store import people as store
from shared.events.values import Slug
from shared.http import Problem, digest
from shared.postgres import Connection, borrow

router = APIRouter()
for_operators = [Depends(require_operator)]


class NewPerson(Body):
    """Somebody who is to work on cases: a short name, by which colleagues know them, and their roles."""

    name: Slug
    roles: Annotated[set[Role], Field(min_length=1)]


class PersonView(BaseModel):
    """Somebody who works here, or has."""

    person: UUID
    name: str
    roles: list[Role]
    added: datetime
    ended: datetime | None = None


class KeyView(BaseModel):
    """A key, shown this once."""

    person: UUID
    name: str
    roles: list[Role]
    key: str


class Colleague(BaseModel):
    """Somebody who works here, as colleagues see them."""

    name: str
    roles: list[Role]


# Operators: who works here.


@router.post("/people", status_code=201, dependencies=for_operators)
async def add_person(runtime: Running, order: NewPerson) -> KeyView:
    """Give somebody a key of 256 bits. It is in this answer and nowhere else: kept is its SHA-256."""
    key, person = secrets.token_urlsafe(32), uuid4()
    roles = sorted(order.roles)
    async with runtime.transaction() as tx:
        if not await store.insert(tx, store.Added(person, order.name, digest(key), roles)):
            raise Problem(409, "name_taken", "Somebody who works here has this name.")
        await audit.record(
            tx, [Act(Action.PERSON_ADDED, None, about=person, detail=f"{','.join(roles)} {mark_of(key)}")]
        )
    return KeyView(person=person, name=order.name, roles=roles, key=key)


@router.get("/people", dependencies=for_operators)
async def list_people(runtime: Running) -> list[PersonView]:
    """Everybody who works here or has; never a key."""
    async with borrow(runtime.pool) as connection:
        return [
            PersonView(
                person=row["person_id"],
                name=row["name"],
                roles=row["roles"],
                added=row["added_at"],
                ended=row["ended_at"],
            )
            for row in await store.read_all(connection)
        ]


@router.post("/people/{name}/key", dependencies=for_operators)
async def rotate_key(runtime: Running, name: Slug) -> KeyView:
    """Give somebody another key; the one before opens nothing from now on, and what was granted to its holder ends."""
    key = secrets.token_urlsafe(32)
    async with runtime.transaction() as tx:
        person = await lock_person(tx, name)
        await identity.end_grants(tx, person["person_id"])
        await store.replace_key(tx, person["person_id"], digest(key))
        detail = f"key {mark_of(key)}"
        await audit.record(tx, [Act(Action.PERSON_REKEYED, None, about=person["person_id"], detail=detail)])
    return KeyView(person=person["person_id"], name=name, roles=person["roles"], key=key)


@router.delete("/people/{name}", status_code=204, dependencies=for_operators)
async def end_person(runtime: Running, name: Slug) -> None:
    """End somebody: their key opens nothing, no case is assigned to them, and what was granted to them ends."""
    async with runtime.transaction() as tx:
        person = (await lock_person(tx, name))["person_id"]
        await store.unassign_all(tx, person)
        await identity.end_grants(tx, person)
        await store.end(tx, person)
        await audit.record(tx, [Act(Action.PERSON_ENDED, None, about=person)])


@router.get("/colleagues")
async def list_colleagues(runtime: Running, _person: Anyone) -> list[Colleague]:
    """Who works here now, by name and role."""
    async with borrow(runtime.pool) as connection:
        found = await store.read_all(connection)
    return [Colleague(name=row["name"], roles=row["roles"]) for row in found if row["ended_at"] is None]


def mark_of(key: str) -> str:
    """By what the audit knows a key: the beginning of its digest, which leads to no key of 256 bits."""
    return digest(key)[:16]


async def lock_person(tx: Connection, name: str) -> Record:
    """Somebody who works here, locked. Raises Problem 404 `person_unknown`."""
    person = await store.lock(tx, name)
    if person is None:
        raise Problem(404, "person_unknown", "Nobody of this name works here.")
    return person
