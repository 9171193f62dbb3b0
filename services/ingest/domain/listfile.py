"""Reading a list file: from bytes to what its rows say, and what is wrong with those that cannot be taken."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.ingest.domain.cells import APPLE, OPEN_SUPPLY_HUB, Entry, Format
from services.ingest.domain.findings import CellInvalid, FileInvalid, Finding, letter

DELIMITERS = ";\t|"
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of the kinds XLSX, ODS and XLS begin."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file. `row` counts as a spreadsheet does, `line` as an editor does; both start at 1."""

    row: int
    line: int
    cells: list[str]

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a file are."""

    format: Format
    header: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]


@dataclass(slots=True)
class ListFile:
    """What a file says. `rejected` names the rows that could not be taken, once each."""

    format: Format
    ignored_columns: tuple[str, ...]
    rows: int = 0
    entries: list[Entry] = field(default_factory=list)
    rejected: list[Finding] = field(default_factory=list)
    incomplete_editions: set[str] = field(default_factory=set)
    edition_of_some_unknown: bool = False

    def complete(self, edition: str) -> bool:
        """Whether every row of an edition could be read: only then is a site that is not in it gone."""
        return not self.edition_of_some_unknown and edition not in self.incomplete_editions


def read_list(content: bytes, edition: str, maximum_rows: int) -> ListFile:
    """Read a CSV file in one of the formats known; `edition` holds where the rows do not name theirs.

    Raises FileInvalid where nothing of the file can be taken.
    """
    records = read_records(decode(content))
    header = next(records, None)
    if header is None:
        raise FileInvalid(Finding("empty_file", row=1))
    layout = find_columns([cell.strip().casefold().replace(" ", "_") for cell in header.cells])
    result = ListFile(layout.format, layout.ignored)
    for record in records:
        if not record.blank:
            read_row(record, layout, edition, result)
            if result.rows > maximum_rows:
                raise FileInvalid(Finding("too_many_rows", row=record.row))
    if not result.rows:
        raise FileInvalid(Finding("no_rows", row=header.row))
    return result


def decode(content: bytes) -> str:
    """The text of a UTF-8 file, with or without byte order mark. Raises FileInvalid at the first other byte."""
    if content.startswith(SPREADSHEETS):
        raise FileInvalid(Finding("spreadsheet"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileInvalid(locate(content[: error.start].decode("utf-8-sig", errors="replace"))) from None


def locate(text_before: str) -> Finding:
    """Where a file breaks off, given the text before."""
    before = list(csv.reader(io.StringIO(text_before + ".", newline="")))
    header = [cell.strip().casefold() for cell in before[0]]
    place = len(before[-1]) - 1
    known = place < len(header) and len(before) > 1 and header[place] in COLUMNS
    line = text_before.count("\n") + 1
    return Finding("not_utf8", len(before), line, header[place] if known else letter(place))


def read_records(text: str) -> Iterator[Record]:
    """The records of a CSV file; blank lines count as rows. Raises FileInvalid where a quote is not closed."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row, line = 0, 1
    while True:
        row += 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise FileInvalid(Finding("unreadable_csv", row, line)) from None
        if cells is None:
            return
        yield Record(row, line, cells)
        line = reader.line_num + 1


def find_columns(header: Sequence[str]) -> Layout:
    """Where the columns are, in which of the formats. Raises FileInvalid, naming every column that is missing."""
    if len(header) == 1 and any(delimiter in header[0] for delimiter in DELIMITERS):
        raise FileInvalid(Finding("wrong_delimiter", row=1))
    kind = max((OPEN_SUPPLY_HUB, APPLE), key=lambda candidate: sum(name in header for name in candidate.required))
    if missing := [name for name in kind.required if name not in header]:
        raise FileInvalid(*(Finding("column_missing", row=1, column=name) for name in missing))
    if twice := [name for name in kind.columns if header.count(name) > 1]:
        raise FileInvalid(*(Finding("column_twice", row=1, column=name) for name in twice))
    places = {name: place for place, name in enumerate(header) if name in kind.columns}
    ignored = [letter(place) for place, name in enumerate(header) if name and name not in kind.columns]
    return Layout(kind, tuple(header), places, tuple(ignored))


def read_row(record: Record, layout: Layout, edition: str, result: ListFile) -> None:
    """Take one row into the result, or say why it cannot be taken. Raises FileInvalid at a second header."""
    cells = {name: record.cells[place] for name, place in layout.places.items() if place < len(record.cells)}
    if all(cells.get(name, "").strip().casefold() == name for name in layout.format.required):
        raise FileInvalid(Finding("header_twice", record.row, other_line(record)))
    result.rows += 1
    try:
        if len(record.cells) < len(layout.header) or any(record.cells[len(layout.header) :]):
            raise CellInvalid("column_count", letter(min(len(record.cells), len(layout.header))))
        result.entries.append(layout.format.read(cells, record.row, edition))
    except CellInvalid as error:
        result.rejected.append(Finding(error.code, record.row, other_line(record), error.column))
        mark_incomplete(error.code, cells, layout.format, edition, result)


def mark_incomplete(code: str, cells: dict[str, str], kind: Format, edition: str, result: ListFile) -> None:
    """Note the edition that a rejected row belongs to, or that this cannot be told."""
    if kind.edition_column is None:
        result.incomplete_editions.add(edition)
    elif code in ("column_count", "year_invalid"):
        result.edition_of_some_unknown = True
    else:
        result.incomplete_editions.add(cells[kind.edition_column].strip())


def other_line(record: Record) -> int | None:
    return record.line if record.line != record.row else None


COLUMNS = frozenset({*OPEN_SUPPLY_HUB.columns, *APPLE.columns})
