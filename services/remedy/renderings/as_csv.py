"""A document as CSV (RFC 4180, UTF-8 with its mark): all of it with a line for each cell, or one of its tables."""

import csv
from collections.abc import Iterable
from io import StringIO

from services.remedy.domain.engagement.documents.sheet import Cell, Document, Table
from services.remedy.renderings.text import shown
from shared.spreadsheets import harmless

MARK = "\ufeff"
COLUMNS = ("section", "table", "row", "column", "value", "events")


def as_csv(document: Document) -> str:
    """Every cell of every table on a line of its own, with the ids of its events."""
    lines = (
        (section.name, table.name, str(place), column.name, written(cell), events_of((cell,)))
        for section, table in document.tables()
        for place, row in enumerate(table.rows, 1)
        for column, cell in zip(table.columns, row, strict=True)
    )
    return written_lines(COLUMNS, lines)


def table_as_csv(table: Table) -> str:
    """One table as people's spreadsheets show it, with the events of each row in the last column."""
    heads = [*(column.name for column in table.columns), "events"]
    return written_lines(heads, ([*map(written, row), events_of(row)] for row in table.rows))


def written(cell: Cell) -> str:
    """A cell as a spreadsheet takes it: numbers and days as they are, words never as a formula."""
    return str(cell.value) if isinstance(cell.value, int) else harmless(shown(cell.value))


def events_of(cells: Iterable[Cell]) -> str:
    """The ids of the events of these cells, each once."""
    return " ".join(dict.fromkeys(str(source.event) for cell in cells for source in cell.sources))


def written_lines(heads: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """The heads and lines as CSV."""
    stream = StringIO()
    writer = csv.writer(stream)
    writer.writerow(heads)
    writer.writerows(lines)
    return MARK + stream.getvalue()
