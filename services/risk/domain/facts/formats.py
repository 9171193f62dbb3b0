"""The formats in which lists come: how each is read, and what a person needs to know to write such a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.risk.domain.facts import (
    cahra,
    cbp_orders,
    entity_list,
    ilab_findings,
    ilab_goods,
    normlex,
    rows,
    series,
    ucdp,
)
from services.risk.domain.facts.fact import Fact
from services.risk.domain.facts.faults import MAXIMUM_FACTS, MAXIMUM_FILE, refuse


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `optional` columns may be left out; `note` says where such a list comes from.

    `read_with` reads a table that needs a register beside it.
    """

    name: str
    what: str
    note: str
    columns: tuple[str, ...]
    example: str
    read: Callable[[bytes], Iterable[Fact]] | None = None
    read_with: Callable[[bytes, bytes], Iterable[Fact]] | None = None
    optional: tuple[str, ...] = ()
    register: tuple[str, ...] = ()
    register_example: str = ""


_ALL = (
    Format(
        "rows",
        "Any other list: each row is one fact. Leave blank what the list does not say.",
        "Whoever publishes the list. About is country, good, sector, mineral or entity; measure names what is "
        "stated; value is a number, word a word; days as 2026-01-15; text is the row as its source words it.",
        rows.COLUMNS,
        rows.EXAMPLE,
        rows.read,
        optional=rows.OPTIONAL,
    ),
    Format(
        "ilab-goods",
        "Goods by country that are produced with child labour or forced labour; XML, or CSV with these columns.",
        "US Department of Labor, Bureau of International Labor Affairs: List of Goods Produced by Child Labor or "
        "Forced Labor (public domain).",
        ilab_goods.COLUMNS,
        ilab_goods.EXAMPLE,
        ilab_goods.read,
    ),
    Format(
        "ilab-findings",
        "Advancement against child labour and ratified conventions by country; a blank or N/A is unknown.",
        "US Department of Labor, Bureau of International Labor Affairs: Findings on the Worst Forms of Child Labor "
        "(public domain).",
        ilab_findings.COLUMNS,
        ilab_findings.EXAMPLE,
        ilab_findings.read,
    ),
    Format(
        "cbp-orders",
        "Withhold-release orders (WRO) and findings against goods of companies; aliases in the name after a/k/a.",
        "US Customs and Border Protection: Withhold Release Orders and Findings Dashboard.",
        cbp_orders.COLUMNS,
        cbp_orders.EXAMPLE,
        cbp_orders.read,
    ),
    Format(
        "series",
        "Index series by country, one column each, from 0 to 1 where 1 is worse; a blank is unknown. Needs a register "
        "(CSV) with source, licence and direction of each series.",
        "Whoever publishes the series; its own source and licence stand in the register and are quoted with each fact.",
        (*series.COLUMNS, "one column for each series"),
        series.EXAMPLE,
        read_with=series.read,
        register=series.REGISTER_COLUMNS,
        register_example=series.REGISTER_EXAMPLE,
    ),
    Format(
        "ucdp",
        "Deaths in conflict by country, year and kind of violence; summed to one fact for each country.",
        "Uppsala Conflict Data Program: Georeferenced Event Dataset, by country and year (CC BY 4.0).",
        ucdp.COLUMNS,
        ucdp.EXAMPLE,
        ucdp.read,
    ),
    Format(
        "normlex",
        "Ratifications of ILO conventions and protocols: a day, or the words: not ratified. What is left out is "
        "unknown.",
        "International Labour Organization, NORMLEX: ratifications by country.",
        normlex.COLUMNS,
        normlex.EXAMPLE,
        normlex.read,
    ),
    Format(
        "entities",
        "Companies that an authority has named; several aliases are separated by | or a semicolon.",
        "For example the Entity List under the Uyghur Forced Labor Prevention Act (UFLPA), US Department of Homeland "
        "Security.",
        entity_list.COLUMNS,
        entity_list.EXAMPLE,
        entity_list.read,
    ),
    Format(
        "cahra",
        "Conflict-affected and high-risk areas: countries with regions and, where the list names them, minerals.",
        "For example the indicative list under Regulation (EU) 2017/821.",
        cahra.COLUMNS,
        cahra.EXAMPLE,
        cahra.read,
    ),
)
FORMATS = {one.name: one for one in _ALL}


def read_facts(name: str, body: bytes, register: bytes | None = None) -> list[Fact]:
    """The facts of a file in a format of FORMATS.

    Raises FactsInvalid with each fault's place, code and remedy: then nothing of the file may be taken.
    """
    found = FORMATS[name]
    if max(len(body), len(register or b"")) > MAXIMUM_FILE:
        refuse("", "too_large", f"A file has at most {MAXIMUM_FILE} bytes: split the list.")
    facts = _read(found, body, register)
    if not facts:
        refuse("", "no_facts", "No row states anything: all cells are blank.")
    if len(facts) > MAXIMUM_FACTS:
        refuse("", "too_many_facts", f"At most {MAXIMUM_FACTS} facts: split the list.")
    return facts


def _read(found: Format, body: bytes, register: bytes | None) -> list[Fact]:
    if found.read_with is not None:
        if register is None:
            refuse("/register", "register_missing", "Give the register of the series with the table.")
        return list(found.read_with(body, register))
    if register is not None:
        refuse("/register", "register_unexpected", "This format has no register.")
    assert found.read is not None
    return list(found.read(body))
