"""Rows out of CSV or XML, each with its place in the file for messages; what is not well formed is refused."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Never
from xml.parsers import expat


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing that is wrong with a file: where (row by its line, and column), what, and how to mend it."""

    place: str
    code: str
    remedy: str


class FactsInvalid(Exception):
    """A file cannot be taken. It quotes nothing of the file."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        super().__init__("facts_invalid")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins (`/rows/12`) and its cells by column."""

    place: str
    cells: Mapping[str, str]


def read_csv(body: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file whose header has exactly these columns, in any order. Raises FactsInvalid."""
    reader = csv.reader(io.StringIO(_utf8(body), newline=""), strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, columns)
        line = reader.line_num + 1
        for values in reader:
            place, line = f"/rows/{line}", reader.line_num + 1
            if not values:
                continue
            if len(values) != len(header):
                _refuse(place, "cells_miscounted", "Give as many cells as the header has; quote a cell with a comma.")
            yield Row(place, dict(zip(header, values, strict=True)))
    except csv.Error:
        _refuse(f"/rows/{line}", "csv_unreadable", "Save the file as comma-separated CSV with double quotes.")


def read_goods_xml(body: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of the List of Goods in XML, one for each country of a good. Raises FactsInvalid.

    A document type is refused, and with it every entity that could read files or grow without bound.
    """
    document = _GoodsDocument(columns)
    parser = expat.ParserCreate()
    document.parser = parser
    parser.StartDoctypeDeclHandler = document.doctype
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        _refuse(f"/rows/{error.lineno}", "xml_unreadable", "Get the file again from its publisher, unchanged.")
    return iter(document.rows)


COLUMN_OF_ELEMENT = {
    "Good_Name": "good",
    "Good_Sector": "sector",
    "Country_Name": "country",
    "Country_Region": "region",
    "Child_Labor": "child_labor",
    "Forced_Labor": "forced_labor",
    "Forced_Child_Labor": "forced_child_labor",
    "Derived_Labor_Exploitation": "derived_labor_exploitation",
    "Derived_Country": "derived_country",
}
IN_GOOD, IN_COUNTRY = 2, 4
DEPTH = {
    "Goods": 0,
    "Good": 1,
    "Countries": 2,
    "Country": 3,
    **{name: IN_GOOD if name.startswith("Good_") else IN_COUNTRY for name in COLUMN_OF_ELEMENT},
}
"""How deep each element stands."""


@dataclass(slots=True)
class _GoodsDocument:
    columns: Sequence[str]
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)
    depth: int = 0
    line: int = 0
    characters: list[str] = field(default_factory=list)
    good: dict[str, str] = field(default_factory=dict)
    country: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def doctype(self, *_declaration: object) -> None:
        _refuse("/rows/1", "doctype_refused", "Remove the DOCTYPE; the publisher's file has none.")

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if DEPTH.get(name) != self.depth:
            _refuse(
                f"/rows/{self.parser.CurrentLineNumber}", "element_unknown", "The file is not a List of Goods in XML."
            )
        self.depth += 1
        self.characters.clear()
        if name == "Good":
            self.good = {}
        elif name == "Country":
            self.country, self.line = {}, self.parser.CurrentLineNumber

    def text(self, characters: str) -> None:
        self.characters.append(characters)

    def end(self, name: str) -> None:
        self.depth -= 1
        if column := COLUMN_OF_ELEMENT.get(name):
            (self.good if self.depth == IN_GOOD else self.country)[column] = "".join(self.characters)
        elif name == "Country":
            self.add_row()

    def add_row(self) -> None:
        cells = self.good | self.country
        for column in self.columns:
            if column not in cells:
                _refuse(f"/rows/{self.line}/{column}", "column_missing", "Each country of a good has all its elements.")
        self.rows.append(Row(f"/rows/{self.line}", cells))


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        _refuse(f"/rows/{line}", "not_utf8", "Save the file as UTF-8.")


def _check_header(header: Sequence[str], columns: Sequence[str]) -> None:
    faults = [
        FileFault(f"/rows/1/{column}", "column_missing", f"The columns are {', '.join(columns)}.")
        for column in columns
        if column not in header
    ]
    if not faults and len(header) != len(columns):
        faults = [FileFault("/rows/1", "column_unknown", f"The columns are {', '.join(columns)}, each once.")]
    if faults:
        raise FactsInvalid(faults)


def _refuse(place: str, code: str, remedy: str) -> Never:
    raise FactsInvalid([FileFault(place, code, remedy)])
