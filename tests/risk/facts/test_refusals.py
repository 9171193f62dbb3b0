"""A file is taken whole or not at all, and what is wrong is named by row, column, code and remedy."""

import pytest

from services.risk.domain.facts import cells, formats
from services.risk.domain.facts import faults as limits
from services.risk.domain.facts.faults import FactsInvalid
from services.risk.domain.facts.formats import FORMATS, read_facts
from tests.risk.facts.files import HEADER, ROW, XML, faults

ROWS = "about,country,name,measure,value,word,valid_from,valid_to"
REGISTER = "indicator,source,series_id,license,direction\nexample_index,Example Institute,EX,CC BY 4.0,high_risk\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{HEADER}\n{ROW}\n{ROW.replace('Malaysia', 'Atlantis')}\n", [("/rows/3/country", "country_unknown")]),
        (f"{HEADER}\n{ROW.replace('Malaysia', 'Congo')}\n", [("/rows/2/country", "country_unknown")]),
        (f"{HEADER}\n{ROW}\n{ROW}\n", [("/rows/3", "duplicate_row")]),
        (f"{HEADER}\n{ROW}\n{ROW.replace('Malaysia', 'MY').replace('Elec', 'elec')}\n", [("/rows/3", "duplicate_row")]),
        (f"{HEADER}\n{ROW.replace('Yes', '')}\n", [("/rows/2/forced_labor", "not_yes_or_no")]),
        (f"{HEADER}\n{ROW.replace('Electronics', ' ')}\n", [("/rows/2/good", "empty")]),
        (f"{HEADER}\n{ROW.replace('Electronics', 'E' * 101)}\n", [("/rows/2/good", "too_long")]),
        (f"{HEADER}\n{ROW.replace('Electronics', chr(34) + 'E' + chr(10) + chr(34))}\n", []),
        (
            f"{HEADER}\n{ROW.replace('Electronics', chr(34) + 'E' + chr(10) + 'F' + chr(34))}\n",
            [("/rows/2/good", "unprintable")],
        ),
        (f"{HEADER}\n{ROW.replace('Elec', chr(0x202E))}\n", [("/rows/2/good", "unprintable")]),
        (f"{HEADER}\n{ROW.replace('Elec', chr(0))}\n", [("/rows/2/good", "unprintable")]),
        (f"{HEADER}\n{ROW},more\n", [("/rows/2", "cells_miscounted")]),
        (f"{HEADER}\n{ROW.rpartition(',')[0]}\n", [("/rows/2", "cells_miscounted")]),
        (f"{HEADER.replace('forced_labor', 'forced')}\n{ROW}\n", [("/rows/1", "column_missing")]),
        (f"{HEADER},more\n{ROW},1\n", [("/rows/1", "column_unknown")]),
        (f"{HEADER},good\n{ROW},1\n", [("/rows/1", "column_twice")]),
        (f"{HEADER}\n", [("", "no_rows")]),
        ("", [("", "file_empty")]),
        ("another,list\n1,2\n", [("/rows/1", "column_missing")]),
        (
            f"{HEADER}\n{ROW},more\n{ROW}\n{ROW},more\n",
            [("/rows/2", "cells_miscounted"), ("/rows/4", "cells_miscounted")],
        ),
        (f"{HEADER}\n" + f"{ROW},more\n" * 150, [(f"/rows/{n}", "cells_miscounted") for n in range(2, 102)]),
        (f'{HEADER}\n{ROW}\n"open', [("/rows/3", "csv_unreadable")]),
        ("<Goods><Good>", [("/rows/1", "xml_unreadable")]),
        ("<Bads/>", [("/rows/1", "element_unknown")]),
        (XML.replace("<Forced_Labor>Yes</Forced_Labor>", ""), [("/rows/1/forced_labor", "column_missing")]),
        (XML.replace("Malaysia", "Atlantis"), [("/rows/1/country", "country_unknown")]),
        (
            XML.replace("</Country></Countries>", "</Country>@</Countries>").replace(
                "@", XML.partition("<Countries>")[2].partition("</Countries>")[0]
            ),
            [("/rows/1", "duplicate_row")],
        ),
    ],
)
def test_a_faulty_list_of_goods_is_refused_by_row_and_column(body: str, expected: list[tuple[str, str]]) -> None:
    if expected:
        assert faults("ilab-goods", body) == expected
    else:
        assert read_facts("ilab-goods", body.encode())


@pytest.mark.parametrize(
    ("form", "header", "row", "expected"),
    [
        (
            "cbp-orders",
            "entity,country,industry,effective_date,type",
            "Example Works,China,Electronics,2020-09-08,WRO",
            [("/rows/2/effective_date", "date_invalid")],
        ),
        (
            "cbp-orders",
            "entity,country,industry,effective_date,type",
            "Example Works,China,Electronics,13/1/2020,WRO",
            [("/rows/2/effective_date", "date_invalid")],
        ),
        (
            "cbp-orders",
            "entity,country,industry,effective_date,type",
            "Example Works,China,Electronics,9/8/20,WRO",
            [("/rows/2/effective_date", "date_invalid")],
        ),
        (
            "cbp-orders",
            "entity,country,industry,effective_date,type",
            ",Atlantis,,9/8/2020,Rumour",
            [
                ("/rows/2/country", "country_unknown"),
                ("/rows/2/entity", "empty"),
                ("/rows/2/industry", "empty"),
                ("/rows/2/type", "word_unknown"),
            ],
        ),
        (
            "normlex",
            "country,convention,ratification,status",
            "Norway,Convention on Examples,,Not in force",
            [
                ("/rows/2/convention", "convention_unknown"),
                ("/rows/2/ratification", "empty"),
                ("/rows/2/status", "word_unknown"),
            ],
        ),
        (
            "normlex",
            "country,convention,ratification,status",
            "Norway,C087,1949-07-04,\nNOR,C87,not ratified,",
            [("/rows/3", "duplicate_row")],
        ),
        (
            "ucdp",
            "country,country_id,year,type_of_violence,best_deaths",
            "Burma,775,2022.5,1,\nBurma,775,2022,1,-3",
            [
                ("/rows/2/best_deaths", "number_invalid"),
                ("/rows/2/year", "number_invalid"),
                ("/rows/3/best_deaths", "number_invalid"),
                ("/rows/3/best_deaths", "number_invalid"),
            ],
        ),
        (
            "ucdp",
            "country,country_id,year,type_of_violence,best_deaths",
            "Burma,775,2022,1,3\nMyanmar,775,2022,1,4",
            [("/rows/3", "duplicate_row")],
        ),
        (
            "entities",
            "name,aliases,country,list,effective_date,sector",
            "Example Works,,Atlantis,???,21/6/2022,",
            [
                ("/rows/2/country", "country_unknown"),
                ("/rows/2/effective_date", "date_invalid"),
                ("/rows/2/list", "word_unknown"),
            ],
        ),
        (
            "cahra",
            "country,region,minerals,edition",
            "Burma,North,gold; tin,\nMMR,north,Tin | Gold,",
            [("/rows/3", "duplicate_row")],
        ),
        (
            "ilab-findings",
            ",".join(FORMATS["ilab-findings"].columns),
            "Nepal,Indo-Pacific,Great Advancement,Perhaps,,,,,",
            [("/rows/2/C_138_Ratified", "not_yes_or_no"), ("/rows/2/advancement_level", "word_unknown")],
        ),
        (
            "rows",
            ROWS,
            "rumour,,,Not a measure,many,,yesterday,",
            [
                ("/rows/2/about", "word_unknown"),
                ("/rows/2/measure", "measure_invalid"),
                ("/rows/2/name", "empty"),
                ("/rows/2/valid_from", "date_invalid"),
                ("/rows/2/value", "number_invalid"),
            ],
        ),
        (
            "rows",
            ROWS,
            "country,,,example,,,2026-02-01,2026-01-01\ncountry,NO,Norway,example,nan,,,",
            [
                ("/rows/2/country", "country_unknown"),
                ("/rows/2/valid_to", "date_invalid"),
                ("/rows/3/name", "not_blank"),
                ("/rows/3/value", "number_invalid"),
            ],
        ),
    ],
)
def test_faulty_rows_are_refused_by_row_and_column(
    form: str, header: str, row: str, expected: list[tuple[str, str]]
) -> None:
    assert sorted(faults(form, f"{header}\n{row}\n")) == expected


@pytest.mark.parametrize(
    ("table", "register", "expected"),
    [
        ("iso3,example_index\nNOR,1.5\n", REGISTER, [("/rows/2/column 2", "number_invalid")]),
        ("iso3,example_index\nNOR,-0.1\nSWE,1\n", REGISTER, [("/rows/2/column 2", "number_invalid")]),
        ("iso3,example_index\nXYZ,0.5\n", REGISTER, [("/rows/2/iso3", "country_unknown")]),
        ("iso3,example_index\nNOR,0.5\nNorway,0.4\n", REGISTER, [("/rows/3", "duplicate_row")]),
        ("iso3,example_index,unheard_of\nNOR,0.5,1\n", REGISTER, [("/rows/1/column 3", "series_unregistered")]),
        ("iso3\nNOR\n", REGISTER, [("/rows/1", "column_missing")]),
        ("iso3,example_index\n", REGISTER, [("", "no_rows")]),
        ("iso3,example_index\nNOR,\n", REGISTER, [("", "no_facts")]),
        ("iso3,example_index\nNOR,0.5\n", None, [("/register", "register_missing")]),
        (
            "iso3,example_index\nNOR,0.5\n",
            REGISTER + REGISTER.splitlines()[1],
            [("/register/rows/3", "duplicate_row")],
        ),
        (
            "iso3,example_index\nNOR,0.5\n",
            REGISTER.replace("Example Institute", ""),
            [("/register/rows/2/source", "empty")],
        ),
        (
            "iso3,example_index\nNOR,0.5\n",
            REGISTER.replace("license", "terms"),
            [("/register/rows/1", "column_missing")],
        ),
    ],
)
def test_a_series_outside_its_scale_or_its_register_is_refused(
    table: str, register: str | None, expected: list[tuple[str, str]]
) -> None:
    assert faults("series", table, register) == expected


@pytest.mark.parametrize("remark", ["n/a (note row),n/a,high_risk", "NONE,n/a,high_risk", "EX2,CC BY 4.0,n/a (total)"])
def test_a_row_of_the_register_that_is_a_remark_is_no_series(remark: str) -> None:
    register = f"{REGISTER}example_remark,Example Institute,{remark}\n"

    assert len(read_facts("series", b"iso3,example_index\nNOR,0.5\n", register.encode())) == 1
    assert faults("series", "iso3,example_remark\nNOR,0.5\n", register) == [("/rows/1/column 2", "series_unregistered")]


def test_a_register_beside_another_format_is_refused() -> None:
    assert faults("rows", f"{ROWS}\n", REGISTER) == [("/register", "register_unexpected")]


def test_one_row_in_another_encoding_is_named() -> None:
    good_row, other = f"{HEADER}\n{ROW}\n".encode(), ROW.replace("Electronics", "Açaí").encode("latin-1")

    assert faults("ilab-goods", good_row + other + b"\n") == [("/rows/3", "not_utf8")]
    assert faults("ilab-goods", f"{HEADER}\n{ROW}\n".encode("utf-16")) == [("/rows/1", "not_utf8")]


def test_a_row_in_another_encoding_is_named_far_down_and_after_a_broken_line() -> None:
    rows = [f"country,NO,,measure_{n},,,,\n".encode() for n in range(5000)]
    quoted = b'entity,,"Example\nWorks",measure,,,,\n'

    assert faults("rows", f"{ROWS}\n".encode() + b"".join(rows) + b"country,NO,,\xe9,,,,\n") == [
        ("/rows/5002", "not_utf8")
    ]
    assert faults("rows", f"{ROWS}\n".encode() + quoted + b"country,NO,,\xe9,,,,\n") == [("/rows/4", "not_utf8")]


def test_xml_in_another_encoding_than_it_says_is_refused() -> None:
    assert faults("ilab-goods", XML.replace("Electronics", "Açaí").encode("latin-1")) == [("/rows/1", "xml_unreadable")]


def test_a_row_is_named_by_the_line_on_which_it_begins() -> None:
    broken_over_lines = ROW.replace("Indo-Pacific", '"Indo\nPacific"')
    body = f"{HEADER}\n{broken_over_lines}\n{ROW.replace('Malaysia', 'Atlantis')}\n"

    assert faults("ilab-goods", body) == [("/rows/2/region", "unprintable"), ("/rows/4/country", "country_unknown")]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE Goods [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Goods [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Goods SYSTEM "http://127.0.0.1/goods.dtd">',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(declaration: str) -> None:
    assert faults("ilab-goods", declaration + XML) == [("/rows/1", "doctype_refused")]


def test_no_more_than_a_hundred_faults_are_told() -> None:
    rows = "\n".join(ROW.replace("Malaysia", "Atlantis") for _ in range(500))

    assert len(faults("ilab-goods", f"{HEADER}\n{rows}\n")) == 100


def test_a_list_with_too_many_rows_is_refused_at_the_first_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAXIMUM_FACTS", 3)
    rows = "\n".join(f"country,NO,,measure_{n},,,," for n in range(9))

    assert faults("rows", f"{ROWS}\n{rows}\n") == [("/rows/5", "too_many_facts")]


def test_a_list_with_too_many_facts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAXIMUM_FACTS", 2)

    assert faults("ilab-goods", f"{HEADER}\n{ROW.replace('No,Yes,No', 'Yes,Yes,Yes')}\n") == [("", "too_many_facts")]


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    assert faults("rows", b"\xff" * (limits.MAXIMUM_FILE + 1)) == [("", "too_large")]


def test_a_table_with_very_many_columns_is_refused() -> None:
    header = ",".join(["iso3", *(f"series_{n}" for n in range(501))])

    assert faults("series", f"{header}\n", REGISTER) == [("/rows/1", "columns_too_many")]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\xef\xbb\xbf",
        b"{}",
        b"\xff\xfe",
        b"a,b\n1,2\n",
        b'"',
        b"\n\n",
        b"<x",
        b"%PDF-1.7",
        b"PK\x03\x04",
    ],
)
def test_what_is_no_such_file_is_refused_in_every_format(form: str, body: bytes) -> None:
    register = REGISTER.encode() if FORMATS[form].register else None

    with pytest.raises(FactsInvalid) as refused:
        read_facts(form, body, register)

    assert refused.value.faults


def test_a_refusal_quotes_nothing_of_the_file() -> None:
    secret = "zanzibaria"
    bodies = {
        "rows": f"{ROWS}\n{secret},{secret},{secret},{secret} {secret},{secret},{secret},{secret},{secret}\n",
        "series": f"iso3,{secret},example_index\n{secret},{secret},{secret}\n",
        "cahra": f"country,region,minerals,edition,{secret}\n",
    }

    for form, body in bodies.items():
        with pytest.raises(FactsInvalid) as refused:
            read_facts(form, body.encode(), REGISTER.encode() if form == "series" else None)
        assert secret not in repr([(one.place, one.code, one.remedy) for one in refused.value.faults])
