"""Deaths in conflict by country and year: the Georeferenced Event Dataset of the Uppsala Conflict Data Program."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.risk.domain.facts.cells import Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

COLUMNS = ("country", "country_id", "year", "type_of_violence", "best_deaths")
EXAMPLE = f"{','.join(COLUMNS)}\nDR Congo (Zaire),490,2019,1,794\nDR Congo (Zaire),490,2020,1,1231"
CONGO_BRAZZAVILLE = "484"
"""Plain "Congo" could be either of two countries; the id (Gleditsch and Ward) tells which."""


@dataclass(frozen=True, slots=True)
class _Year:
    country: str
    place: str
    year: int
    kind: str
    deaths: int


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each country: its deaths in all years of the file. A country that is absent has none (unknown).

    Raises FactsInvalid.
    """
    of: dict[str, list[_Year]] = defaultdict(list)
    rows = read_rows(read_csv(body, COLUMNS), _year, lambda one: (one.country, one.year, one.kind))
    for one in rows:
        of[one.country].append(one)
    first, last = min(one.year for one in rows), max(one.year for one in rows)
    return [_fact(country, of[country], f"{first} to {last}") for country in sorted(of)]


def _year(cells: Cells) -> _Year:
    is_congo = cells.given("country_id") == CONGO_BRAZZAVILLE
    deaths, year = cells.number("best_deaths", 0, 1e9), cells.number("year", 1900, 2199)
    for column, value in (("best_deaths", deaths), ("year", year)):
        if value is None or value != int(value):
            cells.fault(column, "number_invalid", "A whole number; what is not known has no row.")
    return _Year(
        "CG" if is_congo else cells.country("country"),
        cells.text("country"),
        int(year or 0),
        cells.optional("type_of_violence"),
        int(deaths or 0),
    )


def _fact(country: str, years: Sequence[_Year], span: str) -> Fact:
    deaths = sum(one.deaths for one in years)
    text = f"{min(one.place for one in years)}: {deaths} deaths in conflict from {span} (best estimate)"
    return Fact(FactAbout.COUNTRY, country, "", "conflict_deaths", text, value=float(deaths))
