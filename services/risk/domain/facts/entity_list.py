"""Lists of companies that an authority has named, such as the Entity List of the Uyghur Forced Labor Prevention Act."""

import re
from collections.abc import Iterable

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.cells import LONGEST_NAME, Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

COLUMNS = ("name", "aliases", "country", "list", "effective_date", "sector")
EXAMPLE = f"{','.join(COLUMNS)}\nExample Textile Works,Example Mill | Golden Example,China,UFLPA,2022-06-21,Textiles"
_NOT_IN_A_MEASURE = re.compile(r"[^a-z0-9]+")


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each entry: its name with aliases; the measure is `listed_` and the list. Raises FactsInvalid."""
    return read_rows(
        read_csv(body, COLUMNS), _fact, lambda one: (one.country, word_key(one.name), one.measure, one.valid_from)
    )


def _fact(cells: Cells) -> Fact:
    name, of = cells.text("name", LONGEST_NAME), cells.text("list", 40)
    aliases = [part.strip() for part in re.split(r"[|;]", cells.optional("aliases", LONGEST_NAME)) if part.strip()]
    measure = f"listed_{_NOT_IN_A_MEASURE.sub('_', of.casefold()).strip('_')}"
    if measure == "listed_":
        cells.fault("list", "word_unknown", "Name the list in Latin letters, for example UFLPA.")
    place, effective, sector = cells.optional("country"), cells.day("effective_date"), cells.optional("sector")
    known_as = ", a/k/a ".join([name, *aliases])
    said = [known_as, *filter(None, (place, sector))]
    since = f", effective {effective}" if effective else ""
    return Fact(
        FactAbout.ENTITY,
        cells.optional_country("country"),
        known_as,
        measure,
        f"{', '.join(said)}: {of}{since}",
        valid_from=effective,
    )
