"""Notices and rows of contracts through the door: registered, modified, ended, known again."""

import asyncio
import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.ingest.domain.lists.findings import FileInvalid
from services.ingest.domain.lists.sheets import Record
from services.ingest.door import Sender
from services.ingest.imports.notice_reports import of_notices, rows_of
from services.ingest.imports.notices import import_contract_rows, import_notices
from services.ingest.settings import IngestSettings
from shared.events.ingest import ContractRecorded
from shared.events.vocabulary import MemberKind
from tests.ingest.conftest import PEPPER, Doors
from tests.ingest.given import CONTRACT, event

FILES = Path(__file__).parent / "files"
OCDS = (FILES / "ocds_releases.json").read_bytes()
EFORMS = (FILES / "eforms_framework.xml").read_bytes()
DOFFIN = (FILES / "doffin.json").read_bytes()
HEADER = "reference,supplier_name,level,title,end_users,ended_on,end_reason"


@dataclass(frozen=True)
class Asked:
    """What a member asks for with a file."""

    filename: str = "contracts.json"
    list_name: str | None = None
    dry_run: bool = False
    strict: bool = False


def settings_of(doors: Doors, **changes: Any) -> IngestSettings:
    return IngestSettings(
        kafka_bootstrap="",
        database_dsn=doors.schema.dsn,
        receipt_pepper=SecretStr(PEPPER.get_secret_value()),
        **changes,
    )


async def send(doors: Doors, content: bytes | str, member: str = "oslo", **asked: Any) -> dict[str, Any]:
    """The report on a file of notices, or of rows where it begins with a column's name."""
    raw = content.encode() if isinstance(content, str) else content
    settings, sender = settings_of(doors), Sender(member, MemberKind.BUYER)
    runtime, order = doors.schema.runtime(settings), Asked(**asked)
    if raw.startswith(b"reference,"):
        lines = list(csv.reader(io.StringIO(raw.decode())))
        records = [Record(number, number, cells) for number, cells in enumerate(lines[1:], 2)]
        return of_notices(await import_contract_rows(runtime, settings, sender, order, lines[0], records))
    return of_notices(await import_notices(runtime, settings, sender, order, raw))


async def told(doors: Doors, member: str = "oslo") -> list[ContractRecorded]:
    """The contracts that a member was told, in order."""
    return [
        one.data
        for topic, _, one in await doors.published()
        if topic == f"member.{member}.contract" and isinstance(one.data, ContractRecorded)
    ]


async def standing(doors: Doors) -> dict[str, str | None]:
    """Each contract by its reference, with the reason of its end."""
    rows = await doors.schema.rows("SELECT reference, closed, end_reason FROM contract WHERE said IS NOT NULL")
    return {row["reference"]: row["end_reason"] if row["closed"] else None for row in rows}


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["accepted"], report["duplicate"], report["rejected"]


def lines(*rows: str) -> str:
    return "\n".join((HEADER, *rows))


async def test_releases_become_contracts_that_are_modified_and_ended(doors: Doors) -> None:
    report = await send(doors, OCDS)

    assert counts(report) == (6, 0, 0)
    assert (report["contracts_registered"], report["contracts_ended"]) == (6, 1)
    assert await standing(doors) == {
        "ocds-exampl-2025-7": "replaced",  # the announcement, once contracts had come of it
        "ocds-exampl-2025-7 c1": "terminated",
        "ocds-exampl-2025-7 a2": None,
        "ocds-exampl-2025-8 1": None,
    }


async def test_the_same_notices_again_change_nothing_under_whatever_name_the_file_has(doors: Doors) -> None:
    for content in (OCDS, EFORMS, DOFFIN):
        first = await send(doors, content)
        events = await doors.count("outbox")

        again = await send(doors, content, filename="renamed.json", list_name="another name")

        assert counts(again) == (0, first["accepted"] + first["duplicate"], first["rejected"])
        assert await doors.count("outbox") == events


async def test_the_same_file_twice_at_once_is_taken_once(doors: Doors) -> None:
    both = await asyncio.gather(send(doors, OCDS), send(doors, OCDS, filename="renamed.json"))

    assert len(await standing(doors)) == 4
    assert {one.reference for one in await told(doors)} >= {"ocds-exampl-2025-7 a2", "ocds-exampl-2025-8 1"}
    assert all(report["rejected"] == 0 for report in both)
    assert len(await told(doors)) == len({one.contract for one in await told(doors)})


async def test_notices_go_through_the_same_door_as_events_and_can_be_taken_back(doors: Doors) -> None:
    await send(doors, DOFFIN, list_name="Doffin 2020")
    rows = await doors.schema.rows("SELECT source, event_id FROM receipt ORDER BY event_id LIMIT 1")

    taken = event("submission.withdrawn.v1", {"submission": rows[0]["event_id"], "reason": "sent_by_mistake"})
    answer = await doors.send(taken | {"source": rows[0]["source"]})

    assert rows[0]["source"] == "urn:engage:import:Doffin%202020"
    assert answer.status_code == 202, answer.text
    assert len(await standing(doors)) == 2


async def test_a_modification_notice_changes_its_contract_and_nothing_else(doors: Doors) -> None:
    await send(doors, EFORMS)
    changed = (
        EFORMS.replace(b"11111111-1111-4111-8111-111111111111", b"44444444-4444-4444-8444-444444444444")
        .replace(b"2029-03-31+02:00", b"2030-03-31+02:00")
        .replace(b"<cbc:IssueDate>2025-03-01+01:00", b"<cbc:IssueDate>2025-09-01+02:00")
    )

    report = await send(doors, changed)

    assert counts(report) == (3, 0, 1)
    newest = {one.reference: one for one in await told(doors)}
    assert str(newest["2025/100"].ends) == "2030-03-31"
    assert len({one.contract for one in await told(doors)}) == 3


async def test_a_notice_that_is_older_than_what_holds_changes_nothing_and_says_so(doors: Doors) -> None:
    older = EFORMS.replace(b"<cbc:IssueDate>2025-03-01", b"<cbc:IssueDate>2024-03-01").replace(b"Laptops", b"Older")
    await send(doors, EFORMS)
    before = await told(doors)

    report = await send(doors, older)

    assert counts(report) == (0, 3, 1)
    assert [one["code"] for one in report["warnings"]] == ["buyer_not_compared", "older_than_known"]
    assert await told(doors) == before


async def test_buyers_that_are_members_are_end_users_also_when_they_join_later(doors: Doors) -> None:
    await send(doors, EFORMS)
    assert (await told(doors))[-1].end_users == ()
    await doors.schema.rows("UPDATE member SET organisation_number = '999 999 972' WHERE slug = 'watch' RETURNING 1")

    report = await send(doors, EFORMS)

    assert counts(report) == (3, 0, 1)
    assert {one.end_users for one in await told(doors, "watch")} == {("watch",)}


async def test_a_notice_of_another_buyer_is_taken_and_pointed_out(doors: Doors) -> None:
    assert "buyer_is_another" not in str(await send(doors, DOFFIN))
    await doors.schema.rows("UPDATE member SET organisation_number = '999999972' WHERE slug = 'oslo' RETURNING 1")

    report = await send(doors, DOFFIN)

    assert report["warnings"] == [{"code": "buyer_is_another", "columns": ["/0"], "count": 1}]


async def test_a_buyer_that_cannot_be_compared_is_pointed_out_with_what_to_do(doors: Doors) -> None:
    report = await send(doors, DOFFIN)

    warned = [one for one in report["warnings"] if one["code"] == "buyer_not_compared"]
    assert len(warned) == 1
    assert "--organisation-number" in warned[0]["remedy"]
    await doors.schema.rows("UPDATE member SET organisation_number = '999999972' WHERE slug = 'oslo' RETURNING 1")
    assert "buyer_not_compared" not in str(await send(doors, DOFFIN))


async def test_members_in_a_cell_stand_between_any_of_the_usual_signs(doors: Doors) -> None:
    report = await send(doors, lines("1,Example Displays,framework,Screens,watch|oslo,,"))

    assert counts(report) == (1, 0, 0)
    assert {one.end_users for one in await told(doors, "watch")} == {("oslo", "watch")}


async def test_what_cannot_be_the_id_of_a_member_is_told_what_one_looks_like(doors: Doors) -> None:
    report = await send(doors, lines("1,Example Displays,framework,Screens,City_of_Oslo,,"))

    assert [error["column"] for error in report["errors"]] == ["end_users"]
    assert "such as oslo" in report["errors"][0]["remedy"]


async def test_the_outcome_of_a_notice_names_contract_and_notice_but_not_in_a_dry_run(doors: Doors) -> None:
    tried = (await doors.import_csv(DOFFIN, rows=True, dry_run=True)).json()["outcomes"]
    done = (await doors.import_csv(DOFFIN, rows=True)).json()["outcomes"]

    kept = {row["id"]: row["reference"] for row in await doors.schema.rows("SELECT id::text, reference FROM contract")}
    assert [kept[one["contract"]] for one in done[:3]] == [one["reference"] for one in done[:3]]
    assert all(one["notice"] for one in done[:3])
    assert not [one for one in tried if "contract" in one]
    assert not {"reference", "contract", "notice"} & done[3].keys()


async def test_a_call_off_finds_its_framework_in_the_file_or_from_before(doors: Doors) -> None:
    framework: dict[str, Any] = {"ocid": "f", "id": "1", "date": "2025-01-01T00:00:00Z", "tag": ["contract"]}
    framework |= {"tender": {"id": "t", "techniques": {"hasFrameworkAgreement": True}}}
    framework |= {"awards": [{"id": "w", "suppliers": [{"id": "s", "name": "Example Displays GmbH"}]}]}
    released = [one for one in json.loads(OCDS)["releases"] if one["id"] == "2025-8-contract"]
    call_off = json.loads(json.dumps(released).replace("ocds-exampl-2025-7", "f"))

    unknown = await send(doors, json.dumps({"releases": call_off}))
    report = await send(doors, json.dumps({"releases": [framework]}))
    again = await send(doors, json.dumps({"releases": call_off}))

    assert [one["code"] for one in unknown["warnings"]] == ["framework_unknown"]
    assert counts(report) == counts(again) == (1, 0, 0)
    newest = {one.reference: one for one in await told(doors)}
    assert newest["ocds-exampl-2025-8 1"].parent == newest["f w"].contract


async def test_rows_are_known_again_and_a_changed_row_is_a_modification(doors: Doors) -> None:
    one, two = "1,Example Electronics,call_off,Laptops,,,", "2,Example Displays,framework,Screens,watch,,"
    await send(doors, lines(one, two))

    again = await send(doors, lines(one, two))
    changed = await send(doors, lines(one.replace("Laptops", "Tablets"), two))
    back = await send(doors, lines(one, two))

    assert counts(again) == (0, 2, 0)
    assert counts(changed) == counts(back) == (1, 1, 0)
    assert [one.title for one in await told(doors) if one.reference == "1"] == ["Laptops", "Tablets", "Laptops"]


async def test_a_row_with_an_end_ends_its_contract_once_and_the_row_without_it_does_not_bind_it_again(
    doors: Doors,
) -> None:
    row, ended = "1,Example Electronics,call_off,,,,", "1,Example Electronics,call_off,,,2025-01-31,terminated"
    await send(doors, lines(row))

    reports = [await send(doors, lines(one)) for one in (ended, ended, row)]

    assert [counts(report) for report in reports] == [(1, 0, 0), (0, 1, 0), (0, 1, 0)]
    assert await standing(doors) == {"1": "terminated"}


async def test_a_row_that_the_door_refuses_is_named_with_row_column_and_remedy(doors: Doors) -> None:
    good, bad = "1,Example Electronics,call_off,,,,", "2,Example Electronics,call_off,,nobody,,"

    report = await send(doors, lines(good, bad, "3,,framework,,,,"))

    assert counts(report) == (1, 0, 2)
    told_of = [(error["row"], error["column"], error["code"]) for error in report["errors"]]
    assert told_of == [(3, "end_users", "member_unknown"), (4, "supplier_name", "value_missing")]
    assert all(error["remedy"] and error["detail"] for error in report["errors"])
    assert "nobody" not in json.dumps(report)


async def test_strict_refuses_a_file_with_one_bad_row_and_keeps_nothing(doors: Doors) -> None:
    with pytest.raises(FileInvalid) as invalid:
        await send(doors, lines("1,Example Electronics,call_off,,,,", "2,,call_off,,,,"), strict=True)

    assert [(one.row, one.column, one.code) for one in invalid.value.findings] == [
        (3, "supplier_name", "value_missing")
    ]
    assert invalid.value.findings[0].advice.remedy
    assert await doors.count("contract") == await doors.count("receipt") == 0


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(doors: Doors) -> None:
    report = await send(doors, lines("1,Example Electronics,call_off,,,,", "2,,call_off,,,,"), dry_run=True)

    assert counts(report) == (1, 0, 1)
    assert await doors.count("contract") == await doors.count("receipt") == 0
    assert await doors.published() == []


async def test_the_http_door_takes_notices_and_rows_by_what_they_hold(doors: Doors) -> None:
    notices = await doors.import_csv(DOFFIN, filename="misnamed.csv", rows=True)
    rows = await doors.import_csv(
        lines("1,Example Electronics,call_off,,,,", "2,,call_off,,,,"), filename="contracts.csv"
    )
    strict = await doors.import_csv(DOFFIN, strict=True, list="another")
    foreign = await doors.import_csv('{"01-CA-1": {"allegations": []}}')

    assert [one["outcome"] for one in notices.json()["outcomes"]] == ["accepted"] * 3 + ["rejected"]
    assert notices.json()["outcomes"][3]["code"] == "form_unsupported"
    assert counts(rows.json()) == (1, 0, 1)
    assert (strict.status_code, strict.json()["code"]) == (422, "file_invalid")
    assert strict.json()["errors"][0]["code"] == "form_unsupported"
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (422, "risk_facts")
    assert "engage facts load" in foreign.text


async def test_a_notice_does_not_undo_what_its_owner_said_later_by_another_door(doors: Doors) -> None:
    later = CONTRACT | {"reference": "2025/100", "title": "As corrected"}
    await doors.send(event("contract.registered.v1", later))

    report = await send(doors, EFORMS)

    assert [one["code"] for one in report["warnings"]] == ["buyer_not_compared", "older_than_known"]
    assert {one.title for one in await told(doors) if one.reference == "2025/100"} == {"As corrected"}


async def test_no_person_mail_or_telephone_of_a_notice_is_kept_published_or_answered(doors: Doors) -> None:
    reports = [await send(doors, content) for content in (OCDS, EFORMS, DOFFIN)]
    tables = await doors.schema.rows("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'ingest'")

    kept = [str([dict(row) for row in await doors.schema.rows(f"SELECT * FROM {one['relname']}")]) for one in tables]

    everything = " ".join([*kept, json.dumps(reports), str(await doors.published())])
    assert "Example Electronics" in everything
    for hidden in ("Hidden", "hidden@", "00000001"):
        assert hidden not in everything


async def test_a_file_with_more_than_is_taken_at_once_is_refused_whole(doors: Doors) -> None:
    sender = Sender("oslo", MemberKind.BUYER)
    for limits, code in (
        ({"maximum_notices": 2}, "too_many_notices"),
        ({"maximum_notices_bytes": 9}, "notices_too_large"),
    ):
        settings = settings_of(doors, **limits)
        with pytest.raises(FileInvalid, match=code):
            await import_notices(doors.schema.runtime(settings), settings, sender, Asked(), OCDS)


async def test_each_notice_has_an_outcome_in_the_order_of_the_file(doors: Doors) -> None:
    settings = settings_of(doors)
    report = await import_notices(
        doors.schema.runtime(settings), settings, Sender("oslo", MemberKind.BUYER), Asked(), DOFFIN
    )

    assert [(one["row"], one["place"], one["outcome"]) for one in rows_of(report)] == [
        (1, "/0", "accepted"),
        (2, "/1", "accepted"),
        (3, "/2", "accepted"),
        (4, "/3", "rejected"),
    ]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("place", ["ocid", "number", "contract", "framework"])
async def test_a_notice_with_what_no_database_can_hold_is_refused_alone(doors: Doors, place: str, text: str) -> None:
    given = {"ocid": "ocds-x-1", "number": "974760673", "contract": "c1", "framework": "ocds-x-0"} | {place: text}
    buyer = {"id": "b", "name": "Example Buyer", "roles": ["buyer"]}
    firm = {"id": "s", "name": "Example Supplier", "roles": ["supplier"]}
    release = {
        "ocid": given["ocid"],
        "id": "r1",
        "date": "2024-01-01T00:00:00Z",
        "tag": ["contract"],
        "parties": [buyer | {"identifier": {"scheme": "NO-BRC", "id": given["number"]}}, firm],
        "buyer": {"id": "b"},
        "awards": [{"id": "a1", "suppliers": [{"id": "s"}]}],
        "contracts": [{"id": given["contract"], "awardID": "a1"}],
        "relatedProcesses": [{"relationship": ["framework"], "scheme": "ocid", "identifier": given["framework"]}],
    }
    good = release | {"ocid": "ocds-x-2", "parties": [buyer, firm], "relatedProcesses": []}
    good["contracts"] = [{"id": "c2", "awardID": "a1"}]

    report = await send(doors, json.dumps({"releases": [release, good]}))

    assert report["accepted"] >= 1
    assert {error["code"] for error in report["errors"]} <= {"forbidden_character"}
    assert text not in json.dumps(report, ensure_ascii=False)
