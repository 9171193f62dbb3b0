"""HTTP: documents that people hand on, each for a reader, from what that reader may read, as HTML, CSV or JSON."""

from asyncio import to_thread
from collections.abc import Awaitable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator

from services.remedy import documenting
from services.remedy.api.callers import AtOffice, Running
from services.remedy.api.readers import (
    READERS,
    WAITING,
    Reader,
    Reading,
    groups_of,
    not_found,
    reading_all,
    require_group,
    require_own,
)
from services.remedy.archiving import archived_events
from services.remedy.documenting import Read, Unknown, View
from services.remedy.domain.engagement.documents.sheet import Document
from services.remedy.domain.engagement.documents.told import Period
from services.remedy.office import Office
from services.remedy.renderings.as_csv import as_csv, table_as_csv
from services.remedy.renderings.as_html import as_html, policy
from services.remedy.renderings.as_json import as_json
from shared.events.reading import short_text
from shared.events.values import Day, Slug
from shared.http import Fault, Problem, in_turn
from shared.postgres import Connection, now

router = APIRouter(prefix="/documents", dependencies=[READERS])

YEAR = timedelta(days=364)
"""A year ends with the day given, and has 365 days with it."""
AT_ONCE = 2
"""Documents that one process reads and writes at a time: each may hold thousands of engagements."""
IN_MEMORY = 4 * 1024 * 1024
"""Bytes of an archive that are kept in memory; what is more waits in a file without a name."""
PIECE = 64 * 1024
"""Bytes of an archive that are sent at a time."""


class Format(StrEnum):
    """How a document is written down."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a document is about."""

    first: Annotated[
        Day | None, Query(alias="from", description="The first day; a year before the last unless given.")
    ] = None
    last: Annotated[Day | None, Query(alias="to", description="The last day; today unless given.")] = None


@dataclass(frozen=True, slots=True)
class Form:
    """In which form a document is wanted."""

    written: Annotated[Format, Query(alias="format", description="html to read or print, csv, json.")] = Format.HTML
    table: Annotated[
        str | None, Query(description="Of a CSV: this table alone, as a spreadsheet shows it.", max_length=50)
    ] = None


def turn_of(request: Request) -> AbstractAsyncContextManager[None]:
    """The turn of a request at the documents: not begun yet."""
    return in_turn(request.app.state.documenting, WAITING)


Named = Annotated[str, AfterValidator(short_text), Query(description="An id of the supplier, or words of its name.")]
Within = Annotated[Days, Depends()]
Wanted = Annotated[Form, Depends()]
Turn = Annotated[AbstractAsyncContextManager[None], Depends(turn_of)]
Responses = dict[int | str, dict[str, Any]]
KINDS: dict[str, Any] = {"text/html": {}, "text/csv": {}, "application/json": {}}
DOCUMENTS: Responses = {200: {"description": "The document.", "content": KINDS}}
LINES: Responses = {200: {"description": "A line of JSON for each event.", "content": {"application/x-ndjson": {}}}}


@router.get("/group/{slug}", response_class=Response, responses=DOCUMENTS)
async def group_report(
    runtime: Running, turn: Turn, office: AtOffice, reader: Reading, slug: Slug, within: Within, form: Wanted,
    engagement: UUID | None = None,
) -> Response:  # fmt: skip
    """What a working group did in a period, compared with the period before; of one engagement where it is named."""
    async with turn:
        async with reading_all(runtime) as tx:
            await require_group(tx, reader, slug)
            period = await period_of(tx, office, within)
            read = await known(documenting.group_document(tx, slug, period, await now(tx), engagement))
        return await to_thread(answer, read, form)


@router.get("/supplier", response_class=Response, responses=DOCUMENTS)
async def supplier_tracker(
    runtime: Running, turn: Turn, office: AtOffice, reader: Reading, supplier: Named, within: Within, form: Wanted,
) -> Response:  # fmt: skip
    """How a supplier answers, over all working groups that the reader reads."""
    async with turn:
        async with reading_all(runtime) as tx:
            found = await one_supplier(tx, supplier)
            view, period = await view_of(tx, reader), await period_of(tx, office, within)
            read = await known(documenting.supplier_document(tx, found, view, period, await now(tx)))
        return await to_thread(answer, read, form)


@router.get("/meeting/{engagement}", response_class=Response, responses=DOCUMENTS)
async def meeting_brief(
    runtime: Running, turn: Turn, office: AtOffice, reader: Reading, engagement: UUID, form: Wanted,
) -> Response:  # fmt: skip
    """What may be said to whom in a meeting on an engagement."""
    async with turn:
        async with reading_all(runtime) as tx:
            view, period = await view_of(tx, reader), await period_of(tx, office, Days())
            read = await known(documenting.meeting_document(tx, engagement, view, period, await now(tx)))
        return await to_thread(answer, read, form)


@router.get("/account/{whose}", response_class=Response, responses=DOCUMENTS)
async def annual_account(
    runtime: Running, turn: Turn, office: AtOffice, reader: Reading, whose: Slug, form: Wanted,
    year: Annotated[int, Query(ge=2022, le=2199)],
) -> Response:  # fmt: skip
    """A draft of a member's account of due diligence for a year (Transparency Act, section 5)."""
    require_own(reader, whose)
    async with turn:
        async with reading_all(runtime) as tx:
            if year > office.terms.today(await now(tx)).year:
                raise Problem(422, "year_to_come", "This year has not begun: give one that has.")
            view = await view_of(tx, Reader(whose))
            zone = office.terms.zone
            read = await known(documenting.account_document(tx, whose, view, year, await now(tx), zone))
        return await to_thread(answer, read, form)


@router.get("/archive/{slug}", response_class=Response, responses=LINES)
async def archive(
    runtime: Running, turn: Turn, reader: Reading, slug: Slug, engagement: UUID | None = None
) -> Response:
    """Every event of a working group, or of one of its engagements, with its attributes: one a line, as of one moment.

    All is read before anything is sent: however slowly a client takes it, no connection waits for that.
    """
    async with turn, reading_all(runtime) as tx:
        await require_group(tx, reader, slug)
        kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it is closed once it was sent
        async for line in archived_events(tx, slug, engagement):
            kept.write(line)
    kept.seek(0)
    return StreamingResponse(pieces(kept), media_type="application/x-ndjson")


def pieces(kept: IO[bytes]) -> Iterator[bytes]:
    """What was kept, piece by piece; it is gone afterwards."""
    with kept:
        yield from iter(partial(kept.read, PIECE), b"")


async def one_supplier(tx: Connection, named: str) -> Record:
    """The supplier that is meant. Raises Problem 404 where there is none, 409 where it may be one of several."""
    found = await documenting.find_suppliers(tx, named)
    if not found:
        raise not_found()
    if len(found) > 1:
        faults = [Fault(pointer="/supplier", code=str(one["supplier"]), remedy=one["name"]) for one in found[:10]]
        raise Problem(409, "several_suppliers", "Several suppliers have these words: give the id of one.", faults)
    return found[0]


async def view_of(tx: Connection, reader: Reader) -> View:
    """What a reader may read."""
    return View(await groups_of(tx, reader), reader.member)


async def period_of(tx: Connection, office: Office, within: Days) -> Period:
    """The period that is asked for, up to today; a year unless days are given. Raises Problem 422 if it ends first."""
    today = office.terms.today(await now(tx))
    ends = min(within.last or today, today)
    begins = within.first or ends - YEAR
    if begins > ends:
        raise Problem(422, "period_invalid", "The period ends before it begins: give an earlier `from`.")
    return Period(begins, ends, office.terms.zone)


async def known(read: Awaitable[Read]) -> Read:
    """What a document is made of. Raises Problem 404 where there is nothing of this name for this reader."""
    try:
        return await read
    except Unknown:
        raise not_found() from None


def answer(read: Read, form: Form) -> Response:
    """The document as it was asked for. Raises Problem 404 for a table that it does not have."""
    document = read()
    if form.written is Format.HTML:
        headers = {"content-security-policy": policy(), "x-content-type-options": "nosniff"}
        return Response(as_html(document), media_type="text/html; charset=utf-8", headers=headers)
    if form.written is Format.JSON:
        return Response(as_json(document), media_type="application/json")
    return Response(csv_of(document, form.table), media_type="text/csv; charset=utf-8; header=present")


def csv_of(document: Document, table: str | None) -> str:
    """All of a document as CSV, or one of its tables. Raises Problem 404 for a table that it does not have."""
    if table is None:
        return as_csv(document)
    chosen = next((one for _, one in document.tables() if one.name == table), None)
    if chosen is None:
        names = ", ".join(dict.fromkeys(one.name for _, one in document.tables()))
        raise Problem(404, "table_unknown", f"This document has no such table. It has {names}.")
    return table_as_csv(chosen)
