"""What a file holds, whatever its kind: sheets of rows of text, counted as a spreadsheet counts them."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.ingest.domain.lists.findings import FileInvalid, Finding

LOOKED_AT = 30
"""So many rows at the beginning of a sheet tell a delimiter and hold the header."""
SPREADSHEETS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""How files of the kinds XLSX, ODS and XLS begin."""
NO_TABLES = (
    b"%PDF-", b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b\x08", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"PAR1",
    b"SQLite format 3", b"II*\x00", b"MM\x00*",
)  # fmt: skip
"""How documents, pictures, archives, programs and databases begin."""
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
"""Marks of encodings in which text holds bytes that are zero."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one file is taken: rows, columns, filled cells in all its sheets, and characters of one cell."""

    rows: int = 100_000
    columns: int = 256
    cells: int = 1_000_000
    characters: int = 32_767


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file. `row` counts as a spreadsheet does, `line` as an editor does; both start at 1."""

    row: int
    line: int
    cells: list[str]

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a spreadsheet, or all of a CSV file, which has no name. Records that are blank are left out."""

    name: str
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Book:
    """What a file holds. `encoding` and `delimiter` are those of a CSV file; `hidden` counts sheets left unread."""

    sheets: list[Sheet] = field(default_factory=list)
    encoding: str | None = None
    encoding_guessed: bool = False
    delimiter: str | None = None
    hidden: int = 0

    @property
    def is_spreadsheet(self) -> bool:
        return self.delimiter is None


def is_spreadsheet(content: bytes) -> bool:
    """Whether a file begins like a spreadsheet; its name tells nothing."""
    return content.startswith(SPREADSHEETS)


def is_binary(content: bytes) -> bool:
    """Whether a file is neither text nor spreadsheet: it begins like another kind, or its first line holds zero bytes.

    In UTF-16 without a mark every other byte of a line may be zero: that is text.
    """
    if content.startswith(NO_TABLES):
        return True
    line = content[:1024].partition(b"\n")[0]
    if content.startswith(WIDE) or b"\0" not in line:
        return False
    fewer, more = sorted((line[::2].count(0), line[1::2].count(0)))
    return fewer > 0 or 4 * more < len(line)


def within(records: Iterator[Record], limits: Limits) -> Iterator[Record]:
    """The same records. Raises FileInvalid at the first that goes beyond a limit."""
    cells = 0
    for taken, record in enumerate(records):
        cells += len(record.cells)
        if taken > limits.rows + LOOKED_AT:
            raise FileInvalid(Finding("too_many_rows", record.row))
        if cells > limits.cells:
            raise FileInvalid(Finding("too_many_cells", record.row))
        if len(record.cells) > limits.columns:
            raise FileInvalid(Finding("too_many_columns", record.row))
        if max(map(len, record.cells), default=0) > limits.characters:
            raise FileInvalid(Finding("cell_too_long", record.row))
        yield record
