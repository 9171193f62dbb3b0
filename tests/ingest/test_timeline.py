"""What `ingest` has told of a subject, for whom it is: contracts, disclosures, reports and dialogues, under any id."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.events.ingest import ContractRecorded, FlagReported, SiteRegistered, SupplierRegistered
from tests.ingest.conftest import OPERATOR, Doors
from tests.ingest.given import disclosure, flag, sealed_box
from tests.ingest.seen import contract, ended, join, withdrawn
from tests.ingest.speaking import ENGAGEMENT, SUPPLIER, entry, establish


async def asked(doors: Doors, member: str | None = None, /, **query: Any) -> Any:
    """What a member is answered, or the operator."""
    headers = doors.as_member(member) if member else {"authorization": f"Bearer {OPERATOR}"}
    answer = await doors.client.get("/timeline", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(doors: Doors, kind: type[Any]) -> Any:
    """The data of the first published event of a type."""
    return next(one.data for _, _, one in await doors.published() if isinstance(one.data, kind))


def says(found: Any) -> list[str]:
    return [line["says"] for line in found["lines"]]


async def test_a_contract_is_a_thread_by_its_reference_for_its_readers_alone(doors: Doors) -> None:
    await join(doors, "stranger")
    for sent in (contract("2024/17"), disclosure(contract="2024/17"), ended("2024/17")):
        await doors.send(sent)
    recorded = await told(doors, ContractRecorded)

    found = await asked(doors, "oslo", subject="2024/17")

    assert says(found)[0] == f"Contract 2024/17 recorded with {SUPPLIER}"
    assert "Disclosure belongs to the contract" in says(found)
    assert f"Disclosed: {SUPPLIER} at Example Works (NO), unknown" in says(found)
    assert says(found)[-1].startswith("Contract ended on 2026-01-10") or "terminated" in str(says(found))
    assert found["subject"] == str(recorded.contract)
    assert {part["kind"] for part in found["found"]} == {"contract", "supplier"}
    by_name = await doors.client.get("/timeline", params={"subject": "2024/17"}, headers=doors.as_member("stranger"))
    assert (by_name.status_code, by_name.json()["code"]) == (404, "subject_unknown")
    for query in ({"subject": str(recorded.contract)}, {"also": f"contract:{recorded.contract}"}):
        hidden = await asked(doors, "stranger", **query)
        assert hidden["lines"] == hidden["found"] == []


async def test_a_supplier_is_found_by_name_and_leads_to_the_readers_contracts(doors: Doors) -> None:
    await join(doors, "stranger")
    await doors.send(contract("A"), disclosure())
    supplier = await told(doors, SupplierRegistered)

    mine = await asked(doors, "oslo", subject="example electronics")
    others = await asked(doors, "stranger", subject="example electronics")

    assert mine["subject"] == others["subject"] == str(supplier.supplier)
    assert "contract" in {part["kind"] for part in mine["found"]}
    assert "contract" not in {part["kind"] for part in others["found"]}
    assert f"Supplier registered: {SUPPLIER}" in says(others)


async def test_a_site_holds_the_reports_about_it_and_who_told_them(doors: Doors) -> None:
    sent = flag(1)
    await doors.send(sent, flag(2))
    site, report = await told(doors, SiteRegistered), await told(doors, FlagReported)
    await doors.send(withdrawn(sent))

    found = await asked(doors, "watch", subject=str(site.site))

    assert says(found)[1:] == [
        "Risk reported at Example Works 1: forced labour, by a media source",
        "Report taken back: sent by mistake",
    ]
    assert [line["by"] for line in found["lines"]][1] == "oslo"
    followed = await asked(doors, "watch", also=f"report:{report.report}")
    assert says(followed) == says(found)[1:]


async def test_the_dialogue_of_an_engagement_is_read_by_its_group_alone(doors: Doors) -> None:
    await join(doors, "bergen", "stranger")
    supplier = await establish(doors, "oslo:lead", "bergen:supporting")
    await doors.send(entry("opening.decided.v1", supplier), entry("ask.made.v1", supplier))
    query = {"also": f"engagement:{ENGAGEMENT}"}

    for member in ("bergen", "watch"):  # a member of the group, and its secretariat
        found = await asked(doors, member, **query)
        assert says(found)[0].startswith("Decided to open an engagement on forced labour")
        assert [(line["by"], line["audience"], line["whose"]) for line in found["lines"]] == [
            ("oslo", "group", "group")
        ] * 2
    assert (await asked(doors, "stranger", **query))["lines"] == []
    assert (await asked(doors, "stranger", subject=str(ENGAGEMENT)))["lines"] == []
    assert len((await asked(doors, **query))["lines"]) == 2
    assert (await asked(doors, member="stranger", **query))["lines"] == []

    await doors.operate("DELETE", "/workinggroups/group/members/bergen")
    assert (await asked(doors, "bergen", **query))["lines"] == []


async def test_of_testimony_and_its_sender_nothing_is_told(doors: Doors) -> None:
    await doors.send(sealed_box())
    (case,) = [key for topic, key, _ in await doors.published() if topic == "restricted.testimony"]

    for member in (None, "oslo", "watch"):
        for query in ({"subject": case}, {"also": f"engagement:{case}"}):
            assert (await asked(doors, member, **query))["lines"] == []


async def test_an_operator_sees_once_what_several_readers_were_told(doors: Doors) -> None:
    await join(doors, "school")
    await doors.send(contract("A", end_users=["school"]))
    recorded = await told(doors, ContractRecorded)

    found = await asked(doors, subject=str(recorded.contract))

    assert len(found["lines"]) == 1


async def test_a_member_that_has_left_is_told_by_its_kind(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(flag(1), member="bergen")
    site = await told(doors, SiteRegistered)
    await doors.operate("POST", "/members/bergen/departure", {})

    found = await asked(doors, "watch", subject=str(site.site))

    assert "a buyer that has left" in {line["by"] for line in found["lines"]} and "bergen" not in str(found)


async def test_a_name_of_several_is_answered_with_all_that_it_may_mean(doors: Doors) -> None:
    for name in ("Sample Cables North", "Sample Cables South"):
        await doors.send(disclosure(supplier={"name": name}))

    answer = await doors.client.get("/timeline", params={"subject": "sample cables"}, headers=doors.as_member())

    assert (answer.status_code, answer.json()["code"]) == (409, "subject_ambiguous")
    assert [one["name"] for one in answer.json()["candidates"]] == ["Sample Cables North", "Sample Cables South"]
    exactly = await asked(doors, "oslo", subject="Sample Cables North")
    assert says(exactly)[0] == "Supplier registered: Sample Cables North"


async def test_an_older_id_leads_to_the_same_thread(doors: Doors) -> None:
    for name in ("Sample Cables North", "Quite Different"):
        await doors.send(disclosure(supplier={"name": name}))
    north, other = [one.data for _, _, one in await doors.published() if isinstance(one.data, SupplierRegistered)]
    order = {"entry": str(other.supplier), "into": str(north.supplier)}
    merged = await doors.operate("POST", "/identity/merges", order)
    assert merged.status_code in (200, 201), merged.text

    old, new = [await asked(doors, "oslo", subject=str(one.supplier)) for one in (other, north)]

    assert says(old) == says(new)
    assert f"Known from now on as supplier {north.supplier}" in says(new)


@pytest.mark.parametrize("subject", ["nobody bears this name", "???"])
async def test_what_is_unheard_of_is_not_repeated(doors: Doors, subject: str) -> None:
    answer = await doors.client.get("/timeline", params={"subject": subject}, headers=doors.as_member())

    assert answer.status_code == 404 and subject not in answer.text
    assert (await asked(doors, "oslo", subject=str(uuid4())))["lines"] == []


async def test_a_member_is_shown_its_own_view_only(doors: Doors) -> None:
    refused = await doors.client.get("/timeline", params={"member": "watch"}, headers=doors.as_member())

    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_view")
    assert (await doors.client.get("/timeline", params={"subject": str(UUID(int=1))})).status_code == 401
