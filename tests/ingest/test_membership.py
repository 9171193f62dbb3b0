"""Members and their keys."""

from typing import Any

import pytest

from shared.events.ingest import MemberRegistered
from tests.ingest.conftest import OPERATOR, Doors
from tests.ingest.given import flag
from tests.ingest.speaking import FOUNDING

DFO = {"member": "dfo", "name": "Example DFO", "kind": "buyer", "country": "NO"}
GROUP: dict[str, Any] = {
    "workinggroup": "batteries",
    "name": "Batteries",
    "purpose": "Cobalt in batteries.",
    "secretariat": "watch",
    "founding": FOUNDING,
    "suppliers": ["Example Electronics Ltd", "EXAMPLE ELECTRONICS", "Example Mining"],
    "members": [{"member": "oslo", "role": "lead"}],
}


async def registered(doors: Doors) -> list[MemberRegistered]:
    rows = await doors.schema.rows(
        "SELECT value FROM outbox WHERE topic = 'members.registry' AND key = 'dfo' ORDER BY id"
    )
    return [MemberRegistered.model_validate_json(row["value"]) for row in rows]


async def test_a_new_member_gets_a_key_once_and_is_made_known(doors: Doors) -> None:
    first = await doors.operate("POST", "/members", DFO)
    again = await doors.operate("POST", "/members", DFO)

    assert (first.status_code, again.status_code) == (201, 200)
    assert len(first.json()["key"]) >= 43
    assert "key" not in again.json()
    assert [one.name for one in await registered(doors)] == ["Example DFO"]


async def test_a_corrected_entry_is_made_known_again(doors: Doors) -> None:
    await doors.operate("POST", "/members", DFO)
    await doors.operate("POST", "/members", DFO | {"name": "Example DFØ"})

    assert [one.name for one in await registered(doors)] == ["Example DFO", "Example DFØ"]


async def test_a_further_key_acts_for_the_same_member(doors: Doors) -> None:
    doors.keys["dfo"] = (await doors.operate("POST", "/members", DFO)).json()["key"]
    first = (await doors.send(flag(), member="dfo")).json()["receipts"][0]["receipt"]

    doors.keys["dfo"] = (await doors.operate("POST", "/members/dfo/keys", {})).json()["key"]

    shown = await doors.client.get(f"/receipts/{first}", headers=doors.as_member("dfo"))
    assert shown.status_code == 200


async def test_keys_are_kept_as_digests_only(doors: Doors) -> None:
    rows = await doors.schema.rows("SELECT k::text FROM member_key k")

    assert len(rows) == 2
    assert not any(key in row[0] for key in doors.keys.values() for row in rows)


@pytest.mark.parametrize(
    "change",
    [
        {"member": "Oslo"},
        {"member": "a/b"},
        {"member": "x" * 41},
        {"kind": "other"},
        {"kind": "king"},
        {"country": "XX"},
        {"country": "Norway"},
        {"name": ""},
        {"name": "a\nb"},
        {"extra": 1},
    ],
)
async def test_an_entry_that_does_not_fit_is_refused(doors: Doors, change: dict[str, Any]) -> None:
    answer = await doors.operate("POST", "/members", DFO | change)

    assert answer.status_code == 422
    assert await doors.count("member") == 2


async def test_a_correction_leaves_the_laws_as_they_are_unless_it_names_them(doors: Doors) -> None:
    await doors.operate("POST", "/members", DFO | {"bound_by": ["transparency_act", "transparency_act"]})
    await doors.operate("POST", "/members", DFO | {"name": "Example Agency"})
    await doors.operate("POST", "/members", DFO | {"bound_by": []})

    assert [(one.name, one.bound_by) for one in await registered(doors)] == [
        ("Example DFO", ("transparency_act",)),
        ("Example Agency", ("transparency_act",)),
        ("Example DFO", ()),
    ]
    assert (await doors.operate("GET", "/members")).json()[0]["bound_by"] == []


@pytest.mark.parametrize(("member", "code"), [("nobody", "member_unknown"), ("oslo", "member_left")])
async def test_only_who_takes_part_is_bound(doors: Doors, member: str, code: str) -> None:
    await doors.operate("POST", "/members/oslo/departure", {})

    answer = await doors.operate("PATCH", f"/members/{member}", {"bound_by": ["transparency_act"]})

    assert answer.json()["code"] == code


async def test_members_are_listed_without_their_keys(doors: Doors) -> None:
    found = (await doors.operate("GET", "/members")).json()

    assert [(one["member"], one["keys"]) for one in found] == [("oslo", 1), ("watch", 1)]


async def test_the_summary_counts_what_the_registry_knows(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)

    found = (await doors.operate("GET", "/registry/summary")).json()

    assert found == {"members": 2, "groups": 1, "suppliers": 2, "sites": 0, "disclosures": 0, "contracts": 0}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/members", DFO),
        ("GET", "/members", None),
        ("PATCH", "/members/oslo", {"bound_by": []}),
        ("POST", "/workinggroups", GROUP),
        ("POST", "/workinggroups/batteries/members", {"member": "oslo"}),
        ("DELETE", "/workinggroups/batteries/members/oslo", None),
        ("POST", "/workinggroups/batteries/closure", {}),
        ("GET", "/registry/summary", None),
    ],
)
async def test_only_the_operator_registers(doors: Doors, method: str, path: str, body: Any) -> None:
    answers = [
        await doors.client.request(method, path, json=body),
        await doors.client.request(method, path, json=body, headers=doors.as_member()),
        await doors.client.request(method, path, json=body, headers={"authorization": f"Basic {OPERATOR}"}),
    ]

    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize("name", ["\u3164", "\u200b", "--", "\U000e0041"])
async def test_a_name_of_which_nothing_can_be_seen_is_refused_and_registers_nothing(doors: Doors, name: str) -> None:
    group = await doors.operate("POST", "/workinggroups", GROUP | {"suppliers": ["Example Mining", name]})
    member = await doors.operate("POST", "/members", DFO | {"name": name})

    assert [fault["code"] for fault in group.json()["errors"]] == ["name_unreadable"]
    assert [fault["pointer"] for fault in group.json()["errors"] + member.json()["errors"]] == ["/suppliers/1", "/name"]
    assert await doors.count("supplier") == 0
