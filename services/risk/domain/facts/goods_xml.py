"""The List of Goods of the US Department of Labor in its XML form, as rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from services.risk.domain.facts.faults import refuse
from services.risk.domain.facts.table import Row

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
        refuse(f"/rows/{error.lineno}", "xml_unreadable", "Get the file again from its publisher, in UTF-8, unchanged.")
    return iter(document.rows)


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
        refuse("/rows/1", "doctype_refused", "Remove the DOCTYPE; the publisher's file has none.")

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if DEPTH.get(name) != self.depth:
            place = f"/rows/{self.parser.CurrentLineNumber}"
            refuse(place, "element_unknown", "The file is not a List of Goods in XML.")
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
                refuse(f"/rows/{self.line}/{column}", "column_missing", "Each country of a good has all its elements.")
        self.rows.append(Row(f"/rows/{self.line}", cells))
