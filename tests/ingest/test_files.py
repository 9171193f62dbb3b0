"""List files: what of them can be taken, and what is said of the rest."""

import pytest

from services.ingest.domain.lists.delimited import read_csv
from services.ingest.domain.lists.findings import ADVICE, FileInvalid, Finding, letter
from services.ingest.domain.lists.formats import APPLE, OPEN_SUPPLY_HUB
from services.ingest.domain.lists.listfile import ListFile, read_list
from services.ingest.domain.lists.sheets import Limits, is_binary
from services.ingest.imports.extraction import Bounds, open_file
from tests.ingest.given import apple, osh, written

GOOD = ("VN", "Example Works", "1 Road", "Electronics")


def read(content: str | bytes, maximum_rows: int = 100) -> ListFile:
    raw = content.encode() if isinstance(content, str) else content
    return read_list(read_csv(raw, Limits()), "2024", "2026-01-15", maximum_rows)


def refused(content: str | bytes, maximum_rows: int = 100) -> tuple[Finding, ...]:
    with pytest.raises(FileInvalid) as caught:
        read(content, maximum_rows)
    return caught.value.findings


def test_open_supply_hubs_columns_are_read_with_country_as_code_or_name() -> None:
    rows = [(country, "Example", "1 Road", "Apparel") for country in ("VN", "vnm", "VIET NAM", "Vietnam")]

    found = read(osh(*rows))

    assert found.format is OPEN_SUPPLY_HUB
    assert {entry.country for entry in found.entries} == {"VN"}
    assert found.entries[0].facts.sector == "Apparel"
    assert found.complete("2024")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [("Korea", "KR"), ("South Korea", "KR"), ("Taiwan", "TW"), ("USA", "US"), ("UK", "GB"), ("Burma", "MM")],
)
def test_the_country_names_of_real_lists_are_known(spelling: str, code: str) -> None:
    assert read(osh((spelling, "Example", "1 Road", ""))).entries[0].country == code


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.7\n",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x1f\x8b\x08\x00\x00",
        b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00",
        b"country,name,address\0\n",
    ],
)
async def test_what_is_no_table_under_any_name_is_called_so(content: bytes) -> None:
    with pytest.raises(FileInvalid, match="not_a_table"):
        await open_file(content, Bounds())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_any_encoding_is_not_taken_for_something_else(encoding: str) -> None:
    assert not is_binary(osh(GOOD, ("NO", "Eksempel Bærum", "1 vei", "")).encode(encoding))


def test_apples_list_is_known_by_its_header_and_each_year_is_an_edition() -> None:
    found = read(
        apple(("2022", "Example Group (continued)", "China", "Jiangsu"), ("2021", "Example Group", "China", "Jiangsu"))
    )

    assert found.format is APPLE
    assert [(one.edition, one.name) for one in found.entries] == [("2022", "Example Group"), ("2021", "Example Group")]
    assert found.entries[0].facts.sector == "Electronics"


def test_the_optional_columns_become_facts() -> None:
    header = ("country", "name", "address", "sector_product_type", "number_of_workers", "lat", "lng", "duns_id")
    row = ("NO", "Example", "1 Road", "Electronics|Phones", "1,000 - 2,000", "59.9", "10.7", "12-345-6789")

    facts = read(osh(row, header=header)).entries[0].facts

    assert (facts.sector, facts.product_types) == ("Electronics", ("Phones",))
    assert facts.workers is not None
    assert (facts.workers.minimum, facts.workers.maximum) == (1000, 2000)
    assert facts.identifiers is not None
    assert facts.identifiers.duns == "123456789"
    assert facts.latitude == 59.9


def test_a_byte_order_mark_line_breaks_in_names_and_other_line_ends_are_no_trouble() -> None:
    content = "\ufeff" + osh(("NO", "Example\nWorks", "1\r\nRoad", "")).replace("\n", "\r\n")

    entry = read(content).entries[0]

    assert (entry.name, entry.address) == ("Example Works", "1 Road")


@pytest.mark.parametrize("row", [GOOD[:2], (*GOOD, "more")])
def test_a_row_with_too_few_or_too_many_cells_is_told_what_to_do_in_either_case(row: tuple[str, ...]) -> None:
    advice = read(osh(row)).rejected[0].advice

    assert "With more, put quotes" in advice.remedy
    assert "with fewer, write one for each empty cell" in advice.remedy


def test_unknown_columns_are_left_aside_and_named_by_their_letter() -> None:
    found = read(osh((*GOOD, "x"), header=("country", "name", "address", "sector", "secret remark")))

    assert found.ignored_columns == ("E",)


BROKEN_ROWS = [
    (("Atlantis", "Example", "1 Road", ""), "country_unknown", "country"),
    (("", "Example", "1 Road", ""), "value_missing", "country"),
    (("VN", " \u00a0 ", "1 Road", ""), "value_missing", "name"),
    (("VN", "Example", "", ""), "value_missing", "address"),
    (("VN", "x" * 201, "1 Road", ""), "too_long", "name"),
    (("VN", "Example\x00", "1 Road", ""), "forbidden_character", "name"),
    (("VN", "Example", "1 \u202eRoad", ""), "forbidden_character", "address"),
    (("VN", "Example", "1 Road", "x" * 101), "value_invalid", "sector"),
    (("VN", "Example"), "column_count", "C"),
    (("VN", "Example", "1 Road", "", "more"), "column_count", "E"),
]


@pytest.mark.parametrize(("row", "code", "column"), BROKEN_ROWS)
def test_a_broken_row_is_reported_and_the_rest_goes_in(row: tuple[str, ...], code: str, column: str) -> None:
    found = read(osh(GOOD, row, GOOD))

    assert found.rejected == [Finding(code, row=3, column=column)]
    assert (found.rows, len(found.entries)) == (3, 2)
    assert not found.complete("2024")


def test_the_optional_values_that_cannot_be_read_reject_their_row() -> None:
    header = ("country", "name", "address", "lat", "number_of_workers", "lei_id")
    rows = [("NO", "Example", "1 Road", *values) for values in (("91", "", ""), ("nan", "", ""), ("", "many", ""))]

    found = read(osh(*rows, ("NO", "Example", "1 Road", "", "", "short"), header=header))

    assert [one.column for one in found.rejected] == ["lat", "lat", "number_of_workers", "lei_id"]


def test_a_row_without_address_says_so_also_where_the_list_writes_na() -> None:
    found = read(apple(("2020", "Example", "China", "NA"), ("2021", "Example", "China", "Jiangsu")))

    assert found.rejected == [Finding("value_missing", row=2, column="supplier_address")]
    assert (found.complete("2020"), found.complete("2021")) == (False, True)


def test_a_row_of_which_the_edition_cannot_be_told_makes_every_edition_incomplete() -> None:
    found = read(apple(("20x1", "Example", "China", "Jiangsu"), ("2021", "Example", "China", "Jiangsu")))

    assert found.rejected == [Finding("year_invalid", row=2, column="year")]
    assert not found.complete("2021")


def test_rows_count_as_in_a_spreadsheet_and_the_line_is_told_where_it_differs() -> None:
    content = osh(("VN", "Example\nWorks", "1 Road", ""), ("Atlantis", "Example", "1 Road", ""))

    assert read(content).rejected == [Finding("country_unknown", row=3, line=4, column="country")]


BROKEN_FILES = [
    ("", "empty_file", 1, None),
    ("country,name,address\n", "no_rows", 1, None),
    ("country,name\nVN,x\n", "column_missing", 1, "address"),
    ("year,supplier_name,supplier_address\n2022,x,y\n", "column_missing", 1, "country"),
    ("country,name,address,name\nVN,x,y,z\n", "column_twice", 1, "name"),
    ("country,name,address\nVN,x,y\nCountry,Name,Address\nVN,x,y\n", "header_twice", 3, None),
    ('country,name,address\nVN,x,y\nVN,"x,y\n', "unreadable_csv", 3, None),
    ('country,name,address\nVN,"x"y,z\n', "unreadable_csv", 2, None),
    ("country,name,address\nVN,x," + "y" * 140_000 + "\n", "unreadable_csv", 2, None),
]


@pytest.mark.parametrize(("content", "code", "row", "column"), BROKEN_FILES)
def test_a_broken_file_is_refused_with_place_and_reason(
    content: str, code: str, row: int | None, column: str | None
) -> None:
    finding = refused(content)[0]

    assert (finding.code, finding.row, finding.column) == (code, row, column)


def test_every_missing_column_is_named_at_once() -> None:
    assert [one.column for one in refused("name\nExample\n")] == ["country", "address"]


def test_too_many_rows_are_refused() -> None:
    assert refused(osh(GOOD, GOOD, GOOD), maximum_rows=2)[0].code == "too_many_rows"


def test_every_finding_has_advice() -> None:
    assert all(advice.detail and advice.remedy for advice in ADVICE.values())
    assert [letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_blank_rows_count_as_rows_but_are_none() -> None:
    found = read(written(("country", "name", "address"), [(), ("", "", ""), ("Atlantis", "x", "y")]))

    assert (found.rows, found.rejected[0].row) == (1, 4)
