"""XLSX, ODS and XLS: the values that their visible sheets show. Formulas, macros and links are never followed.

To be run apart from the service (`extraction`): the parser takes memory as a crafted file wants.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.lists.sheets import LOOKED_AT, Book, Limits, Record, Sheet, within

Value = int | float | str | bool | time | date | datetime | timedelta
COMPOUND = b"\xd0\xcf\x11\xe0"
ENCRYPTED = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
LOCAL_HEADER = struct.Struct("<26xHH")
STORED, DEFLATED = 0, 8
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Expansion:
    """How much a zipped spreadsheet may unfold to: entries, bytes of all of them, and bytes per byte of the file."""

    entries: int = 2000
    bytes: int = 256 << 20
    ratio: int = 100


def read_spreadsheet(content: bytes, limits: Limits, expansion: Expansion) -> Book:
    """The values of the visible sheets, a formula's as it was last computed. Raises FileInvalid."""
    if content.startswith(COMPOUND):
        if all(mark in content for mark in ENCRYPTED):
            raise FileInvalid(Finding("password_protected"))
    else:
        check_archive(content, expansion)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [one for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        visible = [one.name for one in shown if one.visible is SheetVisibleEnum.Visible]
        sheets = [Sheet(name, rows_of(book.get_sheet_by_name(name), limits)) for name in visible]
    except FileInvalid:
        raise
    except PasswordError:
        raise FileInvalid(Finding("password_protected")) from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise FileInvalid(Finding("spreadsheet_broken")) from None
    if sum(len(one.cells) for sheet in sheets for one in sheet.records) > limits.cells:
        raise FileInvalid(Finding("too_many_cells"))
    return Book(sheets, hidden=len(shown) - len(visible))


def rows_of(sheet: CalamineSheet, limits: Limits) -> list[Record]:
    """The rows of a sheet that are not blank. Raises FileInvalid beyond a limit."""
    if sheet.end is None:
        return []
    last_row, last_column = sheet.end
    if last_column >= limits.columns:
        raise FileInvalid(Finding("too_many_columns"))
    if last_row > 10 * (limits.rows + LOOKED_AT):
        raise FileInvalid(Finding("too_many_rows"))
    return list(within(records_of(sheet), limits))


def records_of(sheet: CalamineSheet) -> Iterator[Record]:
    for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
        cells = [written(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield Record(row, row, cells)


def written(value: Value) -> str:
    """A cell as text: days and times in ISO 8601, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def check_archive(content: bytes, expansion: Expansion) -> None:
    """Unfold every entry of a zip file, counting, before anything else reads it. Raises FileInvalid.

    What an entry really unfolds to counts, not what it declares. Zips inside are not opened.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        raise FileInvalid(Finding("spreadsheet_broken")) from None
    if len(entries) > expansion.entries:
        raise FileInvalid(Finding("archive_too_large"))
    most = min(expansion.bytes, expansion.ratio * len(content))
    for entry in entries:
        check_entry(entry)
        found = unfolded(raw(content, entry), entry.compress_type, most)
        if found != entry.file_size:
            raise FileInvalid(Finding("spreadsheet_broken"))
        most -= found


def check_entry(entry: zipfile.ZipInfo) -> None:
    """Raises FileInvalid for an entry that no spreadsheet has: one of another folder, encrypted, or packed oddly."""
    name = entry.filename
    if "\\" in name or name.startswith("/") or ".." in name.split("/") or ":" in name:
        raise FileInvalid(Finding("archive_names"))
    if entry.flag_bits & 1:
        raise FileInvalid(Finding("password_protected"))
    if entry.compress_type not in (STORED, DEFLATED):
        raise FileInvalid(Finding("spreadsheet_broken"))


def raw(content: bytes, entry: zipfile.ZipInfo) -> memoryview:
    """The packed bytes of an entry. Raises FileInvalid where they do not lie in the file."""
    head = content[entry.header_offset : entry.header_offset + LOCAL_HEADER.size]
    if len(head) < LOCAL_HEADER.size:
        raise FileInvalid(Finding("spreadsheet_broken"))
    start = entry.header_offset + LOCAL_HEADER.size + sum(LOCAL_HEADER.unpack(head))
    packed = memoryview(content)[start : start + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise FileInvalid(Finding("spreadsheet_broken"))
    return packed


def unfolded(packed: memoryview, method: int, most: int) -> int:
    """The number of bytes that an entry unfolds to; it is never held. Raises FileInvalid beyond `most`."""
    if method == STORED:
        count = len(packed)
    else:
        count, stream, rest = 0, zlib.decompressobj(-15), bytes(packed)
        try:
            while rest and count <= most:
                count += len(stream.decompress(rest, PIECE))
                rest = b"" if stream.eof else stream.unconsumed_tail
            while not stream.eof and count <= most and (more := stream.decompress(b"", PIECE)):
                count += len(more)
        except zlib.error:
            raise FileInvalid(Finding("spreadsheet_broken")) from None
    if count > most:
        raise FileInvalid(Finding("archive_too_large"))
    return count
