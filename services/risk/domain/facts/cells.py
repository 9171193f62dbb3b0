"""The cells of one row read with their types, and the rows of a file read one by one."""

import math
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.risk.domain.facts.faults import FAULTS_SHOWN, MAXIMUM_FACTS, FactsInvalid, FileFault
from services.risk.domain.facts.table import Row
from shared.countries import resolve

One = TypeVar("One")
LONGEST = 100
LONGEST_NAME = 1000
"""Characters of a cell; a name holds its aliases, too."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MEASURE = re.compile(r"[a-z][a-z0-9_]{0,59}")
# Kosovo has no code in ISO 3166; XK is the one that its users assign (World Bank, European Union).
_BESIDE_ISO = {"kosovo": "XK", "xk": "XK", "xkx": "XK"}


@dataclass(slots=True)
class Cells:
    """The cells of one row; what is wrong with them is collected, and a harmless value given in its stead."""

    row: Row
    faults: list[FileFault]

    def fault(self, column: str, code: str, remedy: str) -> None:
        """Note what is wrong with a cell of this row."""
        self.faults.append(FileFault(f"{self.row.place}/{column}", code, remedy))

    def given(self, column: str) -> str:
        """What a cell says, '' where it is blank or its column is left out."""
        return unicodedata.normalize("NFC", self.row.cells.get(column, "").strip())

    def text(self, column: str, longest: int = LONGEST) -> str:
        """A text that must be there."""
        value = self.optional(column, longest)
        if not value:
            self.fault(column, "empty", "Fill the cell.")
        return value

    def optional(self, column: str, longest: int = LONGEST) -> str:
        """A text, '' where the cell is blank."""
        value = self.given(column)
        if len(value) > longest:
            self.fault(column, "too_long", f"At most {longest} characters.")
        elif not value.isprintable():
            self.fault(column, "unprintable", "Remove line breaks and control characters.")
        return value

    def measure(self, column: str) -> str:
        """The name of a measure, in lower case."""
        value = self.given(column).lower()
        if not _MEASURE.fullmatch(value):
            self.fault(column, "measure_invalid", "A letter, then letters, digits and _, at most 60.")
        return value

    def yes(self, column: str) -> bool:
        """A Yes or a No, which must be there."""
        value = self.given(column).casefold()
        if value not in ("yes", "no"):
            self.fault(column, "not_yes_or_no", "Write Yes or No; a blank is not a No.")
        return value == "yes"

    def country(self, column: str) -> str:
        """The alpha-2 code of a country that must be there, by code or name."""
        value = self.given(column)
        code = resolve(value) or _BESIDE_ISO.get(value.casefold())
        if code is None:
            remedy = "Use an ISO 3166 code or name, or add the spelling to shared/countries.csv and restart risk."
            self.fault(column, "country_unknown", remedy)
        return code or ""

    def optional_country(self, column: str) -> str | None:
        """The alpha-2 code of a country, None where the cell is blank."""
        return self.country(column) if self.given(column) else None

    def number(self, column: str, least: float = -1e15, greatest: float = 1e15, shown: str = "") -> float | None:
        """A number within bounds, None where the cell is blank: what is missing is never zero.

        `shown` stands for a column that only the file knows, of which nothing is quoted.
        """
        if not (value := self.given(column)):
            return None
        number = float(value) if _NUMBER.fullmatch(value) else math.nan
        if not least <= number <= greatest:
            self.fault(
                shown or column, "number_invalid", f"A number from {least:g} to {greatest:g}, with a point; or blank."
            )
            return None
        return number

    def day(self, column: str) -> date | None:
        """A day as 2026-01-15, None where the cell is blank."""
        if not (value := self.given(column)):
            return None
        try:
            day = date.fromisoformat(value) if _DAY.fullmatch(value) else date.min
        except ValueError:
            day = date.min
        return self.day_within_reach(column, day, "Write year-month-day, for example 2020-09-08.")

    def american_day(self, column: str) -> date | None:
        """A day as 9/8/2020 (month, day, year), which must be there."""
        try:
            month, day, year = (int(part) for part in self.given(column).split("/"))
            found = date(year, month, day)
        except ValueError:
            found = date.min
        return self.day_within_reach(column, found, "Write month/day/year, for example 9/8/2020.")

    def day_within_reach(self, column: str, day: date, remedy: str) -> date | None:
        """The day itself where it is from 1900 to 2199, as events can carry it."""
        if not 1900 <= day.year <= 2199:
            self.fault(column, "date_invalid", remedy)
            return None
        return day


def read_rows(rows: Iterable[Row], read: Callable[[Cells], One], same: Callable[[One], Hashable]) -> list[One]:
    """What each row says; two rows of which `same` gives the same are one too many.

    Raises FactsInvalid with the faults of all rows, at most a hundred of them.
    """
    found: list[One] = []
    seen: dict[Hashable, str] = {}
    faults: list[FileFault] = []
    for row in rows:
        before = len(faults)
        one = read(Cells(row, faults))
        if len(faults) == before:
            if first := seen.get(same(one)):
                remedy = f"Row {first.removeprefix('/rows/')} says it already: keep one of them."
                faults.append(FileFault(row.place, "duplicate_row", remedy))
            seen[same(one)] = row.place
            found.append(one)
        if len(found) > MAXIMUM_FACTS:
            faults.append(FileFault(row.place, "too_many_facts", f"At most {MAXIMUM_FACTS} rows: split the list."))
        if len(faults) >= FAULTS_SHOWN or len(found) > MAXIMUM_FACTS:
            break
    if not found and not faults:
        faults.append(FileFault("", "no_rows", "The file has a header but no row: give the whole list."))
    if faults:
        raise FactsInvalid(faults)
    return found
