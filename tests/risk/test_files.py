"""Files of lists are taken whole or not at all, and what is wrong is named by row, column, code and remedy."""

from pathlib import Path

import pytest

from services.risk.domain.facts import CountryGood, Entity, FactKind, digest_of
from services.risk.domain.files import ENTITY_COLUMNS, GOODS_COLUMNS, read_facts
from services.risk.domain.model import word_key
from services.risk.domain.rows import FactsInvalid
from services.risk.settings import current_model

SHIPPED = Path(__file__).parents[2] / "deploy" / "demo" / "ilab_goods_2022.csv"
DATA = Path(__file__).parents[3] / "shared" / "data" / "risk"
HEADER = ",".join(GOODS_COLUMNS)
ROW = "Electronics,Manufacturing,Malaysia,Indo-Pacific,No,Yes,No,No,No"
XML_COUNTRY = (
    "<Country><Country_Name>Malaysia</Country_Name><Country_Region>Indo-Pacific</Country_Region><Child_Labor>No</Child_Labor>"
    "<Forced_Labor>Yes</Forced_Labor><Forced_Child_Labor>No</Forced_Child_Labor>"
    "<Derived_Labor_Exploitation>No</Derived_Labor_Exploitation><Derived_Country>No</Derived_Country></Country>"
)
XML = (
    "<Goods><Good><Good_Name>Electronics</Good_Name><Good_Sector>Manufacturing</Good_Sector>"
    f"<Countries>{XML_COUNTRY}</Countries></Good></Goods>"
)


def given(name: str) -> bytes:
    """A published file that is not part of the project; the test says so where it is absent."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"{name} is not here: it may not ship with the project")
    return file.read_bytes()


def goods(body: bytes) -> list[CountryGood]:
    return [fact for fact in read_facts(FactKind.COUNTRY_GOODS, body) if isinstance(fact, CountryGood)]


def faults(kind: FactKind, body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(FactsInvalid) as refused:
        read_facts(kind, body)
    assert all(fault.remedy for fault in refused.value.faults)
    return [(fault.place, fault.code) for fault in refused.value.faults]


def test_the_shipped_list_of_goods_is_read_whole() -> None:
    facts = goods(SHIPPED.read_bytes())

    assert len(facts) == 467
    electronics = {
        fact.country: (fact.child_labour, fact.forced_labour) for fact in facts if fact.good == "Electronics"
    }
    assert electronics == {"CN": (True, True), "MY": (False, True), "PK": (True, False)}
    assert {fact.country for fact in facts if fact.country_name == "Burma"} == {"MM"}
    assert [fact.derived_country for fact in facts if fact.good == "Lithium-Ion Batteries"] == [
        "Congo, Democratic Republic of the"
    ]


def test_every_good_of_the_model_is_on_the_shipped_list() -> None:
    listed = {word_key(fact.good) for fact in goods(SHIPPED.read_bytes())}

    assert frozenset().union(*current_model().goods.values()) <= listed


def test_the_same_list_as_xml_and_as_csv_is_the_same() -> None:
    assert digest_of(goods(given("ilab_goods_2016.xml"))) == digest_of(goods(SHIPPED.read_bytes()))
    assert goods(XML.encode()) == goods(f"{HEADER}\n{ROW}\n".encode())


def test_the_list_of_orders_of_us_customs_is_read_whole() -> None:
    facts = read_facts(FactKind.ENTITIES, given("extract_us_cbp_wro_findings_industrial.csv"))

    assert len(facts) == 19
    bitland = next(fact for fact in facts if isinstance(fact, Entity) and fact.name.startswith("Hefei Bitland"))
    assert (bitland.country, bitland.effective.isoformat(), bitland.measure) == ("CN", "2020-09-08", "WRO")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{HEADER}\n{ROW}\n{ROW.replace('Malaysia', 'Atlantis')}\n", [("/rows/3/country", "country_unknown")]),
        (f"{HEADER}\n{ROW}\n{ROW}\n", [("/rows/3", "duplicate_row")]),
        (f"{HEADER}\n{ROW.replace('Yes', '')}\n", [("/rows/2/forced_labor", "not_yes_or_no")]),
        (f"{HEADER}\n{ROW.replace('Electronics', ' ')}\n", [("/rows/2/good", "empty")]),
        (f"{HEADER}\n{ROW.replace('Electronics', 'E' * 101)}\n", [("/rows/2/good", "too_long")]),
        (
            f"{HEADER}\n{ROW.replace('Electronics', chr(34) + 'E' + chr(10) + 'F' + chr(34))}\n",
            [("/rows/2/good", "unprintable")],
        ),
        (f"{HEADER}\n{ROW},more\n", [("/rows/2", "cells_miscounted")]),
        (f"{HEADER.replace('forced_labor', 'forced')}\n{ROW}\n", [("/rows/1/forced_labor", "column_missing")]),
        (f"{HEADER},more\n{ROW},1\n", [("/rows/1", "column_unknown")]),
        (f"{HEADER}\n", [("", "no_rows")]),
        ("", [(f"/rows/1/{column}", "column_missing") for column in GOODS_COLUMNS]),
        (f'{HEADER}\n{ROW}\n"open', [("/rows/3", "csv_unreadable")]),
        (f"{HEADER}\n{ROW.replace('Elec', chr(0))}\n", [("/rows/2/good", "unprintable")]),
        ("<Goods><Good>", [("/rows/1", "xml_unreadable")]),
        ("<Bads/>", [("/rows/1", "element_unknown")]),
        (XML.replace("<Forced_Labor>Yes</Forced_Labor>", ""), [("/rows/1/forced_labor", "column_missing")]),
        (XML.replace("Malaysia", "Atlantis"), [("/rows/1/country", "country_unknown")]),
    ],
)
def test_a_faulty_list_of_goods_is_refused_by_row_and_column(body: str, expected: list[tuple[str, str]]) -> None:
    assert faults(FactKind.COUNTRY_GOODS, body.encode()) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Example Works,China,Electronics,2020-09-08,WRO", [("/rows/2/effective_date", "date_invalid")]),
        ("Example Works,China,Electronics,13/1/2020,WRO", [("/rows/2/effective_date", "date_invalid")]),
        ("Example Works,China,Electronics,9/8/20,WRO", [("/rows/2/effective_date", "date_invalid")]),
        (
            ",Atlantis,,9/8/2020,WRO",
            [("/rows/2/entity", "empty"), ("/rows/2/country", "country_unknown"), ("/rows/2/industry", "empty")],
        ),
    ],
)
def test_a_faulty_list_of_entities_is_refused_by_row_and_column(row: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(faults(FactKind.ENTITIES, f"{','.join(ENTITY_COLUMNS)}\n{row}\n".encode())) == sorted(expected)


def test_bytes_that_are_not_utf8_are_refused_with_their_row() -> None:
    assert faults(FactKind.COUNTRY_GOODS, f"{HEADER}\n{ROW}\n".encode() + "Açaí".encode("cp1252")) == [
        ("/rows/3", "not_utf8")
    ]


def test_a_row_is_named_by_the_line_on_which_it_begins() -> None:
    broken_over_lines = ROW.replace("Indo-Pacific", '"Indo\nPacific"')

    assert faults(FactKind.COUNTRY_GOODS, f"{HEADER}\n{broken_over_lines}\n{ROW}\n".encode()) == [
        ("/rows/4", "duplicate_row")
    ]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE Goods [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Goods [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Goods SYSTEM "http://127.0.0.1/goods.dtd">',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(declaration: str) -> None:
    assert faults(FactKind.COUNTRY_GOODS, (declaration + XML).encode()) == [("/rows/1", "doctype_refused")]


def test_no_more_than_a_hundred_faults_are_told() -> None:
    rows = "\n".join(ROW.replace("Malaysia", "Atlantis") for _ in range(500))

    assert len(faults(FactKind.COUNTRY_GOODS, f"{HEADER}\n{rows}\n".encode())) == 100
