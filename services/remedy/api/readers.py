"""Who reads of engagements and contracts: a member by its key for reading, or the operator.

A member reads what its groups share, and what concerns itself. What is not for a reader looks as if it were not there.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from asyncpg import Record
from fastapi import Depends, Request

from services.remedy.api.callers import runtime_of
from services.remedy.office import READING
from services.remedy.settings import RemedySettings
from services.remedy.store.engagement import groups, member_keys
from shared.events.vocabulary import KeyPurpose
from shared.http import Problem, holds_operator_key
from shared.member_access import KEYS, AsMember, key_held, view_of
from shared.postgres import Connection, borrow, bound_statements
from shared.rates import Buckets, Rate
from shared.service import Runtime

WAITING = 5.0
"""Seconds for which a reader waits for a connection, or for its turn at a document."""
LONGEST = 20_000
"""Milliseconds that one statement of a reader may take."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose view is shown: a member's, or (None) the operator's, who reads what every group shares."""

    member: str | None


def requests_of(settings: RemedySettings) -> Buckets:
    """What is left to each key of a member, in this process."""
    return Buckets(Rate("requests", settings.requests_per_second, settings.requests_at_once))


async def reading(request: Request, as_member: AsMember = None) -> Reader:
    """Who reads: the member whose key a request carries; of an operator's request the member that it names, if any.

    Raises Problem 401 where the key is not in force or its member has left, 403 where it is for other purposes or
    another member is named, 429 where it was used too often.
    """
    runtime, requests = runtime_of(request), request.app.state.requests
    if holds_operator_key(request, runtime.settings.operator_key_sha256):
        return Reader(as_member)
    assert isinstance(requests, Buckets)
    found = await key_held(request, partial(key_in_force, runtime), requests, KeyPurpose.READ)
    return Reader(view_of(found["member"], as_member))


async def key_in_force(runtime: Runtime, kid: str) -> Record | None:
    """A member's key, by the readers' own connections. Raises TimeoutError where none is free in time."""
    async with borrow(runtime.databases[READING], WAITING) as connection:
        return await member_keys.read_valid(connection, kid)


@asynccontextmanager
async def reading_all(runtime: Runtime) -> AsyncIterator[Connection]:
    """A transaction in which a reader reads everything as of one moment, on connections that the work never waits for.

    Raises TimeoutError where none is free in time, QueryCanceledError where a statement takes too long; both are
    answered 503.
    """
    async with (
        borrow(runtime.databases[READING], WAITING) as tx,
        tx.transaction(isolation="repeatable_read", readonly=True),
    ):
        await bound_statements(tx, LONGEST)
        yield tx


Reading = Annotated[Reader, Depends(reading)]
READERS = KEYS
"""For the routers of what readers see (`dependencies=[READERS]`): says in the OpenAPI document that a key is needed."""


async def groups_of(connection: Connection, reader: Reader) -> set[str] | None:
    """The working groups whose matters a reader reads; None for all of them."""
    return None if reader.member is None else await groups.read_groups_of(connection, reader.member)


async def require_group(connection: Connection, reader: Reader, slug: str) -> None:
    """Let only who reads this working group pass. Raises Problem 404, the same where there is no such group."""
    mine = await groups_of(connection, reader)
    if not (await groups.is_known(connection, slug) if mine is None else slug in mine):
        raise Problem(404, "group_unknown", "There is no such working group, or it is not one of yours.")


def owns(reader: Reader, member: str | None) -> bool:
    """Whether a reader reads what concerns this member alone: its contracts, requests and account."""
    return reader.member is None or reader.member == member


def require_own(reader: Reader, member: str | None) -> None:
    """Let only this member and the operator pass. Raises Problem 404, the same where there is no such thing."""
    if not owns(reader, member):
        raise not_found()


def not_found() -> Problem:
    """The one answer to what is not there, or not for this reader."""
    return Problem(404, "not_found", "There is nothing of this name or id for you.")
