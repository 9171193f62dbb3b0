"""Which of its contracts a site or a flag touches: for a member about itself, by its own key."""

from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel

from services.risk.api.access import reader_of, runtime_of
from services.risk.domain.sites import product_key
from services.risk.store import paths
from shared.events.reading import short_text
from shared.events.values import Day
from shared.events.vocabulary import Known, Mineral
from shared.http import Problem
from shared.member_access import AsMember, view_of
from shared.postgres import Connection, borrow, now

router = APIRouter()

Text = Annotated[str, AfterValidator(short_text)]
Limit = Annotated[int, Query(ge=1, le=10_000, description="Rows at most.")]


class Path(BaseModel):
    """How a contract reaches what was asked about.

    `valid_from` to `valid_to` (the first day on which it no longer does) are the terms of the contract and of the
    disclosure together.
    """

    contract: UUID
    reference: str
    title: str | None
    level: str
    owner: str
    reach: str
    disclosure: UUID
    supplier: UUID
    supplier_name: str
    site: UUID | None
    site_name: str | None
    country: str | None
    product: str | None
    component: str | None
    mineral: str | None
    tier: str
    valid_from: date
    valid_to: date | None


class Touching(BaseModel):
    """The paths from the contracts of a member to what was asked about, on a day, the surest first."""

    member: str
    on: date
    paths: tuple[Path, ...]
    more: bool


class Together(BaseModel):
    """What all members are told of a flag: how many buyers and contracts it touches, the groups, and rounded sums.

    `contracts` is null, and there are no sums, where the buyers are too few for it to be told.
    """

    buyers: int
    contracts: int | None
    workinggroups: tuple[str, ...]
    sums: dict[str, str]


class TouchedContract(BaseModel):
    """A contract of the member that a flag touches."""

    contract: UUID
    reference: str | None
    title: str | None
    reach: str
    tier: str
    workinggroups: tuple[str, ...]


class TouchingFlag(BaseModel):
    """An open flag that touches contracts of the member."""

    flag: UUID
    category: str
    state: str
    severity: int
    likelihood: int | None
    priority: int
    serious: bool
    opened_at: datetime
    supplier: UUID
    supplier_name: str | None
    site: UUID | None
    site_name: str | None
    country: str | None
    mine: tuple[TouchedContract, ...]
    together: Together


class TouchingFlags(BaseModel):
    """The open flags that touch contracts of a member, the gravest first."""

    member: str
    flags: tuple[TouchingFlag, ...]
    more: bool


@router.get("/exposure")
async def touching(
    request: Request,
    site: UUID | None = None,
    product: Annotated[Text | None, Query(description="Manufacturer and model, as one name.")] = None,
    mineral: Known[Mineral] | None = None,
    on: Annotated[Day | None, Query(description="The day asked about; today (UTC) where left out.")] = None,
    member: AsMember = None,
    limit: Limit = 1000,
) -> Touching:
    """Which contracts of the member that asks touch a site (by any id of it), a product or a mineral, on a day."""
    reader = await reader_of(request)
    whose = member_asked_about(reader, member)
    end, about = subject_of(site, product, mineral)
    async with borrow(runtime_of(request).pool) as connection:
        if site is not None and not await is_known(connection, site, reader):
            raise Problem(404, "site_unknown", "Nothing that you may know of has named this site.")
        day = on or (await now(connection)).astimezone(UTC).date()
        found = await paths.read_paths(connection, end, about, whose, day, limit + 1)
    shown = tuple(Path.model_validate(one) for one in found[:limit])
    return Touching(member=whose, on=day, paths=shown, more=len(found) > limit)


@router.get("/exposure/flags")
async def touching_flags(request: Request, member: AsMember = None, limit: Limit = 1000) -> TouchingFlags:
    """The open flags that touch contracts of the member that asks, the gravest first, with what all buyers have.

    `limit` counts contracts: each flag has as many as it touches.
    """
    whose = member_asked_about(await reader_of(request), member)
    async with borrow(runtime_of(request).pool) as connection:
        rows = await paths.flags_touching(connection, whose, limit + 1)
    grouped = groupby(rows[:limit], key=itemgetter("flag"))
    flags = tuple(flag_of(list(contracts)) for _, contracts in grouped)
    return TouchingFlags(member=whose, flags=flags, more=len(rows) > limit)


async def is_known(tx: Connection, site: UUID, reader: str | None) -> bool:
    """Whether who asks may know of a site; None, the operator, of every one that anything has named."""
    return await (paths.is_site(tx, site) if reader is None else paths.may_know_site(tx, site, reader))


def member_asked_about(reader: str | None, member: str | None) -> str:
    """The member whose contracts are asked about. `reader` is None for an operator.

    Raises Problem 403 where a member names another, 422 where an operator names none.
    """
    if (whose := view_of(reader, member)) is None:
        raise Problem(422, "member_missing", "Say whose contracts: member=<slug>.")
    return whose


def subject_of(site: UUID | None, product: str | None, mineral: str | None) -> tuple[str, UUID | str]:
    """What is asked about, and of which kind. Raises Problem 422 unless it is one thing."""
    given = {"site": site, "product": product and product_key(product), "mineral": mineral and str(mineral)}
    named = [(kind, about) for kind, about in given.items() if about is not None]
    if len(named) != 1:
        raise Problem(422, "subject_invalid", "Name one of site, product and mineral.")
    return named[0]


def flag_of(rows: list[dict[str, Any]]) -> TouchingFlag:
    """A flag, from a row for each contract of the member that it touches."""
    first = rows[0]
    together = Together(
        buyers=first["buyers"] or 0,
        contracts=first["contracts"],
        workinggroups=first["concerned"] or (),
        sums=orjson.loads(first["sums"] or "{}"),
    )
    mine = tuple(TouchedContract.model_validate(row) for row in rows)
    return TouchingFlag.model_validate(first | {"mine": mine, "together": together})
