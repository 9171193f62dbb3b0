"""The kinds of list that are known, and any other by a mapping."""

import asyncio
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.lists.columns import FACT_COLUMNS, heading
from services.ingest.domain.lists.delimited import read_csv
from services.ingest.domain.lists.findings import FileInvalid, Finding, letter
from services.ingest.domain.lists.formats import FIELDS, MAPPED, OPEN_SUPPLY_HUB, RMI, SELF_REPORT
from services.ingest.domain.lists.listfile import ListFile, read_list
from services.ingest.domain.lists.mapping import header_digest, position, propose, read_mapping
from services.ingest.domain.lists.sheets import Limits
from services.ingest.imports.extraction import Bounds, open_file
from shared.events.vocabulary import Answer, DisclosureScope, Mineral, NotDisclosedReason, Tier
from tests.ingest.given import written
from tests.ingest.workbooks import cmrt, self_report, workbook

TODAY = "2026-01-20"
TIN = ("Tin", "Example Smelting Co.", "Indonesia", "CID000001", "Example Town")
SITE = ("Final assembly", "Chassis", "Example Works", "1 Example Road", "Vietnam", "", "", "", "")
MISSING = (
    "Component", "Battery", "", "", "", "Supplier refuses", "2025-11-03", "Example Batteries Ltd", "Refused",
)  # fmt: skip


def read(content: bytes, *mapping: str, edition: str | None = None, **known: Any) -> ListFile:
    book = asyncio.run(open_file(content, Bounds()))
    return read_list(book, edition, TODAY, 1000, read_mapping(mapping), **known)


def refused(content: bytes, *mapping: str) -> tuple[Finding, ...]:
    with pytest.raises(FileInvalid) as caught:
        read(content, *mapping)
    return caught.value.findings


def test_a_smelter_list_names_smelters_of_the_declaring_company_by_metal() -> None:
    found = read(cmrt(TIN, ("Gold", "Example Refinery", "Norway", "CID000002", "Oslo")))

    tin, gold = found.entries
    assert (found.format, found.edition, found.name) == (RMI, "2026-01-15", "rmi-smelter-list: Example Electronics Ltd")
    assert (tin.supplier_name, tin.name, tin.address, tin.country) == (
        "Example Electronics Ltd",
        "Example Smelting Co.",
        "Example Town",
        "ID",
    )
    assert (tin.tier, tin.scope, tin.effective) == (Tier.SMELTER, DisclosureScope.COMPANY, date(2026, 1, 15))
    assert [one.mineral.mineral for one in (tin, gold) if one.mineral] == [Mineral.TIN, Mineral.GOLD]
    assert tin.facts.identifiers is not None
    assert tin.facts.identifiers.smelter_id == "CID000001"


def test_no_contact_person_of_a_declaration_is_read() -> None:
    found = read(cmrt(TIN))

    assert "Contactperson" not in repr((found.entries, found.layout.given))
    assert "@" not in repr((found.entries, found.layout.given))


def test_a_smelter_that_is_not_yet_identified_is_reported_and_does_not_keep_others_from_being_gone() -> None:
    found = read(cmrt(TIN, ("Gold", "Smelter not yet identified", "", "", "")))

    assert [(one.row, one.code) for one in found.rejected] == [(5, "smelter_unidentified")]
    assert found.complete("2026-01-15")


def test_rows_in_which_a_template_only_computes_are_no_rows() -> None:
    rows = [("Country", "Name", "Address", "check"), ("NO", "Example", "1 Road", "ok"), ("", "", "", "0")]

    found = read(workbook({"list": rows}))

    assert (found.rows, found.rejected) == (1, [])


def test_minerals_of_the_newer_template_are_taken_and_unknown_ones_are_not() -> None:
    rows = [(metal, *TIN[1:]) for metal in ("Cobalt", "Lithium", "Unobtainium", "")]

    found = read(cmrt(*rows))

    assert [one.mineral.mineral for one in found.entries if one.mineral] == [Mineral.COBALT, Mineral.OTHER]
    assert [one.code for one in found.rejected] == ["word_unknown", "value_missing"]


def test_a_smelter_list_without_its_declaration_is_refused() -> None:
    content = workbook({"Smelter List": [("Metal (*)", "Smelter Name", "Smelter Country (*)"), ("Tin", "x", "Norway")]})

    assert [one.code for one in refused(content)] == ["declaration_missing"]


def test_an_effective_date_that_can_be_read_in_two_ways_is_refused() -> None:
    assert refused(cmrt(TIN, effective="3/4/2026")) == (Finding("day_invalid", column="effective"),)


def test_a_self_report_names_sites_by_tier_and_what_was_not_disclosed_with_its_proof() -> None:
    found = read(self_report(SITE, MISSING))

    site, missing = found.entries
    assert (found.format, found.edition) == (SELF_REPORT, "2026-01-15")
    assert {one.supplier_name for one in found.entries} == {"Example Electronics Ltd"}
    assert {one.contract for one in found.entries} == {"2024/17"}
    assert site.supplier_identifiers is not None
    assert site.supplier_identifiers.organisation_number == "999888777"
    assert (site.tier, site.component, site.country, site.has_site) == (Tier.FINAL_ASSEMBLY, "Chassis", "VN", True)
    assert missing.not_disclosed is not None
    assert (missing.has_site, missing.not_disclosed.missing) == (False, "Battery")
    assert missing.not_disclosed.reason is NotDisclosedReason.SUPPLIER_REFUSES
    request = missing.not_disclosed.requests[0]
    assert (request.asked_on, request.asked_company, request.answer) == (
        date(2025, 11, 3),
        "Example Batteries Ltd",
        Answer.REFUSED,
    )


UNPROVEN = [
    ({6: ""}, "proof_missing", "G"),
    ({7: ""}, "proof_missing", "H"),
    ({8: ""}, "proof_missing", "I"),
    ({6: "11/3/2025"}, "day_invalid", "G"),
    ({5: "because"}, "word_unknown", "F"),
    ({2: "Example Works"}, "site_and_none", "F"),
    ({8: "maybe"}, "word_unknown", "answer"),
]


@pytest.mark.parametrize(("changed", "code", "column"), UNPROVEN)
def test_what_is_not_disclosed_without_proof_is_rejected(changed: dict[int, str], code: str, column: str) -> None:
    row = [changed.get(place, cell) for place, cell in enumerate(MISSING)]

    found = read(self_report(SITE, tuple(row)))

    assert [(one.row, one.code) for one in found.rejected] == [(9, code)]
    assert found.rejected[0].column in (column, "answer")


def test_title_rows_blank_rows_and_other_sheets_before_a_header_are_passed_over() -> None:
    rows = [("Our suppliers 2026",), (), ("Country", "Name", "Address"), ("NO", "Example", "1 Road")]
    content = workbook({"Read me": [("synthetic",)], "Suppliers": rows})

    found = read(content)

    assert [(one.row, one.name) for one in found.entries] == [(4, "Example")]
    assert found.format is OPEN_SUPPLY_HUB


def test_a_column_is_mapped_by_its_word_or_letter_and_our_own_words_need_none() -> None:
    content = written(("Fabrikk", "Sted", "country", "Ansatte"), [("Example", "1 Road", "NO", "120")]).encode()

    found = read(content, "Fabrikk=name", "B=address", "D=number_of_workers")

    entry = found.entries[0]
    assert (found.format, entry.name, entry.address, entry.country) == (MAPPED, "Example", "1 Road", "NO")
    assert entry.facts.workers is not None
    assert entry.facts.workers.minimum == 120


def test_mapped_rows_are_rejected_by_the_letter_of_their_column() -> None:
    content = written(("Fabrikk", "Sted", "Land"), [("Example", "1 Road", "Atlantis")]).encode()

    found = read(content, "Fabrikk=name", "Sted=address", "Land=country")

    assert found.rejected == [Finding("country_unknown", row=2, column="C")]


def test_a_header_row_is_found_below_a_title_where_columns_are_mapped_by_letter() -> None:
    rows = [("", "a title"), ("Firma", "Ort", "Land"), ("Example", "1 Road", "NO")]

    found = read(written(("",), rows).encode(), "A=name", "B=address", "C=country")

    assert [one.name for one in found.entries] == ["Example"]


WRONG_MAPPINGS = [
    (("Fabrikk",), "mapping_invalid"),
    (("Fabrikk=no_such_field",), "mapping_invalid"),
    (("=name",), "mapping_invalid"),
    (("Fabrikk=name", "Sted=name"), "mapping_twice"),
    (("Nowhere=name", "Sted=address", "Land=country"), "mapped_column_missing"),
    (("ZZ=name", "Sted=address", "Land=country"), "mapped_column_missing"),
    (("Fabrikk=name",), "field_unmapped"),
]


@pytest.mark.parametrize(("mapping", "code"), WRONG_MAPPINGS)
def test_a_mapping_that_cannot_be_followed_is_refused(mapping: tuple[str, ...], code: str) -> None:
    content = written(("Fabrikk", "Sted", "Land"), [("Example", "1 Road", "NO")]).encode()

    assert refused(content, *mapping)[0].code == code


def test_an_unknown_header_proposes_the_likeliest_mapping_ready_to_paste_and_quotes_nothing() -> None:
    content = written(("Org", "Fabrikk", "Adresse", "Land"), [("1", "Example", "1 Road", "NO")]).encode()

    finding = refused(content)[0]

    assert (finding.code, finding.row) == ("header_unknown", 1)
    assert finding.hint == "--map B=name --map C=address --map D=country"
    assert "Fabrikk" not in finding.advice.remedy
    assert read(content, "B=name", "C=address", "D=country").entries[0].name == "Example"


def test_a_mapping_used_before_is_taken_for_the_same_header() -> None:
    header = ("Fabrikk", "Sted", "Land")
    content = written(header, [("Example", "1 Road", "NO")]).encode()
    before = {header_digest(header): {"name": 0, "address": 1, "country": 2}}

    found = read(content, remembered=before)

    assert (found.layout.remembered, found.entries[0].name) == (True, "Example")
    assert header_digest(("fabrikk ", "STED", "Land", "", "")) == header_digest(header) != header_digest(header[::-1])


FOREIGN = [
    ("good", "country", "child_labor", "forced_labor"),
    ("entity", "country", "industry", "effective_date", "type"),
    ("iso3", "v2x_rule"),
]


@pytest.mark.parametrize("header", FOREIGN)
def test_public_risk_facts_are_told_from_a_list_of_sites(header: tuple[str, ...]) -> None:
    finding = refused(written(header, [["x"] * len(header)]).encode())[0]

    assert finding.code == "risk_facts"
    assert "engage facts load" in finding.advice.remedy


def test_two_columns_of_one_name_are_refused_in_every_format() -> None:
    content = written(("country", "name", "address", "Name"), [("NO", "x", "y", "z")]).encode()

    assert refused(content) == (Finding("column_twice", row=1, column="name"),)


def test_every_column_that_is_read_is_taught() -> None:
    taught = {*FIELDS, "sector_product_type", "facility_type_processing_type"}

    assert set(FACT_COLUMNS) <= taught
    assert all(meaning for meaning in FIELDS.values())


@given(st.integers(0, 20_000))
def test_letters_and_positions_of_columns_agree(place: int) -> None:
    assert position(letter(place)) == place


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_header_gets_a_digest_and_perhaps_a_proposal_of_each_column_once(header: list[str]) -> None:
    proposed = (propose(header) or "").replace("--map ", "").split()

    assert len({one.partition("=")[0] for one in proposed}) == len(proposed)
    assert len(header_digest(header)) == 32


@given(st.text())
def test_a_heading_stays_as_it_is_once_normalised(cell: str) -> None:
    assert heading(heading(cell)) == heading(cell)


@given(st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_any_table_of_text_is_read_or_refused_with_a_code(rows: list[list[str]], delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in rows).encode("utf-8", "replace")

    try:
        found = read_list(read_csv(content, Limits()), None, TODAY, 100)
    except FileInvalid as error:
        assert all(one.advice.remedy for one in error.findings)
    else:
        assert found.rows == len(found.entries) + len(found.rejected)
