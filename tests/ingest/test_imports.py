"""Imports on a real Postgres: editions, repetition, concurrency, and what is published."""

import asyncio
from typing import Any

import pytest

from shared.events.ingest import DisclosureAccepted, DisclosureRetired, SiteRegistered, SupplierRegistered
from shared.events.vocabulary import Retirement
from tests.ingest.conftest import Doors
from tests.ingest.given import CONTRACT, apple, event, osh

NORTH = ("2021", "Example North Ltd", "Norway", "North Road")
SOUTH = ("2021", "Example South Ltd", "Norway", "South Road")


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["accepted"], report["duplicate"], report["rejected"], report["sites_gone"]


async def test_a_list_becomes_registry_entries_and_disclosures(doors: Doors) -> None:
    answer = await doors.import_csv(apple(NORTH, ("2021", "EXAMPLE NORTH", "Norway", "South Road")))

    published = await doors.published()
    suppliers = [event.data for _, _, event in published if isinstance(event.data, SupplierRegistered)]
    sites = [event.data for _, _, event in published if isinstance(event.data, SiteRegistered)]
    disclosed = [(topic, key, event.data) for topic, key, event in published if event.type == "disclosure.accepted.v1"]
    assert answer.status_code == 200
    assert answer.json()["suppliers_new"] == 1
    assert [one.name for one in suppliers] == ["Example North Ltd"]
    assert [(one.address, one.country, one.sector) for one in sites] == [
        ("North Road", "NO", "Electronics"),
        ("South Road", "NO", "Electronics"),
    ]
    for (topic, key, data), row in zip(disclosed, (2, 3), strict=True):
        assert isinstance(data, DisclosureAccepted)
        assert (topic, key) == ("members.disclosure", str(suppliers[0].supplier))
        assert (data.list.source, data.list.edition, data.list.row) == ("apple-supplier-list", "2021", row)
        assert data.member == "oslo"


async def test_a_list_goes_to_its_member_alone_unless_its_source_has_published_it(doors: Doors) -> None:
    await doors.import_csv(osh(("NO", "Example Private", "1 Road", "")), list="private")
    await doors.import_csv(osh(("NO", "Example Public", "2 Road", "")), list="public", published=True)

    topics = [topic for topic, _, event in await doors.published() if event.type == "disclosure.accepted.v1"]
    assert topics == ["member.oslo.disclosure", "members.disclosure"]


async def test_the_same_file_again_changes_nothing(doors: Doors) -> None:
    content = apple(NORTH, SOUTH, ("2022", *NORTH[1:]))
    first = (await doors.import_csv(content)).json()
    before = await doors.published()

    again = (await doors.import_csv(content)).json()

    assert counts(first) == (2, 1, 0, 1)
    assert counts(again) == (0, 3, 0, 0)
    assert await doors.published() == before


async def test_a_newer_edition_retires_what_it_no_longer_names(doors: Doors) -> None:
    await doors.import_csv(apple(NORTH, SOUTH))

    report = (
        await doors.import_csv(apple(("2022", *NORTH[1:]), ("2022", "Example East", "Norway", "East Road")))
    ).json()

    assert counts(report) == (1, 1, 0, 1)
    retired = [event.data for _, _, event in await doors.published() if isinstance(event.data, DisclosureRetired)]
    assert [(one.reason, one.edition) for one in retired] == [(Retirement.NOT_IN_NEWER_EDITION, "2022")]
    accepted = [event.data for _, _, event in await doors.published() if isinstance(event.data, DisclosureAccepted)]
    assert retired[0].disclosure == next(one.disclosure for one in accepted if one.site_name == "Example South Ltd")
    assert (await doors.operate("GET", "/registry/summary")).json()["disclosures"] == 2


async def test_a_site_that_comes_back_is_accepted_anew(doors: Doors) -> None:
    await doors.import_csv(apple(NORTH, SOUTH, ("2022", *NORTH[1:])))

    report = (await doors.import_csv(apple(("2023", *NORTH[1:]), ("2023", *SOUTH[1:])))).json()

    assert counts(report) == (1, 1, 0, 0)
    assert report["sites_new"] == 0


async def test_an_edition_with_a_rejected_row_retires_nothing_until_it_is_mended(doors: Doors) -> None:
    await doors.import_csv(apple(NORTH, SOUTH))

    broken = (await doors.import_csv(apple(("2022", *NORTH[1:]), ("2022", "Example East", "Atlantis", "?")))).json()
    mended = (await doors.import_csv(apple(("2022", *NORTH[1:]), ("2022", "Example East", "Norway", "?")))).json()

    assert counts(broken) == (0, 1, 1, 0)
    assert broken["kept_because_of_errors"] == 1
    assert counts(mended) == (1, 1, 0, 1)


async def test_the_totals_of_several_editions_say_what_holds_at_the_end(doors: Doors) -> None:
    await doors.import_csv(osh(("NO", NORTH[1], NORTH[3], "")))
    broken = ("2022", "Example East", "Atlantis", "?")

    content = apple(NORTH, SOUTH, ("2022", *NORTH[1:]), broken, ("2023", *NORTH[1:]), ("2024", *NORTH[1:]))
    report = (await doors.import_csv(content)).json()
    last_is_broken = (await doors.import_csv(apple(("2025", *SOUTH[1:]), ("2025", *broken[1:])))).json()

    assert [one["kept_because_of_errors"] for one in report["editions"]] == [0, 1, 0, 0]
    assert [one["sites_gone"] for one in report["editions"]] == [0, 0, 1, 0]
    assert (report["kept_because_of_errors"], report["sites_gone"]) == (0, 1)
    assert (report["sites_new"], report["sites_known"]) == (1, 4)  # North stood in another list, and in four rows
    assert last_is_broken["kept_because_of_errors"] == 1


async def test_a_site_that_is_gone_and_comes_back_within_a_file_is_not_gone(doors: Doors) -> None:
    report = (await doors.import_csv(apple(NORTH, SOUTH, ("2022", *NORTH[1:]), ("2023", *SOUTH[1:])))).json()

    assert [one["sites_gone"] for one in report["editions"]] == [0, 1, 1]
    assert report["sites_gone"] == 1


async def test_rows_of_a_contract_that_nobody_registered_are_taken_and_the_sender_is_warned(doors: Doors) -> None:
    content = osh(("NO", "Example", "1 Road", ""))
    await doors.send(event("contract.registered.v1", CONTRACT))

    waiting = (await doors.import_csv(content, contract="2024/18")).json()
    found = (await doors.import_csv(content, contract=CONTRACT["reference"])).json()
    again = (await doors.import_csv(content, contract=CONTRACT["reference"])).json()

    warned = [one for one in waiting["warnings"] if one["code"] == "contract_unknown"]
    assert [(one["columns"], one["count"]) for one in warned] == [(["contract"], 1)]
    assert warned[0]["detail"]
    assert warned[0]["remedy"]
    assert "2024/18" not in str(waiting)
    assert "contract_unknown" not in str((found, again))
    assert [one["contract_changed"] for one in (waiting, found, again)] == [0, 1, 0]


async def test_an_older_edition_is_refused_and_nothing_is_imported(doors: Doors) -> None:
    await doors.import_csv(apple(("2022", *NORTH[1:])))
    before = await doors.published()

    answer = await doors.import_csv(apple(NORTH, SOUTH))

    assert answer.status_code == 422
    assert [(one["code"], one["column"]) for one in answer.json()["errors"]] == [("edition_older", "year")]
    assert await doors.published() == before


async def test_changed_facts_renew_the_disclosure_under_its_id(doors: Doors) -> None:
    await doors.import_csv(osh(("NO", "Example", "1 Road", "Electronics")), edition="2021")

    report = (await doors.import_csv(osh(("NO", "EXAMPLE", "1 Road", "Apparel")), edition="2022")).json()

    accepted = [event.data for _, _, event in await doors.published() if isinstance(event.data, DisclosureAccepted)]
    assert counts(report) == (1, 0, 0, 0)
    assert accepted[0].disclosure == accepted[1].disclosure
    assert accepted[1].facts is not None
    assert accepted[1].facts.sector == "Apparel"


async def test_two_lists_and_two_members_share_the_registry_but_not_their_disclosures(doors: Doors) -> None:
    content = osh(("NO", "Example", "1 Road", ""))
    await doors.import_csv(content, list="one")
    await doors.import_csv(content, list="two")

    report = (await doors.import_csv(content, member="watch", list="one")).json()

    assert (report["accepted"], report["sites_new"], report["sites_known"]) == (1, 0, 1)
    assert (await doors.count("site"), await doors.count("disclosure")) == (1, 3)


async def test_a_dry_run_tells_everything_and_keeps_nothing(doors: Doors) -> None:
    report = (await doors.import_csv(apple(NORTH, SOUTH), dry_run=True)).json()

    assert counts(report) == (2, 0, 0, 0)
    assert (await doors.published(), await doors.count("supplier"), await doors.count("supplier_list")) == ([], 0, 0)
    assert counts((await doors.import_csv(apple(NORTH, SOUTH))).json()) == counts(report)


async def test_the_same_file_twice_at_once_goes_in_once(doors: Doors) -> None:
    content = osh(*[("NO", f"Example {number}", f"{number} Road", "") for number in range(300)])

    answers = await asyncio.gather(*(doors.import_csv(content) for _ in range(3)))

    assert sorted(answer.json()["accepted"] for answer in answers) == [0, 0, 300]
    assert [await doors.count(table) for table in ("supplier", "site", "disclosure")] == [300, 300, 300]


async def test_lists_that_name_the_same_suppliers_in_other_orders_go_in_at_once(doors: Doors) -> None:
    rows = [("NO", f"Example {number}", f"{number} Road", "") for number in range(200)]

    answers = await asyncio.gather(
        *(doors.import_csv(osh(*rows[::step]), list=f"list {place}") for place, step in enumerate((1, -1, 1, -1)))
    )

    assert [answer.json()["accepted"] for answer in answers] == [200] * 4
    assert (await doors.count("supplier"), await doors.count("site")) == (200, 200)
    registered = [key for topic, key, _ in await doors.published() if topic == "members.registry"]
    assert len(registered) == len(set(registered)) == 400


async def test_a_broken_file_names_row_column_and_remedy_not_its_own_name_and_imports_nothing(doors: Doors) -> None:
    content = osh(("NO", "Example", "1 Road", ""), ("DE", "Example", "Straße 1", "")).encode("cp1252")

    answer = await doors.import_csv(content, filename="acme list.csv", encoding="utf-8")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "file_invalid")
    place = "row 3, column C: "
    assert problem["detail"] == place + "this byte does not fit the encoding that was named. Nothing was imported."
    fault = problem["errors"][0]
    assert (fault["row"], fault["column"]) == (3, "C")
    assert fault["remedy"]
    assert "acme" not in answer.text
    assert (await doors.published(), await doors.count("supplier_list")) == ([], 0)


async def test_rejected_rows_say_where_and_how_to_mend_and_never_what(doors: Doors) -> None:
    marker = "Zanzibaria-7781"

    answer = await doors.import_csv(osh((marker, "Example", "1 Road", ""), ("NO", "x" * 201 + marker, marker, marker)))

    assert answer.status_code == 200
    assert marker not in answer.text
    first = answer.json()["errors"][0]
    assert {"row", "column", "code", "detail", "remedy"} <= set(first)


@pytest.mark.parametrize("edition", ["spring", "2024-13", "24"])
async def test_an_edition_that_cannot_be_ordered_is_refused(doors: Doors, edition: str) -> None:
    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), edition=edition)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "edition_unclear")


async def test_without_an_edition_the_day_of_the_import_is_taken_and_the_files_name_for_the_list(doors: Doors) -> None:
    report = (await doors.import_csv(osh(("NO", "Example", "1 Road", "")), filename="framework.2024.csv")).json()

    today = (await doors.schema.rows("SELECT now()::date::text"))[0][0]
    assert (report["list"], report["editions"][0]["edition"]) == ("framework.2024", today)


@pytest.mark.parametrize("filename", ["/", ".csv", "folder/", "x .csv"])
async def test_any_file_name_that_can_be_shown_gives_a_list_a_name(doors: Doors, filename: str) -> None:
    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), filename=filename)

    assert (answer.status_code, bool(answer.json()["list"])) == (200, True)


async def test_a_stranger_cannot_import(doors: Doors) -> None:
    answer = await doors.client.post("/imports?filename=x.csv", content=b"x", headers={"authorization": "Bearer other"})

    assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")


@pytest.mark.parametrize("filename", ["", "x" * 201, "a\nb.csv", "\x00.csv"])
async def test_a_file_name_that_cannot_be_shown_is_refused(doors: Doors, filename: str) -> None:
    assert (await doors.import_csv("country,name,address\n", filename=filename)).status_code == 422
