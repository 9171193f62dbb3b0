"""The four real eForms notices and twenty of Doffin's, where they are at hand."""

import json
import re
from pathlib import Path

import pytest

from services.ingest.domain.notices import Notices, read_notices
from tests.ingest.conftest import Doors
from tests.ingest.test_notices_import import counts, send, standing, told

PROCUREMENT = Path(__file__).parents[3] / "shared" / "data" / "procurement"
EFORMS = sorted((PROCUREMENT / "doffin_eforms").glob("*.xml"))
DOFFIN = PROCUREMENT / "extract_doffin_ict_hardware_no_email.json"
CONTACT = re.compile(
    r"<cbc:(?:Telephone|Telefax|ElectronicMail)>([^<]+)<|<cac:Contact>(?:\s|<!--.*?-->)*<cbc:Name>([^<]+)<"
)

there = pytest.mark.skipif(not DOFFIN.exists() or len(EFORMS) != 4, reason="the real notices are not on this machine")


def read(file: Path) -> Notices:
    return read_notices(file.read_bytes(), 1000)


def contacts() -> set[str]:
    """The names, telephone numbers and mail addresses of the contacts in the real notices."""
    found = {part for file in EFORMS for pair in CONTACT.findall(file.read_text()) for part in pair if part}
    found |= {mail for file in EFORMS for mail in re.findall(r"[\w.]+@[\w.]+", file.read_text())}
    return found


@there
async def test_every_real_notice_goes_in_and_again_without_effect(doors: Doors) -> None:
    reports = {file.name: await send(doors, file.read_bytes(), filename=file.name) for file in (*EFORMS, DOFFIN)}
    events = await doors.count("outbox")

    for name, report in reports.items():
        print(f"{name}: {json.dumps(report)}")
    again = [await send(doors, file.read_bytes(), filename=file.name) for file in (*EFORMS, DOFFIN)]
    assert [counts(report) for report in reports.values()] == [(1, 0, 0)] * 4 + [(20, 0, 0)]
    assert [counts(report) for report in again] == [(0, 1, 0)] * 4 + [(0, 20, 0)]
    assert await doors.count("outbox") == events
    assert len(await standing(doors)) == 24


@there
async def test_the_supercomputers_contract_has_its_supplier_and_its_buyers_own_reference(doors: Doors) -> None:
    modification = next(file for file in EFORMS if "modif" in file.name)

    await send(doors, modification.read_bytes())

    (contract,) = await told(doors)
    assert contract.supplier_name == "Hewlett-Packard Norge AS"
    assert (contract.reference, contract.notice) == ("18/00059", "2023-618829-01")
    assert str(contract.starts) == "2018-12-18"
    assert contract.ends is None, "its duration of 53 months is not turned into an end"


@there
async def test_a_consortiums_buyer_that_is_a_member_is_told_of_the_contract_that_another_one_imports(
    doors: Doors,
) -> None:
    joint = next(file for file in EFORMS if file.name.startswith("2024"))
    await doors.schema.rows("UPDATE member SET organisation_number = '916879067' WHERE slug = 'oslo' RETURNING 1")
    await doors.schema.rows("UPDATE member SET organisation_number = '883658752' WHERE slug = 'watch' RETURNING 1")

    report = await send(doors, joint.read_bytes())

    assert report["warnings"] == []
    assert [(one.member, one.end_users) for one in await told(doors, "watch")] == [("oslo", ("watch",))]


@there
def test_real_winners_have_number_and_country_where_the_notice_gives_them() -> None:
    told = [one.contract or {} for file in EFORMS for one in read(file).found]

    suppliers = [one["supplier"] for one in told if "supplier" in one]

    assert [one["country"] for one in suppliers] == ["NO", "NO", "NO"]
    assert {one.get("identifiers", {}).get("organisation_number") for one in suppliers} == {
        "975353265",
        "980400255",
        None,
    }


@there
def test_real_contracts_have_the_value_that_their_notice_states() -> None:
    told = [one.contract or {} for file in EFORMS for one in read(file).found]

    values = {(one["value"]["amount"], one["value"]["currency"]) for one in told if "value" in one}

    assert values == {("12000000", "NOK"), ("21738097", "NOK"), ("42000000.00", "NOK")}
    assert not any("value" in (one.contract or {}) for one in read(DOFFIN).found)


@there
def test_doffins_numbers_are_read_as_integer_and_as_text_and_no_framework_is_guessed() -> None:
    found = read(DOFFIN).found

    assert all(re.fullmatch("[89][0-9]{8}", one.buyers[0]) for one in found)
    assert len({one.reference for one in found}) == 20
    assert {one.contract["level"] for one in found if one.contract} == {"unknown"}
    assert any("Rammeavtale" in one.contract["title"] for one in found if one.contract)


@there
async def test_no_contact_of_a_real_notice_is_kept_published_or_answered(doors: Doors) -> None:
    reports = [await send(doors, file.read_bytes(), filename=file.name) for file in (*EFORMS, DOFFIN)]
    tables = await doors.schema.rows("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'ingest'")
    kept = [str([dict(row) for row in await doors.schema.rows(f"SELECT * FROM {one['relname']}")]) for one in tables]
    everything = " ".join([*kept, str(await doors.published()), json.dumps(reports, ensure_ascii=False)])

    hidden = contacts()

    assert len(hidden) >= 12
    assert "Sectra Norge AS" in everything
    assert [one for one in hidden if one in everything] == []
