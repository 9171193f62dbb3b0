"""Files through the door on a real Postgres: any spreadsheet, mappings that are remembered, and an answer per row."""

from typing import Any

import pytest

from shared.events.ingest import DisclosureAccepted, DisclosureRetired
from shared.events.vocabulary import Retirement, Tier
from tests.ingest.conftest import Doors
from tests.ingest.given import event, osh, written
from tests.ingest.workbooks import cmrt, self_report, workbook

TIN = ("Tin", "Example Smelting Co.", "Indonesia", "CID000001", "Example Town")
GOLD = ("Gold", "Example Refinery", "Norway", "CID000002", "Oslo")
SITE = ("Final assembly", "Chassis", "Example Works", "1 Example Road", "Vietnam", "", "", "", "")
BOARD = ("Component", "Board", "Example Works", "1 Example Road", "Vietnam", "", "", "", "")
MISSING = (
    "Component", "Battery", "", "", "", "Supplier refuses", "2025-11-03", "Example Batteries Ltd", "Refused",
)  # fmt: skip
HEADER = ("Fabrikk", "Sted", "Land")
UNKNOWN = written(HEADER, [("Example", "1 Road", "NO")])
MAPPING = ["Fabrikk=name", "B=address", "Land=country"]


async def accepted(doors: Doors) -> list[DisclosureAccepted]:
    return [event.data for _, _, event in await doors.published() if isinstance(event.data, DisclosureAccepted)]


async def test_a_spreadsheet_says_the_same_as_a_csv_file(doors: Doors) -> None:
    rows = [("country", "name", "address", "sector"), ("NO", "Example", "1 Road", "Electronics")]
    await doors.import_csv(osh(*rows[1:]), list="one")

    answer = await doors.import_csv(workbook({"list": rows}), list="one", filename="list.xlsx")

    assert (answer.json()["accepted"], answer.json()["duplicate"]) == (0, 1)


async def test_a_smelter_list_becomes_disclosures_of_the_declaring_company(doors: Doors) -> None:
    answer = await doors.import_csv(cmrt(TIN, GOLD, ("Tantalum", *TIN[1:])), filename="cmrt.xlsx")

    told = await accepted(doors)
    assert (answer.json()["list"], answer.json()["accepted"]) == ("rmi-smelter-list: Example Electronics Ltd", 3)
    assert {(one.supplier_name, one.tier) for one in told} == {("Example Electronics Ltd", Tier.SMELTER)}
    assert [one.mineral.mineral.value for one in told if one.mineral] == ["tin", "gold", "tantalum"]
    assert len({one.site for one in told}) == 2
    assert await doors.count("supplier") == 1


async def test_a_newer_declaration_of_the_company_supersedes_whatever_its_file_is_called(doors: Doors) -> None:
    await doors.import_csv(cmrt(TIN, GOLD), filename="first.xlsx")

    answer = await doors.import_csv(cmrt(TIN, effective="20-Jan-2026"), filename="second.xlsx")

    report = answer.json()
    assert (report["accepted"], report["duplicate"], report["sites_gone"]) == (1, 0, 1)  # the effective date is news
    gone = [event.data for _, _, event in await doors.published() if isinstance(event.data, DisclosureRetired)]
    assert [(one.reason, one.edition) for one in gone] == [(Retirement.NOT_IN_NEWER_EDITION, "2026-01-20")]


async def test_a_self_report_keeps_each_component_of_a_site_and_what_was_not_disclosed(doors: Doors) -> None:
    content = self_report(SITE, BOARD, MISSING)

    answer = await doors.import_csv(content, filename="report.xlsx")
    again = await doors.import_csv(content, filename="report.xlsx")

    told = await accepted(doors)
    assert [one.component for one in told if one.site] == ["Chassis", "Board"]
    assert [one.not_disclosed.missing for one in told if one.not_disclosed] == ["Battery"]
    assert (answer.json()["accepted"], again.json()["duplicate"]) == (3, 3)
    assert (await doors.count("site"), await doors.count("contract")) == (1, 1)


async def test_a_list_belongs_to_the_contract_and_answers_the_request_that_are_given(doors: Doors) -> None:
    asked = {"supplier": {"name": "Example"}, "wanted": "sites", "asked_on": "2026-01-02"}
    receipt = (await doors.send(event("disclosure.requested.v1", asked))).json()["receipts"][0]["receipt"]

    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), contract="2024/17", request=receipt)

    types = [event.type for _, _, event in await doors.published()]
    assert answer.status_code == 200
    assert types.count("request.answered.v1") == 1
    assert types.count("disclosure.linked.v1") <= 1
    assert (await doors.schema.rows("SELECT count(*) FROM disclosure WHERE contract IS NOT NULL"))[0][0] == 1


async def test_a_request_of_nobody_or_another_is_refused(doors: Doors) -> None:
    unknown = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), request=unknown)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "request_unknown")
    assert await doors.count("disclosure") == 0


async def test_a_mapping_is_remembered_for_its_member_and_told_when_it_is_used(doors: Doors) -> None:
    first = await doors.import_csv(UNKNOWN, map=MAPPING, list="a")
    second = await doors.import_csv(UNKNOWN, list="b")
    other = await doors.import_csv(UNKNOWN, member="watch", list="c")

    assert (first.json()["accepted"], first.json()["warnings"]) == (1, [])
    assert (second.json()["accepted"], second.json()["warnings"]) == (
        1,
        [{"code": "mapping_remembered", "columns": ["--map A=name", "--map B=address", "--map C=country"]}],
    )
    assert other.json()["errors"][0]["code"] == "header_unknown"


async def test_a_mapping_that_was_only_tried_is_not_remembered(doors: Doors) -> None:
    tried = await doors.import_csv(UNKNOWN, map=MAPPING, dry_run=True)

    assert tried.json()["accepted"] == 1
    assert (await doors.import_csv(UNKNOWN)).json()["errors"][0]["code"] == "header_unknown"


async def test_an_unknown_header_is_answered_with_a_mapping_to_paste(doors: Doors) -> None:
    content = written(("Bedrift", "Adresse", "Land"), [("Example", "1 Road", "NO")])

    answer = await doors.import_csv(content)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["remedy"].endswith("--map A=name --map B=address --map C=country")


async def test_every_row_is_told_its_supplier_and_site_whether_they_are_new_and_why(doors: Doors) -> None:
    content = osh(
        ("NO", "Example", "1 Road", ""),
        ("NO", "EXAMPLE", "1 Road", ""),
        ("Atlantis", "Example", "2 Road", ""),
        ("NO", "Other", "3 Road", ""),
    )
    await doors.import_csv(osh(("NO", "Other", "3 Road", "")), list="earlier")

    rows: list[dict[str, Any]] = (await doors.import_csv(content, rows=True)).json()["outcomes"]

    assert [(one["row"], one["outcome"]) for one in rows] == [
        (2, "accepted"),
        (3, "duplicate"),
        (4, "rejected"),
        (5, "accepted"),
    ]
    assert rows[0]["site"] == rows[1]["site"] != rows[3]["site"]
    assert [one.get("site_new") for one in rows] == [True, True, None, False]
    assert (rows[2]["column"], rows[2]["code"]) == ("country", "country_unknown")
    assert all({"why", "review"} <= set(one) for one in rows if one["outcome"] != "rejected")


async def test_the_rows_are_told_only_where_they_are_asked_for(doors: Doors) -> None:
    assert "outcomes" not in (await doors.import_csv(osh(("NO", "Example", "1 Road", "")))).json()


async def test_with_strict_one_bad_row_refuses_all_and_every_bad_row_is_named(doors: Doors) -> None:
    content = osh(("NO", "Example", "1 Road", ""), ("Atlantis", "x", "y", ""), ("NO", "", "y", ""))

    answer = await doors.import_csv(content, strict=True)

    assert answer.status_code == 422
    assert [(one["row"], one["code"]) for one in answer.json()["errors"]] == [
        (3, "country_unknown"),
        (4, "value_missing"),
    ]
    assert (await doors.published(), await doors.count("supplier_list"), await doors.count("supplier")) == ([], 0, 0)


async def test_a_guessed_encoding_and_hidden_sheets_are_warned_of(doors: Doors) -> None:
    rows = [("country", "name", "address"), ("NO", "Example", "1 Road")]
    guessed = await doors.import_csv(osh(("DE", "Beispiel", "Straße 1", "")).encode("cp1252"), list="a")

    hidden = await doors.import_csv(workbook({"list": rows, "old": rows}, hidden=["old"]), list="b")

    assert guessed.json()["warnings"] == [{"code": "encoding_guessed", "columns": ["cp1252"]}]
    assert hidden.json()["warnings"] == [{"code": "hidden_sheets_ignored", "columns": ["1"]}]


async def test_a_table_of_contracts_is_imported_as_contracts(doors: Doors) -> None:
    rows = [("reference", "supplier_name", "level"), ("2024/17", "Example Electronics Ltd", "framework")]

    answer = await doors.import_csv(workbook({"contracts": rows}), rows=True)

    report = answer.json()
    assert (answer.status_code, report["format"], report["contracts_registered"]) == (200, "contract-rows", 1)
    assert report["outcomes"][0]["outcome"] == "accepted"


@pytest.mark.parametrize("query", [{"map": ["x"]}, {"encoding": "no-such"}, {"edition": "spring"}])
async def test_an_order_that_cannot_be_followed_is_refused_as_a_problem(doors: Doors, query: dict[str, Any]) -> None:
    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), **query)

    assert (answer.status_code, answer.json()["code"]) == (422, "file_invalid")


async def test_a_crafted_spreadsheet_is_refused_and_the_door_stays_open(doors: Doors) -> None:
    crafted = await doors.import_csv(b"PK\x03\x04" + bytes(1000), filename="crafted.xlsx")

    assert (crafted.status_code, crafted.json()["errors"][0]["code"]) == (422, "spreadsheet_broken")
    assert (await doors.import_csv(osh(("NO", "Example", "1 Road", "")))).status_code == 200


async def test_nothing_of_a_spreadsheet_is_echoed_where_it_is_rejected(doors: Doors) -> None:
    marker = "Zanzibaria-7781"
    rows = [("country", "name", marker), (marker, marker, marker)]

    refused = await doors.import_csv(workbook({marker: rows}))
    mapped = await doors.import_csv(workbook({marker: rows}), map=["B=name", "C=address", "A=country"], rows=True)

    assert marker not in refused.text
    assert marker not in mapped.text
    assert mapped.json()["rejected"] == 1
