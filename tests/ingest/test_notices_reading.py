"""What is read of notices and rows, and what is not: pure, on synthetic files that say so."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.ingest.domain.lists.findings import FileInvalid
from services.ingest.domain.lists.sheets import Record
from services.ingest.domain.notices import ADVICE, Notice, Notices, is_notice, read_notices
from services.ingest.domain.notices.rows import COLUMNS, column_of, is_contract_header, read_rows

FILES = Path(__file__).parent / "files"
OCDS = (FILES / "ocds_releases.json").read_bytes()
EFORMS = (FILES / "eforms_framework.xml").read_bytes()
DOFFIN = (FILES / "doffin.json").read_bytes()
HEADER = ("reference", "supplier_name", "level")


def read(content: bytes | str, most: int = 1000) -> Notices:
    return read_notices(content.encode() if isinstance(content, str) else content, most)


def contracts(notices: Notices) -> list[dict[str, Any]]:
    return [one.contract for one in notices.found if one.contract is not None]


def by_reference(notices: Notices) -> dict[str | None, Notice]:
    return {one.reference: one for one in notices.found}


def problems(notices: Notices) -> list[tuple[str, str, str | None]]:
    return [(one.place, one.problem.code, one.problem.column) for one in notices.found if one.problem is not None]


def codes(content: bytes | str) -> list[str]:
    """Why nothing of a file can be taken."""
    with pytest.raises(FileInvalid) as invalid:
        read(content)
    return [finding.code for finding in invalid.value.findings]


def package(*releases: dict[str, Any]) -> str:
    basis = {"ocid": "ocds-exampl-1", "id": "r1", "date": "2025-01-01T00:00:00Z", "tag": ["contract"]}
    return json.dumps({"releases": [basis | one for one in releases]})


def a_contract(**fields: Any) -> dict[str, Any]:
    contract = {"id": "c1", "awardID": "a1", "status": "active"} | fields
    return {
        "awards": [{"id": "a1", "suppliers": [{"id": "s", "name": "Example Electronics"}]}],
        "contracts": [contract],
    }


def test_releases_are_merged_in_the_order_of_their_dates_not_of_the_file() -> None:
    found = read(OCDS).found

    said = [(one.name, one.reference) for one in found if (one.reference or "").startswith("ocds-exampl-2025-7")]
    assert said == [
        ("2025-7-tender", "ocds-exampl-2025-7"),
        ("2025-7-contract", "ocds-exampl-2025-7 c1"),
        ("2025-7-contract", "ocds-exampl-2025-7 a2"),
        ("2025-7-amended", "ocds-exampl-2025-7 c1"),
        ("2025-7-closed", "ocds-exampl-2025-7 c1"),
    ]


def test_a_tender_is_announced_without_a_supplier_at_the_level_that_its_techniques_say() -> None:
    announced = by_reference(read(OCDS))["ocds-exampl-2025-7"]

    assert announced.contract == {
        "reference": "ocds-exampl-2025-7",
        "level": "framework",
        "ocid": "ocds-exampl-2025-7",
        "notice": "2025-7-tender",
        "title": "Laptops, screens and docks",
    }


def test_a_contract_has_its_awards_supplier_with_its_number_and_its_period() -> None:
    signed = next(one for one in read(OCDS).found if one.name == "2025-7-contract")

    assert signed.contract == {
        "reference": "ocds-exampl-2025-7 c1",
        "supplier": {
            "name": "Example Electronics AS",
            "country": "NO",
            "identifiers": {"organisation_number": "999999999"},
        },
        "level": "framework",
        "ocid": "ocds-exampl-2025-7",
        "notice": "2025-7-contract",
        "title": "Laptops 2025-2027",
        "starts": "2025-04-01",
        "ends": "2027-03-31",
        "value": {"amount": "1000000", "currency": "NOK"},
    }
    assert signed.ignored == ("lei",), "an id that cannot be one does not cost the contract"
    assert signed.buyers == ("999999980", "999999972")


def test_an_amendment_changes_what_it_names_and_keeps_the_rest() -> None:
    amended = next(one for one in read(OCDS).found if one.name == "2025-7-amended")

    assert amended.contract is not None
    assert amended.contract["ends"] == "2028-03-31"
    assert amended.contract["supplier"]["name"] == "Example Electronics AS"
    assert amended.end is None


def test_a_termination_ends_the_contract_on_the_day_of_its_release() -> None:
    closed = next(one for one in read(OCDS).found if one.name == "2025-7-closed")

    assert closed.end == {
        "reference": "ocds-exampl-2025-7 c1",
        "ended_on": "2025-05-20",
        "reason": "terminated",
        "notice": "2025-7-closed",
    }


def test_a_contract_that_terminated_after_its_period_has_expired_on_its_last_day() -> None:
    ended = a_contract(status="terminated", period={"endDate": "2024-12-31T00:00:00Z"})

    (only,) = read(package(ended)).found

    assert only.end is not None
    assert (only.end["reason"], only.end["ended_on"]) == ("expired", "2024-12-31")


def test_a_contract_cancelled_before_its_signature_was_not_awarded() -> None:
    (only,) = read(package(a_contract(status="cancelled"))).found

    assert only.end is not None
    assert only.end["reason"] == "not_awarded"


def test_a_cancelled_tender_is_announced_and_ended() -> None:
    (only,) = read(package({"tag": ["tenderCancellation"], "tender": {"id": "t", "status": "cancelled"}})).found

    assert only.contract is not None
    assert only.end is not None
    assert only.end["reason"] == "not_awarded"


def test_a_termination_without_what_came_before_only_ends() -> None:
    bare = {"tag": ["contractTermination"], "contracts": [{"id": "c1", "status": "terminated"}]}

    (only,) = read(package(bare)).found

    assert only.contract is None
    assert only.reference == "ocds-exampl-1 c1"


def test_an_amendment_without_what_came_before_is_refused_and_takes_no_supplier_away() -> None:
    bare = {"tag": ["contractAmendment"], "contracts": [{"id": "c1", "title": "Longer"}]}

    assert problems(read(package(bare))) == [("/releases/0/contracts/0", "supplier_missing", "suppliers")]


def test_an_award_becomes_a_contract_of_its_own_until_one_is_signed() -> None:
    found = read(OCDS)

    assert "ocds-exampl-2025-7 a2" in by_reference(found)
    assert "ocds-exampl-2025-7 a1" not in by_reference(found)
    assert "ocds-exampl-2025-7 a3" not in by_reference(found), "it was unsuccessful"


def test_each_supplier_of_one_contract_has_a_contract_of_its_own() -> None:
    suppliers = [{"id": "1", "name": "Example Electronics"}, {"id": "2", "name": "Example Displays"}]

    found = read(package(a_contract(suppliers=suppliers))).found

    assert [one.reference for one in found] == [
        "ocds-exampl-1 c1 Example Electronics",
        "ocds-exampl-1 c1 Example Displays",
    ]
    assert [one.row for one in found] == [1, 2]


def test_what_is_announced_or_awarded_in_ocds_has_the_value_that_is_stated_of_itself() -> None:
    money = {"amount": 4200000.5, "currency": "NOK"}
    tender = {"tag": ["tender"], "tender": {"id": "t", "title": "Laptops", "value": money}}
    award = {"awards": [{"id": "a1", "value": money, "suppliers": [{"id": "s", "name": "Example Electronics"}]}]}

    found = contracts(read(package(tender))) + contracts(read(package(award)))

    assert [one["value"] for one in found] == [{"amount": "4200000.5", "currency": "NOK"}] * 2


def test_a_value_is_not_guessed_for_one_of_several_suppliers_nor_taken_from_the_award_for_its_contract() -> None:
    money = {"amount": 4200000, "currency": "NOK"}
    suppliers = [{"id": "1", "name": "Example Electronics"}, {"id": "2", "name": "Example Displays"}]
    of_award = a_contract()
    of_award["awards"][0]["value"] = money

    found = contracts(read(package(a_contract(suppliers=suppliers, value=money)))) + contracts(read(package(of_award)))

    assert len(found) == 3
    assert not any("value" in one for one in found)


@pytest.mark.parametrize(
    "value",
    [
        {"amount": 4200000},
        {"amount": 0, "currency": "NOK"},
        {"amount": -1, "currency": "NOK"},
        {"amount": 1.005, "currency": "NOK"},
        {"amount": True, "currency": "NOK"},
        {"amount": "4.200.000", "currency": "NOK"},
        {"amount": 10**12, "currency": "NOK"},
        {"amount": 4200000, "currency": "kr"},
        {"amount": [1], "currency": ["NOK"]},
        "4200000 NOK",
        None,
    ],
)
def test_a_value_that_is_not_plainly_stated_is_left_out_and_costs_nothing_else(value: Any) -> None:
    found = read(package(a_contract(value=value)))

    assert problems(found) == []
    assert ["value" in one for one in contracts(found)] == [False]


def test_a_call_off_names_the_process_of_its_framework() -> None:
    call_off = by_reference(read(OCDS))["ocds-exampl-2025-8 1"]

    assert call_off.framework == "ocds-exampl-2025-7"
    assert call_off.contract is not None
    assert call_off.contract["level"] == "call_off"


def test_a_record_is_read_from_its_releases_else_from_its_compiled_release() -> None:
    releases = json.loads(OCDS)["releases"]
    held = {"records": [{"ocid": "ocds-exampl-2025-7", "releases": releases[:4], "compiledRelease": releases[0]}]}
    linked = [{"url": "https://example.org/1", "date": "2025-01-01T00:00:00Z"}]
    compiled = {"records": [{"ocid": "ocds-exampl-2025-7", "releases": linked, "compiledRelease": releases[0]}]}
    neither = {"records": [{"ocid": "ocds-exampl-2025-7", "releases": linked}]}

    assert len(read(json.dumps(held)).found) == 5
    assert read(json.dumps(compiled)).found[0].place == "/records/0/compiledRelease/contracts/0"
    assert problems(read(json.dumps(neither))) == [("/records/0", "releases_linked", None)]


def test_a_release_that_says_nothing_of_a_contract_is_named_as_such() -> None:
    found = read(package(a_contract(), {"id": "r2", "date": "2025-02-01T00:00:00Z", "tag": ["implementation"]}))

    assert found.silent == ["/releases/1"]
    assert len(found.found) == 1


@pytest.mark.parametrize(
    ("release", "code", "column"),
    [
        ({"ocid": None}, "ocid_missing", "ocid"),
        ({"id": None}, "id_missing", "id"),
        ({"date": "yesterday"}, "date_invalid", "date"),
        ({"contracts": {"id": 1}}, "shape_invalid", "contracts"),
        ({"parties": ["x"]}, "shape_invalid", "parties"),
        ({"tender": []}, "shape_invalid", "tender"),
    ],
)
def test_a_release_that_ocds_does_not_have_is_refused_by_place_and_code(
    release: dict[str, Any], code: str, column: str
) -> None:
    assert problems(read(package(a_contract() | release))) == [("/releases/0", code, column)]


def test_one_contract_per_settled_contract_and_winner() -> None:
    found = read(EFORMS)

    assert [one.reference for one in found.found] == [
        "2025/100",
        "2025/101 999999999",
        "2025/101 Example Displays GmbH",
        None,
    ]
    assert problems(found) == [("/NoticeResult/SettledContract/3", "supplier_is_a_person", "supplier")]


def test_an_award_has_winner_level_period_and_notice() -> None:
    first = read(EFORMS).found[0]

    assert first.contract == {
        "reference": "2025/100",
        "supplier": {
            "name": "Example Electronics AS",
            "country": "NO",
            "identifiers": {"organisation_number": "999999999"},
        },
        "level": "framework",
        "notice": "11111111-1111-4111-8111-111111111111-01",
        "title": "Bærbare datamaskiner",
        "starts": "2025-04-01",
        "ends": "2029-03-31",
    }
    assert first.said == datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


def with_values(content: bytes, currency: str = "NOK") -> bytes:
    """The notice with a value of each tender: one million times its number."""
    for number in (1, 2, 3):
        tender = f'<cbc:ID schemeName="tender">TEN-000{number}</cbc:ID>\n        <efac:TenderingParty>'.encode()
        amount = f'<cbc:PayableAmount currencyID="{currency}">{number}000000.00</cbc:PayableAmount>'
        total = f"<cac:LegalMonetaryTotal>{amount}</cac:LegalMonetaryTotal>".encode()
        assert tender in content
        content = content.replace(tender, total + tender)
    return content


def test_an_award_has_the_value_of_its_tender_where_one_supplier_has_all_of_it() -> None:
    found = read(with_values(EFORMS))

    assert [one.get("value") for one in contracts(found)] == [{"amount": "1000000.00", "currency": "NOK"}, None, None]


def test_a_contract_on_two_tenders_and_a_currency_that_is_none_have_no_value() -> None:
    named = b'<efac:LotTender><cbc:ID schemeName="tender">TEN-0001</cbc:ID></efac:LotTender>'
    of_third = b'<efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-000%d</cbc:ID></efac:TenderingParty>'
    on_two = with_values(EFORMS).replace(named, named + named.replace(b"0001", b"0003"))
    on_two = on_two.replace(of_third % 3, of_third % 1)  # by the same supplier

    first = contracts(read(on_two))[0]
    assert (first["reference"], first["supplier"]["name"]) == ("2025/100", "Example Electronics AS")
    assert "value" not in first
    assert not any("value" in one for one in contracts(read(with_values(EFORMS, "kr"))))


def test_a_duration_is_not_turned_into_an_end() -> None:
    second = contracts(read(EFORMS))[1]

    assert second["starts"] == "2025-02-21"
    assert "ends" not in second
    assert second["level"] == "single"


def test_buyers_are_known_by_number_also_through_their_touch_points() -> None:
    assert read(EFORMS).found[0].buyers == ("999999980", "999999972")


def test_the_title_is_the_same_whatever_the_order_of_its_languages() -> None:
    english = b'<cbc:Title languageID="ENG">Laptops</cbc:Title>'
    norwegian = '<cbc:Title languageID="NOB">Bærbare datamaskiner</cbc:Title>'.encode()
    swapped = EFORMS.replace(english, b"@").replace(norwegian, english).replace(b"@", norwegian)

    assert contracts(read(swapped))[0]["title"] == "Bærbare datamaskiner"
    assert contracts(read(EFORMS.replace(norwegian, b"")))[0]["title"] == "Laptops"


def test_a_call_off_says_under_which_notice_it_was_concluded() -> None:
    above = b"<cac:NoticeDocumentReference><cbc:ID>33333333-01</cbc:ID></cac:NoticeDocumentReference>"
    end_of_reference = b"<efac:ContractReference><cbc:ID>2025/100</cbc:ID></efac:ContractReference>"
    within = b"<efbc:ContractFrameworkIndicator>true</efbc:ContractFrameworkIndicator>"

    first = read(EFORMS.replace(end_of_reference, within + above + end_of_reference)).found[0]

    assert first.framework == "33333333-01"
    assert first.contract is not None
    assert first.contract["level"] == "call_off"


def test_a_modification_keeps_the_reference_of_its_contract() -> None:
    changed = (
        EFORMS.replace(b"11111111-1111-4111-8111-111111111111", b"44444444-4444-4444-8444-444444444444")
        .replace(b"can-standard", b"can-modif")
        .replace(b"2029-03-31+02:00", b"2030-03-31+02:00")
    )

    before, after = contracts(read(EFORMS))[0], contracts(read(changed))[0]

    assert before["reference"] == after["reference"]
    assert (before["ends"], after["ends"]) == ("2029-03-31", "2030-03-31")


def test_a_notice_that_was_cancelled_ends_what_it_awarded() -> None:
    changes = (
        b"<efac:Changes><efac:ChangeReason><cbc:ReasonCode>cancel</cbc:ReasonCode></efac:ChangeReason></efac:Changes>"
    )

    first = read(EFORMS.replace(b"<efac:Organizations>", changes + b"<efac:Organizations>")).found[0]

    assert first.end is not None
    assert first.end["reason"] == "not_awarded"


def test_lots_closed_without_a_winner_are_not_awarded() -> None:
    start, end = EFORMS.index(b"<efac:LotTender>"), EFORMS.index(b"</efac:NoticeResult>")
    without = (EFORMS[:start] + EFORMS[end:]).replace(b"selec-w", b"clos-nw")

    (only,) = read(without).found

    assert only.reference == "2025/99"
    assert only.end is not None
    assert only.end["reason"] == "not_awarded"
    assert problems(read(EFORMS[:start] + EFORMS[end:])) == [("", "contract_missing", None)]


def test_doffins_notices_are_announced_and_no_framework_is_guessed_from_a_title() -> None:
    found = read(DOFFIN)

    assert [one["level"] for one in contracts(found)] == ["unknown"] * 3
    assert [one.buyers for one in found.found] == [("999999980",), ("999999972",), (), ()]
    assert len({one["reference"] for one in contracts(found)}) == 3
    assert problems(found) == [("/3", "form_unsupported", "form")]


@pytest.mark.parametrize("content", [OCDS, EFORMS, DOFFIN])
def test_no_person_mail_telephone_or_street_of_a_notice_is_read(content: bytes) -> None:
    hidden = [word for word in ("Hidden", "hidden@", "+47 00000001") if word.encode() in content]

    said = repr(read(content))

    assert hidden
    assert not [word for word in hidden if word in said]


@pytest.mark.parametrize(
    "content", [OCDS, EFORMS, DOFFIN, b"\xef\xbb\xbf  \n" + OCDS, EFORMS.decode().encode("utf-16")]
)
def test_a_notice_is_known_by_its_first_bytes(content: bytes) -> None:
    assert is_notice(content)
    assert not is_notice(b"reference,supplier_name,level\n1,<x>,{}\n")


def test_a_notice_in_utf_16_is_read_like_any_other() -> None:
    text = EFORMS.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')

    assert contracts(read(text.encode("utf-16"))) == contracts(read(EFORMS))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "json_unreadable"),
        ('{"releases": [], "x": NaN}', "json_unreadable"),
        ('{"releases": [], "releases": []}', "key_twice"),
        ('{"releases": ' + "[" * 40 + "]" * 40 + "}", "too_deep"),
        ("[" * 100_000, "json_unreadable"),
        ('{"releases": [' + "1" * 5000 + "]}", "json_unreadable"),
        ("{}", "notice_unknown"),
        ("[1, 2]", "notice_unknown"),
        ('{"releases": []}', "no_notices"),
        ('{"01-CA-1": {"allegations": []}}', "risk_facts"),
        ("<Goods><Good/></Goods>", "risk_facts"),
        ("<html/>", "notice_unknown"),
        ("<a><b></a>", "xml_unreadable"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml_unreadable"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml_unreadable"),
        (b"<a>\xff</a>", "xml_unreadable"),
        (f'<a xmlns="{"x" * 300}"/>', "too_many_notices"),
        ("<a " + "b='' " * 500_001 + "/>", "too_many_notices"),
        ("[" + "[]," * 500_001 + "[]]", "too_many_notices"),
        (b"\xff\xfe{\x00", "json_unreadable"),
    ],
)
def test_a_file_that_is_no_notice_is_refused_by_its_code(content: str | bytes, code: str) -> None:
    assert codes(content) == [code]


def test_a_file_tells_of_no_more_contracts_than_are_taken_at_once() -> None:
    with pytest.raises(FileInvalid, match="too_many_notices"):
        read(OCDS, most=5)


def test_a_long_history_is_merged_in_bounded_time() -> None:
    awards = [{"id": str(one), "suppliers": [{"id": "s", "name": "Example Electronics"}]} for one in range(600)]
    releases = [
        {"id": str(one), "date": f"{2000 + one // 300}-01-01T00:00:00Z", "awards": awards[:1]} for one in range(2000)
    ]

    with pytest.raises(FileInvalid, match="too_many_notices"):
        read(package({"date": "1999-01-01T00:00:00Z", "awards": awards}, *releases), most=10_000)


def row(**cells: str) -> Notice:
    """A row of contracts, read."""
    given = {"reference": "2025/1", "supplier_name": "Example Electronics", "level": "call-off"} | cells
    (only,) = read_rows(list(given), [Record(2, 2, list(given.values()))], 10).found
    return only


def test_a_row_names_all_that_is_agreed() -> None:
    only = row(
        supplier_country="Norway",
        organisation_number="999 999 999",
        lei="5493001kjtiigc8y1r12",
        parent="2024/1",
        parent_member="dfo",
        end_users="bergen; stavanger bergen",
        starts="2025-01-01",
        ends="31.12.2026",
        value="1 250 000,50",
        currency="nok",
        conditions_name="Example conditions",
        conditions_edition="2024",
        clauses="4.1; 4.2",
    )

    assert only.contract == {
        "reference": "2025/1",
        "supplier": {
            "name": "Example Electronics",
            "country": "NO",
            "identifiers": {"organisation_number": "999999999", "lei": "5493001KJTIIGC8Y1R12"},
        },
        "level": "call_off",
        "parent": "2024/1",
        "parent_member": "dfo",
        "end_users": ["bergen", "stavanger"],
        "starts": "2025-01-01",
        "ends": "2026-12-31",
        "value": {"amount": "1250000.50", "currency": "NOK"},
        "conditions": {"name": "Example conditions", "edition": "2024", "clauses": ["4.1", "4.2"]},
    }


def test_a_row_with_an_end_registers_and_ends() -> None:
    only = row(ended_on="2025-05-01", end_reason="Not awarded")

    assert only.end == {"reference": "2025/1", "ended_on": "2025-05-01", "reason": "not_awarded"}


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"supplier_name": " "}, "value_missing", "supplier_name"),
        ({"level": "agreement"}, "level_unknown", "level"),
        ({"supplier_country": "Atlantis"}, "country_unknown", "supplier_country"),
        ({"starts": "01/02/2025"}, "date_invalid", "starts"),
        ({"ends": "2025-02-30"}, "date_invalid", "ends"),
        ({"ended_on": "2025-01-01"}, "fields_apart", "end_reason"),
        ({"end_reason": "expired"}, "fields_apart", "ended_on"),
        ({"ended_on": "2025-01-01", "end_reason": "bored"}, "reason_unknown", "end_reason"),
        ({"conditions_name": "Example"}, "fields_apart", "conditions_edition"),
        ({"clauses": "4.1"}, "fields_apart", "conditions_name"),
        ({"value": "1250000"}, "fields_apart", "currency"),
        ({"currency": "NOK"}, "fields_apart", "value"),
        ({"value": "1.250.000", "currency": "NOK"}, "amount_invalid", "value"),
        ({"value": "1,250", "currency": "NOK"}, "amount_invalid", "value"),
        ({"value": "12 50", "currency": "NOK"}, "amount_invalid", "value"),
        ({"value": "1 million", "currency": "NOK"}, "amount_invalid", "value"),
        ({"value": "-5", "currency": "NOK"}, "amount_invalid", "value"),
        ({"value": "1250000", "currency": "kroner"}, "currency_invalid", "currency"),
    ],
)
def test_a_row_that_cannot_be_taken_says_which_column_and_why(cells: dict[str, str], code: str, column: str) -> None:
    only = row(**cells)

    assert only.problem is not None
    assert (only.problem.code, only.problem.column) == (code, column)
    assert ADVICE[code].remedy


def test_a_header_of_contracts_is_known_by_its_three_required_columns() -> None:
    assert is_contract_header(["Reference", "Supplier name", "Level", "anything"])
    assert not is_contract_header(["reference", "name", "level"])


@pytest.mark.parametrize(
    ("pointer", "column"),
    [
        ("/data/supplier/name", "supplier_name"),
        ("/data/end_users/3", "end_users"),
        ("/data/value/amount", "value"),
        ("/id", "reference"),
    ],
)
def test_what_the_door_objects_to_is_named_by_its_column(pointer: str, column: str) -> None:
    assert column_of(pointer) == column
    assert column in COLUMNS
