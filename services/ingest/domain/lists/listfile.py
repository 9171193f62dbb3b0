"""Reading a list: from the rows of a file to what they say, and what is wrong with those that cannot be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.domain.lists.cells import Entry
from services.ingest.domain.lists.columns import Cells, day, heading
from services.ingest.domain.lists.findings import CellInvalid, FileInvalid, Finding, letter
from services.ingest.domain.lists.formats import Format
from services.ingest.domain.lists.layout import Layout, Remembered, find_layout
from services.ingest.domain.lists.mapping import Mapped
from services.ingest.domain.lists.sheets import Book, Record

NAMES_NO_SITE = ("smelter_unidentified",)
"""For these a row is rejected that names no site, so that a site may be gone all the same."""


@dataclass(slots=True)
class ListFile:
    """What a file says. `rejected` names the rows that could not be taken, once each."""

    book: Book
    layout: Layout
    edition: str
    rows: int = 0
    entries: list[Entry] = field(default_factory=list)
    rejected: list[Finding] = field(default_factory=list)
    incomplete_editions: set[str] = field(default_factory=set)
    edition_of_some_unknown: bool = False

    @property
    def format(self) -> Format:
        return self.layout.format

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        return self.layout.ignored

    @property
    def name(self) -> str | None:
        """The name of the list where the file tells it: a declaration's is its format's and the declaring company's."""
        company = " ".join(self.layout.given.get("supplier_name", "").split())
        return f"{self.format.name}: {company}"[:200] if company else self.format.list_name

    def complete(self, edition: str) -> bool:
        """Whether every row of an edition could be read: only then is a site that is not in it gone."""
        return not self.edition_of_some_unknown and edition not in self.incomplete_editions


def read_list(
    book: Book,
    edition: str | None,
    today: str,
    maximum_rows: int,
    mapping: Sequence[Mapped] = (),
    remembered: Remembered | None = None,
) -> ListFile:
    """Read a list in one of the formats known or as mapped.

    `edition` holds where the rows do not name theirs; without it that of the form, else `today`. Raises FileInvalid
    where nothing of the file can be taken.
    """
    layout = find_layout(book, mapping, remembered or {})
    result = ListFile(book, layout, edition or effective(layout.given) or today)
    for record in layout.sheet.records:
        if record.row > layout.header.row and says_something(record, layout, book):
            read_row(record, layout, result)
            if result.rows > maximum_rows:
                raise FileInvalid(Finding("too_many_rows", row=record.row))
    if not result.rows:
        raise FileInvalid(Finding("no_rows", row=layout.header.row))
    return result


def says_something(record: Record, layout: Layout, book: Book) -> bool:
    """Whether a row is not blank. In a spreadsheet only the list's own columns count: templates compute in others."""
    if not book.is_spreadsheet:
        return not record.blank
    return any(record.cells[place].strip() for place in layout.places.values() if place < len(record.cells))


def effective(given: Mapping[str, str]) -> str | None:
    """The edition of a declaration: its effective date. Raises FileInvalid where that cannot be read."""
    try:
        found = day(given, "effective")
    except CellInvalid as error:
        raise FileInvalid(Finding(error.code, column=error.column)) from None
    return None if found is None else found.isoformat()


def read_row(record: Record, layout: Layout, result: ListFile) -> None:
    """Take one row into the result, or say why it cannot be taken. Raises FileInvalid at a second header."""
    cells = {name: record.cells[place] for name, place in layout.places.items() if place < len(record.cells)}
    if is_header(record, layout):
        raise FileInvalid(Finding("header_twice", record.row, other_line(record)))
    result.rows += 1
    try:
        check_width(record, layout, result.book)
        told = {name: cell for name, cell in cells.items() if cell.strip() or name not in layout.given}
        result.entries.append(layout.format.read({**layout.given, **told}, record.row, result.edition))
    except CellInvalid as error:
        result.rejected.append(Finding(error.code, record.row, other_line(record), layout.column(error.column)))
        mark_incomplete(error.code, cells, layout.format, result)


def is_header(record: Record, layout: Layout) -> bool:
    """Whether a row says again what its columns are called."""
    places = [layout.places[name] for name in layout.format.required]
    cells, header = record.cells, layout.header.cells
    return all(place < len(cells) and heading(cells[place]) == heading(header[place]) for place in places)


def check_width(record: Record, layout: Layout, book: Book) -> None:
    """A row of a CSV file has as many cells as its header; a spreadsheet leaves empty ones out. Raises CellInvalid."""
    width, cells = len(layout.header.cells), record.cells
    if not book.is_spreadsheet and (len(cells) < width or any(cells[width:])):
        raise CellInvalid("column_count", letter(min(len(cells), width)))


def mark_incomplete(code: str, cells: Cells, kind: Format, result: ListFile) -> None:
    """Note the edition that a rejected row belongs to, or that this cannot be told."""
    if code in NAMES_NO_SITE:
        return
    if kind.edition_column is None:
        result.incomplete_editions.add(result.edition)
    elif code in ("column_count", "year_invalid"):
        result.edition_of_some_unknown = True
    else:
        result.incomplete_editions.add(cells[kind.edition_column].strip())


def other_line(record: Record) -> int | None:
    return record.line if record.line != record.row else None
