"""Files by HTTP: lists of sites, notices of contracts, and contracts as rows."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, Field

from services.ingest.api.access import parts_of, sender_of
from services.ingest.api.import_reports import ImportReport
from services.ingest.api.shapes import FILE_BODIES
from services.ingest.domain.lists.findings import FileInvalid
from services.ingest.domain.lists.layout import contract_rows
from services.ingest.domain.lists.mapping import read_mapping
from services.ingest.domain.lists.sheets import Limits
from services.ingest.domain.lists.spreadsheets import Expansion
from services.ingest.domain.notices import is_notice
from services.ingest.door import Sender
from services.ingest.imports import notice_reports, notices, reports
from services.ingest.imports.extraction import Bounds, open_file
from services.ingest.imports.lists import Order, import_list
from services.ingest.settings import IngestSettings
from shared.events.reading import short_text
from shared.events.values import Label, Name
from shared.events.vocabulary import KeyPurpose
from shared.http import CLOSED
from shared.service import Runtime

router = APIRouter()


class ImportQuery(BaseModel):
    """What to do with a file. List name and edition are the file's own, where it tells them."""

    model_config = CLOSED

    filename: Annotated[Name, AfterValidator(short_text)]
    edition: Label | None = None
    list: Annotated[Name, AfterValidator(short_text)] | None = None
    published: Annotated[bool, Field(description="The source has published this itself.")] = False
    dry_run: bool = False
    strict: Annotated[bool, Field(description="One row that cannot be taken refuses all.")] = False
    contract: Annotated[Label | None, Field(description="Your reference of the contract that the list is for.")] = None
    request: Annotated[UUID | None, Field(description="The receipt of your request that the list answers.")] = None
    encoding: Annotated[Label | None, Field(description="Of a CSV file; found unless given.")] = None
    map: Annotated[tuple[Name, ...], Field(max_length=100, description="Column (or its letter) = field.")] = ()
    rows: Annotated[bool, Field(description="Tell what became of every row, as `outcomes`.")] = False

    def order(self, sender: Sender) -> Order:
        """What the sender asks for. Raises FileInvalid where a mapping is none."""
        given = self.model_dump(include={"filename", "edition", "published", "dry_run", "strict", "contract"})
        return Order(
            sender.member,
            sender.kind,
            **given,
            list_name=self.list,
            request=self.request,
            encoding=self.encoding,
            mapping=read_mapping(self.map),
        )


@router.post("/imports", response_model=ImportReport, response_model_exclude_unset=True, openapi_extra=FILE_BODIES)
async def import_file(request: Request, query: Annotated[ImportQuery, Query()]) -> dict[str, Any]:
    """Import a list of sites (CSV, XLSX, ODS or XLS), or contracts (notices, or rows). What cannot be read is reported.

    The same file again changes nothing. 422 `file_invalid` where nothing of the file can be taken.
    """
    runtime, settings = parts_of(request)
    sender = await sender_of(request, KeyPurpose.IMPORT)
    content = await request.body()
    try:
        async with request.app.state.reading:
            return await take(runtime, settings, sender, query.order(sender), content, query.rows)
    except FileInvalid as error:
        raise reports.file_invalid(error) from None


async def take(
    runtime: Runtime, settings: IngestSettings, sender: Sender, order: Order, content: bytes, with_rows: bool
) -> dict[str, Any]:
    """Import a file as what its content says it is. Raises FileInvalid."""
    if is_notice(content):
        found = await notices.import_notices(runtime, settings, sender, order, content)
    else:
        book = await open_file(content, bounds_of(settings), order.encoding)
        table = contract_rows(book)
        if table is None:
            report = await import_list(runtime, order, book, settings.maximum_rows)
            return reports.of_import(report) | ({"outcomes": reports.rows_of(report)} if with_rows else {})
        found = await notices.import_contract_rows(runtime, settings, sender, order, *table)
    return notice_reports.of_notices(found) | ({"outcomes": notice_reports.rows_of(found)} if with_rows else {})


def bounds_of(settings: IngestSettings) -> Bounds:
    """How much of one file is taken."""
    limits = Limits(
        settings.maximum_rows, settings.maximum_columns, settings.maximum_cells, settings.maximum_characters
    )
    expansion = Expansion(
        settings.maximum_archive_entries, settings.maximum_archive_bytes, settings.maximum_archive_ratio
    )
    return Bounds(limits, expansion, settings.spreadsheet_memory, settings.spreadsheet_seconds)
