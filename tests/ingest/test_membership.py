"""Members, their keys, and working groups."""

import asyncio
from typing import Any

import pytest

from shared.events.ingest import MemberRegistered, WorkingGroupEstablished
from tests.ingest.conftest import OPERATOR, Doors
from tests.ingest.given import flag
from tests.ingest.waiting import until_one_waits

DFO = {"member": "dfo", "name": "Example DFO", "kind": "buyer", "country": "NO"}
GROUP: dict[str, Any] = {
    "workinggroup": "batteries",
    "name": "Batteries",
    "purpose": "Cobalt in batteries.",
    "secretariat": "watch",
    "categories": ["child_labour", "child_labour"],
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


async def test_members_are_listed_without_their_keys(doors: Doors) -> None:
    found = (await doors.operate("GET", "/members")).json()

    assert [(one["member"], one["keys"]) for one in found] == [("oslo", 1), ("watch", 1)]


async def test_a_working_group_names_each_supplier_once_and_is_made_known_once(doors: Doors) -> None:
    first = await doors.operate("POST", "/workinggroups", GROUP)
    again = await doors.operate("POST", "/workinggroups", GROUP)

    told = [one.data for _, _, one in await doors.published() if isinstance(one.data, WorkingGroupEstablished)]
    ids = first.json()["suppliers"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert ids["Example Electronics Ltd"] == ids["EXAMPLE ELECTRONICS"]
    assert len(told) == 1
    assert [str(one) for one in told[0].suppliers] == [ids["Example Electronics Ltd"], ids["Example Mining"]]
    assert (told[0].categories, told[0].members[0].role) == (("child_labour",), "lead")


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"secretariat": "nobody"}, ["/secretariat"]),
        ({"members": [{"member": "oslo"}, {"member": "nobody"}]}, ["/members/1/member"]),
    ],
)
async def test_a_working_group_is_made_of_members(doors: Doors, change: dict[str, Any], pointers: list[str]) -> None:
    answer = await doors.operate("POST", "/workinggroups", GROUP | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "member_unknown")
    assert [one["pointer"] for one in answer.json()["errors"]] == pointers
    assert (await doors.count("workinggroup"), await doors.count("supplier")) == (0, 0)


async def test_the_summary_counts_what_the_registry_knows(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)

    found = (await doors.operate("GET", "/registry/summary")).json()

    assert found == {"members": 2, "groups": 1, "suppliers": 2, "sites": 0, "disclosures": 0, "contracts": 0}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/members", DFO),
        ("GET", "/members", None),
        ("POST", "/workinggroups", GROUP),
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


async def test_a_member_that_is_leaving_does_not_come_into_a_working_group(doors: Doors) -> None:
    async with doors.schema.pool.acquire() as leaving, doors.schema.pool.acquire() as watcher:
        async with leaving.transaction():
            await leaving.execute("SELECT FROM member WHERE slug = 'oslo' FOR NO KEY UPDATE")
            establishing = asyncio.create_task(doors.operate("POST", "/workinggroups", GROUP))
            await until_one_waits(watcher)
            await leaving.execute("UPDATE member SET left_at = now() WHERE slug = 'oslo'")

        answer = await establishing

    assert (answer.status_code, answer.json()["code"]) == (422, "member_unknown")
    assert await doors.count("workinggroup") == 0
