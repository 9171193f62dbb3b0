"""Ratifications of ILO conventions and protocols by country, in the manner of the ILO's NORMLEX."""

import re
from collections.abc import Iterable

from services.risk.domain.facts.cells import Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

COLUMNS = ("country", "convention", "ratification", "status")
EXAMPLE = f"{','.join(COLUMNS)}\nNorway,C087,1949-07-04,In force\nUnited States,C087,not ratified,"
_CONVENTION = re.compile(r"([CP])0*(\d{1,3})(?:\D.*)?", re.IGNORECASE)
WORD_OF_STATUS = {"": "yes", "in force": "yes", "not yet in force": "yes", "denounced": "denounced"}
NOT_RATIFIED = "not ratified"


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each country and convention, `ratified_c087` and so on: yes, no or denounced.

    What the file does not name is unknown, never "not ratified". Raises FactsInvalid.
    """
    return read_rows(read_csv(body, COLUMNS), _fact, lambda one: (one.country, one.measure))


def _fact(cells: Cells) -> Fact:
    country, place = cells.country("country"), cells.text("country")
    convention = _CONVENTION.fullmatch(cells.text("convention"))
    if convention is None:
        cells.fault("convention", "convention_unknown", "C or P and a number, for example C087 or P029.")
    code = f"{convention[1].upper()}{int(convention[2]):03}" if convention else ""
    measure = f"ratified_{code.lower()}"
    if cells.given("ratification").casefold() == NOT_RATIFIED:
        return Fact(FactAbout.COUNTRY, country, "", measure, f"{place}: {code} {NOT_RATIFIED}", word="no")
    ratified, status = cells.day("ratification"), cells.given("status")
    if not cells.given("ratification"):
        cells.fault("ratification", "empty", "The day (1949-07-04) or the words: not ratified.")
    if (word := WORD_OF_STATUS.get(status.casefold())) is None:
        cells.fault("status", "word_unknown", "In force, Not yet in force or Denounced.")
    text = f"{place}: {code} ratified {ratified}{', ' if status else ''}{status.lower()}"
    return Fact(FactAbout.COUNTRY, country, "", measure, text, word=word, valid_from=ratified)
