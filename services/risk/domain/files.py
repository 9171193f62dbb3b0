"""The files that lists come in, read strictly: a file is taken as a whole or not at all.

Goods by country: the XML of the US Department of Labor's List of Goods, or the same as CSV. Entities: CSV in the
columns of the withhold-release orders and findings of US Customs and Border Protection.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from services.risk.domain.facts import CountryGood, Entity, Fact, FactKind
from services.risk.domain.rows import FactsInvalid, FileFault, Row, read_csv, read_goods_xml
from shared.countries import resolve

GOODS_COLUMNS = (
    "good", "sector", "country", "region", "child_labor", "forced_labor", "forced_child_labor",
    "derived_labor_exploitation", "derived_country",
)  # fmt: skip
ENTITY_COLUMNS = ("entity", "country", "industry", "effective_date", "type")
LONGEST = {"entity": 1000}
LONGEST_ELSE = 100
FAULTS_SHOWN = 100


def read_facts(kind: FactKind, body: bytes) -> list[Fact]:
    """The facts of a file. Raises FactsInvalid with each fault's row, column, code and remedy, at most 100 of them."""
    if kind is FactKind.ENTITIES:
        return _read(read_csv(body, ENTITY_COLUMNS), _entity)
    xml = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return _read(read_goods_xml(body, GOODS_COLUMNS) if xml else read_csv(body, GOODS_COLUMNS), _country_good)


@dataclass(slots=True)
class _Cells:
    """The cells of one row, read with their types; what is wrong with them is collected."""

    row: Row
    faults: list[FileFault]

    def fault(self, column: str, code: str, remedy: str) -> None:
        self.faults.append(FileFault(f"{self.row.place}/{column}", code, remedy))

    def text(self, column: str) -> str:
        value = unicodedata.normalize("NFC", self.row.cells[column].strip())
        longest = LONGEST.get(column, LONGEST_ELSE)
        if not value:
            self.fault(column, "empty", "Fill the cell.")
        elif len(value) > longest:
            self.fault(column, "too_long", f"At most {longest} characters.")
        elif not value.isprintable():
            self.fault(column, "unprintable", "Remove line breaks and control characters.")
        return value

    def yes(self, column: str) -> bool:
        value = self.row.cells[column].strip().casefold()
        if value not in ("yes", "no"):
            self.fault(column, "not_yes_or_no", "Write Yes or No; a blank is not a No.")
        return value == "yes"

    def country(self, column: str) -> str:
        code = resolve(self.row.cells[column])
        if code is None:
            self.fault(column, "country_unknown", "Use an ISO 3166 code or name, or add the spelling to countries.csv.")
        return code or ""

    def american_date(self, column: str) -> date:
        try:
            month, day, year = self.row.cells[column].strip().split("/")
            if len(year) != 4:
                raise ValueError
            return date(int(year), int(month), int(day))
        except ValueError:
            self.fault(column, "date_invalid", "Write month/day/year, for example 9/8/2020.")
            return date.min


def _country_good(cells: _Cells) -> CountryGood:
    derived_country = cells.text("derived_country")
    return CountryGood(
        country=cells.country("country"),
        country_name=cells.text("country"),
        good=cells.text("good"),
        sector=cells.text("sector"),
        child_labour=cells.yes("child_labor"),
        forced_labour=cells.yes("forced_labor"),
        forced_child_labour=cells.yes("forced_child_labor"),
        derived=cells.yes("derived_labor_exploitation"),
        derived_country=None if derived_country.casefold() == "no" else derived_country,
    )


def _entity(cells: _Cells) -> Entity:
    return Entity(
        name=cells.text("entity"),
        country=cells.country("country"),
        country_name=cells.text("country"),
        industry=cells.text("industry"),
        effective=cells.american_date("effective_date"),
        measure=cells.text("type"),
    )


def _read(rows: Iterable[Row], read: Callable[[_Cells], Fact]) -> list[Fact]:
    facts: list[Fact] = []
    seen: set[object] = set()
    faults: list[FileFault] = []
    for row in rows:
        before = len(faults)
        fact = read(_Cells(row, faults))
        if len(faults) == before and _identity(fact) in seen:
            faults.append(FileFault(row.place, "duplicate_row", "Keep one row for it."))
        if len(faults) >= FAULTS_SHOWN:
            break
        seen.add(_identity(fact))
        facts.append(fact)
    if not facts and not faults:
        faults.append(FileFault("", "no_rows", "The file has a header but no row: give the whole list."))
    if faults:
        raise FactsInvalid(faults[:FAULTS_SHOWN])
    return facts


def _identity(fact: Fact) -> object:
    """What may be there once only: a good of a country, or one measure against an entity."""
    if isinstance(fact, CountryGood):
        return fact.country, fact.good.casefold()
    return fact.name.casefold(), fact.country, fact.effective, fact.measure
