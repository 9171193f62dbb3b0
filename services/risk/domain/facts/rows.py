"""The one documented format for any other list: each row is one fact."""

from collections.abc import Iterable

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.cells import LONGEST_NAME, Cells, read_rows
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.table import read_csv

COLUMNS = ("about", "country", "name", "measure", "value", "word", "valid_from", "valid_to")
OPTIONAL = ("text",)
EXAMPLE = (
    f"{','.join((*COLUMNS, *OPTIONAL))}\n"
    "country,Norway,,example_index,0.1,,2026-01-01,,\n"
    "good,Malaysia,Electronics,forced_labour,,,,,As the list words it\n"
    "entity,,Example Works,listed_example,,,2024-05-01,,"
)


def read(body: bytes) -> Iterable[Fact]:
    """One fact for each row. Raises FactsInvalid."""
    return read_rows(
        read_csv(body, COLUMNS, OPTIONAL),
        _fact,
        lambda one: (one.about, one.country, word_key(one.name), one.measure, one.valid_from),
    )


def _fact(cells: Cells) -> Fact:
    about = _about(cells)
    is_country = about is FactAbout.COUNTRY
    country = cells.country("country") if is_country else cells.optional_country("country")
    name = cells.optional("name", LONGEST_NAME) if is_country else cells.text("name", LONGEST_NAME)
    if is_country and name:
        cells.fault("name", "not_blank", "Leave the name blank: a fact about a country has its country only.")
    since, until = cells.day("valid_from"), cells.day("valid_to")
    if since and until and until < since:
        cells.fault("valid_to", "date_invalid", "The last day lies before the first.")
    measure, value, word = cells.measure("measure"), cells.number("value"), cells.optional("word")
    said = f": {word}" if word else f": {value:g}" if value is not None else ""
    text = f"{', '.join(filter(None, (name, cells.given('country'))))}: {measure.replace('_', ' ')}{said}"
    given = cells.optional("text", 1500)
    return Fact(about, country, name, measure, given or text, value, word or None, since, until)


def _about(cells: Cells) -> FactAbout:
    try:
        return FactAbout(cells.given("about").casefold())
    except ValueError:
        cells.fault("about", "word_unknown", f"One of {', '.join(FactAbout)}.")
        return FactAbout.ENTITY
