"""Withhold-release orders and findings of US Customs and Border Protection."""

from collections.abc import Iterable

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.cells import LONGEST_NAME, Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

COLUMNS = ("entity", "country", "industry", "effective_date", "type")
EXAMPLE = f'{",".join(COLUMNS)}\n"Example Works Co., Ltd., a/k/a Golden Example",China,Electronics,9/8/2020,WRO'
MEASURE_OF_TYPE = {"wro": "cbp_wro", "finding": "cbp_finding"}


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each order or finding; the name stays as written, with its aliases. Raises FactsInvalid.

    A row that names no company (all gold of a region) stays a fact that no company's name matches.
    """
    return read_rows(
        read_csv(body, COLUMNS), _fact, lambda one: (one.country, word_key(one.name), one.measure, one.valid_from)
    )


def _fact(cells: Cells) -> Fact:
    name, place, industry = cells.text("entity", LONGEST_NAME), cells.text("country"), cells.text("industry")
    effective, kind = cells.american_day("effective_date"), cells.text("type")
    if kind.casefold() not in MEASURE_OF_TYPE:
        cells.fault("type", "word_unknown", "WRO or Finding.")
    return Fact(
        FactAbout.ENTITY,
        cells.country("country"),
        name,
        MEASURE_OF_TYPE.get(kind.casefold(), ""),
        f"{name}, {place}, {industry}: {kind}, effective {effective}",
        valid_from=effective,
    )
