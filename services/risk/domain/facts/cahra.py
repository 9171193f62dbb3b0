"""Conflict-affected and high-risk areas: by country, or by minerals of a country where the list names them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.cells import Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

COLUMNS = ("country", "region", "minerals", "edition")
EXAMPLE = f"{','.join(COLUMNS)}\nCongo (Democratic Republic),North Kivu,tin; tantalum; gold,2026-01"
MEASURE = "conflict_affected_area"
TEXT = 2000
"""Characters of a text; the regions beyond it are counted."""
_SEVERAL = re.compile(r"[|;,]")


@dataclass(frozen=True, slots=True)
class _Area:
    country: str
    place: str
    region: str
    minerals: tuple[str, ...]
    edition: str


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each country, or for each mineral of a country, with all its regions. Raises FactsInvalid."""
    of: dict[tuple[str, str], list[_Area]] = defaultdict(list)
    rows = read_csv(body, COLUMNS)
    for area in read_rows(rows, _area, lambda one: (one.country, word_key(one.region), one.minerals)):
        for mineral in area.minerals or ("",):
            of[area.country, mineral].append(area)
    return [_fact(country, mineral, of[country, mineral]) for country, mineral in sorted(of)]


def _area(cells: Cells) -> _Area:
    minerals = {word_key(part) for part in _SEVERAL.split(cells.optional("minerals", 500)) if part.strip()}
    return _Area(
        cells.country("country"),
        cells.text("country"),
        cells.optional("region"),
        tuple(sorted(minerals)),
        cells.optional("edition"),
    )


def _fact(country: str, mineral: str, areas: Sequence[_Area]) -> Fact:
    about = FactAbout.MINERAL if mineral else FactAbout.COUNTRY
    of = f"{mineral}, " if mineral else ""
    editions = sorted({one.edition for one in areas if one.edition})
    listed = f"conflict-affected or high-risk area{', edition ' if editions else ''}{' and '.join(editions)}"
    regions = _told(sorted({one.region for one in areas if one.region}))
    return Fact(about, country, mineral, MEASURE, f"{of}{min(one.place for one in areas)}: {listed}{regions}")


def _told(regions: Sequence[str]) -> str:
    """The regions in words, shortened where they would not fit into an event."""
    told = list(regions)
    while len("; ".join(told)) > TEXT - 400:
        told.pop()
    more = f" and {len(regions) - len(told)} more" if len(told) < len(regions) else ""
    return f": {'; '.join(told)}{more}" if told else ""
