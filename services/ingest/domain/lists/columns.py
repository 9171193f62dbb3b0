"""The columns that lists have: which field of ours each holds, and how a cell is read."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import ValidationError

from services.ingest.domain.events.parties import is_readable
from services.ingest.domain.identity.identifiers import problem_of
from services.ingest.domain.lists.findings import CellInvalid
from shared.countries import resolve
from shared.events.values import PRINTABLE, Identifiers, SiteFacts
from shared.events.vocabulary import Answer, DisclosureScope, Mineral, NotDisclosedReason, Tier
from shared.events.words import OpenEnum

LONGEST_NAME = 200
LONGEST_LABEL = 100
"""Characters, as `Name` and `Label` of the contracts have them."""
PRINTED = re.compile(PRINTABLE)
BLANKS = re.compile(r"[ \t\r\n]+")
MARKS = re.compile(r"\([^)]*\)|[^\w(]+|\(")
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%Y-%m-%d %H:%M:%S")
"""The days that can be read in one way only: 3/4/2026 is not among them."""

NAMES = frozenset({"name", "supplier_name"})

Cells = Mapping[str, str]
Facts = dict[str, Any]
Word = TypeVar("Word", bound=OpenEnum)


def heading(cell: str) -> str:
    """A header's cell as we compare it: small letters, words joined by "_", without marks such as (*)."""
    return "_".join(MARKS.sub(" ", cell.casefold().replace("_", " ")).split())


def text(cells: Cells, column: str, limit: int = LONGEST_NAME) -> str:
    """A cell as one line: a line break inside a name is a blank. Raises CellInvalid."""
    if not (given := cells.get(column)):
        return ""  # most columns are not there
    found = BLANKS.sub(" ", given).strip()
    if len(found) > limit:
        raise CellInvalid("too_long", column)
    if not PRINTED.match(found):
        raise CellInvalid("forbidden_character", column)
    if found and column in NAMES and not is_readable(found):
        raise CellInvalid("name_unreadable", column)
    return found


def required_text(cells: Cells, column: str, limit: int = LONGEST_NAME, code: str = "value_missing") -> str:
    """A cell that must be filled. Raises CellInvalid."""
    if not (found := text(cells, column, limit)):
        raise CellInvalid(code, column)
    return found


def label(cells: Cells, column: str) -> str | None:
    """A short text, if there is one. Raises CellInvalid."""
    return text(cells, column, LONGEST_LABEL) or None


def country(cells: Cells, column: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country given as code or name. Raises CellInvalid."""
    if (code := known_country(required_text(cells, column))) is None:
        raise CellInvalid("country_unknown", column)
    return code


@lru_cache(maxsize=1024)  # a list has few countries and many rows
def known_country(spelling: str) -> str | None:
    return resolve(spelling)


def day(cells: Cells, column: str) -> date | None:
    """A day, if there is one. Raises CellInvalid where it could be read in two ways."""
    if not (found := text(cells, column)):
        return None
    for form in DAYS:
        try:
            read = datetime.strptime(found, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
        if 1900 <= read.year <= 2199:
            return read
    raise CellInvalid("day_invalid", column)


def word(cells: Cells, column: str, kind: type[Word], also: Mapping[str, Word]) -> Word | None:
    """A word of a vocabulary or another spelling of it, if there is one. Raises CellInvalid."""
    if not (found := heading(text(cells, column))):
        return None
    if found in also:
        return also[found]
    try:
        return kind[found.upper()]
    except KeyError:
        raise CellInvalid("word_unknown", column) from None


TIERS = {
    "assembly": Tier.FINAL_ASSEMBLY,
    "sluttmontering": Tier.FINAL_ASSEMBLY,
    "components": Tier.COMPONENT,
    "komponent": Tier.COMPONENT,
    "materials": Tier.MATERIAL,
    "materiale": Tier.MATERIAL,
    "råvare": Tier.MATERIAL,
    "refiner": Tier.SMELTER,
    "smelteverk": Tier.SMELTER,
    "gruve": Tier.MINE,
    "logistikk": Tier.LOGISTICS,
    "ukjent": Tier.UNKNOWN,
}
REASONS = {
    "unknown": NotDisclosedReason.SUPPLIER_DOES_NOT_KNOW,
    "does_not_know": NotDisclosedReason.SUPPLIER_DOES_NOT_KNOW,
    "vet_ikke": NotDisclosedReason.SUPPLIER_DOES_NOT_KNOW,
    "refuses": NotDisclosedReason.SUPPLIER_REFUSES,
    "refused": NotDisclosedReason.SUPPLIER_REFUSES,
    "nekter": NotDisclosedReason.SUPPLIER_REFUSES,
    "confidential": NotDisclosedReason.CONFIDENTIALITY_CLAIMED,
    "konfidensielt": NotDisclosedReason.CONFIDENTIALITY_CLAIMED,
    "no_answer": NotDisclosedReason.NOT_YET_ANSWERED,
    "ikke_besvart": NotDisclosedReason.NOT_YET_ANSWERED,
}
ANSWERS = {"none": Answer.NO_ANSWER, "ikke_besvart": Answer.NO_ANSWER, "nekter": Answer.REFUSED}
MINERALS = dict.fromkeys(("copper", "graphite", "lithium", "nickel"), Mineral.OTHER)
"""Minerals of the newer EMRT for which our vocabulary has no word of their own."""
SCOPES = {
    "a_company": DisclosureScope.COMPANY,
    "b_product": DisclosureScope.PRODUCT,
    "c_user_defined": DisclosureScope.USER_DEFINED,
}


def several(value: str) -> tuple[str, ...]:
    """The parts of a cell that holds several values, as Open Supply Hub separates them."""
    return tuple(part.strip() for part in value.split("|") if part.strip())


def sector(value: str) -> Facts:
    """The first sector is the site's; further ones are kept as product types, so that nothing is lost."""
    first, *rest = several(value) or ("",)
    return {"sector": first, "product_types": tuple(rest)}


def workers(value: str) -> Facts:
    """A number of workers or a range, such as 100-200."""
    found = re.fullmatch(r"([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?", value.replace(",", ""), re.ASCII)
    if found is None:
        raise ValueError("a number or a range of numbers")
    least, most = int(found[1]), int(found[2] or found[1])
    return {"workers": {"minimum": least, "maximum": most}}


def percent(name: str) -> Callable[[str], Facts]:
    return lambda value: {name: int(value.removesuffix("%").strip())}


def identifier(name: str, pattern: str = r"^\s+|\s+$") -> Callable[[str], Facts]:
    return lambda value: {"identifiers": {name: re.sub(pattern, "", value).upper()}}


FACT_COLUMNS: dict[str, Callable[[str], Facts]] = {
    "sector": sector,
    "sector_product_type": sector,
    "product_type": lambda value: {"product_types": several(value)},
    "facility_type": lambda value: {"facility_types": several(value)},
    "processing_type": lambda value: {"processing_types": several(value)},
    "facility_type_processing_type": lambda value: {"processing_types": several(value)},
    "parent_company": lambda value: {"parent_company": value},
    "native_language_name": lambda value: {"native_name": value},
    "number_of_workers": workers,
    "female_percent": percent("women_percent"),
    "migrant_percent": percent("migrants_percent"),
    "isic_4": lambda value: {"isic_4": value},
    "lat": lambda value: {"latitude": float(value)},
    "lng": lambda value: {"longitude": float(value)},
    "os_id": identifier("os_id", r"\s"),
    "lei_id": identifier("lei", r"\s"),
    "duns_id": identifier("duns", r"[\s-]"),
    "rba_id": identifier("rba_id"),
    "organisation_number": identifier("organisation_number", r"\s"),
    "smelter_id": identifier("smelter_id", r"\s"),
}
"""The optional columns about a site, most of them Open Supply Hub's, and the facts that they hold."""

SUPPLIER_IDS = {"supplier_organisation_number": r"\s", "supplier_lei": r"\s", "supplier_duns": r"[\s-]"}


def site_facts(cells: Cells) -> SiteFacts:
    """What the optional columns say of a site. Raises CellInvalid with the first column that cannot be read."""
    facts: Facts = {}
    for column, read in FACT_COLUMNS.items():
        if column in cells and (value := text(cells, column, limit=1000)):
            try:
                merge(facts, read(value))
                SiteFacts.model_validate(facts)
            except (ValidationError, ValueError):
                raise CellInvalid("value_invalid", column) from None
            if column.endswith(("_id", "_number")) and (problem := problem_of(facts.get("identifiers", {}))):
                raise CellInvalid(problem[1], column)
    return SiteFacts.model_validate(facts)


def merge(facts: Facts, more: Mapping[str, Any]) -> None:
    """Add facts to facts: lists grow, identifiers join, anything else is kept as it was first given."""
    for name, value in more.items():
        if isinstance(value, tuple):
            facts[name] = (*facts.get(name, ()), *(item for item in value if item not in facts.get(name, ())))
        elif isinstance(value, dict):
            facts[name] = value | facts.get(name, {})
        else:
            facts.setdefault(name, value)


def supplier_ids(cells: Cells) -> Identifiers | None:
    """The ids of the supplier, if there are any. Raises CellInvalid."""
    found: dict[str, str] = {}
    for column, pattern in SUPPLIER_IDS.items():
        if value := re.sub(pattern, "", text(cells, column, LONGEST_LABEL)).upper():
            found[column.removeprefix("supplier_")] = value
            try:
                Identifiers.model_validate(found)
            except ValidationError:
                raise CellInvalid("value_invalid", column) from None
            if problem := problem_of(found):
                raise CellInvalid(problem[1], column)
    return Identifiers.model_validate(found) if found else None
