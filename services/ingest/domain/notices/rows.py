"""Contracts as plain rows, one per row: framework, call-off and end user, with what is agreed and when it ended."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from services.ingest.domain.lists.findings import letter
from services.ingest.domain.lists.sheets import Record
from services.ingest.domain.notices.amounts import in_cells
from services.ingest.domain.notices.notice import Data, Notice, Notices, Unusable, clean, filled
from shared.countries import resolve
from shared.events.vocabulary import ContractEnd, ContractLevel

REQUIRED = ("reference", "supplier_name", "level")
OPTIONAL = (
    "supplier_country",
    "organisation_number",
    "lei",
    "parent",
    "parent_member",
    "end_users",
    "ocid",
    "title",
    "starts",
    "ends",
    "value_band",
    "value",
    "currency",
    "conditions_name",
    "conditions_edition",
    "clauses",
    "ended_on",
    "end_reason",
)
COLUMNS = (*REQUIRED, *OPTIONAL)
PLACES = {
    "/data/supplier": "supplier_name",
    "/data/supplier/name": "supplier_name",
    "/data/supplier/country": "supplier_country",
    "/data/supplier/identifiers": "organisation_number",
    "/data/supplier/identifiers/organisation_number": "organisation_number",
    "/data/supplier/identifiers/lei": "lei",
    "/data/value": "value",
    "/data/value/amount": "value",
    "/data/value/currency": "currency",
    "/data/conditions": "conditions_name",
    "/data/conditions/name": "conditions_name",
    "/data/conditions/edition": "conditions_edition",
    "/data/conditions/clauses": "clauses",
    "/data/reason": "end_reason",
}
"""Which column a place in the data was read from, where their names differ."""
LEVELS = frozenset(one.value for one in ContractLevel if one is not ContractLevel.OTHER)
REASONS = frozenset(one.value for one in ContractEnd if one is not ContractEnd.OTHER)
NORDIC_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)

Cells = Mapping[str, str]


def named(header: str) -> str:
    """The name of a column, however it is spelt: in small letters, with underscores."""
    return re.sub(r"[\s-]+", "_", header.strip().casefold())


def is_contract_header(header: Sequence[str]) -> bool:
    """Whether these are columns of contracts: the three required ones are there."""
    return set(REQUIRED) <= {named(cell) for cell in header}


def column_of(pointer: str) -> str:
    """The column that a place in the data of an event was read from."""
    place = re.sub(r"/[0-9]+$", "", pointer)
    name = PLACES.get(place, place.removeprefix("/data/"))
    return name if name in COLUMNS else REQUIRED[0]


def read_rows(header: Sequence[str], records: Iterable[Record], most: int) -> Notices:
    """What each row says of one contract; a row with an end registers the contract and ends it.

    Raises FileInvalid where there are more than `most` rows.
    """
    columns = [named(cell) for cell in header]
    notices = Notices("contract-rows", most)
    notices.ignored_columns = tuple(letter(at) for at, name in enumerate(columns) if name and name not in COLUMNS)
    for record in records:
        if record.blank:
            continue
        cells = {name: cell for name, cell in zip(columns, record.cells, strict=False) if name in COLUMNS}
        try:
            notices.add(read_row(cells, record.row))
        except Unusable as error:
            notices.add(Notice(record.row, f"row {record.row}", problem=error.problem))
    return notices


def read_row(cells: Cells, row: int) -> Notice:
    """One row. Raises Unusable with the first column that cannot be taken."""
    given = {name: text for name in COLUMNS if (text := clean(cells.get(name))) is not None}
    for name in REQUIRED:
        if name not in given:
            raise Unusable("value_missing", name)
    data = filled(
        reference=given["reference"],
        supplier=supplier_of(given),
        level=word(given, "level", "level_unknown", LEVELS),
        parent=given.get("parent"),
        parent_member=given.get("parent_member"),
        end_users=sorted(set(several(given.get("end_users", ""), r"[\s;,|]+"))),
        ocid=given.get("ocid"),
        title=given.get("title"),
        starts=day_of(given, "starts"),
        ends=day_of(given, "ends"),
        value_band=given.get("value_band"),
        value=in_cells(given.get("value"), given.get("currency")),
        conditions=conditions_of(given),
    )
    return Notice(row, f"row {row}", contract=data, end=end_of(given))


def supplier_of(given: Cells) -> Data:
    """The supplier of a row. Raises Unusable where its country is not known."""
    country = None
    if "supplier_country" in given and (country := resolve(given["supplier_country"])) is None:
        raise Unusable("country_unknown", "supplier_country")
    number, lei = (re.sub(r"\s", "", given.get(name, "")) for name in ("organisation_number", "lei"))
    return filled(
        name=given["supplier_name"],
        country=country,
        identifiers=filled(organisation_number=number or None, lei=lei.upper() or None) or None,
    )


def conditions_of(given: Cells) -> Data | None:
    """The contract performance conditions of a row. Raises Unusable where only some of their cells are filled in."""
    name, edition = given.get("conditions_name"), given.get("conditions_edition")
    if name is None and edition is None and "clauses" not in given:
        return None
    if name is None or edition is None:
        raise Unusable("fields_apart", "conditions_name" if name is None else "conditions_edition")
    return filled(name=name, edition=edition, clauses=several(given.get("clauses", ""), r"\s*[;|]\s*"))


def end_of(given: Cells) -> Data | None:
    """The end of the contract, where the row tells one. Raises Unusable where it lacks its day or its reason."""
    if "ended_on" not in given and "end_reason" not in given:
        return None
    for name in ("ended_on", "end_reason"):
        if name not in given:
            raise Unusable("fields_apart", name)
    reason = word(given, "end_reason", "reason_unknown", REASONS)
    return filled(reference=given["reference"], ended_on=day_of(given, "ended_on"), reason=reason)


def word(given: Cells, column: str, code: str, words: frozenset[str]) -> str:
    """One of our words, with blanks or hyphens for its underscores. Raises Unusable."""
    found = named(given[column])
    if found not in words:
        raise Unusable(code, column)
    return found


def several(text: str, between: str) -> list[str]:
    return [part for part in re.split(between, text) if part]


def day_of(given: Cells, column: str) -> date | None:
    """A day as ISO 8601, as a spreadsheet writes its dates, or as 31.12.2024. Raises Unusable."""
    text = given.get(column)
    if text is None:
        return None
    try:
        if nordic := NORDIC_DAY.fullmatch(text):
            return date(int(nordic[3]), int(nordic[2]), int(nordic[1]))
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable("date_invalid", column) from None
    if read.time() != datetime.min.time():
        raise Unusable("date_invalid", column)
    return read.date()
