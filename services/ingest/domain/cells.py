"""The rows of the two kinds of list: which column says what, and what of it can be taken."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from services.ingest.domain.findings import CellInvalid
from shared.countries import resolve
from shared.events.values import PRINTABLE, SiteFacts

LONGEST_NAME = 200
PRINTED = re.compile(PRINTABLE)
BLANKS = re.compile(r"[ \t\r\n]+")
CONTINUED = re.compile(r"\s*\(continued\)$", re.IGNORECASE)
NOT_GIVEN = "NA"
"""How Apple's list, as compiled, writes an address that the source left out."""

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says: a supplier works at a site."""

    row: int
    edition: str
    name: str
    address: str
    country: str
    facts: SiteFacts


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of list: its columns, how a row is read, and what is known of the list as such.

    `published` holds where the source itself has published every such list.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[Cells, int, str], Entry]
    edition_column: str | None = None
    published: bool = False
    list_name: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


def read_open_supply_hub(cells: Cells, row: int, edition: str) -> Entry:
    """A row with the columns of an Open Supply Hub template. Raises CellInvalid."""
    return Entry(
        row=row,
        edition=edition,
        name=required_text(cells, "name"),
        address=required_text(cells, "address"),
        country=country(cells, "country"),
        facts=site_facts(cells),
    )


def read_apple(cells: Cells, row: int, _edition: str) -> Entry:
    """A row of Apple's supplier list; since 2020 its address is a province. Raises CellInvalid.

    "(continued)" marks a company that goes on after a page break of the source: it is no part of the name.
    """
    year = text(cells, "year")
    if not re.fullmatch(r"(19|20)[0-9]{2}", year, re.ASCII):
        raise CellInvalid("year_invalid", "year")
    name = CONTINUED.sub("", required_text(cells, "supplier_name"))
    address = required_text(cells, "supplier_address")
    if address == NOT_GIVEN:
        raise CellInvalid("value_missing", "supplier_address")
    return Entry(row, year, name, address, country(cells, "country"), SiteFacts(sector="Electronics"))


def text(cells: Cells, column: str, limit: int = LONGEST_NAME) -> str:
    """A cell as one line: a line break inside a name is a blank. Raises CellInvalid."""
    found = BLANKS.sub(" ", cells.get(column, "")).strip()
    if len(found) > limit:
        raise CellInvalid("too_long", column)
    if not PRINTED.match(found):
        raise CellInvalid("forbidden_character", column)
    return found


def required_text(cells: Cells, column: str) -> str:
    if not (found := text(cells, column)):
        raise CellInvalid("value_missing", column)
    return found


def country(cells: Cells, column: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country given as code or name. Raises CellInvalid."""
    if (code := known_country(required_text(cells, column))) is None:
        raise CellInvalid("country_unknown", column)
    return code


@lru_cache(maxsize=1024)  # a list has few countries and many rows
def known_country(spelling: str) -> str | None:
    return resolve(spelling)


def site_facts(cells: Cells) -> SiteFacts:
    """What the optional columns say of a site. Raises CellInvalid with the first column that cannot be read."""
    facts: dict[str, Any] = {}
    for column, read in FACT_COLUMNS.items():
        if value := text(cells, column, limit=1000):
            try:
                merge(facts, read(value))
                SiteFacts.model_validate(facts)
            except (ValidationError, ValueError):
                raise CellInvalid("value_invalid", column) from None
    return SiteFacts.model_validate(facts)


def merge(facts: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add facts to facts: lists grow, identifiers join, anything else is kept as it was first given."""
    for name, value in more.items():
        if isinstance(value, tuple):
            facts[name] = (*facts.get(name, ()), *(item for item in value if item not in facts.get(name, ())))
        elif isinstance(value, dict):
            facts[name] = value | facts.get(name, {})
        else:
            facts.setdefault(name, value)


def several(value: str) -> tuple[str, ...]:
    """The parts of a cell that holds several values, as Open Supply Hub separates them."""
    return tuple(part.strip() for part in value.split("|") if part.strip())


def sector(value: str) -> dict[str, Any]:
    """The first sector is the site's; further ones are kept as product types, so that nothing is lost."""
    first, *rest = several(value) or ("",)
    return {"sector": first, "product_types": tuple(rest)}


def workers(value: str) -> dict[str, Any]:
    """A number of workers or a range, such as 100-200."""
    found = re.fullmatch(r"([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?", value.replace(",", ""), re.ASCII)
    if found is None:
        raise ValueError("a number or a range of numbers")
    least, most = int(found[1]), int(found[2] or found[1])
    return {"workers": {"minimum": least, "maximum": most}}


def identifier(name: str, pattern: str) -> Callable[[str], dict[str, Any]]:
    def read(value: str) -> dict[str, Any]:
        return {"identifiers": {name: re.sub(pattern, "", value).upper()}}

    return read


FACT_COLUMNS: dict[str, Callable[[str], dict[str, Any]]] = {
    "sector": sector,
    "sector_product_type": sector,
    "product_type": lambda value: {"product_types": several(value)},
    "facility_type": lambda value: {"facility_types": several(value)},
    "processing_type": lambda value: {"processing_types": several(value)},
    "facility_type_processing_type": lambda value: {"processing_types": several(value)},
    "parent_company": lambda value: {"parent_company": value},
    "native_language_name": lambda value: {"native_name": value},
    "number_of_workers": workers,
    "isic_4": lambda value: {"isic_4": value},
    "lat": lambda value: {"latitude": float(value)},
    "lng": lambda value: {"longitude": float(value)},
    "os_id": identifier("os_id", r"\s"),
    "lei_id": identifier("lei", r"\s"),
    "duns_id": identifier("duns", r"[\s-]"),
    "rba_id": identifier("rba_id", r"^\s+|\s+$"),
}
"""The optional columns of the Open Supply Hub template, and the facts that they hold."""

OPEN_SUPPLY_HUB = Format(
    name="open-supply-hub",
    required=("country", "name", "address"),
    optional=tuple(FACT_COLUMNS),
    read=read_open_supply_hub,
)
APPLE = Format(
    name="apple-supplier-list",
    required=("year", "supplier_name", "country", "supplier_address"),
    optional=("country_area",),
    read=read_apple,
    edition_column="year",
    published=True,
    list_name="apple-supplier-list",
)
