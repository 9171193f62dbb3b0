"""The registry, as far as who asks may see it: what is another's looks as if it were not there."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, StringConstraints

from services.ingest.api import entries
from services.ingest.api.access import only_operator, parts_of, reader_of
from services.ingest.api.entries import (
    ContractEntry,
    GroupEntry,
    MemberEntry,
    Page,
    SiteDetail,
    SiteEntry,
    SupplierDetail,
    SupplierEntry,
)
from services.ingest.domain.registry import Kind
from services.ingest.domain.search import search_of
from services.ingest.store import directory, members, replies
from services.ingest.store.directory import Search
from shared.cursors import Cursor, page_after, place_of
from shared.events.values import Country, Moment, Name
from shared.http import Problem
from shared.postgres import Pool

router = APIRouter()
Entry = TypeVar("Entry", bound=BaseModel)
Limit = Annotated[int, Query(ge=1, le=200, description="Entries on a page.")]
Words = Annotated[Name | None, Query(description="Each word begins a word of one of its names.")]
InCountry = Annotated[Country | None, Query(description="ISO 3166-1 alpha-2.")]
SCHEMES = "organisation_number|lei|duns|os_id|rba_id|smelter_id"
Identified = Annotated[
    Annotated[str, StringConstraints(max_length=130, pattern=rf"^(?:{SCHEMES}):[!-~]+$")] | None,
    Query(description="SCHEME:ID, such as lei:5493001KJTIIGC8Y1R12."),
]
Since = Annotated[
    Moment | None, Query(description="Registered, named anew, merged, split or otherwise decided on since then.")
]


@router.get("/registry/suppliers")
async def list_suppliers(
    request: Request,
    name: Words = None,
    country: InCountry = None,
    identifier: Identified = None,
    changed_since: Since = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SupplierEntry]:
    """Suppliers, page by page."""
    await reader_of(request)
    search = search_for(name, country, identifier, changed_since)
    rows = [] if search is None else await directory.list_suppliers(pool_of(request), search, after(cursor), limit + 1)
    return page_of(request, rows, limit, entries.supplier_of, "id")


@router.get("/registry/sites")
async def list_sites(
    request: Request,
    name: Words = None,
    country: InCountry = None,
    supplier: UUID | None = None,
    identifier: Identified = None,
    changed_since: Since = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SiteEntry]:
    """Sites, page by page; `supplier` is the first that named them, by any of its ids."""
    await reader_of(request)
    search = search_for(name, country, identifier, changed_since, supplier)
    rows = [] if search is None else await directory.list_sites(pool_of(request), search, after(cursor), limit + 1)
    return page_of(request, rows, limit, entries.site_of, "id")


@router.get("/registry/suppliers/{id}")
async def show_supplier(request: Request, id: str) -> SupplierDetail:  # noqa: A002 - the word in the path
    """A supplier by any id that it ever had, with its names."""
    await reader_of(request)
    asked, pool = id_of(id), pool_of(request)
    row = await directory.read_supplier(pool, asked)
    if row is None:
        raise not_there()
    return entries.supplier_detail(row, asked, await directory.read_names(pool, Kind.SUPPLIER, row["root"]))


@router.get("/registry/sites/{id}")
async def show_site(request: Request, id: str) -> SiteDetail:  # noqa: A002 - the word in the path
    """A site by any id that it ever had: its spellings, the disclosures that the reader may see, and the replies."""
    reader = await reader_of(request)
    asked, pool = id_of(id), pool_of(request)
    row = await directory.read_site(pool, asked)
    if row is None:
        raise not_there()
    names = await directory.read_names(pool, Kind.SITE, row["root"])
    told = [entries.disclosure_of(one, reader) for one in await directory.read_disclosures(pool, row["root"], reader)]
    return entries.site_detail(row, asked, names, told, await replies.read_replies(pool, [asked]))


@router.get("/registry/contracts")
async def list_contracts(
    request: Request, supplier: UUID | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[ContractEntry]:
    """The contracts that the reader owns, or buys under along the chain of framework, call-off and end users."""
    reader = await reader_of(request)
    rows = await directory.list_contracts(pool_of(request), reader, supplier, after(cursor), limit + 1)
    return page_of(request, rows, limit, entries.contract_of, "id")


@router.get("/registry/contracts/{id}")
async def show_contract(request: Request, id: str) -> ContractEntry:  # noqa: A002 - the word in the path
    """A contract that the reader owns or buys under; another's is answered as one that is not there."""
    reader = await reader_of(request)
    row = await directory.read_contract(pool_of(request), reader, id_of(id))
    if row is None:
        raise not_there()
    return entries.contract_of(row)


@router.get("/registry/members")
async def list_members(request: Request, limit: Limit = 50, cursor: Cursor = None) -> Page[MemberEntry]:
    """The members that take part."""
    await reader_of(request)
    rows = await directory.list_members(pool_of(request), None, after_slug(cursor), limit + 1)
    return page_of(request, rows, limit, entries.member_of, "slug")


@router.get("/registry/members/{slug}")
async def show_member(request: Request, slug: str) -> MemberEntry:
    """A member that takes part; one that has left is no longer named."""
    await reader_of(request)
    return entries.member_of(only(await directory.list_members(pool_of(request), [storable(slug)], "", 1)))


@router.get("/registry/workinggroups")
async def list_workinggroups(request: Request, limit: Limit = 50, cursor: Cursor = None) -> Page[GroupEntry]:
    """The working groups."""
    await reader_of(request)
    rows = await directory.list_workinggroups(pool_of(request), None, after_slug(cursor), limit + 1)
    return page_of(request, rows, limit, entries.group_of, "slug")


@router.get("/registry/workinggroups/{slug}")
async def show_workinggroup(request: Request, slug: str) -> GroupEntry:
    """A working group."""
    await reader_of(request)
    return entries.group_of(only(await directory.list_workinggroups(pool_of(request), [storable(slug)], "", 1)))


@router.get("/registry/summary")
async def summarise(request: Request) -> entries.Summary:
    """How much the registry knows; for the operator."""
    return entries.Summary.model_validate(dict(await members.summary(only_operator(request).pool)))


def pool_of(request: Request) -> Pool:
    return parts_of(request)[0].pool


def not_there() -> Problem:
    """The one answer for what does not exist and for what is another's."""
    return Problem(404, "not_found", "Nothing here has this id, or it is not yours to see.")


def only(rows: Sequence[Record]) -> Record:
    if not rows:
        raise not_there()
    return rows[0]


def id_of(text: str) -> UUID:
    """An id from a path. Raises Problem 404 where it is none: nothing has it."""
    try:
        return UUID(text)
    except ValueError:
        raise not_there() from None


def storable(slug: str) -> str:
    """A slug from a path, where the database can hold it. Raises Problem 404: nothing has another."""
    if not slug.isascii() or not slug.isprintable():
        raise not_there()
    return slug


def after(cursor: str | None) -> UUID:
    """The id after which a page begins. Raises Problem 422."""
    return UUID(int=0) if cursor is None else place_of(cursor, UUID)


def after_slug(cursor: str | None) -> str:
    """The slug after which a page begins. Raises Problem 422."""
    return "" if cursor is None else place_of(cursor, printable)


def printable(text: str) -> str:
    """Text that the database can hold. Raises ValueError."""
    if not text.isprintable():
        raise ValueError
    return text


def search_for(
    name: str | None,
    country: str | None,
    identifier: str | None,
    changed_since: AwareDatetime | None,
    supplier: UUID | None = None,
) -> Search | None:
    """What is looked for; None where nothing can be found, because the name has no word."""
    words = None if name is None else search_of(name)
    if name is not None and words is None:
        return None
    scheme, _, number = (identifier or "").partition(":")
    return Search(words, country, json.dumps({scheme: number}) if identifier else None, changed_since, supplier)


def page_of(
    request: Request, rows: Sequence[Record], limit: int, entry_of: Callable[[Record], Entry], ordered_by: str
) -> Page[Any]:
    """A page, of one row more than fits if there is a next."""
    following = None
    if len(rows) > limit:
        following = page_after(request, str(rows[limit - 1][ordered_by]))
    return Page(items=[entry_of(row) for row in rows[:limit]], next=following)
