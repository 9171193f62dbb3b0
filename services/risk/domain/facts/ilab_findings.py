"""Findings by country: advancement against child labour, and ratified conventions (US Department of Labor, ILAB)."""

from collections.abc import Iterable

from services.risk.domain.facts.cells import Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

MEASURE_OF_COLUMN = {
    "C_138_Ratified": "ratified_c138",
    "C_182_Ratified": "ratified_c182",
    "Convention_on_the_Rights_of_the_Child_Ratified": "ratified_crc",
    "CRC_Armed_Conflict_Ratified": "ratified_crc_armed_conflict",
    "CRC_Commercial_Sexual_Exploitation_of_Children_Ratified": "ratified_crc_sale_of_children",
    "Palermo_Ratified": "ratified_palermo",
}
COLUMNS = ("country", "region", "advancement_level", *MEASURE_OF_COLUMN)
EXAMPLE = f"{','.join(COLUMNS)}\nAlbania,Europe and Eurasia,Moderate Advancement,Yes,Yes,Yes,Yes,Yes,Yes"
LEVELS = ("significant_advancement", "moderate_advancement", "minimal_advancement", "no_advancement")
UNKNOWN = ("", "n/a", "no assessment")
"""What says nothing: a blank is unknown, never "not ratified"."""


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each finding of a country; what is blank gives none. Raises FactsInvalid."""
    rows = read_rows(read_csv(body, COLUMNS), _row, lambda one: one[0])
    return (fact for _, facts in rows for fact in facts)


def _row(cells: Cells) -> tuple[str, list[Fact]]:
    country, place = cells.country("country"), cells.text("country")
    cells.text("region")
    facts = []
    if (level := cells.optional("advancement_level", 200)).casefold() not in UNKNOWN:
        text = f"{place}: {level}"
        facts.append(Fact(FactAbout.COUNTRY, country, "", "advancement", text, word=_level(cells, level)))
    for column, measure in MEASURE_OF_COLUMN.items():
        if cells.given(column).casefold() not in UNKNOWN:
            word = "yes" if cells.yes(column) else "no"
            text = f"{place}: {column.replace('_', ' ')}: {word.capitalize()}"
            facts.append(Fact(FactAbout.COUNTRY, country, "", measure, text, word=word))
    return country, facts


def _level(cells: Cells, level: str) -> str:
    """The level without what follows a dash ("Minimal Advancement - Efforts Made but ..."); the text keeps it."""
    word = level.replace("\u2013", "-").partition(" - ")[0].strip().casefold().replace(" ", "_")
    if word not in LEVELS:
        cells.fault("advancement_level", "word_unknown", f"One of {', '.join(LEVELS)}, as words; or blank.")
    return word
