"""Where in a file the list is: which sheet, which row is its header, and which column holds what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.domain.lists.columns import heading
from services.ingest.domain.lists.findings import FileInvalid, Finding, letter
from services.ingest.domain.lists.formats import APPLE, FOREIGN, FORMATS, MAPPED, OPEN_SUPPLY_HUB, RMI, Format
from services.ingest.domain.lists.mapping import Mapped, Places, find_places, header_digest, propose
from services.ingest.domain.lists.sheets import LOOKED_AT, Book, Record, Sheet
from services.ingest.domain.notices.rows import is_contract_header

Remembered = Mapping[bytes, Places]
"""The mappings that a member has used before, by the digest of the header."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a list are. `given` holds for every row: what a form says above or beside its table."""

    format: Format
    sheet: Sheet
    header: Record
    places: Places
    given: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = False
    remembered: bool = False

    @property
    def ignored(self) -> tuple[str, ...]:
        """The letters of the columns that are left aside."""
        taken = set(self.places.values())
        found = enumerate(self.header.cells)
        return tuple(letter(place) for place, cell in found if cell.strip() and place not in taken)

    def column(self, name: str) -> str:
        """How a person finds the column of a field: by its name where the header has it, else by its letter."""
        place = self.places.get(name)
        if place is None or place >= len(self.header.cells) or heading(self.header.cells[place]) == name:
            return name
        return letter(place)


def candidates(book: Book) -> Iterator[tuple[Sheet, Record]]:
    """The rows that may be the header of a list: the first of each sheet."""
    for sheet in book.sheets:
        for record in sheet.records[:LOOKED_AT]:
            yield sheet, record


def header_digests(book: Book) -> list[bytes]:
    """By what a mapping of this file's columns may be remembered."""
    return [header_digest(record.cells) for _, record in candidates(book)]


def contract_rows(book: Book) -> tuple[list[str], list[Record]] | None:
    """The header and the rows of a table of contracts, if the file has one."""
    for sheet, record in candidates(book):
        if is_contract_header(record.cells):
            return record.cells, [one for one in sheet.records if one.row > record.row]
    return None


def find_layout(book: Book, mapping: Sequence[Mapped], remembered: Remembered) -> Layout:
    """Where the list is: as mapped now, as mapped before, or by the words of a header that we know.

    Raises FileInvalid, naming every column that is missing and the likeliest mapping.
    """
    found = list(candidates(book))
    if not found:
        raise FileInvalid(Finding("empty_file", row=1))
    if mapping:
        return as_mapped(found, mapping)
    for sheet, record in found:
        if places := remembered.get(header_digest(record.cells)):
            return Layout(MAPPED, sheet, record, places, mapped=True, remembered=True)
    for sheet, record in found:
        if (layout := as_known(book, sheet, record)) is not None:
            return layout
    raise unknown(found)


def as_mapped(found: Sequence[tuple[Sheet, Record]], mapping: Sequence[Mapped]) -> Layout:
    """Where the columns are that a person has mapped. Raises FileInvalid where one is not there."""
    for sheet, record in found:
        places = find_places(mapping, record.cells)
        if places is not None and all(record.cells[places[one.field]].strip() for one in mapping):
            if missing := [name for name in MAPPED.required if name not in places]:
                raise FileInvalid(*(Finding("field_unmapped", record.row, column=name) for name in missing))
            return Layout(MAPPED, sheet, record, places, mapped=True)
    raise FileInvalid(Finding("mapped_column_missing"))


def filled(record: Record) -> list[str]:
    return [cell for cell in record.cells if cell.strip()]


def as_known(book: Book, sheet: Sheet, record: Record) -> Layout | None:
    """The list under this header, if the header is that of a format we know. Raises FileInvalid for a broken one."""
    words = [heading(cell) for cell in record.cells]
    if any(foreign <= set(words) for foreign in FOREIGN):
        raise FileInvalid(Finding("risk_facts", record.row))
    for kind in FORMATS:
        places = places_of(kind, words)
        if any(name not in places for name in kind.required):
            continue
        given = form_of(kind, book, sheet, record)
        if kind.labels and "supplier_name" not in given:
            if kind is RMI:
                raise FileInvalid(Finding("declaration_missing", record.row))
            continue
        if twice := [word for word in dict.fromkeys(words) if word in kind.columns and words.count(word) > 1]:
            raise FileInvalid(*(Finding("column_twice", record.row, column=kind.columns[word]) for word in twice))
        return Layout(kind, sheet, record, places, given)
    return None


def places_of(kind: Format, words: Sequence[str]) -> dict[str, int]:
    """Where a format's fields are; of two columns for one field the one that the format names first."""
    places: dict[str, int] = {}
    for word, name in kind.columns.items():
        if name not in places and word in words:
            places[name] = words.index(word)
    return places


def form_of(kind: Format, book: Book, table: Sheet, header: Record) -> dict[str, str]:
    """What stands behind a format's labels, above its table or on another sheet: the next filled cell of the row."""
    found: dict[str, str] = {}
    for sheet in book.sheets if kind.labels else ():
        for record in sheet.records[: 3 * LOOKED_AT]:
            if sheet is table and record.row >= header.row:
                break
            for name, value in labelled(kind, record.cells):
                found.setdefault(name, value)
    return found


def labelled(kind: Format, cells: Sequence[str]) -> Iterable[tuple[str, str]]:
    for place, cell in enumerate(cells):
        name = kind.labels.get(heading(cell))
        if name is not None and (value := next((one for one in cells[place + 1 :] if one.strip()), None)):
            yield name, value


def unknown(found: Sequence[tuple[Sheet, Record]]) -> FileInvalid:
    """What to say of a file without a header that we know: what is missing in the likeliest, and how to map it."""
    kinds = (OPEN_SUPPLY_HUB, APPLE)

    def known(record: Record, kind: Format) -> int:
        words = {heading(cell) for cell in record.cells}
        return sum(name in words for name in kind.required)

    best, kind = max(((record, kind) for _, record in found for kind in kinds), key=lambda pair: known(*pair))
    if not known(best, kind):
        best = max((record for _, record in found), key=lambda record: len(filled(record)))
        return FileInvalid(Finding("header_unknown", best.row, hint=propose(best.cells)))
    words = {heading(cell) for cell in best.cells}
    missing = [name for name in kind.required if name not in words]
    return FileInvalid(*(Finding("column_missing", best.row, column=one, hint=propose(best.cells)) for one in missing))
