"""Index series by country, 0 to 1 where 1 is worse, with the register that says where each series comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.risk.domain.facts.cells import Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.faults import FactsInvalid, FileFault, refuse
from services.risk.domain.facts.table import Row, read_csv

COLUMNS = ("iso3",)
EXAMPLE = "iso3,example_rule_of_law,example_union_density\nNOR,0.02,0.5\nTWN,,0.7"
REGISTER_COLUMNS = ("indicator", "source", "series_id", "license", "direction")
REGISTER_EXAMPLE = (
    f"{','.join(REGISTER_COLUMNS)}\nexample_rule_of_law,Example Institute,EX.RL,CC BY 4.0,low_risk\n"
    "example_union_density,Example Institute,EX.UD,CC BY 4.0,low_risk"
)
DIRECTIONS = {"high_risk": "more of it is worse", "low_risk": "more of it is better, turned round here"}


@dataclass(frozen=True, slots=True)
class Series:
    """What the register says of a series; `direction` is that of the figures before they were scaled."""

    name: str
    measure: str
    source: str
    series: str
    licence: str
    direction: str


def read(body: bytes, register: bytes) -> Iterable[Fact]:
    """One fact for each value; a blank gives none, and what lies outside 0 to 1 is refused. Raises FactsInvalid."""
    known = read_register(register)
    names = _series_in(body, known)
    rows = read_rows(read_csv(body, COLUMNS, more=True), lambda cells: _row(cells, names), lambda one: one[0])
    return (fact for _, facts in rows for fact in facts)


def read_register(body: bytes) -> dict[str, Series]:
    """The series of a register by name. Rows that tell of no series (notes, gaps) are passed over.

    Raises FactsInvalid; its places begin with `/register`.
    """
    try:
        rows = [row for row in read_csv(body, REGISTER_COLUMNS, more=True) if _tells_of_a_series(row)]
        return {one.name: one for one in read_rows(rows, _series, lambda one: one.measure)}
    except FactsInvalid as error:
        raise FactsInvalid([replace(fault, place=f"/register{fault.place}") for fault in error.faults]) from None


def _tells_of_a_series(row: Row) -> bool:
    """Whether a row has a direction and a series; those that carry a remark have "n/a" or "NONE" in their place."""
    series, licence = row.cells["series_id"].strip().casefold(), row.cells["license"].strip().casefold()
    is_remark = series.startswith(("n/a", "none")) or licence.startswith("n/a")
    return row.cells["direction"].strip() in DIRECTIONS and not is_remark


def _series(cells: Cells) -> Series:
    return Series(
        cells.text("indicator"),
        cells.measure("indicator"),
        *(cells.text(column, 500) for column in ("source", "series_id", "license", "direction")),
    )


def _series_in(body: bytes, known: Mapping[str, Series]) -> Mapping[str, Series]:
    """The series that the header of a table names. Raises FactsInvalid where the register does not know one."""
    first = next(read_csv(body, COLUMNS, more=True), None)
    if first is None:
        refuse("", "no_rows", "The file has a header but no row: give the whole table.")
    names = [name for name in first.cells if name not in COLUMNS]
    remedy = "Add the series to the register, with its source, licence and direction."
    faults = [
        FileFault(f"/rows/1/{_shown(n)}", "series_unregistered", remedy)
        for n, name in enumerate(first.cells, 1)
        if name in names and name not in known
    ]
    if faults or not names:
        raise FactsInvalid(faults or [FileFault("/rows/1", "column_missing", "Give at least one series beside iso3.")])
    return {name: known[name] for name in names}


def _shown(column: int) -> str:
    """A column that the file itself names: by its number, for nothing of a file is quoted."""
    return f"column {column}"


def _row(cells: Cells, names: Mapping[str, Series]) -> tuple[str, list[Fact]]:
    country, place = cells.country("iso3"), cells.text("iso3")
    facts = []
    for number, name in enumerate(cells.row.cells, 1):
        if name in names and (value := cells.number(name, 0, 1, _shown(number))) is not None:
            facts.append(_fact(country, place, names[name], value))
    return country, facts


def _fact(country: str, place: str, series: Series, value: float) -> Fact:
    text = (
        f"{place}: {series.name} {value:g} on a scale of 0 to 1, 1 is worse ({DIRECTIONS[series.direction]}). "
        f"{series.source}, {series.series}; {series.licence}"
    )
    return Fact(FactAbout.COUNTRY, country, "", series.measure, text, value=value)
