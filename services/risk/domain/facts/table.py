"""Rows out of a CSV file, each with its place in the file for messages; what is not well formed is refused."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.risk.domain.facts.faults import FAULTS_SHOWN, FactsInvalid, FileFault, refuse

MAXIMUM_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins (`/rows/12`) and its cells by column."""

    place: str
    cells: Mapping[str, str]


def read_csv(body: bytes, columns: Sequence[str], optional: Sequence[str] = (), *, more: bool = False) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8 whose header has these columns, in any order. Raises FactsInvalid.

    Columns that are `optional` may be left out; any others are taken only with `more`. Rows with more or fewer cells
    than the header are refused together at the end, and no row after the first of them is given.
    """
    if not body.strip(b"\xef\xbb\xbf \t\r\n"):
        refuse("", "file_empty", "The file is empty: give the whole list.")
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline=""), strict=True)
    line, ragged = 1, list[FileFault]()
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, columns, optional, more)
        line = reader.line_num + 1
        for values in reader:
            place, line = f"/rows/{line}", reader.line_num + 1
            if not values:
                continue
            if len(values) != len(header):
                remedy = "Give as many cells as the header has; quote a cell with a comma."
                ragged.append(FileFault(place, "cells_miscounted", remedy))
            if len(ragged) >= FAULTS_SHOWN:
                break
            if not ragged:
                yield Row(place, dict(zip(header, values, strict=True)))
    except UnicodeDecodeError:
        refuse(f"/rows/{_line_not_utf8(body)}", "not_utf8", "Save the whole file as UTF-8.")
    except csv.Error:
        refuse(f"/rows/{line}", "csv_unreadable", "Save the file as comma-separated CSV with double quotes.")
    if ragged:
        raise FactsInvalid(ragged)


def _check_header(header: Sequence[str], columns: Sequence[str], optional: Sequence[str], more: bool) -> None:
    known = f"The columns are {', '.join((*columns, *optional))}, each once."
    if missing := [one for one in columns if one not in header]:
        remedy = f"Not there: {', '.join(missing)}. {known} Is this the right format?"
        refuse("/rows/1", "column_missing", remedy)
    if len(header) > MAXIMUM_COLUMNS:
        refuse("/rows/1", "columns_too_many", f"At most {MAXIMUM_COLUMNS} columns: split the table.")
    if len(set(header)) < len(header) or "" in header:
        refuse("/rows/1", "column_twice", "Give each column a name of its own.")
    if not more and not set(header) <= {*columns, *optional}:
        refuse("/rows/1", "column_unknown", known)


def _line_not_utf8(body: bytes) -> int:
    """The first line that is not UTF-8; no character of UTF-8 spans a line break."""
    for number, line in enumerate(io.BytesIO(body), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1
