"""Goods by country: the List of Goods Produced by Child Labor or Forced Labor of the US Department of Labor (ILAB)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.cells import Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.goods_xml import read_goods_xml
from services.risk.domain.facts.table import read_csv

COLUMNS = (
    "good", "sector", "country", "region", "child_labor", "forced_labor", "forced_child_labor",
    "derived_labor_exploitation", "derived_country",
)  # fmt: skip
EXAMPLE = f"{','.join(COLUMNS)}\nElectronics,Manufacturing,Malaysia,Indo-Pacific,No,Yes,No,No,No"
MEASURE_OF_COLUMN = {
    "child_labor": "child_labour",
    "forced_labor": "forced_labour",
    "forced_child_labor": "forced_child_labour",
}


@dataclass(frozen=True, slots=True)
class _Row:
    good: str
    country: str
    text: str
    measures: tuple[str, ...]

    @property
    def identity(self) -> Hashable:
        return self.country, word_key(self.good)


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each Yes of a good of a country, from XML or CSV. Raises FactsInvalid.

    `derived` says that the good is listed for an input made elsewhere (or at home), which the text names.
    """
    xml = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    rows = read_goods_xml(body, COLUMNS) if xml else read_csv(body, COLUMNS)
    for row in read_rows(rows, _row, lambda one: one.identity):
        for measure in row.measures:
            yield Fact(FactAbout.GOOD, row.country, row.good, measure, row.text)


def _row(cells: Cells) -> _Row:
    good, place, sector = cells.text("good"), cells.text("country"), cells.text("sector")
    cells.text("region")
    kinds = {measure: cells.yes(column) for column, measure in MEASURE_OF_COLUMN.items()}
    answers = [
        f"{column.replace('_', ' ')}: {'Yes' if kinds[of] else 'No'}" for column, of in MEASURE_OF_COLUMN.items()
    ]
    is_derived, derived_from = cells.yes("derived_labor_exploitation"), cells.text("derived_country")
    if is_derived:
        answers.append(f"derived labor exploitation: Yes, from {derived_from}")
    measures = [measure for measure, yes in kinds.items() if yes] + ["derived"] * is_derived
    text = f"{good} ({sector}), {place}: {', '.join(answers)}"
    return _Row(good, cells.country("country"), text, tuple(measures))
