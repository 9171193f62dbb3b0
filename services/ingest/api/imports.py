"""List files by HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator

from services.ingest import answers
from services.ingest.api.access import parts_of, sender_of
from services.ingest.domain.findings import FileInvalid
from services.ingest.imports import Order, import_list
from shared.events.reading import short_text
from shared.events.values import Label, Name

router = APIRouter()


@router.post("/imports")
async def import_file(
    request: Request,
    filename: Annotated[Name, AfterValidator(short_text)],
    edition: Label | None = None,
    list_name: Annotated[Name | None, Query(alias="list")] = None,
    published: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Import a CSV file: Open Supply Hub's columns or Apple's list. A row that cannot be read is reported.

    The same file again changes nothing. 422 `file_invalid` where nothing of the file can be taken.
    """
    runtime, settings = parts_of(request)
    sender = await sender_of(request)
    order = Order(sender.member, sender.kind, filename, edition, list_name, published, dry_run)
    try:
        report = await import_list(runtime, order, await request.body(), settings.maximum_rows)
    except FileInvalid as error:
        raise answers.file_invalid(filename, error) from None
    return answers.of_import(report)
